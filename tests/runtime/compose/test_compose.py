"""Own light gives the plate back, the background is never touched, new light agrees with truth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from tests.analytic_head import HEAD_WITH_BALL, analytic_head, orbited, side_light, turn
from tests.runtime.compose.conftest import Stage, make_stage

from chiaro.runtime.camera import Camera
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.compose.kept_light import KeptLight
from chiaro.runtime.errors import PlateError
from chiaro.runtime.gbuffer import Shaded
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.shade import no_light
from chiaro.runtime.passes import ALL_PASSES, Passes
from chiaro.runtime.view import view


def relit(stage: Stage, shaded: Shaded, *, strength: float = 1.0, own: float = 0.0) -> Passes:
    kept = stage.kept(stage.gbuffer, own) if own else None
    new = shaded.scaled(strength)
    return compose(stage.plate, None, stage.delit, stage.gbuffer, new, stage.head.plate_camera, kept)


def test_own_light_gives_the_plate_back_at_full_hd() -> None:
    stage = make_stage(1920, 1080)
    passes = stage.in_its_own_light()
    assert (passes.matte > 0).sum() > 30_000
    assert passes.image[..., :3].tobytes() == stage.plate.tobytes()
    rebuilt = passes.albedo * passes.shading + passes.specular
    whole = passes.matte == 1
    assert np.abs(rebuilt - stage.plate)[whole].max() < 1e-5


def test_outside_the_matte_it_is_the_plate_bit_for_bit(stage: Stage) -> None:
    passes = relit(stage, stage.lit(stage.gbuffer, side_light(-1)), strength=3.0)
    outside = passes.matte == 0
    assert outside.mean() > 0.8
    assert passes.image[outside][:, :3].tobytes() == stage.plate[outside].tobytes()
    assert (passes.image[..., 3] == 1).all()
    for name in ("albedo", "shading", "specular", "normal", "position", "confidence"):
        assert not getattr(passes, name)[outside].any()
    assert (passes.depth[outside] == np.float32(1e10)).all()


def test_the_plates_alpha_is_kept(stage: Stage) -> None:
    alpha = np.random.default_rng(1).random(stage.plate.shape[:2]).astype(np.float32)
    passes = compose(stage.plate, alpha, stage.delit, stage.gbuffer, stage.own, stage.head.plate_camera)
    assert np.array_equal(passes.image[..., 3], alpha)


def test_new_light_agrees_with_truth(stage: Stage) -> None:
    new = stage.lit(stage.gbuffer, side_light(-1))
    passes = relit(stage, new)
    trace = stage.head.trace(stage.head.plate_camera)
    shading = stage.head.shading(trace.normal, side_light(-1))
    whole = passes.matte == 1
    truth = trace.albedo * shading + new.specular.max()
    assert np.abs(passes.image[..., :3] - truth)[whole].mean() < 0.01 * truth[whole].mean()
    assert np.abs(passes.albedo - trace.albedo)[whole].mean() < 0.01
    assert np.abs(passes.shading - shading)[whole].mean() < 0.01
    found = passes.matte > 0.5
    assert (found & trace.hit).sum() / (found | trace.hit).sum() > 0.99


def test_geometry_agrees_with_truth(stage: Stage) -> None:
    passes = relit(stage, stage.own)
    trace = stage.head.trace(stage.head.plate_camera)
    whole = (passes.matte == 1) & trace.hit
    assert np.percentile(np.abs(passes.depth - trace.depth)[whole], 95) < 2e-3
    assert np.percentile(np.linalg.norm(passes.position - trace.position, axis=-1)[whole], 95) < 2e-3
    cosine = (passes.normal * trace.normal).sum(axis=-1)[whole]
    assert np.percentile(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))), 95) < 3
    assert np.linalg.norm(passes.normal[passes.matte > 0], axis=-1) == pytest.approx(1, abs=1e-4)


def test_no_depth_floats_between_two_surfaces() -> None:
    head = analytic_head(HEAD_WITH_BALL)
    encoding = head.encoding(side_light())
    gbuffer = view(encoding, head.plate_camera, head.plate_camera)
    shaded = Shaded(np.ones_like(gbuffer.albedo), np.zeros_like(gbuffer.albedo))
    plate = head.plate(side_light(), np.zeros((*gbuffer_size(head.plate_camera), 3), np.float32))
    passes = compose(plate, None, delight(plate, encoding, shaded), gbuffer, shaded, head.plate_camera)
    there = passes.matte > 0
    trace = head.trace(head.plate_camera)
    surfaces = np.unique(np.round(trace.depth[trace.hit], 3))
    gap = np.abs(passes.depth[there][:, None] - surfaces[None]).min(axis=1)
    assert gap.max() < 0.012


def gbuffer_size(camera: Camera) -> tuple[int, int]:
    return camera.height, camera.width


@given(st.floats(0, 4))
@settings(max_examples=8, deadline=None)
def test_strength_is_linear(strength: float) -> None:
    stage = STAGE
    new = stage.lit(stage.gbuffer, side_light(-1))
    dark, one, other = (relit(stage, new, strength=value).image[..., :3] for value in (0.0, 1.0, strength))
    assert np.abs(other - (dark + strength * (one - dark))).max() < 2e-5 * max(1.0, strength)


def test_no_light_is_black_inside(stage: Stage) -> None:
    passes = relit(stage, stage.own, strength=0.0)
    assert np.abs(passes.image[passes.matte == 1][:, :3]).max() < 1e-6
    assert passes.image.min() >= 0


def test_the_own_light_as_it_is_estimated_gives_nearly_the_plate(stage: Stage) -> None:
    passes = relit(stage, stage.own)
    inside = passes.matte > 0
    error = float(np.mean((passes.image[..., :3] - stage.plate)[inside] ** 2))
    assert -10 * np.log10(error) > 45


@given(st.floats(0, 3))
@settings(max_examples=8, deadline=None)
def test_a_light_is_added_to_what_stays_of_the_own_one(share: float) -> None:
    stage = STAGE
    new = stage.lit(stage.gbuffer, side_light(-1))
    alone, both = relit(stage, new), relit(stage, new, own=share)
    dark = relit(stage, new, strength=0.0).image[..., :3]
    # Along the edge of the matte the rest of the pixel is the background, whatever shines on the person.
    expected = alone.image[..., :3] + share * (stage.plate - dark)
    assert np.abs(both.image[..., :3] - expected).max() < 2e-5 * max(1.0, share)
    rebuilt, whole = both.albedo * both.shading + both.specular, both.matte == 1
    assert np.abs(rebuilt - both.image[..., :3])[whole].max() < 1e-5 * max(1.0, share)


def test_lights_add_up(stage: Stage) -> None:
    left, right = (stage.lit(stage.gbuffer, side_light(sign)) for sign in (1.0, -1.0))
    both = Shaded(left.shading + right.shading, left.specular + right.specular)
    sum_of_parts = relit(stage, left).shading + relit(stage, right).shading
    assert np.abs(relit(stage, both).shading - sum_of_parts).max() < 1e-4


def test_dark_hairs_are_no_black_specks_in_a_highlight(stage: Stage) -> None:
    """Pixels darker than the reflection that was estimated hold back a new one together, not each for itself."""
    dark = np.random.default_rng(7).random(stage.plate.shape[:2]) < 0.3
    plate = np.where(dark[..., None], 0.1 * stage.own.specular.max(), stage.plate).astype(np.float32)
    delit = delight(plate, stage.encoding, stage.own)
    highlight = Shaded(np.zeros_like(stage.own.shading), np.ones_like(stage.own.specular))
    passes = compose(plate, None, delit, stage.gbuffer, highlight, stage.head.plate_camera)
    inside = ndimage.binary_erosion(passes.matte == 1, iterations=6)
    reflected = passes.specular[..., 1]
    assert 0.3 < reflected[inside & dark].mean() < 0.95
    assert reflected[inside & dark].mean() > 0.8 * reflected[inside & ~dark].mean()
    # The plate's own light still gives the plate back.
    own = compose(
        plate, None, delit, stage.gbuffer, no_light(stage.gbuffer), stage.head.plate_camera, stage.kept(stage.gbuffer)
    )
    assert own.image[..., :3].tobytes() == plate.tobytes()


def test_only_wanted_passes_are_made(stage: Stage) -> None:
    everything = relit(stage, stage.own)
    for name in ALL_PASSES:
        only = compose(
            stage.plate,
            None,
            stage.delit,
            stage.gbuffer,
            stage.own,
            stage.head.plate_camera,
            wanted=frozenset({name}),
        )
        assert np.array_equal(getattr(only, name), getattr(everything, name))
        for other in ALL_PASSES - {name}:
            assert not getattr(only, other).any()


def test_another_camera_gets_the_relit_person_alone(stage: Stage) -> None:
    camera = orbited(stage.head, yaw=15, pitch=-5)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
    new = stage.lit(gbuffer, side_light(-1))
    passes = compose(stage.plate, None, stage.delit, gbuffer, new, camera)
    trace = stage.head.trace(camera)
    visible = trace.hit & stage.head.seen_by_plate(trace.position)
    found = passes.matte > 0.5
    assert (found & visible).sum() / (found | visible).sum() > 0.94
    sure = visible & (passes.matte > 0.99) & (passes.confidence > 0.99)
    truth = trace.albedo * stage.head.shading(trace.normal, side_light(-1)) + new.specular.max()
    assert np.abs(passes.image[..., :3] - truth)[sure].mean() < 0.015 * truth[sure].mean()
    assert np.median(np.linalg.norm(passes.position - trace.position, axis=-1)[sure]) < 0.2e-3
    assert np.median(np.abs(passes.depth - trace.depth)[sure]) < 0.2e-3
    assert np.array_equal(passes.image[..., 3], passes.matte)
    assert not passes.image[passes.matte == 0].any()


def test_another_camera_has_its_own_size(stage: Stage) -> None:
    turned = orbited(stage.head, yaw=10)
    for width, height in ((320, 180), (1280, 720), (101, 77)):
        camera = turned.resized(width, height)
        gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
        passes = compose(stage.plate, None, stage.delit, gbuffer, stage.lit(gbuffer, side_light()), camera)
        assert passes.image.shape == (height, width, 4)
        trace = stage.head.trace(camera)
        assert passes.matte.sum() == pytest.approx(trace.hit.sum(), rel=0.06)


def test_plate_detail_survives_a_turn() -> None:
    stage = make_stage(1280, 720)
    rows = (np.arange(720) // 3 % 2).astype(np.float32)
    plate = stage.plate * (0.6 + 0.4 * rows[:, None, None])
    delit = delight(plate.astype(np.float32), stage.encoding, stage.own)
    camera = orbited(stage.head, yaw=8)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
    passes = compose(plate, None, delit, gbuffer, stage.lit(gbuffer, side_light()), camera)
    row, column = (int(value) for value in np.argwhere(passes.matte > 0.99).mean(axis=0))
    turned, still = passes.image[row - 30 : row + 30, column, 1], plate[row - 30 : row + 30, column, 1]
    assert np.abs(np.diff(turned)).mean() > 0.7 * np.abs(np.diff(still)).mean()


def test_another_camera_sees_the_own_light_that_stays(stage: Stage) -> None:
    camera = orbited(stage.head, yaw=10)
    passes = stage.in_its_own_light(camera)
    trace = stage.head.trace(camera)
    truth = trace.albedo * stage.head.shading(trace.normal, side_light()) + stage.own.specular.max()
    sure = trace.hit & (passes.matte > 0.99) & (passes.confidence > 0.99)
    assert np.abs(passes.image[..., :3] - truth)[sure].mean() < 0.015 * truth[sure].mean()
    rebuilt = passes.albedo * passes.shading + passes.specular
    assert np.abs(rebuilt - passes.image[..., :3])[sure].max() < 1e-5


def test_what_the_plate_never_saw_is_as_bright_as_the_plate_is_beside_it(stage: Stage) -> None:
    camera = orbited(stage.head, yaw=30)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
    hidden = np.arange(gbuffer.matte.shape[1]) > 0.55 * gbuffer.matte.shape[1]
    blind = replace(
        gbuffer,
        plate_pixels=np.where(hidden[:, None], np.float32(np.nan), gbuffer.plate_pixels),
        confidence=np.where(hidden, np.float32(0), gbuffer.confidence),
    )
    dark = no_light(gbuffer)
    truth = compose(stage.plate, None, stage.delit, gbuffer, dark, camera, stage.kept(gbuffer))
    too_dark = KeptLight(1.0, lambda: stage.kept(gbuffer).estimated().scaled(0.5))
    passes = compose(stage.plate, None, stage.delit, blind, dark, camera, too_dark)
    unseen = (passes.confidence < 0.1) & (truth.confidence > 0.9) & (passes.matte > 0.9)
    assert unseen.sum() > 500
    error = np.abs(passes.image - truth.image)[unseen].mean() / truth.image[unseen][:, :3].mean()
    assert error < 0.1


def test_a_camera_that_looks_away_gets_nothing(stage: Stage) -> None:
    pose = stage.head.plate_camera.world_from_camera.copy()
    pose[:3, :3] = pose[:3, :3] @ turn(1, np.pi)
    camera = stage.head.plate_camera.with_pose(pose)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
    passes = compose(stage.plate, None, stage.delit, gbuffer, stage.lit(gbuffer, side_light()), camera)
    assert not passes.image.any()
    assert (passes.depth == np.float32(1e10)).all()


def test_the_matte_fades_where_the_person_crosses_the_crops_border() -> None:
    stage = make_stage(640, 360, HeadBox(350, 180, 60))
    encoding = replace(stage.encoding, matte=np.ones_like(stage.encoding.matte))
    delit = delight(stage.plate, encoding, stage.own)
    matte = delit.matte
    assert matte[0].max() < 0.02
    assert matte[:, 0].max() < 0.02
    assert np.abs(np.diff(matte, axis=0)).max() < 0.25
    assert matte[matte.shape[0] // 2, matte.shape[1] // 2] == 1


@pytest.mark.parametrize(
    "box",
    [
        HeadBox(10, 180, 100),
        HeadBox(320, 350, 90),
        HeadBox(320, 180, 12),
        HeadBox(320, 180, 900),
        HeadBox(-500, 50, 60),
    ],
)
def test_boxes_anywhere_work(box: HeadBox) -> None:
    stage = make_stage(640, 360, box)
    passes = relit(stage, stage.lit(stage.gbuffer, side_light(-1)))
    assert np.isfinite(passes.image).all()
    outside = passes.matte == 0
    assert passes.image[outside][:, :3].tobytes() == stage.plate[outside].tobytes()
    camera = orbited(stage.head, yaw=10)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera)
    moved = compose(stage.plate, None, stage.delit, gbuffer, stage.lit(gbuffer, side_light()), camera)
    assert np.isfinite(moved.image).all()


def test_a_plate_of_another_size_is_refused(stage: Stage) -> None:
    small = stage.plate[:180]
    with pytest.raises(PlateError, match=r"is 640x180 pixels but was analysed at 640x360; analyse this frame again"):
        delight(small, stage.encoding, stage.own)
    with pytest.raises(PlateError, match=r"is 640x180 pixels but was delit at 640x360"):
        compose(small, None, stage.delit, stage.gbuffer, stage.own, stage.head.plate_camera)


STAGE = make_stage(320, 180)
