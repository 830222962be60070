"""Conventions of the virtual light stage that need no assets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import basis
from chiaro.training.lightstage.appearance import COLOURS, SCALARS, packed, random_appearance
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.implicit import ellipsoid, grid_points, smooth_minimum, surface
from chiaro.training.lightstage.pose import MIRROR_SIGNS, random_pose
from chiaro.training.lightstage.skin import skin_albedo

angles = st.floats(-1.2, 1.2)


@settings(max_examples=25, deadline=None)
@given(angles, angles, angles)
def test_rotation_takes_the_face_to_yaw_and_pitch(yaw: float, pitch: float, roll: float) -> None:
    rotation = rotation_yaw_pitch_roll(yaw, pitch, 0.0)
    expected = [np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    np.testing.assert_allclose(rotation[:, 2], expected, atol=1e-12)
    rolled = rotation_yaw_pitch_roll(0.0, 0.0, roll)
    # Clockwise in the image: the crown moves to the right.
    np.testing.assert_allclose(rolled[:, 1], [np.sin(roll), np.cos(roll), 0.0], atol=1e-12)
    full = rotation_yaw_pitch_roll(yaw, pitch, roll)
    np.testing.assert_allclose(full @ full.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(full) == pytest.approx(1.0)


def test_mirror_signs_mirror_the_basis() -> None:
    directions = np.random.default_rng(2).normal(size=(20, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    np.testing.assert_allclose(basis(directions * [-1.0, 1.0, 1.0]), basis(directions) * MIRROR_SIGNS, atol=1e-7)


def test_poses_stay_in_the_trained_range() -> None:
    for seed in range(200):
        pose = random_pose(np.random.default_rng(seed))
        forward = pose.rotation[:, 2]
        assert np.abs(np.rad2deg(np.arcsin(np.clip(forward[1], -1, 1)))) < 34.0 + 10.0
        assert 4.0 <= np.rad2deg(np.arctan(pose.tangent)) <= 20.0
        assert np.abs(pose.offset[:2]).max() <= 0.08 * pose.half_width + 1e-9
        assert 0.75 * 0.25 - 1e-9 <= pose.half_width <= 1.2 * 0.25 + 1e-9


def test_darker_skin_is_darker_in_every_channel_and_browner() -> None:
    pale, dark = skin_albedo(0.1, 0.2), skin_albedo(1.8, 0.2)
    assert (dark < pale).all()
    assert dark[0] / dark[2] > pale[0] / pale[2]
    assert (skin_albedo(0.5, 0.8)[1:] < skin_albedo(0.5, 0.0)[1:]).all()


def test_appearance_packs_by_name_and_stays_physical() -> None:
    for seed in range(50):
        appearance = random_appearance(np.random.default_rng(seed))
        scalars, colours, moles = packed(appearance)
        assert scalars[SCALARS.index("teeth")] == np.float32(appearance.teeth)
        np.testing.assert_array_equal(colours[COLOURS.index("iris_colour")], appearance.iris_colour)
        assert np.isfinite(scalars).all()
        assert colours.min() >= 0.0
        assert colours.max() <= 1.0
        assert moles.shape == (4, 3)


def test_a_surface_has_outward_normals_and_loses_crumbs() -> None:
    low = np.array([-1.0, -1.0, -1.0])
    points, shape = grid_points(low, -low, 0.08)
    ball = ellipsoid(points, np.zeros(3), np.full(3, 0.6))
    crumb = ellipsoid(points, np.array([0.85, 0.85, 0.85]), np.full(3, 0.1))
    vertices, normals, triangles = surface(np.minimum(ball, crumb).astype(np.float32), shape, low, 0.08)
    assert np.abs(np.linalg.norm(vertices, axis=1) - 0.6).max() < 0.02
    assert (vertices * normals).sum(axis=1).min() > 0.5
    assert triangles.max() == len(vertices) - 1


@settings(max_examples=25, deadline=None)
@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_a_smooth_minimum_never_exceeds_the_minimum(a: float, b: float) -> None:
    low = smooth_minimum(np.array(a), np.array(b), 0.1)
    assert min(a, b) - 0.026 <= low <= min(a, b) + 1e-12
