"""What the stage's cameras do to a picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.training.lightstage.camera_degradation import (
    DECODED_BYTES,
    beyond_the_frame,
    photographed,
    photographed_clip,
    random_camera,
    through_the_lens,
)
from chiaro.training.lightstage.compression import Codec, through_h264, through_jpeg
from chiaro.training.lightstage.development import Tone, saturated, sharpened, toned
from chiaro.training.lightstage.optics import defocused, distorted, smeared, vignetted
from chiaro.training.lightstage.sensor import Grain, exposed

GREY = np.full((64, 64, 3), DECODED_BYTES[120], np.float32)


def test_a_photograph_is_the_same_for_the_same_seed_and_near_the_scene() -> None:
    first, again = (photographed(GREY, np.random.default_rng(8)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    means = [photographed(GREY, np.random.default_rng(seed)).mean() for seed in range(40)]
    assert np.median(means) == pytest.approx(120.0, abs=3.0)


def test_beyond_the_frame_the_edge_repeats() -> None:
    image = np.arange(64 * 64 * 3, dtype=np.uint32).reshape(64, 64, 3).astype(np.uint8)
    image[..., 0] = np.arange(64)[:, None]
    cut = 0
    for seed in range(40):
        result = beyond_the_frame(image, np.random.default_rng(seed))
        rows = result[:, 32, 0]
        assert (np.diff(rows.astype(int)) >= 0).all()
        cut += rows[-1] < 63
    assert 5 <= cut <= 25


def test_a_point_of_light_becomes_a_disc_of_the_same_energy() -> None:
    image = np.zeros((128, 128, 3), np.float32)
    image[64:68, 64:68] = 100.0
    disc = defocused(image, 16.0, disc=True)
    assert disc.sum() == pytest.approx(image.sum(), rel=0.02)
    inside = disc[60:72, 60:72, 0]
    assert inside.min() > 0.8 * inside.max()
    assert disc[66, 66 + 28, 0] < 0.01 * inside.max()


@settings(max_examples=20, deadline=None)
@given(st.floats(1.0, 24.0), st.booleans())
def test_defocus_keeps_a_flat_picture(radius: float, disc: bool) -> None:
    np.testing.assert_allclose(defocused(GREY, radius, disc=disc), GREY, rtol=1e-4)


def test_motion_spreads_along_its_direction_only() -> None:
    image = np.zeros((33, 33, 3), np.float32)
    image[16, 16] = 1.0
    moved = smeared(image, (6.0, 0.0))
    assert moved.sum() == pytest.approx(3.0, rel=1e-4)
    assert moved[15].sum() + moved[17].sum() == 0.0
    columns = np.flatnonzero(moved[16, :, 0])
    assert 6 <= columns[-1] - columns[0] <= 7


def test_distortion_moves_corners_by_what_it_says_and_leaves_the_middle() -> None:
    ramp = np.repeat(np.arange(64, dtype=np.float32)[None, :, None], 64, axis=0).repeat(3, axis=2)
    bent = distorted(ramp, 0.01, 0.0)
    # At the middle of the right edge x = 1: the look-up moves out by 1 % of half the width.
    assert bent[32, 56, 1] - 56.0 == pytest.approx(24.5 * 0.01 * (24.5 / 32) ** 2, abs=0.02)
    np.testing.assert_allclose(bent[32, 31:33], ramp[32, 31:33], atol=1e-3)
    fringed = distorted(ramp, 0.0, 0.01)
    assert fringed[32, 56, 0] < fringed[32, 56, 1] < fringed[32, 56, 2]


def test_a_vignette_keeps_the_middle_and_darkens_outwards() -> None:
    dark = vignetted(GREY, 0.2, (0.0, 0.0))
    assert dark[31, 31, 0] == pytest.approx(GREY[0, 0, 0], rel=2e-3)
    assert dark[0, 0, 0] < dark[0, 32, 0] < dark[32, 32, 0]


def test_noise_is_of_the_level_that_is_asked_for_and_mosaic_noise_hangs_together() -> None:
    white = exposed(np.ones((128, 128, 3)), Grain.WHITE, 0.02, np.random.default_rng(1))
    assert white.std() == pytest.approx(0.02 * np.sqrt(1.09), rel=0.03)
    mosaic = exposed(np.ones((128, 128, 3)), Grain.MOSAIC, 0.02, np.random.default_rng(1)) - 1.0
    neighbours = np.corrcoef(mosaic[:, :-1, 2].ravel(), mosaic[:, 1:, 2].ravel())[0, 1]
    assert neighbours > 0.3
    assert abs(np.corrcoef(white[:, :-1, 2].ravel(), white[:, 1:, 2].ravel())[0, 1]) < 0.03
    np.testing.assert_array_equal(exposed(GREY, Grain.NONE, 0.02, np.random.default_rng(1)), GREY)


def test_tone_curves_rise_and_begin_at_black() -> None:
    ramp = np.linspace(0.0, 1.0, 200, dtype=np.float32)[:, None].repeat(3, axis=1)[None]
    for tone, amount in ((Tone.CONTRAST, 0.7), (Tone.GAMMA, 0.2), (Tone.SHOULDER, 1.0), (Tone.PLAIN, 0.0)):
        curve = toned(ramp, tone, amount)[0, :, 0]
        assert (np.diff(curve) >= -1e-6).all()
        assert curve[0] == pytest.approx(0.0, abs=1e-6)
    assert toned(ramp, Tone.RAISED_BLACK, 0.05)[0, 0, 0] == pytest.approx(0.05)


def test_no_saturation_is_grey_and_sharpening_overshoots_edges() -> None:
    colour = np.random.default_rng(2).uniform(size=(8, 8, 3)).astype(np.float32)
    grey = saturated(colour, 0.0)
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=1e-6)
    edge = np.zeros((32, 32, 3), np.float32)
    edge[:, 16:] = 0.5
    halo = sharpened(edge, 1.0, 1.0)
    assert halo.max() > 0.55
    assert halo.min() < -0.05


def test_codecs_stay_near_the_picture_and_repeat_themselves() -> None:
    random = np.random.default_rng(3)
    smooth = (120 + 60 * np.sin(np.arange(64) / 9.0))[:, None, None].repeat(64, axis=1).repeat(3, axis=2)
    picture = (smooth + random.normal(size=smooth.shape)).astype(np.uint8)
    assert np.abs(through_jpeg(picture, 90, full_chroma=True).astype(int) - picture).mean() < 3.0
    clip = through_h264([picture, picture], 20)
    assert len(clip) == 2
    assert np.abs(clip[1].astype(int) - picture).mean() < 4.0
    np.testing.assert_array_equal(clip[0], through_h264([picture, picture], 20)[0])


def test_every_kind_of_camera_is_drawn_and_a_clip_shares_one() -> None:
    cameras = [random_camera(np.random.default_rng(seed)) for seed in range(300)]
    assert {camera.codec for camera in cameras} == set(Codec)
    assert {camera.grain for camera in cameras} == set(Grain)
    assert {camera.tone for camera in cameras} == set(Tone)
    assert 10 < sum(camera.clean for camera in cameras) < 60
    for seed in range(8):
        frames = photographed_clip([GREY, GREY], cameras[seed], np.random.default_rng(seed))
        assert [frame.shape for frame in frames] == [(64, 64, 3)] * 2
        assert frames[0].dtype == np.uint8
        assert through_the_lens(GREY, cameras[seed], np.random.default_rng(1)).dtype == np.float32
