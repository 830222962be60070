"""Surfaces seen from other cameras agree with ray-traced truth; the plate's own camera gives the encoding itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytic_head import (
    HEAD_WITH_BALL,
    ROUND_HEAD,
    AnalyticHead,
    Sphere,
    analytic_head,
    orbited,
    posed_camera,
    side_light,
    turn,
)

from chiaro.runtime.arrays import AnyFloatArray
from chiaro.runtime.camera import Camera
from chiaro.runtime.encoding import KEPT, Encoding, per_encoding
from chiaro.runtime.errors import CameraError
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.view import view
from chiaro.runtime.view.outline import front_of_neighbours

MOVES = [
    {"yaw": 1.0},
    {"yaw": 15.0},
    {"yaw": -45.0},
    {"pitch": 30.0},
    {"yaw": 30.0, "pitch": -20.0, "nearer": 0.6},
    {"nearer": 1.5},
]


def test_the_plate_camera_gives_the_maps_themselves() -> None:
    head = analytic_head()
    encoding = head.encoding(side_light())
    seen = view(encoding, head.plate_camera, head.plate_camera.resized(1280, 720))
    assert seen.is_plate_view
    for name in ("albedo", "depth", "matte", "roughness", "specular"):
        assert np.array_equal(getattr(seen, name), getattr(encoding, name))
    inside = encoding.matte > 0
    truth = head.trace(seen.camera)
    assert np.abs(seen.normal - truth.normal)[inside].max() < 1e-5
    assert np.abs(seen.position - truth.position)[inside].max() < 1e-5
    assert (seen.confidence[inside] == 1).all()


def test_what_every_camera_needs_is_made_once_for_an_encoding() -> None:
    head, made = analytic_head(), []

    @per_encoding
    def outline(encoding: Encoding) -> float:
        made.append(encoding)
        return float(encoding.matte.sum())

    encoding = head.encoding(side_light())
    assert outline(encoding) == outline(encoding)
    assert len(made) == 1
    smaller = replace(encoding, matte=encoding.matte * np.float32(0.5))
    assert outline(smaller) == pytest.approx(0.5 * outline(encoding))
    for _ in range(KEPT):
        outline(replace(encoding))
    outline(encoding)
    assert made.count(encoding) == 2
    # A view of the smaller one is made of the smaller one.
    camera = orbited(head, yaw=10.0)
    whole, half = (view(one, head.plate_camera, camera).matte for one in (encoding, smaller))
    assert half.sum() < 0.7 * whole.sum()


@given(st.floats(-3, 3), st.floats(-3, 3))
@settings(max_examples=10, deadline=None)
def test_light_and_transport_turn_together(pitch: float, roll: float) -> None:
    plate_camera = posed_camera()
    pose = plate_camera.world_from_camera.copy()
    pose[:3, :3] = turn(0, pitch) @ turn(2, roll)
    head = analytic_head(plate_camera=plate_camera.with_pose(pose))
    encoding = head.encoding(side_light())
    seen = view(encoding, head.plate_camera, head.plate_camera)
    in_world = seen.transport @ seen.own_light
    in_crop = encoding.transport @ encoding.light
    assert np.abs(in_world - in_crop).max() < 1e-5


@pytest.mark.parametrize("spheres", [ROUND_HEAD, HEAD_WITH_BALL])
@pytest.mark.parametrize("move", MOVES)
def test_other_cameras_agree_with_ray_tracing(spheres: tuple[Sphere, ...], move: dict[str, float]) -> None:
    head = analytic_head(spheres)
    seen = view(head.encoding(side_light()), head.plate_camera, orbited(head, **move))
    assert not seen.is_plate_view
    truth = head.trace(seen.camera)
    visible = truth.hit & head.seen_by_plate(truth.position)
    found = (seen.matte > 0.5) & (seen.confidence > 0)
    both = visible & found
    error = np.linalg.norm(seen.position - truth.position, axis=-1)
    assert (both.sum() / (visible | found).sum()) > 0.88
    assert np.median(error[both]) < 0.1e-3
    assert np.percentile(error[both], 98) < 4e-3
    assert (found & ~truth.hit).sum() < 0.01 * found.sum()
    assert _angle(seen.normal[both], truth.normal[both], 98) < 3.0
    assert np.abs(seen.albedo - truth.albedo)[both & (seen.confidence > 0.9)].mean() < 0.01


def test_what_the_plate_never_saw_is_marked() -> None:
    head = analytic_head(HEAD_WITH_BALL)
    seen = view(head.encoding(), head.plate_camera, orbited(head, yaw=-45))
    truth = head.trace(seen.camera)
    hidden = truth.hit & ~head.seen_by_plate(truth.position)
    hidden[1:-1, 1:-1] &= hidden[2:, 1:-1] & hidden[:-2, 1:-1] & hidden[1:-1, 2:] & hidden[1:-1, :-2]
    assert hidden.sum() > 500
    assert (seen.confidence[hidden] > 0).mean() < 0.02
    unseen = np.isnan(seen.plate_pixels[..., 0])
    assert (seen.confidence[unseen] == 0).all()


def test_a_ray_that_passes_behind_meets_a_hole() -> None:
    """The ball floats further before the head than a body is thick, so what it hides is no side of a body."""
    far_ball: tuple[Sphere, ...] = (((0.0, 0.0, -0.05), 0.11), ((0.02, -0.01, 0.25), 0.03))
    head = analytic_head(far_ball)
    seen = view(head.encoding(), head.plate_camera, orbited(head, yaw=-20))
    truth = head.trace(seen.camera)
    hidden = (
        truth.hit & ~head.seen_by_plate(truth.position) & (truth.normal @ seen.camera.world_from_camera[:3, 2] > 0.8)
    )
    assert hidden.sum() > 100
    assert (seen.matte[hidden] == 0).mean() > 0.9


def test_plate_pixels_are_where_the_plate_saw_the_surface() -> None:
    head = analytic_head()
    seen = view(head.encoding(), head.plate_camera, orbited(head, yaw=20, pitch=10))
    truth = head.trace(seen.camera)
    inside = (seen.confidence > 0.9) & truth.hit
    to_camera = head.plate_camera.camera_from_world
    expected = head.plate_camera.project(truth.position[inside] @ to_camera[:3, :3].T + to_camera[:3, 3])
    distance = np.linalg.norm(seen.plate_pixels[inside] - expected, axis=-1)
    assert np.percentile(distance, 95) < 0.1


def test_confidence_falls_where_the_plate_saw_at_a_grazing_angle() -> None:
    head = analytic_head()
    seen = view(head.encoding(), head.plate_camera, orbited(head, yaw=45))
    in_plate, in_view = _cosine(seen, head.plate_camera), _cosine(seen, seen.camera)
    inside = seen.matte > 0.9
    assert seen.confidence[inside & (in_plate > 0.6)].min() > 0.99
    assert seen.confidence[inside & (in_plate < 0.25) & (in_view > 0.7)].mean() < 0.6


def test_another_lens_at_the_same_place_sees_the_same_surface() -> None:
    head = analytic_head()
    plate_camera = head.plate_camera
    other = Camera(500, 500, 900, 900, 250, 250, plate_camera.world_from_camera)
    seen = view(head.encoding(), plate_camera, other)
    truth = head.trace(seen.camera)
    both = truth.hit & (seen.matte > 0.5)
    assert both.sum() > 0.97 * truth.hit.sum()
    assert np.median(np.abs(seen.depth - truth.depth)[both]) < 1e-4


def test_a_larger_view_holds_the_same_surface() -> None:
    head = analytic_head()
    camera = orbited(head, yaw=25)
    small, large = (view(head.encoding(), head.plate_camera, camera, size=size) for size in (128, 512))
    assert large.matte.shape == (512, 512)
    assert small.matte.mean() == pytest.approx(large.matte.mean(), rel=0.02)


def test_a_soft_matte_keeps_its_edge_at_the_depth_of_the_head() -> None:
    head = analytic_head()
    encoding = _softened(head)
    seen = view(encoding, head.plate_camera, orbited(head, yaw=12))
    soft = (seen.matte > 0.1) & (seen.matte < 0.7)
    assert soft.sum() > 100
    centre = head.crop.head_distance
    assert np.abs(seen.depth[soft] - centre).max() < 0.12
    assert np.isfinite(seen.plate_pixels[soft]).all()


def _softened(head: AnalyticHead) -> Encoding:
    encoding = head.encoding()
    trace = head.trace(head.crop.camera.with_pose(head.world_from_crop))
    pixels = head.crop.camera.pixel_centres() - np.argwhere(trace.hit).mean(axis=0)[::-1]
    radius = np.linalg.norm(pixels, axis=-1)
    outer = np.sqrt(trace.hit.sum() / np.pi)
    matte = np.clip((outer + 3 - radius) / 6, 0, 1).astype(np.float32)
    return replace(encoding, matte=matte)


def test_a_camera_that_does_not_see_the_head_gets_nothing() -> None:
    head = analytic_head()
    pose = head.plate_camera.world_from_camera.copy()
    pose[:3, :3] = pose[:3, :3] @ turn(1, np.pi)
    _assert_empty(view(head.encoding(), head.plate_camera, head.plate_camera.with_pose(pose)))


def test_a_camera_behind_the_head_gets_nothing() -> None:
    head = analytic_head()
    seen = view(head.encoding(), head.plate_camera, orbited(head, yaw=180))
    assert seen.matte.max() == 0


def test_nobody_in_the_matte_gives_nothing() -> None:
    head = analytic_head()
    encoding = replace(head.encoding(), matte=np.zeros((256, 256), np.float32))
    _assert_empty(view(encoding, head.plate_camera, orbited(head, yaw=5)))


def _assert_empty(seen: GBuffer) -> None:
    assert seen.matte.max() == 0
    assert seen.confidence.max() == 0
    assert np.isnan(seen.plate_pixels).all()
    assert np.isfinite(seen.position).all()


def test_a_camera_inside_the_head_is_refused() -> None:
    head = analytic_head()
    with pytest.raises(CameraError, match=r"stands 5 cm from the centre of the head, inside it; move it"):
        view(head.encoding(), head.plate_camera, orbited(head, yaw=1, nearer=0.05 / _distance(head)))


def test_another_plate_lens_is_refused() -> None:
    head = analytic_head()
    camera = head.plate_camera
    longer = Camera(640, 360, camera.focal_x * 1.2, camera.focal_y * 1.2, camera.principal_x, camera.principal_y)
    with pytest.raises(CameraError, match="not the one this frame was encoded with"):
        view(head.encoding(), longer, longer)


def _cosine(seen: GBuffer, camera: Camera) -> AnyFloatArray:
    ray = seen.position - camera.world_from_camera[:3, 3]
    return -(seen.normal * ray).sum(axis=-1) / np.linalg.norm(ray, axis=-1)


def _distance(head: AnalyticHead) -> float:
    return float(head.crop.head_distance)


def _angle(first: AnyFloatArray, second: AnyFloatArray, percentile: float) -> float:
    cosine = np.clip((first * second).sum(axis=-1), -1, 1)
    return float(np.percentile(np.rad2deg(np.arccos(cosine)), percentile))


@given(
    yaw=st.floats(-45, 45),
    pitch=st.floats(-30, 30),
    nearer=st.floats(0.5, 3),
    zoom=st.floats(0.5, 2),
    aspect=st.floats(0.7, 1.4),
)
@settings(max_examples=15, deadline=None)
def test_any_camera_around_the_head_agrees_with_ray_tracing(
    yaw: float, pitch: float, nearer: float, zoom: float, aspect: float
) -> None:
    moved = orbited(ROUND, yaw=yaw, pitch=pitch, nearer=nearer)
    camera = Camera(600, 400, 900 * zoom, 900 * zoom * aspect, 290, 210, moved.world_from_camera)
    seen = view(ROUND_ENCODING, ROUND.plate_camera, camera)
    truth = ROUND.trace(seen.camera)
    sure = (seen.confidence > 0.9) & truth.hit
    assert sure.sum() > 0.4 * truth.hit.sum()
    assert np.percentile(np.linalg.norm(seen.position - truth.position, axis=-1)[sure], 90) < 1e-3
    for name in ("albedo", "normal", "position", "depth", "transport"):
        assert np.isfinite(getattr(seen, name)).all()


@pytest.mark.parametrize("lens", [0.6, 3.0, 40.0])
def test_wide_and_long_lenses_far_from_the_origin(lens: float) -> None:
    pose = posed_camera().world_from_camera.copy()
    pose[:3, 3] = (300.0, -200.0, 100.0)
    plate_camera = Camera(640, 360, 640 * lens, 640 * lens, 320, 180, pose)
    head = analytic_head(plate_camera=plate_camera)
    seen = view(head.encoding(), plate_camera, orbited(head, yaw=15, pitch=5))
    truth = head.trace(seen.camera)
    sure = (seen.confidence > 0.9) & truth.hit
    assert sure.sum() > 0.6 * truth.hit.sum()
    assert np.percentile(np.linalg.norm(seen.position - truth.position, axis=-1)[sure], 90) < 1e-3


ROUND = analytic_head()
ROUND_ENCODING = ROUND.encoding(side_light())


def test_an_edge_met_by_one_ray_for_each_pixel_runs_smoothly_between_them() -> None:
    camera, side = Camera(32, 32, 60.0, 60.0, 16.0, 16.0), np.arange(32) + 0.5
    # A slanted edge of depth, which whole pixels make stairs of.
    before = side[None, :] < 10.0 + 0.4 * side[:, None]
    depth, met = np.where(before, 0.6, 1.0).astype(np.float32), np.ones((32, 32), np.bool_)
    front = front_of_neighbours(camera, depth, met)
    torn = ~np.isnan(front)
    beside = np.abs(side[None, :] - (10.0 + 0.4 * side[:, None])) < 0.9
    assert torn[beside].all()
    assert not torn[:, :8].any()
    rows = slice(2, -2)
    level = np.nan_to_num(np.where(torn, front, before.astype(np.float32)))[rows]
    crossing = level.sum(axis=1)  # columns up to the edge
    assert np.abs(crossing - (10.0 + 0.4 * side[rows])).max() < 0.3
    assert np.isnan(front_of_neighbours(camera, depth, before)).all()
