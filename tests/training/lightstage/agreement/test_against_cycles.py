"""A white ball under a map and lamps: the export, Cycles and the closed form say the same."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.training.lightstage.volume.shapes import person_of, sphere

from chiaro.runtime.light.harmonics import irradiance_from_harmonics
from chiaro.training.assets import AssetError
from chiaro.training.lightstage.agreement.exported_scene import export_scene
from chiaro.training.lightstage.agreement.path_traced import path_trace, read_path_traced
from chiaro.training.lightstage.agreement.scene import Scene
from chiaro.training.lightstage.appearance import random_appearance
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.illumination import Lamps, illuminated, split_environment
from chiaro.training.lightstage.panorama import panorama_directions
from chiaro.training.lightstage.pose import Pose, mesh_rotation
from chiaro.training.lightstage.view import Subject

RADIUS = 0.1


def _scene() -> Scene:
    """A mirrored, turned ball under a linear gradient (which order-2 harmonics hold exactly) and a sun."""
    directions, _ = panorama_directions(32)
    radiance = (0.4 + directions @ np.diag([0.3, -0.2, 0.25])).astype(np.float32)
    pose = Pose(rotation_yaw_pitch_roll(0.5, 0.2, 0.1), np.array([0.01, -0.01, -1.2]), 0.15, mirrored=True)
    matrix = mesh_rotation(pose)
    lamps = Lamps(np.array([[0.6, 0.0, 0.8]]), np.array([np.inf]), np.array([0.0]), np.array([[1.0, 0.5, 0.25]]))
    light = illuminated(split_environment(radiance), rotation_yaw_pitch_roll(1.0, 0.4, -0.3), matrix, lamps)
    person = person_of(*sphere(RADIUS))
    subject = Subject(person, None, random_appearance(np.random.default_rng(1)), 1.0)
    return Scene("ball", subject, np.zeros((8, 4, 4), np.float32), pose, light, 48)


@pytest.mark.blender
@pytest.mark.slow
def test_a_ball_is_exported_as_it_is(tmp_path: Path) -> None:
    if find_spec("bpy") is None:
        pytest.skip("bpy is not installed")
    scene = _scene()
    export_scene(scene, tmp_path)
    path_trace(tmp_path, 64, 1)
    theirs, halves = read_path_traced(tmp_path)
    inside = theirs.matte > 0.999
    across = ((np.arange(48) + 0.5) / 48 * 2.0 - 1.0) * scene.pose.tangent
    x, y = np.meshgrid(across, -across)
    rays = np.stack([x, y, -np.ones_like(x)], axis=-1)
    unit = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    along = unit @ scene.pose.offset
    length = along - np.sqrt(np.maximum(along**2 - (scene.pose.offset @ scene.pose.offset - RADIUS**2), 0.0))
    normal = (unit * length[..., None] - scene.pose.offset) / RADIUS
    middle = inside & (normal[..., 2] > 0.4)
    assert middle.sum() > 400
    assert np.abs(theirs.depth - length * -unit[..., 2])[middle].max() < 1e-3
    assert (theirs.normal * normal).sum(axis=-1)[middle].min() > np.cos(np.radians(2.0))
    irradiance = irradiance_from_harmonics(_environment_harmonics(scene), normal[middle].astype(np.float32))
    sun = np.maximum(normal[middle] @ [0.6, 0.0, 0.8], 0.0)[:, None] * np.array([1.0, 0.5, 0.25])
    expected = theirs.albedo[middle] * (irradiance + sun) / np.pi
    error = theirs.diffuse[middle] / expected - 1.0
    assert abs(error.mean()) < 0.01
    assert np.abs(error).mean() < 0.04
    assert not np.array_equal(halves[0], halves[1])


def _environment_harmonics(scene: Scene) -> np.ndarray:  # type: ignore[type-arg]
    alone = illuminated(
        split_environment(scene.light.levels[0]),
        scene.light.panorama_from_head @ scene.camera_from_head.T,
        scene.camera_from_head,
        Lamps.none(),
    )
    return alone.harmonics(scene.camera_from_head)


@pytest.mark.blender
@pytest.mark.slow
def test_blender_s_failure_is_told(tmp_path: Path) -> None:
    if find_spec("bpy") is None:
        pytest.skip("bpy is not installed")
    with pytest.raises(AssetError, match=r"Blender left with code 1: FileNotFoundError: .*scene\.json"):
        path_trace(tmp_path, 1, 1)
