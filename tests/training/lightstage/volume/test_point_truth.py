"""Points drawn for a picture, and the coordinates that networks want them in."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.lightstage.volume.shapes import person_of, sphere

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.training.assets import AssetError
from chiaro.training.lightstage.appearance import Appearance, random_appearance
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.pose import Pose
from chiaro.training.lightstage.volume.person_volume import PersonVolume, build_volume
from chiaro.training.lightstage.volume.point_truth import (
    PointTruth,
    crop_from_head,
    head_from_crop,
    in_crop,
    sample_points,
)

RADIUS = 0.11
MASKS: Float32Array = np.zeros((8, 4, 4), np.float32)


@cache
def _ball() -> tuple[Person, PersonVolume]:
    person = person_of(*sphere(RADIUS))
    return person, build_volume(person, np.random.default_rng(2))


def _appearance(seed: int) -> Appearance:
    return random_appearance(np.random.default_rng(seed))


def _drawn(seed: int, count: int = 4096, appearance: int = 0) -> PointTruth:
    person, volume = _ball()
    return sample_points(
        person, volume, np.random.default_rng(seed), count, appearance=_appearance(appearance), masks=MASKS
    )


def _pose(yaw: float, pitch: float, *, mirrored: bool) -> Pose:
    return Pose(rotation_yaw_pitch_roll(yaw, pitch, 0.1), np.array([0.01, -0.015, -1.4]), 0.26, mirrored)


def test_the_nearest_surface_point_is_as_far_as_the_distance_says() -> None:
    truth = _drawn(1)
    assert len(truth.points) == 4096
    away = np.linalg.norm(truth.points - truth.surface, axis=1)
    # Weights are stored in 255ths of facets of up to 7 mm, distances in half precision.
    np.testing.assert_allclose(away, np.abs(truth.signed_distance), atol=2e-4)
    np.testing.assert_allclose(np.linalg.norm(truth.surface, axis=1), RADIUS, atol=2e-4)
    np.testing.assert_allclose(truth.normal, truth.surface / RADIUS, atol=5e-3)
    np.testing.assert_allclose(truth.transport, lambert_transport(truth.normal), atol=5e-3)
    np.testing.assert_array_equal(truth.valid, np.abs(truth.signed_distance) < 0.02)


def test_seeds_decide_which_points_are_drawn_and_none_is_drawn_twice() -> None:
    first, again, other = _drawn(1), _drawn(1), _drawn(2)
    np.testing.assert_array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)
    assert len(np.unique(first.points, axis=0)) == len(first.points)


def test_colours_follow_the_appearance_of_the_picture() -> None:
    first, other = _drawn(1, appearance=3), _drawn(1, appearance=4)
    np.testing.assert_array_equal(first.points, other.points)
    assert np.abs(first.albedo - other.albedo).mean() > 0.01
    assert first.albedo.min() >= 0.0
    assert first.albedo.max() <= 1.0


def test_a_textured_person_without_an_atlas_is_refused() -> None:
    person, volume = _ball()
    textured = replace(person, atlas="someone", triangle_texture=np.ones(len(person.triangles), np.uint8))
    with pytest.raises(AssetError, match=r"wears the textures of 'someone', but no atlas was given"):
        sample_points(textured, volume, np.random.default_rng(0), 8, appearance=_appearance(0), masks=MASKS)


@given(
    st.floats(-1.2, 1.2), st.floats(-0.5, 0.5), st.booleans(), st.lists(st.floats(-0.9, 0.9), min_size=3, max_size=3)
)
def test_crop_coordinates_lead_back(yaw: float, pitch: float, mirrored: bool, place: list[float]) -> None:
    pose = _pose(yaw, pitch, mirrored=mirrored)
    points = np.array([place], np.float32)
    np.testing.assert_allclose(crop_from_head(head_from_crop(points, pose), pose), points, atol=2e-5)


def test_the_head_s_centre_has_depth_zero_and_its_edges_are_one_half_width_away() -> None:
    pose = replace(_pose(0.0, 0.0, mirrored=False), rotation=np.eye(3), offset=np.array([0.0, 0.0, -1.4]))
    points = np.array([[0, 0, 0], [0.26, 0, 0], [0, 0.26, 0], [0, 0, -0.26]], np.float32)
    expected = [[0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 0, 1]]
    np.testing.assert_allclose(crop_from_head(points, pose), expected, atol=1e-6)


@pytest.mark.parametrize("mirrored", [False, True])
def test_normals_and_transport_turn_with_the_camera(mirrored: bool) -> None:
    pose = _pose(0.6, -0.2, mirrored=mirrored)
    truth = in_crop(_drawn(5), pose)
    np.testing.assert_allclose(truth.transport, lambert_transport(truth.normal), atol=5e-3)
    back = head_from_crop(truth.surface, pose)
    np.testing.assert_allclose(np.linalg.norm(back, axis=1), RADIUS, atol=3e-4)
    np.testing.assert_allclose(truth.signed_distance * pose.half_width, _drawn(5).signed_distance, atol=1e-6)
    assert not truth.valid[(np.abs(truth.points) > 1.0).any(axis=1)].any()
    assert truth.valid.mean() > 0.5


def test_parts_are_coloured_each_by_its_own_material() -> None:
    vertices, triangles = sphere(RADIUS)
    person = person_of(vertices, triangles, Part.HAIR)
    volume = _ball()[1]
    hair = sample_points(person, volume, np.random.default_rng(1), 500, appearance=_appearance(7), masks=MASKS)
    cloth = sample_points(_ball()[0], volume, np.random.default_rng(1), 500, appearance=_appearance(7), masks=MASKS)
    assert np.abs(hair.albedo - cloth.albedo).mean() > 1e-3
