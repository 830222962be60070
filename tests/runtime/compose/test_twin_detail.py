"""Texture finer than the maps comes to what is painted from the head's other side, out of the twin's place."""

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.compose.conftest import Stage, make_stage

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.compose.plate_mapping import plate_mapping
from chiaro.runtime.compose.projection import project_plate
from chiaro.runtime.compose.twin_detail import LARGEST, SMOOTH, TwinDetail, is_finer
from chiaro.runtime.gbuffer import Twin

CONTRAST = 0.3
SIZE = 64
PER_PIXEL = 4.0
"""Plate pixels to one of the view, whose maps are that coarse."""


@pytest.fixture(scope="module")
def fine() -> Stage:
    return make_stage(1280, 720)


def _with_stripes(stage: Stage, contrast: float = CONTRAST) -> Stage:
    """The delit plate of one albedo with stripes of four columns: light, light, dark, dark."""
    stripes = 1.0 + contrast * np.where(np.arange(stage.delit.albedo.shape[2]) // 2 % 2, 1.0, -1.0)
    albedo = np.broadcast_to(0.4 * stripes, stage.delit.albedo.shape).astype(np.float32)
    gain = np.ones_like(stage.delit.shading_gain)
    matte = np.ones_like(stage.delit.matte)
    return replace(stage, delit=replace(stage.delit, albedo=albedo, shading_gain=gain, matte=matte))


def _grid() -> Float64Array:
    """(SIZE, SIZE, 2) render pixels of a view of the same size."""
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    return np.stack([x, y], axis=-1)


def _mirrored(stage: Stage) -> Float32Array:
    """(SIZE, SIZE, 2) plate pixels that a mirror takes the view to."""
    window, grid = stage.delit.upsampling.window, _grid()
    left, top = window.left + 40.0, window.top + 40.0
    place = np.stack([left + PER_PIXEL * (SIZE - grid[..., 0]), top + PER_PIXEL * grid[..., 1]], axis=-1)
    return place.astype(np.float32)


def _detail(stage: Stage, share: float = 1.0) -> tuple[TwinDetail, Float32Array]:
    twin = Twin(np.full((SIZE, SIZE), share, np.float32), _mirrored(stage), PER_PIXEL)
    plate = project_plate(stage.delit, 1.0, with_own=False)
    return TwinDetail(stage.delit, plate, twin, _grid(), np.ones((SIZE, SIZE), np.bool_)), twin.plate_pixels


def _row(detail: TwinDetail, place: Float64Array) -> Float32Array:
    """(3, N) the factor at render pixels (N, 2), with planes of the view's pixel they lie in."""
    column, row = place.astype(int).T
    return detail.factor(place, detail.planes[:, row, column])


def test_stripes_of_the_plate_stand_mirrored_on_the_other_side(fine: Stage) -> None:
    striped = _with_stripes(fine)
    detail, _ = _detail(striped)
    # A pixel of the plate at a time, from its left to its right, so from right to left in the view.
    columns = striped.delit.upsampling.window.left + 40 + np.arange(40, 120)
    place = np.stack([SIZE - (np.arange(40, 120) + 0.5) / PER_PIXEL, np.full(80, 30.5)], axis=-1)
    factor = _row(detail, place)
    stripes = 1.0 + CONTRAST * np.where((columns - striped.delit.upsampling.window.left) // 2 % 2, 1.0, -1.0)
    np.testing.assert_allclose(factor, np.broadcast_to(stripes, factor.shape), rtol=0.03)


def test_no_share_no_texture_and_never_more_than_a_factor(fine: Stage) -> None:
    place = np.stack([np.linspace(5.0, 60.0, 500), np.full(500, 30.5)], axis=-1)
    none, _ = _detail(_with_stripes(fine), share=0.0)
    np.testing.assert_array_equal(_row(none, place), 1.0)
    strong, _ = _detail(_with_stripes(fine, contrast=0.9))
    factor = _row(strong, place)
    assert factor.max() < LARGEST * 1.0001
    assert factor.min() == pytest.approx(1.0 / LARGEST, rel=1e-4)


def test_a_mapping_is_the_affine_map_between_pixels(fine: Stage) -> None:
    mapping = plate_mapping(_mirrored(fine), np.ones((SIZE, SIZE), np.bool_), _grid())
    np.testing.assert_allclose(mapping.at(_grid()), _mirrored(fine), atol=1e-3)
    assert mapping.scale == pytest.approx(PER_PIXEL, rel=1e-6)


def test_pixels_on_one_line_still_have_a_mapping(fine: Stage) -> None:
    known = np.zeros((SIZE, SIZE), np.bool_)
    known[30] = True
    mapping = plate_mapping(_mirrored(fine), known, _grid())
    np.testing.assert_allclose(mapping.at(_grid()[30]), _mirrored(fine)[30], atol=0.05)


@pytest.mark.parametrize(("reduction", "finer"), [(1.0, True), (7.0, True), (8.0, False)])
def test_a_render_as_coarse_as_the_maps_has_no_texture_to_add(fine: Stage, reduction: float, *, finer: bool) -> None:
    assert SMOOTH * PER_PIXEL == 8.0
    twin = Twin(np.ones((SIZE, SIZE), np.float32), _mirrored(fine), PER_PIXEL)
    assert is_finer(project_plate(fine.delit, reduction, with_own=False), twin) == finer
