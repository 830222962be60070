"""Light that the plate's own light does not explain: found, taken out, and given back with that light."""

from dataclasses import replace

import numpy as np
import pytest
from tests.analytic_head import side_light
from tests.runtime.compose.conftest import Stage

from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import DelitPlate, delight
from chiaro.runtime.compose.kept_light import KeptLight
from chiaro.runtime.compose.unexplained import FEATURE_TRUST, TRUST
from chiaro.runtime.gbuffer import Shaded
from chiaro.runtime.light.shade import no_light
from chiaro.runtime.parts import PARTS
from chiaro.runtime.passes import Passes

SHADOW = 0.5


@pytest.fixture(scope="module")
def shadowed(stage: Stage) -> tuple[np.ndarray, np.ndarray, DelitPlate]:  # type: ignore[type-arg]  # a plate and a mask
    """The stage's plate with half of it in shadow, the mask of that half, and the plate delit."""
    height, width = stage.plate.shape[:2]
    across = np.broadcast_to(np.arange(width), (height, width))
    middle = float(across[stage.head.trace(stage.head.plate_camera).hit].mean())
    mask = across < middle
    plate = (stage.plate * np.where(mask, SHADOW, 1.0)[..., None]).astype(np.float32)
    return plate, mask, delight(plate, stage.encoding, stage.own)


def _albedo(stage: Stage, delit: DelitPlate, mask: np.ndarray) -> tuple[float, float]:  # type: ignore[type-arg]  # bool
    """Median albedo in the shadow and out of it, well inside the person and away from the shadow's edge."""
    inside = delit.matte > 0.999
    rows, columns = delit.window.slices
    dark = mask[rows, columns]
    column = np.broadcast_to(np.arange(dark.shape[1]), dark.shape)
    away = np.abs(column - column[dark].max()) > 12
    albedo = delit.albedo[1]
    return float(np.median(albedo[inside & dark & away])), float(np.median(albedo[inside & ~dark & away]))


def _in_its_own_light(stage: Stage, plate: np.ndarray, delit: DelitPlate) -> Passes:  # type: ignore[type-arg]  # float32
    dark, kept = no_light(stage.gbuffer), stage.kept(stage.gbuffer)
    return compose(plate, None, delit, stage.gbuffer, dark, stage.head.plate_camera, kept)


def test_part_of_a_shadow_is_taken_for_light(
    stage: Stage,
    shadowed: tuple[np.ndarray, np.ndarray, DelitPlate],  # type: ignore[type-arg]  # a plate and a mask
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plate, mask, delit = shadowed
    dark, bright = _albedo(stage, delit, mask)
    monkeypatch.setattr("chiaro.runtime.compose.unexplained.TRUST", 0.0)
    dark_before, bright_before = _albedo(stage, delight(plate, stage.encoding, stage.own), mask)
    assert dark_before / bright_before < 0.6
    # Half of the shadow, in stops, is light: TRUST.
    assert (dark / bright) / (dark_before / bright_before) == pytest.approx(SHADOW**-TRUST, rel=0.15)


def test_the_network_is_trusted_less_around_the_features_of_the_face(
    stage: Stage,
    shadowed: tuple[np.ndarray, np.ndarray, DelitPlate],  # type: ignore[type-arg]  # a plate and a mask
) -> None:
    plate, mask, delit = shadowed
    parts = np.zeros((*stage.encoding.matte.shape, len(PARTS)), np.uint8)
    parts[..., PARTS.index("skin")] = 255
    skin = delight(plate, replace(stage.encoding, parts=parts), stage.own)
    np.testing.assert_array_equal(skin.albedo, delit.albedo)
    parts[..., PARTS.index("skin")], parts[..., PARTS.index("lips")] = 0, 255
    dark, bright = _albedo(stage, delight(plate, replace(stage.encoding, parts=parts), stage.own), mask)
    skin_dark, skin_bright = _albedo(stage, skin, mask)
    assert (skin_dark / skin_bright) / (dark / bright) == pytest.approx(SHADOW ** (FEATURE_TRUST - TRUST), rel=0.15)


def test_the_shadow_stays_under_the_plate_s_own_light_to_the_last_bit(
    stage: Stage,
    shadowed: tuple[np.ndarray, np.ndarray, DelitPlate],  # type: ignore[type-arg]  # a plate and a mask
) -> None:
    plate, _, delit = shadowed
    passes = _in_its_own_light(stage, plate, delit)
    np.testing.assert_array_equal(passes.image[..., :3], plate)


def test_a_lamp_beside_the_own_light_adds_what_it_gives_alone(
    stage: Stage,
    shadowed: tuple[np.ndarray, np.ndarray, DelitPlate],  # type: ignore[type-arg]  # a plate and a mask
) -> None:
    plate, _, delit = shadowed
    lamp = stage.lit(stage.gbuffer, side_light() * 0.5)
    kept = stage.kept(stage.gbuffer)

    def image(new: Shaded, kept: KeptLight | None = None) -> np.ndarray:  # type: ignore[type-arg]  # float32
        return compose(plate, None, delit, stage.gbuffer, new, stage.head.plate_camera, kept).image[..., :3]

    np.testing.assert_allclose(image(lamp, kept) - plate, image(lamp) - image(no_light(stage.gbuffer)), atol=2e-4)


def test_where_next_to_no_light_fell_the_network_s_albedo_stands_in(stage: Stage) -> None:
    height, width = stage.plate.shape[:2]
    column = np.broadcast_to(np.arange(width), (height, width))
    middle = float(column[stage.head.trace(stage.head.plate_camera).hit].mean())
    size = stage.gbuffer.matte.shape[1]
    unlit = np.where(np.arange(size) < size / 2, np.float32(0.01), np.float32(1))[None, :, None]
    own = replace(stage.own, shading=stage.own.shading * unlit, specular=stage.own.specular * unlit)
    noise = np.random.default_rng(5).uniform(0.2, 3.0, (height, width))
    plate = (stage.plate * np.where(column < middle, 0.01 * noise, 1.0)[..., None]).astype(np.float32)
    delit = delight(plate, stage.encoding, own)
    inside, rows_columns = delit.matte > 0.999, delit.window.slices
    dark = inside & (column[rows_columns] < middle - 12)
    # Divided by next to nothing, the plate's noise would be the albedo's.
    assert abs(np.corrcoef(delit.albedo[1][dark], noise[rows_columns][dark])[0, 1]) < 0.2
    passes = _in_its_own_light(stage, plate, delit)
    np.testing.assert_array_equal(passes.image[..., :3], plate)
