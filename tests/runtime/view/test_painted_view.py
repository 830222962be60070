"""What the plate never saw is painted from the field where ray tracing says it is; what it saw stays as it was."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.analytic_field import ROUGHNESS, AnalyticField
from tests.analytic_head import HEAD_WITH_BALL, AnalyticHead, analytic_head, orbited, posed_camera, side_light

from chiaro.runtime.arrays import AnyFloatArray, Float32Array
from chiaro.runtime.crop import transform_pixels
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.field import CarvedField
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES, HeadBox
from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.runtime.view import view
from chiaro.runtime.view.head_field import carved, head_field
from chiaro.runtime.view.painted_maps import LEAST_FACING
from chiaro.runtime.view.painted_place import _joined
from chiaro.runtime.view.seam import widened

HEAD = analytic_head()
ENCODING = HEAD.encoding(side_light())
MOVES = [{"yaw": 30.0}, {"yaw": -40.0}, {"pitch": 30.0}, {"yaw": 90.0}, {"yaw": 180.0, "nearer": 0.8}]
NAMES = ("albedo", "normal", "position", "depth", "matte", "transport", "roughness", "specular", "confidence")


def _field(head: AnalyticHead, encoding: Encoding, **changes: object) -> Callable[[], CarvedField]:
    field = carved(replace(AnalyticField(head), **changes), encoding)
    return lambda: field


def _painted(seen: GBuffer) -> AnyFloatArray:
    assert seen.painted is not None
    return seen.painted.share


def _facing(normal: AnyFloatArray, position: AnyFloatArray, seen: GBuffer) -> AnyFloatArray:
    """Cosines between normals and the way to the camera."""
    to_camera = seen.camera.world_from_camera[:3, 3] - position
    length = np.maximum(np.linalg.norm(to_camera, axis=-1), 1e-9)
    cosine: AnyFloatArray = (normal * to_camera).sum(axis=-1) / length
    return cosine


@pytest.mark.parametrize("move", MOVES)
def test_a_ball_is_whole_from_every_side(move: dict[str, float]) -> None:
    seen = view(ENCODING, HEAD.plate_camera, orbited(HEAD, **move), field=_field(HEAD, ENCODING))
    truth = HEAD.trace(seen.camera)
    shown = seen.matte > 0.5
    assert (shown & truth.hit).sum() / (shown | truth.hit).sum() > 0.97
    inside = (_painted(seen) > 0.99) & truth.hit & (seen.matte > 0.9)
    assert inside.sum() > 300
    error = np.abs(seen.depth - truth.depth)[inside]
    assert np.median(error) < 2.5e-3
    assert np.percentile(error, 95) < 8e-3
    cosine = (seen.normal * truth.normal).sum(axis=-1)[inside]
    angle = np.rad2deg(np.arccos(np.clip(cosine, -1, 1)))
    facing = _facing(truth.normal, truth.position, seen)[inside] > LEAST_FACING
    assert np.percentile(angle[facing], 95) < 4.0
    assert angle.max() < 15.0
    assert np.abs(seen.albedo - truth.albedo)[inside].mean() < 0.02
    np.testing.assert_allclose(np.linalg.norm(seen.normal, axis=-1), 1.0, atol=1e-4)
    assert np.linalg.norm(seen.position - truth.position, axis=-1)[inside].mean() < 4e-3


@pytest.mark.parametrize("move", [{"yaw": 20.0}, {"yaw": -20.0}, {"pitch": 25.0}])
def test_a_matte_that_is_nowhere_zero_hides_nothing(move: dict[str, float]) -> None:
    """A network's matte ends in a logistic function, and its surface goes on beyond the outline."""
    faint = replace(ENCODING, matte=np.maximum(ENCODING.matte, np.float32(0.004)))
    seen = view(faint, HEAD.plate_camera, orbited(HEAD, **move), field=_field(HEAD, faint))
    truth = HEAD.trace(seen.camera)
    shown = seen.matte > 0.5
    assert (shown & truth.hit).sum() / (shown | truth.hit).sum() > 0.97
    assert (truth.hit & ~shown).sum() < 0.01 * truth.hit.sum()


@pytest.mark.parametrize("yaw", [4.0, 8.0, -12.0, 20.0])
def test_a_faint_matte_is_no_gap_to_paint(yaw: float) -> None:
    """Strips too narrow for a surface that goes on are no more painted than where the matte is zero."""
    faint = replace(ENCODING, matte=np.maximum(ENCODING.matte, np.float32(0.004)))
    camera = orbited(HEAD, yaw=yaw)
    clean, found = (
        view(encoding, HEAD.plate_camera, camera, field=_field(HEAD, encoding)).matte for encoding in (ENCODING, faint)
    )
    assert np.count_nonzero(np.abs(found - clean) > 0.05) < 0.003 * np.count_nonzero(clean > 0.5)


def test_what_hides_behind_an_unsure_pixel_is_no_surer() -> None:
    """The matte took some of the background for the person, half-heartedly; the field would make it solid."""
    columns = np.arange(ENCODING.matte.shape[1])
    unsure = replace(ENCODING, matte=np.where(columns < 118, np.float32(0.6) * ENCODING.matte, ENCODING.matte))
    camera = orbited(HEAD, yaw=-40.0)
    sure, halfhearted = (
        view(encoding, HEAD.plate_camera, camera, field=_field(HEAD, encoding)) for encoding in (ENCODING, unsure)
    )
    hidden = (
        (sure.matte > 0.9) & ~np.isfinite(sure.plate_pixels[..., 0]) & ~np.isfinite(halfhearted.plate_pixels[..., 0])
    )
    behind = halfhearted.matte[hidden & (sure.painted.share == 1 if sure.painted else False)]
    assert behind.size > 100
    assert np.percentile(behind, 20) < 0.3


def test_no_painted_normal_faces_away() -> None:
    class Turned(AnalyticField):
        def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
            return super().surface(points) | {"normal": np.broadcast_to(np.float32([0.6, 0.0, -0.8]), points.shape)}

    field = carved(Turned(HEAD), ENCODING)
    seen = view(ENCODING, HEAD.plate_camera, orbited(HEAD, yaw=-40.0), field=lambda: field)
    painted = _painted(seen) == 1
    assert painted.sum() > 300
    np.testing.assert_allclose(_facing(seen.normal, seen.position, seen)[painted], LEAST_FACING, atol=1e-3)


@pytest.mark.parametrize("move", MOVES)
def test_painted_pixels_say_that_the_plate_never_saw_them(move: dict[str, float]) -> None:
    seen = view(ENCODING, HEAD.plate_camera, orbited(HEAD, **move), field=_field(HEAD, ENCODING))
    truth, share = HEAD.trace(seen.camera), _painted(seen)
    hidden = truth.hit & ~HEAD.seen_by_plate(truth.position)
    assert seen.confidence[share > 0.99].max() < 0.01
    assert np.isnan(seen.plate_pixels[share == 1]).mean() > 0.8  # of grazing surfaces the place is known
    assert np.median(seen.confidence[hidden]) == 0.0
    painted = share > 0.99
    facing = painted & (_facing(seen.normal, seen.position, seen) > LEAST_FACING + 0.01)
    # What is averaged over a ball's surface is its mean, not its middle.
    np.testing.assert_allclose(seen.transport[facing], lambert_transport(seen.normal[facing]), atol=1.1e-2)
    # The field's, or beside what the plate saw on the other side that of the twin.
    low, high = np.percentile(seen.roughness[painted], [0, 100])
    assert ENCODING.roughness.max() - 3e-3 < low <= high < ROUGHNESS + 3e-3
    assert np.median(seen.roughness[painted]) == pytest.approx(ROUGHNESS, abs=3e-3)
    np.testing.assert_allclose(seen.specular[painted], ENCODING.specular.mean(), atol=1e-3)


def test_what_the_plate_saw_well_stays_as_it_was_to_the_last_bit() -> None:
    camera = orbited(HEAD, yaw=35)
    without, with_field = (
        view(ENCODING, HEAD.plate_camera, camera, field=field) for field in (None, _field(HEAD, ENCODING))
    )
    assert with_field.painted is not None
    kept = (without.confidence > 0.7) & ~widened(_painted(with_field) > 0, 5) & (with_field.painted.hidden == 0)
    assert kept.sum() > 0.3 * (without.matte > 0).sum()
    for name in NAMES:
        assert np.array_equal(getattr(with_field, name)[kept], getattr(without, name)[kept])


def test_the_field_is_not_touched_at_the_plates_own_camera() -> None:
    def never() -> CarvedField:
        raise AssertionError("the field was asked for")

    seen = view(ENCODING, HEAD.plate_camera, HEAD.plate_camera.resized(1280, 720), field=never)
    assert seen.is_plate_view
    assert np.array_equal(seen.albedo, ENCODING.albedo)


def test_without_a_field_nothing_changes() -> None:
    camera = orbited(HEAD, yaw=35)
    assert head_field(ENCODING) is None
    first = view(ENCODING, HEAD.plate_camera, camera)
    second = view(ENCODING, HEAD.plate_camera, camera, field=lambda: head_field(ENCODING))
    assert first.painted is None
    assert second.painted is None
    for name in NAMES:
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_only_what_is_missing_is_marched() -> None:
    asked: list[int] = []
    field = _field(HEAD, ENCODING, asked=asked)
    assert field().grid.values.shape == (32, 32, 32)
    asked.clear()
    view(ENCODING, HEAD.plate_camera, orbited(HEAD, yaw=15), field=field)
    few = sum(asked)
    asked.clear()
    nobody = replace(ENCODING, matte=np.where(ENCODING.matte > 0, np.float32(1e-6), np.float32(0)))
    view(nobody, HEAD.plate_camera, orbited(HEAD, yaw=15), field=field)
    assert 0 < few < 0.5 * sum(asked)


def test_what_a_ball_hid_is_painted_behind_it() -> None:
    head = analytic_head(HEAD_WITH_BALL)
    encoding = head.encoding(side_light())
    seen = view(encoding, head.plate_camera, orbited(head, yaw=-35), field=_field(head, encoding))
    truth = head.trace(seen.camera)
    hidden = truth.hit & ~head.seen_by_plate(truth.position) & (_painted(seen) > 0.9)
    assert hidden.sum() > 300
    assert np.percentile(np.abs(seen.depth - truth.depth)[hidden], 90) < 6e-3


def test_a_field_that_is_too_large_is_cut_to_what_the_plate_shows() -> None:
    camera = orbited(HEAD, yaw=40)
    fat = view(ENCODING, HEAD.plate_camera, camera, field=_field(HEAD, ENCODING, grown=0.03))
    shown = (_painted(fat) > 0.5) & (fat.matte > 0.5)
    assert shown.sum() > 200
    to_crop = np.linalg.inv(HEAD.world_from_crop)
    points = fat.position[shown] @ to_crop[:3, :3].T + to_crop[:3, 3]
    pixels = HEAD.crop.camera.project(points).astype(int)
    assert widened(ENCODING.matte > 0.5, 2)[pixels[:, 1], pixels[:, 0]].mean() > 0.99
    before = ENCODING.depth[pixels[:, 1], pixels[:, 0]] + points[:, 2]
    inside = ENCODING.matte[pixels[:, 1], pixels[:, 0]] > 0.9
    assert np.median(before[inside]) < 0.02 * CROP_HALF_WIDTH_METRES / 0.6 + 5e-3


def test_the_fields_albedo_takes_the_colours_of_the_plates() -> None:
    camera = orbited(HEAD, yaw=40)
    tinted = view(ENCODING, HEAD.plate_camera, camera, field=_field(HEAD, ENCODING, tint=(0.5, 0.7, 1.4)))
    truth = HEAD.trace(tinted.camera)
    inside = (_painted(tinted) > 0.9) & truth.hit & (tinted.matte > 0.9)
    ratio = tinted.albedo[inside].mean(axis=0) / truth.albedo[inside].mean(axis=0)
    np.testing.assert_allclose(ratio, 1.0, atol=0.12)


def test_the_passage_from_plate_to_field_has_no_step() -> None:
    """A field of another colour that nothing corrects: the passage is spread over several pixels."""
    seen = view(ENCODING, HEAD.plate_camera, orbited(HEAD, yaw=30), field=_field(HEAD, ENCODING))
    share, depth = _painted(seen), seen.depth
    inside = (seen.matte > 0.9) & (HEAD.trace(seen.camera).hit)
    step = np.abs(np.diff(share, axis=1))
    both = inside[:, 1:] & inside[:, :-1] & (np.abs(np.diff(depth, axis=1)) < 3e-3)
    assert (share[inside] > 0.9).any()
    assert (share[inside] < 0.1).any()
    assert np.percentile(step[both & (step > 0)], 90) < 0.35


@pytest.mark.parametrize("size", [128, 130, 512])
def test_views_of_other_sizes_are_painted_alike(size: int) -> None:
    camera = orbited(HEAD, yaw=40)
    small = view(ENCODING, HEAD.plate_camera, camera, size=size, field=_field(HEAD, ENCODING))
    truth = HEAD.trace(small.camera)
    shown = small.matte > 0.5
    assert small.matte.shape == (size, size)
    assert (shown & truth.hit).sum() / (shown | truth.hit).sum() > 0.95


@pytest.mark.parametrize(("yaw", "grown"), [(60.0, 0.0), (25.0, -0.003), (-30.0, -0.003)])
def test_the_plates_soft_edge_inside_the_person_is_closed(yaw: float, grown: float) -> None:
    """Also where the field lies a little deeper than the plate's outline, as a learned one does."""
    trace = HEAD.trace(HEAD.crop.camera.with_pose(HEAD.world_from_crop))
    pixels = HEAD.crop.camera.pixel_centres() - np.argwhere(trace.hit).mean(axis=0)[::-1]
    outer = np.sqrt(trace.hit.sum() / np.pi)
    soft = np.clip((outer + 2 - np.linalg.norm(pixels, axis=-1)) / 4, 0.004, 1).astype(np.float32)
    encoding = replace(ENCODING, matte=soft)
    seen = view(encoding, HEAD.plate_camera, orbited(HEAD, yaw=yaw), field=_field(HEAD, encoding, grown=grown))
    truth = HEAD.trace(seen.camera)
    deep = truth.hit.copy()
    for axis in (0, 1):
        for shift in (-8, 8):
            deep &= np.roll(truth.hit, shift, axis)
    assert seen.matte[deep].min() > 0.95


def test_crop_pixels_and_view_agree_on_the_crops_own_place() -> None:
    """The carved depth lies where the crop's pixels are: a point of the plate's surface has distance zero."""
    field = _field(HEAD, ENCODING)()
    rows, columns = np.nonzero(ENCODING.matte > 0)
    keep = slice(None, None, 97)
    x, y = (columns[keep] + 0.5) / 128 - 1, (rows[keep] + 0.5) / 128 - 1
    z = (ENCODING.depth[rows, columns][keep] - HEAD.crop.head_distance) / CROP_HALF_WIDTH_METRES
    points = np.stack([x, y, z], axis=-1).astype(np.float32)
    middle = np.hypot(*(transform_pixels(np.eye(3), np.stack([x, y], axis=-1)).T)) < 0.35
    assert np.abs(field.distance(points))[middle].max() < 2e-3
    assert field.distance(points - np.array([0, 0, 0.1], np.float32))[middle].min() > 0.03


def test_outlines_have_the_fields_own_colours_and_depth() -> None:
    seen = view(ENCODING, HEAD.plate_camera, orbited(HEAD, yaw=90), field=_field(HEAD, ENCODING))
    soft = (_painted(seen) == 1) & (seen.matte > 0.02) & (seen.matte < 0.9)
    assert soft.sum() > 20
    assert seen.albedo[soft].min() > 0.15  # the head's pattern goes from 0.2 to 0.8
    centre = np.linalg.norm(HEAD.world_spheres()[0][0] - seen.camera.world_from_camera[:3, 3])
    assert np.abs(seen.depth[soft] - centre).max() < 0.05


def test_nothing_is_painted_beyond_the_plates_border_or_hangs_behind_it() -> None:
    plate_camera = posed_camera()
    box = HeadBox(plate_camera.width - 25.0, 160.0, 140.0)
    head = analytic_head(plate_camera=plate_camera, box=box)
    encoding = head.encoding(side_light())
    seen = view(encoding, plate_camera, orbited(head, yaw=-35), field=_field(head, encoding))
    painted = (_painted(seen) == 1) & (seen.matte > 0)
    assert painted.any()
    to_plate = plate_camera.camera_from_world
    pixels = plate_camera.project(seen.position[painted] @ to_plate[:3, :3].T + to_plate[:3, 3])
    assert pixels[:, 0].max() < plate_camera.width + 2


def test_what_is_cut_off_from_the_plates_surface_is_left_out() -> None:
    firm, covered = np.zeros((2, 40, 40), np.bool_)
    firm[4:12, 4:12] = True
    covered[4:12, 12:20] = True
    covered[24:32, 24:32] = True
    joined = _joined(firm, covered)
    assert joined[firm].all()
    assert joined[4:12, 12:20].all()
    assert not joined[24:32, 24:32].any()
    assert _joined(np.zeros_like(firm), covered).all()  # from behind
