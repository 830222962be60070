"""Colours of textured people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chiaro.runtime.arrays import Float32Array
from chiaro.training.lightstage.appearance import COLOURS, SCALARS, Appearance, packed, random_appearance
from chiaro.training.lightstage.avatars.atlas import CLASS_MASK, Region
from chiaro.training.lightstage.avatars.material import CANONICAL_SKIN, textured_material
from chiaro.training.lightstage.parts import PartClass
from chiaro.training.lightstage.skin import skin_albedo


def _appearance(seed: int) -> tuple[Appearance, Float32Array, Float32Array]:
    appearance = random_appearance(np.random.default_rng(seed))
    scalars, colours, _ = packed(appearance)
    return appearance, scalars, colours


def _material(colour: Float32Array, alpha: float, region: Region, seed: int) -> Float32Array:
    out = np.zeros(7, np.float32)
    _, scalars, colours = _appearance(seed)
    textured_material(*(float(c) for c in colour), alpha, int(region), scalars, colours, out)
    return out


@given(st.integers(0, 1000))
def test_mean_skin_takes_the_tone_of_the_picture(seed: int) -> None:
    appearance, _, _ = _appearance(seed)
    out = _material(CANONICAL_SKIN, 1.0, Region.SKIN, seed)
    expected = np.clip(skin_albedo(appearance.melanin, appearance.blood), 0.002, 0.92)
    np.testing.assert_allclose(out[:3], expected, rtol=2e-3)
    assert out[5] == PartClass.SKIN


@given(st.integers(0, 1000))
def test_a_darker_texel_is_darker_on_every_skin(seed: int) -> None:
    light = _material(CANONICAL_SKIN, 1.0, Region.SKIN, seed)
    dark = _material(CANONICAL_SKIN * np.float32(0.5), 1.0, Region.SKIN, seed)
    assert (dark[:3] <= light[:3]).all()


@pytest.mark.parametrize(("region", "name"), [(Region.ROOTED, "hair_colour"), (Region.BEARD, "hair_colour")])
def test_hair_over_skin_goes_from_one_to_the_other(region: Region, name: str) -> None:
    for seed in range(20):
        _, _, colours = _appearance(seed)
        bare = _material(CANONICAL_SKIN, 0.0, region, seed)
        hidden = _material(CANONICAL_SKIN, 1.0, region, seed)
        np.testing.assert_allclose(bare[:3], _material(CANONICAL_SKIN, 1.0, Region.SKIN, seed)[:3], rtol=1e-3)
        expected = np.clip(colours[COLOURS.index(name)], 0.002, 0.92)
        np.testing.assert_allclose(hidden[:3], expected, rtol=1e-3)


def test_a_garment_keeps_its_colours_or_takes_others() -> None:
    _, scalars, colours = _appearance(3)
    out = np.zeros(7, np.float32)
    scalars[SCALARS.index("garment_recolour")] = 0.0
    textured_material(0.3, 0.1, 0.05, 1.0, int(Region.CLOTHING), scalars, colours, out)
    np.testing.assert_allclose(out[:3], [0.3, 0.1, 0.05], rtol=1e-5)
    scalars[SCALARS.index("garment_recolour")] = 1.0
    colours[COLOURS.index("cloth_colour")] = colours[COLOURS.index("cloth_second")] = (0.0, 0.0, 0.5)
    textured_material(0.3, 0.1, 0.05, 1.0, int(Region.CLOTHING), scalars, colours, out)
    assert out[2] > 10.0 * out[0]


@given(
    st.integers(0, 200),
    st.sampled_from(list(Region)),
    st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4),
)
def test_every_texel_is_a_possible_surface(seed: int, region: Region, values: list[float]) -> None:
    out = _material(np.array(values[:3], np.float32), values[3], region, seed)
    assert np.isfinite(out).all()
    assert out[:3].min() >= 0.002 - 1e-6
    assert out[:3].max() <= 0.92 + 1e-6
    assert out[3] > 0.0
    assert out[5] == region & CLASS_MASK


def test_regions_carry_their_class() -> None:
    classes = {region: PartClass(region & CLASS_MASK) for region in Region}
    assert classes[Region.ROOTED] is PartClass.HAIR
    assert classes[Region.BEARD] is PartClass.HAIR
    assert classes[Region.IRIS] is PartClass.EYES
    assert classes[Region.THIN_BROW] is PartClass.SKIN
    assert classes[Region.TEETH] is PartClass.MOUTH
