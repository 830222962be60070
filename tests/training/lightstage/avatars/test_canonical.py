"""Textures without their tone: a made-up head whose colours are known."""

import numpy as np
import pytest

from chiaro.training.lightstage.avatars.atlas import Region
from chiaro.training.lightstage.avatars.canonical import canonical_colour, filled, strands
from chiaro.training.lightstage.avatars.layout import Layout
from chiaro.training.lightstage.avatars.material import CANONICAL_SKIN
from chiaro.training.lightstage.avatars.prepare_avatars import FRAYED_FROM, frayed_ends
from chiaro.training.lightstage.avatars.regions import CROWN, find_regions, slow_part
from chiaro.training.lightstage.avatars.topology import BytesArray, Chart
from chiaro.training.lightstage.camera_degradation import DECODED_BYTES

SIZE = 512
SKIN, HAIR, CLOTH = (190, 140, 115), (40, 30, 25), (40, 70, 160)


def _painted(skin: tuple[int, int, int], *, haired: bool) -> tuple[BytesArray, Layout]:
    """A head chart of one skin colour with a cap of hair, lips and a collar, and a torso of cloth."""
    steps = (np.arange(SIZE) + 0.5) / SIZE
    u, v = np.meshgrid(steps, steps)
    chart = np.full((SIZE, SIZE), 255, np.uint8)
    chart[(u < 0.65) & (v < 0.54)] = Chart.HEAD
    chart[(u > 0.7) & (v > 0.5)] = Chart.TORSO
    position = np.stack([0.5 * (u - 0.85), -v, 0 * u], axis=-1).astype(np.float32)
    pixels = np.zeros((SIZE, SIZE, 3), np.uint8)
    pixels[chart == Chart.HEAD] = skin
    if haired:
        pixels[(chart == Chart.HEAD) & ((v < 0.12) | (np.abs(u - 0.3263) > 0.25) & (v < 0.35))] = HAIR
    pixels[(chart == Chart.HEAD) & (v > 0.505)] = CLOTH
    pixels[chart == Chart.TORSO] = CLOTH
    noise = np.random.default_rng(5).integers(-3, 4, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), Layout(chart, position)


@pytest.mark.parametrize("skin", [(235, 195, 175), SKIN, (105, 70, 52)])
def test_skin_of_any_tone_becomes_the_canonical_one(skin: tuple[int, int, int]) -> None:
    pixels, layout = _painted(skin, haired=False)
    regions = find_regions((pixels / 255.0).astype(np.float32), layout)
    colour = canonical_colour(pixels, regions, layout)
    cheek = DECODED_BYTES[colour[140:150, 115:135, :3]].reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(cheek, CANONICAL_SKIN, rtol=0.05)
    assert (regions.classes[140:150, 115:135] == Region.SKIN).all()


def test_hair_and_collar_are_found() -> None:
    pixels, layout = _painted(SKIN, haired=True)
    regions = find_regions((pixels / 255.0).astype(np.float32), layout)
    assert (regions.classes[10:45, 100:230] == Region.ROOTED).all()
    assert (regions.classes[150:165, 4:30] == Region.ROOTED).all()
    assert (regions.classes[264:274, 130:200] == Region.CLOTHING).all()
    assert (regions.classes[300:, 400:] == Region.CLOTHING).all()
    assert regions.cover[20:40, 120:200].min() > 0.99
    assert regions.cover[120:160, 140:190].max() < 0.05


def test_a_head_of_one_colour_is_bald() -> None:
    pixels, layout = _painted(SKIN, haired=False)
    regions = find_regions((pixels / 255.0).astype(np.float32), layout)
    left, right, top, bottom = (round(edge * SIZE) for edge in CROWN)
    assert (regions.classes[top:bottom, left:right] == Region.SKIN).all()
    assert not (regions.classes == Region.ROOTED).any()


def test_strands_lose_painted_highlights_and_keep_their_contrast() -> None:
    along = np.linspace(0, 40 * np.pi, SIZE)
    fine = np.exp(0.2 * np.sin(8 * along))[None, :, None]
    highlight = np.exp(1.0 * np.sin(np.linspace(0, 2 * np.pi, SIZE)))[:, None, None]
    painted = 0.1 * fine * highlight * np.ones((SIZE, SIZE, 3))
    result = np.log(strands(painted, np.ones((SIZE, SIZE), bool), 0.02))
    assert np.std(result.mean(axis=1)) < 0.35 * np.std(np.log(highlight))
    assert np.std(result.mean(axis=0)) > 0.5 * np.std(np.log(fine))


def test_slow_parts_of_a_constant_are_the_constant_inside_a_mask() -> None:
    mask = np.zeros((64, 64), bool)
    mask[20:50, 10:40] = True
    values = np.where(mask, 3.0, -100.0)
    np.testing.assert_allclose(slow_part(values, mask, 0.05)[mask], 3.0, atol=1e-6)


def test_gaps_take_the_nearest_texel() -> None:
    chart = np.full((8, 8), 255, np.uint8)
    chart[:, :3] = Chart.HEAD
    texels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    result = filled(texels, Layout(chart, np.zeros((8, 8, 3), np.float32)))
    np.testing.assert_array_equal(result[:, :3], texels[:, :3])
    np.testing.assert_array_equal(result[:, 3:], np.repeat(texels[:, 2:3], 5, axis=1))


def test_wigs_are_whole_at_the_roots_and_thin_out_to_the_tips() -> None:
    cover = frayed_ends(400, 300) / 255.0
    by_row = cover.mean(axis=1)
    first = round(FRAYED_FROM * 400)
    assert (cover[:first] == 1.0).all()
    assert (np.diff(by_row[first:]) <= 1e-9).all()
    assert 0.25 < by_row[-40] < 0.85
    assert by_row[-1] < 0.3
    assert np.std(cover[-40]) > 0.3
