"""Prepared volumes: their points, their files, their pictures."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.training.lightstage.volume.shapes import person_of, sphere

from chiaro.training.assets import AssetError
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.volume.person_volume import (
    HIGH,
    LOW,
    POINTS,
    PersonVolume,
    build_volume,
    load_volume,
    positions_in_metres,
    save_volume,
    volume_path,
)
from chiaro.training.lightstage.volume.signed_distance import BAND_METRES
from chiaro.training.lightstage.volume.sphere_tracing import trace_volume

RADIUS = 0.11


@cache
def _volume() -> PersonVolume:
    return build_volume(person_of(*sphere(RADIUS)), np.random.default_rng(11))


def test_points_lie_where_they_say() -> None:
    volume = _volume()
    points = positions_in_metres(volume.position, volume.low, volume.high)
    truth = np.linalg.norm(points, axis=1) - RADIUS
    near = np.abs(truth) < BAND_METRES
    assert np.abs(volume.signed[near] - truth[near]).max() < 2e-4
    error = np.abs(volume.signed[~near] / truth[~near] - 1.0)
    assert np.quantile(error, 0.99) < 0.03
    assert error.max() < 0.12


def test_most_points_lie_near_the_surface_and_some_everywhere() -> None:
    volume = _volume()
    distance = np.abs(volume.signed.astype(np.float32))
    assert 0.6 < (distance < 0.0075).mean() < 0.75
    assert (distance > 0.1).mean() > 0.05
    points = positions_in_metres(volume.position, volume.low, volume.high)
    assert len(points) == POINTS
    octant = ((points > 0.5 * (LOW + HIGH)) @ np.array([1, 2, 4])).astype(int)
    far = distance > 0.05
    assert np.bincount(octant[far], minlength=8).min() > 400


def test_a_volume_is_the_same_for_the_same_generator_and_others_differ() -> None:
    again = build_volume(person_of(*sphere(RADIUS)), np.random.default_rng(11))
    other = build_volume(person_of(*sphere(RADIUS)), np.random.default_rng(12))
    for name in ("distance", "position", "signed", "triangle", "weights"):
        np.testing.assert_array_equal(getattr(again, name), getattr(_volume(), name))
    assert not np.array_equal(other.position, _volume().position)


def test_a_volume_survives_its_file(tmp_path: Path) -> None:
    path = volume_path(tmp_path / "person_ict_1_00003.npz")
    assert path.name == "volume_ict_1_00003.npz"
    save_volume(_volume(), path)
    loaded = load_volume(path)
    for name in ("low", "high", "distance", "position", "signed", "triangle", "weights"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(_volume(), name))
        assert getattr(loaded, name).dtype == getattr(_volume(), name).dtype
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"volume_a\.npz has not been prepared; run `chiaro-train prepare-volumes`"):
        load_volume(tmp_path / "volume_a.npz")
    np.savez(tmp_path / "volume_b.npz", low=LOW)
    with pytest.raises(AssetError, match=r"volume_b\.npz lacks high, distance, .* because another version wrote it"):
        load_volume(tmp_path / "volume_b.npz")


def test_a_person_beside_the_box_is_refused() -> None:
    vertices, triangles = sphere(0.05)
    with pytest.raises(AssetError, match=r"Nothing of the person lies between .* its head should be at the origin"):
        build_volume(person_of(vertices + np.float32(2.0), triangles), np.random.default_rng(0))


def test_the_zero_level_is_seen_where_the_sphere_is() -> None:
    turn, size, tangent = rotation_yaw_pitch_roll(0.7, 0.3, 0.1), 64, 0.1
    offset = np.array([0.01, -0.02, -1.5])
    depth, normals = trace_volume(_volume(), turn, offset, tangent, size)
    across = ((np.arange(size) + 0.5) / size * 2.0 - 1.0) * tangent
    x, y = np.meshgrid(across, -across)
    rays = np.stack([x, y, -np.ones_like(x)], axis=-1)
    unit = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    along = unit @ offset
    root = along**2 - (offset @ offset - RADIUS**2)
    hit = root > 0.0
    length = along - np.sqrt(np.maximum(root, 0.0))
    clear = np.abs(root) > 1e-3
    np.testing.assert_array_equal((depth > 0)[clear], hit[clear])
    both = hit & clear
    assert np.abs(depth - (length * -unit[..., 2]))[both].max() < 1.5e-3
    true_normals = (unit * length[..., None] - offset) / RADIUS
    assert (normals[both] * true_normals[both]).sum(axis=1).min() > 0.99
