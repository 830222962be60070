"""Beside what is painted the plate's colours along its outline are not shown: they are part background."""

from dataclasses import replace

import numpy as np
import pytest
from tests.analytic_field import AnalyticField
from tests.analytic_head import analytic_head, orbited, side_light
from tests.runtime.compose.conftest import Stage, make_stage

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.crop import cut_crop, transform_pixels
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.network_input import input_luminance, network_input
from chiaro.runtime.view import fringe, view
from chiaro.runtime.view.extension import nearest_inside
from chiaro.runtime.view.fringe import background_likeness
from chiaro.runtime.view.head_field import carved
from chiaro.runtime.view.seam import largest_around

HEAD = analytic_head()
ENCODING = HEAD.encoding(side_light())
WIDER = 5
WHITE = np.float32(1.5)


def _seen(encoding: Encoding, yaw: float) -> GBuffer:
    field = carved(AnalyticField(HEAD), encoding)
    return view(encoding, HEAD.plate_camera, orbited(HEAD, yaw=yaw), field=lambda: field)


def test_the_plate_is_hidden_along_its_outline_and_only_beside_what_is_painted() -> None:
    seen = _seen(ENCODING, -40.0)
    assert seen.painted is not None
    only_hidden = (seen.painted.hidden > 0.5) & (seen.painted.share < 0.1)
    column, row = transform_pixels(HEAD.crop.crop_from_plate, seen.plate_pixels[only_hidden]).astype(int).T
    deep = 1 - largest_around(1 - ENCODING.matte, 5)
    assert not deep[row, column].any()
    assert (seen.painted.hidden >= seen.painted.share).all()
    firm = (seen.matte > 0.9) & np.isfinite(seen.plate_pixels[..., 0])
    columns = np.flatnonzero(firm.any(axis=0))
    painted_left = np.nonzero(seen.painted.share > 0.9)[1].mean() < columns.mean()
    other_side = columns[-6:] if painted_left else columns[:6]
    far, hidden = firm[:, other_side], seen.painted.hidden[:, other_side]
    assert far.sum() > 100
    assert hidden[far].max() == 0.0


def test_nothing_is_hidden_where_nothing_is_painted() -> None:
    hidden = fringe.outline_fringe(
        _seen(ENCODING, -40.0), ENCODING, np.ones((256, 256), np.bool_), np.zeros((256, 256), np.bool_)
    )
    assert not hidden.any()


@pytest.mark.parametrize(("person", "background"), [(0.2, 0.8), (0.7, 0.1)])
def test_a_ring_as_bright_as_the_background_is_told_from_the_person(person: float, background: float) -> None:
    radius = np.hypot(*(np.indices((128, 128)) - 63.5))
    matte = (radius < 40).astype(np.float32)
    likeness = background_likeness(np.where(radius < 36, person, background).astype(np.float32), matte)
    assert likeness[(radius > 37) & (radius < 40)].min() > 0.95
    assert likeness[radius < 35].max() == 0.0


def test_where_person_and_background_are_alike_nothing_is_told() -> None:
    radius = np.hypot(*(np.indices((128, 128)) - 63.5))
    grain = np.random.default_rng(3).uniform(0.49, 0.51, radius.shape).astype(np.float32)
    assert background_likeness(grain, (radius < 40).astype(np.float32)).max() == 0.0


def _too_wide(stage: Stage, plate: Float32Array) -> Encoding:
    """What a network would say that takes a strip of the background for the person."""
    true = stage.encoding
    nearest = nearest_inside(true.matte > 0.5, 2 * WIDER)
    carried = {name: nearest.extended(getattr(true, name)) for name in ("albedo", "normal", "depth", "transport")}
    luminance = input_luminance(network_input(cut_crop(plate, true.crop))[0][0, :3])
    return replace(true, matte=largest_around(true.matte, WIDER), luminance=luminance, **carried)


@pytest.mark.parametrize("yaw", [-35.0, 35.0])
def test_a_strip_of_background_is_no_seam_in_a_turned_view(yaw: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The strip is drawn out where the head turns towards the camera, and is several times as bright as the person."""
    stage = make_stage(960, 540)
    on_plate = stage.head.trace(stage.head.plate_camera).hit[..., None]
    plate = np.where(on_plate, stage.plate, WHITE).astype(np.float32)
    encoding = _too_wide(stage, plate)
    own = stage.lit(view(encoding, stage.head.plate_camera, stage.head.plate_camera), side_light())
    delit = delight(plate, encoding, own)
    camera = orbited(stage.head, yaw=yaw)
    true = stage.head.trace(camera)

    def seam() -> float:
        """How much brighter than the rest of the person, against the truth, the brightest hundredth is."""
        field = carved(AnalyticField(stage.head), encoding)
        gbuffer = view(encoding, stage.head.plate_camera, camera, field=lambda: field)
        passes = compose(plate, None, delit, gbuffer, stage.lit(gbuffer, side_light()), camera)
        wanted = true.albedo * stage.head.shading(true.normal, side_light())
        shown = true.hit & (passes.matte > 0.9)
        ratio = (passes.image[..., :3] / np.maximum(wanted, 0.05)).min(axis=-1)[shown]
        return float(np.percentile(ratio, 99) / np.median(ratio) - 1)

    mended = seam()
    monkeypatch.setattr("chiaro.runtime.view.painted_view.outline_fringe", lambda seen, *_: np.zeros_like(seen.matte))
    left_alone = seam()
    assert left_alone > 0.2
    assert mended < 0.6 * left_alone
