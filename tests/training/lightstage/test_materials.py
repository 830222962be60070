"""The compiled materials: physical values, the right class, and what colours what."""

import numpy as np
import pytest

from chiaro.training.lightstage.appearance import COLOURS, SCALARS, Appearance, packed, random_appearance
from chiaro.training.lightstage.body import NECKLINES
from chiaro.training.lightstage.cloth_material import NECKLINE_SHIRT
from chiaro.training.lightstage.materials import material
from chiaro.training.lightstage.parts import Part, PartClass
from chiaro.training.lightstage.skin import (
    MASK_HEIGHT,
    MASK_LEFT,
    MASK_STEP,
    MASK_TOP,
    MASK_WIDTH,
    MASKS,
    noise_textures,
    skin_albedo,
)

CLASSES = {
    Part.SKIN: {PartClass.SKIN, PartClass.HAIR},
    Part.MOUTH: {PartClass.MOUTH},
    Part.SOCKET: {PartClass.SKIN},
    Part.TEETH: {PartClass.MOUTH},
    Part.EYE: {PartClass.EYES},
    Part.HAIR: {PartClass.HAIR},
    Part.BODY: {PartClass.CLOTHING, PartClass.SKIN},
    Part.HEADWEAR: {PartClass.CLOTHING},
    Part.GLASSES: {PartClass.GLASSES},
    Part.SCALP: {PartClass.SKIN, PartClass.HAIR},
    Part.BROW: {PartClass.BROWS},
    Part.BEARD: {PartClass.HAIR},
    Part.LASH: {PartClass.EYES},
    Part.LENS: {PartClass.GLASSES},
    Part.DARK_LENS: {PartClass.GLASSES},
    Part.FABRIC: {PartClass.CLOTHING},
    Part.METAL: {PartClass.CLOTHING},
    Part.HAND: {PartClass.SKIN},
    Part.PLASTIC: {PartClass.CLOTHING},
}
EVEN = (
    "mottle", "redness", "freckles", "stubble", "beard", "moustache", "buzz", "age_spots", "acne", "paint", "vitiligo",
    "tattoo", "pores", "wrinkle", "lipstick", "blush", "shadow", "under_eye",
)  # fmt: skip
NO_MASKS = np.zeros((len(MASKS), MASK_HEIGHT, MASK_WIDTH), np.float32)


def _at(
    part: Part,
    point: tuple[float, float, float, float],
    appearance: Appearance,
    masks: np.ndarray = NO_MASKS,  # type: ignore[type-arg]
) -> np.ndarray:  # type: ignore[type-arg]  # (10,)
    out = np.full(10, np.nan, np.float32)
    scalars, colours, moles = packed(appearance)
    x, y, z, fourth = point
    material(int(part), x, y, z, fourth, 0, scalars, colours, moles, masks, noise_textures(), out)
    return out


def _with(**changes: object) -> Appearance:
    """An even appearance in which only what is named stands out."""
    base = random_appearance(np.random.default_rng(4))
    even = dict.fromkeys(EVEN, 0.0)
    moles = np.zeros((4, 3), np.float32)
    return Appearance(
        **{**{name: getattr(base, name) for name in (*SCALARS, *COLOURS)}, "moles": moles, **even, **changes}
    )


@pytest.mark.parametrize("part", list(Part))
def test_every_part_is_physical_and_in_its_class(part: Part) -> None:
    random = np.random.default_rng(int(part))
    for seed in range(40):
        point = tuple(float(v) for v in random.uniform([-9, -12, -8, -3], [9, 12, 12, 1]))
        out = _at(part, point, random_appearance(np.random.default_rng(seed)))
        assert np.isfinite(out).all()
        assert (out[:3] >= 0.0).all()
        assert (out[:3] <= 0.95).all()
        assert 0.02 <= out[3] <= 1.0
        assert 0.0 < out[4] <= 0.5
        assert PartClass(int(out[5])) in CLASSES[part]


def test_bare_skin_has_the_albedo_of_its_melanin_and_blood() -> None:
    for melanin, blood in ((0.1, 0.2), (1.6, 0.5)):
        out = _at(Part.SKIN, (1.0, 8.0, 9.0, -9.0), _with(melanin=melanin, blood=blood))
        np.testing.assert_allclose(out[:3], skin_albedo(melanin, blood), rtol=1e-4)


def test_a_mask_paints_only_where_it_lies() -> None:
    masks = NO_MASKS.copy()
    row, column = int((MASK_TOP + 3.5) / MASK_STEP), int((0.0 - MASK_LEFT) / MASK_STEP)
    masks[MASKS.index("lips"), row - 3 : row + 4, column - 3 : column + 4] = 1.0
    red = np.array([0.5, 0.02, 0.02], np.float32)
    painted = _with(lipstick=1.0, lip_colour=red)
    on, beside = (_at(Part.SKIN, (x, -3.5, 11.0, -9.0), painted, masks) for x in (0.0, 3.0))
    assert int(on[5]) == PartClass.LIPS
    np.testing.assert_allclose(on[:3], red, rtol=1e-3)
    assert int(beside[5]) == PartClass.SKIN
    # The same column behind the head is no lip.
    assert int(_at(Part.SKIN, (0.0, -3.5, -8.0, -9.0), painted, masks)[5]) == PartClass.SKIN


def test_wrinkles_tilt_the_normal_towards_their_middle() -> None:
    masks = NO_MASKS.copy()
    height = MASK_TOP - np.arange(MASK_HEIGHT) * MASK_STEP
    masks[MASKS.index("wrinkles")] = np.exp(-(((height - 8.0) / 0.2) ** 2))[:, None]
    old = _with(wrinkle=1.0)
    above, below = (_at(Part.SKIN, (0.0, y, 10.0, -9.0), old, masks) for y in (8.15, 7.85))
    # A groove: above it the surface rises upwards (positive slope), below it falls.
    assert above[8] > 0.05
    assert below[8] < -0.05
    assert abs(above[7]) < 1e-3


def test_hair_is_darker_at_its_root_and_takes_its_colour() -> None:
    gold = np.array([0.4, 0.25, 0.1], np.float32)
    blond = _with(hair_colour=gold, hair_variation=0.0, hair_streak=0.0, ombre=0.0, grey=0.0)
    root, tip = _at(Part.HAIR, (0.1, 0.0, 0.0, 0.0), blond), _at(Part.HAIR, (0.1, 20.0, 0.0, 1.0), blond)
    assert (root[:3] < tip[:3]).all()
    np.testing.assert_allclose(root[:3] / root[0], gold / gold[0], rtol=1e-4)


def test_stripes_have_two_colours_and_their_period() -> None:
    one, two = np.array([0.1, 0.1, 0.5], np.float32), np.array([0.8, 0.8, 0.1], np.float32)
    striped = _with(
        cloth_colour=one, cloth_second=two, pattern=1.0, pattern_size=4.0, knit=0.0, crease=0.0, band=0.0, zip=0.0
    )
    colours = np.array([_at(Part.BODY, (5.0, y, 8.0, 0.0), striped)[:3] for y in (1.0, 3.0, 5.0, 7.0)])
    blue = colours[:, 2] > colours[:, 0]
    assert blue.tolist() in ([True, False, True, False], [False, True, False, True])


def test_the_shirt_is_where_the_material_thinks() -> None:
    assert NECKLINES[NECKLINE_SHIRT] == "shirt"
