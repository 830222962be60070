"""The artist's own matte stands in for the network's: to the pixel, near the person, and from any camera."""

import numpy as np
import pytest
from tests.analytic_head import orbited, side_light
from tests.runtime.compose.conftest import Stage

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.compose.given_matte import REACH, GivenMatte, held_to, matte_of
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.errors import PlateError
from chiaro.runtime.passes import Passes
from chiaro.runtime.plate.plate import PlateFrame
from chiaro.runtime.view import view


def true_matte(stage: Stage) -> Float32Array:
    return stage.head.trace(stage.head.plate_camera).hit.astype(np.float32)


def relit_within(stage: Stage, values: Float32Array, encoding: Encoding | None = None, yaw: float = 0.0) -> Passes:
    given = GivenMatte(values, "given")
    encoding = held_to(encoding or stage.encoding, given)
    plate_view = view(encoding, stage.head.plate_camera, stage.head.plate_camera)
    delit = delight(stage.plate, encoding, stage.lit(plate_view, side_light()), given=given)
    camera = orbited(stage.head, yaw=yaw) if yaw else stage.head.plate_camera
    gbuffer = view(encoding, stage.head.plate_camera, camera)
    return compose(stage.plate, None, delit, gbuffer, stage.lit(gbuffer, side_light(-1)), camera)


def test_the_matte_pass_is_the_given_one_to_the_pixel(stage: Stage) -> None:
    values = true_matte(stage)
    values *= np.linspace(1.0, 0.4, values.shape[1], dtype=np.float32)  # soft, as keys are
    passes = relit_within(stage, values)
    inside = stage.encoding.crop.plate_pixels.reshape(-1, 2)
    rows = slice(int(inside[:, 1].min()) + 30, int(inside[:, 1].max()) - 30)
    columns = slice(int(inside[:, 0].min()) + 30, int(inside[:, 0].max()) - 30)
    np.testing.assert_allclose(passes.matte[rows, columns], values[rows, columns], atol=1e-6)


def test_what_the_artist_cuts_off_stays_the_plate(stage: Stage) -> None:
    values = true_matte(stage)
    values[: values.shape[0] // 2] = 0.0
    passes = relit_within(stage, values)
    top = slice(0, values.shape[0] // 2)
    assert passes.image[top, :, :3].tobytes() == stage.plate[top].tobytes()
    changed = np.abs(passes.image[..., :3] - stage.plate).max(axis=-1) > 0.01
    assert changed[values.shape[0] // 2 :].any()


def test_what_the_artist_adds_beside_the_person_is_relit_and_nothing_far_away(stage: Stage) -> None:
    values = np.ones(stage.plate.shape[:2], np.float32)
    passes = relit_within(stage, values)
    hit = true_matte(stage) > 0
    rows, columns = np.nonzero(hit)
    crop_pixel = np.linalg.norm(np.diff(stage.encoding.crop.plate_pixels[128, 128:130], axis=0))
    beside = columns.max() + round(0.4 * REACH * crop_pixel)
    row = rows[columns.argmax()]
    assert passes.matte[row, beside] == 1.0
    assert passes.matte[row, min(values.shape[1] - 1, columns.max() + round(3 * REACH * crop_pixel))] == 0.0
    edge = passes.shading[row, columns.max() - 2]
    np.testing.assert_allclose(passes.shading[row, beside], edge, rtol=0.25)  # the light of the edge goes on there


def test_a_turned_view_ends_where_the_artist_says(stage: Stage) -> None:
    values = true_matte(stage)
    values[:, : int(np.median(np.nonzero(values)[1]))] = 0.0
    whole, half = relit_within(stage, true_matte(stage), yaw=12.0), relit_within(stage, values, yaw=12.0)
    assert 0.3 < half.matte.sum() / whole.matte.sum() < 0.7
    assert (half.matte <= whole.matte + 1e-3).mean() > 0.999


def test_a_mistake_of_the_network_is_held_out(stage: Stage) -> None:
    matte = stage.encoding.matte.copy()
    matte[:40] = 1.0  # a window above the head, taken for hair
    wrong = Encoding(**{**vars(stage.encoding), "matte": matte})
    passes = relit_within(stage, true_matte(stage), wrong)
    right = relit_within(stage, true_matte(stage))
    np.testing.assert_array_equal(passes.matte, right.matte)
    assert np.abs(passes.image - right.image).mean() < 1e-3


def test_a_frame_says_its_matte_by_alpha_or_brightness() -> None:
    image = np.random.default_rng(0).random((4, 6, 3)).astype(np.float32) * np.float32(1.5)
    alpha = np.random.default_rng(1).random((4, 6)).astype(np.float32)
    plain, keyed = (PlateFrame(image, a, 1, 1.0, "frame") for a in (None, alpha))
    np.testing.assert_allclose(matte_of(plain).values, np.clip(image @ [0.2126, 0.7152, 0.0722], 0, 1), atol=1e-3)
    np.testing.assert_array_equal(matte_of(keyed).values, alpha)
    assert matte_of(keyed, "brightness").identity != matte_of(keyed).identity
    assert matte_of(plain, "alpha").values.all()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.ones((4, 4, 3)), r"The matte has the shape \(4, 4, 3\); rows and columns of one number are expected"),
        (np.full((4, 4), np.nan), "The matte has pixels that are not finite; write the file again"),
    ],
)
def test_what_is_no_matte_is_refused(values: Float32Array, sentence: str) -> None:
    with pytest.raises(PlateError, match=sentence):
        GivenMatte(values, "bad")


def test_a_matte_of_another_plate_is_refused(stage: Stage) -> None:
    sentence = "The matte is 100x50 pixels and the plate 640x360; give a matte of the plate's size"
    with pytest.raises(PlateError, match=sentence):
        delight(stage.plate, stage.encoding, stage.own, given=GivenMatte(np.ones((50, 100), np.float32), "other"))
