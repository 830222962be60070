"""Of what the plate never saw, its twin on the head's other side stands in; where twins are not alike, it does not."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytic_field import AnalyticField
from tests.analytic_head import AnalyticHead, analytic_head, orbited, turn

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.light.harmonics import basis
from chiaro.runtime.parts import PARTS
from chiaro.runtime.view import painted_view, view
from chiaro.runtime.view.head_field import carved
from chiaro.runtime.view.other_side import reflection

YAW = 25.0
"""Degrees by which the head is turned away: the plate sees more of one side than of the other."""
GREY = 0.5
"""What the field says of all albedo, everywhere."""


def _pose(distance: float, yaw: float = YAW) -> Float64Array:
    pose = np.eye(4)
    pose[:3, :3] = turn(1, np.deg2rad(yaw))
    pose[2, 3] = -distance
    return pose


@dataclass(frozen=True)
class Symmetric(AnalyticHead):
    """A ball with a pattern that is the same on either side of its middle, but for a factor `darker` on one."""

    darker: float = 1.0

    def albedo(self, position: Float64Array) -> Float64Array:
        world_from_head = self.world_from_crop @ _pose(self.crop.head_distance)
        local = (position - world_from_head[:3, 3]) @ world_from_head[:3, :3]
        pattern = 0.5 + 0.25 * np.sin(60.0 * np.abs(local) + np.array([0.0, 1.0, 2.0]))
        return pattern * np.where(local[..., :1] > 0, self.darker, 1.0)


class Grey(AnalyticField):
    """Knows where the surface is and nothing of its colours."""

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        surface = super().surface(points)
        return surface | {"albedo": np.full_like(surface["albedo"], GREY)}


def _head(darker: float = 1.0) -> tuple[Symmetric, Encoding]:
    plain = analytic_head()
    head = Symmetric(plain.spheres, plain.plate_camera, plain.crop, darker)
    return head, replace(head.encoding(), crop_camera_from_head=_pose(head.crop.head_distance))


def _seen(head: Symmetric, encoding: Encoding, yaw: float) -> GBuffer:
    field = carved(Grey(head), encoding)
    return view(encoding, head.plate_camera, orbited(head, yaw=yaw), field=lambda: field)


def _error(head: Symmetric, seen: GBuffer) -> Float64Array:
    """(N,) of albedo where it is painted altogether, well inside the head, with its twin before the plate."""
    truth = head.trace(seen.camera)
    assert seen.painted is not None
    world_from_head = head.world_from_crop @ _pose(head.crop.head_distance)
    local = (seen.position - world_from_head[:3, 3]) @ world_from_head[:3, :3]
    twin = local * np.array([-1.0, 1.0, 1.0]) @ world_from_head[:3, :3].T + world_from_head[:3, 3]
    facing = ((twin - world_from_head[:3, 3]) @ head.world_from_crop[:3, 2]) / np.linalg.norm(local, axis=-1) > 0.45
    inside = (seen.painted.share > 0.99) & truth.hit & (seen.matte > 0.9) & facing & (np.abs(local[..., 0]) > 0.05)
    assert inside.sum() > 300
    error: Float64Array = np.abs(seen.albedo - truth.albedo)[inside].mean(axis=-1)
    return error


def test_a_twin_tells_what_the_field_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    head, encoding = _head()
    error = _error(head, _seen(head, encoding, yaw=35.0))
    assert np.median(error) < 0.02
    assert np.percentile(error, 90) < 0.06
    monkeypatch.setattr(painted_view, "with_other_side", lambda maps, *_: (maps, None))
    assert np.median(_error(head, _seen(head, encoding, yaw=35.0))) > 0.06


@pytest.mark.parametrize("change", ["unlike twins", "a pose far off", "clothing"])
def test_the_field_stays_where_there_is_no_twin(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, encoding = _head(darker=0.4 if change == "unlike twins" else 1.0)
    if change == "a pose far off":
        encoding = replace(encoding, crop_camera_from_head=_pose(head.crop.head_distance + 0.3))
    if change == "clothing":
        parts = np.zeros((*encoding.matte.shape, len(PARTS)), np.uint8)
        parts[..., PARTS.index("clothing")] = 255
        encoding = replace(encoding, parts=parts)
    seen = _seen(head, encoding, yaw=35.0)
    monkeypatch.setattr(painted_view, "with_other_side", lambda maps, *_: (maps, None))
    without = _seen(head, encoding, yaw=35.0)
    assert without.painted is not None
    assert (without.painted.share > 0.99).sum() > 300
    np.testing.assert_allclose(seen.albedo, without.albedo, atol=1e-6)
    np.testing.assert_allclose(seen.normal, without.normal, atol=1e-6)


def test_vectors_are_turned_with_the_twin() -> None:
    """The field's are wrong here: they all look at the plate's camera."""
    head, encoding = _head()

    class Flat(Grey):
        def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
            return super().surface(points) | {"normal": np.broadcast_to(np.float32([0.0, 0.0, 1.0]), points.shape)}

    field = carved(Flat(head), encoding)
    seen = view(encoding, head.plate_camera, orbited(head, yaw=35.0), field=lambda: field)
    truth = head.trace(seen.camera)
    assert seen.painted is not None
    inside = (seen.painted.share > 0.99) & truth.hit & (seen.matte > 0.9)
    angle = np.rad2deg(np.arccos(np.clip((seen.normal * truth.normal).sum(axis=-1)[inside], -1, 1)))
    assert np.percentile(angle, 25) < 3.0


@given(st.floats(-0.6, 0.6), st.floats(-0.4, 0.4), st.floats(-0.3, 0.3), st.integers(0, 1000))
def test_a_reflection_undoes_itself_and_moves_light_with_directions(
    yaw: float, pitch: float, roll: float, seed: int
) -> None:
    pose = np.eye(4)
    pose[:3, :3] = turn(1, yaw) @ turn(0, pitch) @ turn(2, roll)
    random = np.random.default_rng(seed)
    pose[:3, 3] = random.normal(size=3)
    mirror = reflection(pose)
    points = random.normal(size=(20, 3))
    twins = points @ mirror.matrix.T + mirror.offset
    np.testing.assert_allclose(twins @ mirror.matrix.T + mirror.offset, points, atol=1e-12)
    in_head, twins_in_head = ((place - pose[:3, 3]) @ pose[:3, :3] for place in (points, twins))
    np.testing.assert_allclose(twins_in_head, in_head * [-1, 1, 1], atol=1e-12)
    directions = points / np.linalg.norm(points, axis=1, keepdims=True)
    light = random.normal(size=9)
    mirrored = basis(directions @ mirror.matrix.T) @ (mirror.harmonics @ light)
    np.testing.assert_allclose(mirrored, basis(directions) @ light, atol=1e-9)


def test_what_the_plate_saw_well_stays() -> None:
    head, encoding = _head()
    seen = _seen(head, encoding, yaw=35.0)
    plain = view(encoding, head.plate_camera, orbited(head, yaw=35.0))
    assert seen.painted is not None
    kept = (plain.confidence > 0.7) & (seen.painted.share == 0) & (plain.matte > 0)
    assert kept.sum() > 1000
    for name in ("albedo", "normal", "transport", "roughness"):
        assert np.array_equal(getattr(seen, name)[kept], getattr(plain, name)[kept])
