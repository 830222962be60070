"""Outlines of turned views in pictures much finer than the view: no stairs, and nothing of the background."""

import numpy as np
import pytest
from tests.analytic_field import AnalyticField
from tests.analytic_head import orbited, side_light
from tests.runtime.compose.conftest import Stage, make_stage

from chiaro.runtime.arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.passes import Passes
from chiaro.runtime.view import view
from chiaro.runtime.view.head_field import carved

GREEN = np.array([0.02, 0.9, 0.02], np.float32)
GREY = np.float32(0.2)


@pytest.fixture(scope="module")
def large() -> Stage:
    """With four picture pixels to each of the view."""
    return make_stage(1920, 1080)


def _turned(stage: Stage, plate: Float32Array, yaw: float) -> Passes:
    camera = orbited(stage.head, yaw=yaw)
    field = carved(AnalyticField(stage.head), stage.encoding)
    gbuffer = view(stage.encoding, stage.head.plate_camera, camera, field=lambda: field)
    delit = delight(plate, stage.encoding, stage.own)
    return compose(plate, None, delit, gbuffer, stage.lit(gbuffer, side_light()), camera)


def _ends(shown: BoolArray, rows: AnyFloatArray, *, left: bool) -> Float64Array:
    """Column of the first or the last pixel of each row that is shown."""
    return np.array([np.flatnonzero(shown[row])[0 if left else -1] for row in rows], np.float64)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("yaw", [30.0, -30.0, 50.0, -50.0])
def test_an_outline_has_no_stairs(large: Stage, yaw: float, left: bool) -> None:
    """On one side the plate's surface ends at its horizon, on the other what is painted does."""
    shown = _turned(large, large.plate, yaw).matte > 0.5
    truth = large.head.trace(orbited(large.head, yaw=yaw)).hit
    rows = np.flatnonzero(truth.any(axis=1))
    rows = rows[len(rows) // 4 : -len(rows) // 4]
    found, true = _ends(shown, rows, left=left), _ends(truth, rows, left=left)
    smooth = np.polyval(np.polyfit(rows, found, 6), rows)
    assert np.sqrt(np.mean((found - smooth) ** 2)) < 0.6  # pixels; in steps of the view's pixels it were 1.2
    assert np.abs(found - true).mean() < 1.2  # a quarter of a pixel of the view is one


@pytest.mark.parametrize("yaw", [30.0, 50.0, -50.0])
def test_nothing_of_the_background_is_in_what_the_plate_never_saw(large: Stage, yaw: float) -> None:
    on_plate = large.head.trace(large.head.plate_camera).hit[..., None]
    pictures = []
    for background in (GREEN, GREY):
        passes = _turned(large, np.where(on_plate, large.plate, background).astype(np.float32), yaw)
        pictures.append(passes.image[..., :3] * passes.image[..., 3:])
        unseen = passes.confidence < 0.05
    assert (passes.matte[unseen] > 0.5).sum() > 3000
    apart = np.abs(pictures[0] - pictures[1]).max(axis=-1)[unseen & (passes.matte > 0)]
    assert np.percentile(apart, 99.9) < 0.03
    assert apart.max() < 0.12  # a few pixels where the plate's outline meets what is painted beside it
