"""Compiled material of textured people: an atlas colour becomes the skin, hair, eyes and clothes of one picture."""

import numpy as np

from ....runtime.arrays import Float32Array
from ..appearance import COLOURS, SCALARS
from ..compiled import compiled_with
from ..skin import HAEMOGLOBIN, LIGHTEST, MELANIN, skin_albedo
from .atlas import CLASS_MASK, Region

CANONICAL_MELANIN, CANONICAL_BLOOD = 0.5, 0.3
"""Tone of the mean skin of every atlas, in the amounts of `skin.skin_albedo`."""
CANONICAL_GREY = 0.18
"""Mean linear albedo of wigs and irises in every atlas; hair on the head has the mean of skin."""
CANONICAL_SKIN = skin_albedo(CANONICAL_MELANIN, CANONICAL_BLOOD)

# numba sees these as constants.
S_MELANIN, S_BLOOD, S_LIP_BLOOD, S_LIPSTICK, S_BROW = (
    SCALARS.index(n) for n in ("melanin", "blood", "lip_blood", "lipstick", "brow")
)
S_SKIN_ROUGH, S_SKIN_SPEC, S_HAIR_ROUGH, S_TEETH, S_CLOTH_ROUGH = (
    SCALARS.index(n) for n in ("skin_roughness", "skin_specular", "hair_roughness", "teeth", "cloth_roughness")
)
S_GARMENT, S_CONTRAST = (SCALARS.index(n) for n in ("garment_recolour", "texture_contrast"))
C_LIP, C_BROW, C_HAIR, C_IRIS, C_CLOTH, C_CLOTH2 = (
    COLOURS.index(n)
    for n in ("lip_colour", "brow_colour", "hair_colour", "iris_colour", "cloth_colour", "cloth_second")
)
R_SKIN, R_LIPS, R_BROWS, R_THIN_BROW = (int(r) for r in (Region.SKIN, Region.LIPS, Region.BROWS, Region.THIN_BROW))
R_HAIR, R_ROOTED, R_BEARD, R_THIN_HAIR = (int(r) for r in (Region.HAIR, Region.ROOTED, Region.BEARD, Region.THIN_HAIR))
R_SCLERA, R_IRIS, R_TEETH, R_CLOTHING = (int(r) for r in (Region.SCLERA, Region.IRIS, Region.TEETH, Region.CLOTHING))
LIGHT0, LIGHT1, LIGHT2 = (float(v) for v in LIGHTEST)
MEL0, MEL1, MEL2 = (float(v) for v in MELANIN)
HB0, HB1, HB2 = (float(v) for v in HAEMOGLOBIN)
SKIN0, SKIN1, SKIN2 = (float(v) for v in CANONICAL_SKIN)
SKIN_LUMINANCE = 0.2126 * SKIN0 + 0.7152 * SKIN1 + 0.0722 * SKIN2


@compiled_with()
def _luminance(red: float, green: float, blue: float) -> float:
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@compiled_with()
def _skin(  # noqa: PLR0917 - compiled: arguments go in by position
    red: float, green: float, blue: float, scalars: Float32Array, blood: float, out: Float32Array
) -> None:
    """The texture's deviations from its mean tone, on the tone that is asked for."""
    melanin, contrast = scalars[S_MELANIN], scalars[S_CONTRAST]
    out[0] = np.exp(LIGHT0 - MEL0 * melanin - HB0 * blood) * (max(red, 2e-3) / SKIN0) ** contrast
    out[1] = np.exp(LIGHT1 - MEL1 * melanin - HB1 * blood) * (max(green, 2e-3) / SKIN1) ** contrast
    out[2] = np.exp(LIGHT2 - MEL2 * melanin - HB2 * blood) * (max(blue, 2e-3) / SKIN2) ** contrast
    out[3], out[4] = scalars[S_SKIN_ROUGH], scalars[S_SKIN_SPEC]


@compiled_with()
def _clothing(  # noqa: PLR0917 - compiled: arguments go in by position
    red: float, green: float, blue: float, scalars: Float32Array, colours: Float32Array, out: Float32Array
) -> None:
    """The texture's own cloth, or its light and dark as two other colours."""
    grey = _luminance(red, green, blue)
    share = scalars[S_GARMENT]
    light = grey / (grey + CANONICAL_GREY)
    fold = 0.35 + 1.3 * light
    out[0], out[1], out[2] = red, green, blue
    for c in range(3):
        dyed = (colours[C_CLOTH2, c] + (colours[C_CLOTH, c] - colours[C_CLOTH2, c]) * light) * fold
        out[c] += (dyed - out[c]) * share
    out[3], out[4] = scalars[S_CLOTH_ROUGH], 0.03


@compiled_with()
def _lips(  # noqa: PLR0917 - compiled: arguments go in by position
    red: float, green: float, blue: float, scalars: Float32Array, colours: Float32Array, out: Float32Array
) -> None:
    """Skin with more blood, under lipstick."""
    _skin(red, green, blue, scalars, scalars[S_BLOOD] + 0.4 * (scalars[S_LIP_BLOOD] - 0.8), out)
    grey = 1.2 * _luminance(red, green, blue) / SKIN_LUMINANCE
    for c in range(3):
        out[c] += (grey * colours[C_LIP, c] - out[c]) * 0.85 * scalars[S_LIPSTICK]
    out[3] -= 0.1 * scalars[S_LIPSTICK]


@compiled_with()
def _hair_over_skin(  # noqa: PLR0917 - compiled: arguments go in by position
    red: float,
    green: float,
    blue: float,
    cover: float,
    region: int,
    scalars: Float32Array,
    colours: Float32Array,
    out: Float32Array,
) -> None:
    """Skin under as much hair, brow or beard as the atlas says."""
    strand = 1.0
    if region == R_ROOTED:
        strand = _luminance(red, green, blue) / SKIN_LUMINANCE
        red, green, blue = SKIN0, SKIN1, SKIN2
    _skin(red, green, blue, scalars, scalars[S_BLOOD], out)
    colour = C_HAIR
    if region in (R_BROWS, R_THIN_BROW):
        colour = C_BROW
        cover = min(1.0, cover * (0.5 + 0.7 * scalars[S_BROW]))
    for c in range(3):
        out[c] += (colours[colour, c] * strand - out[c]) * cover
    if cover > 0.5:
        out[3], out[4] = scalars[S_HAIR_ROUGH], 0.022


@compiled_with()
def textured_material(  # noqa: PLR0917 - compiled: arrays go in by position
    red: float,
    green: float,
    blue: float,
    alpha: float,
    region: int,
    scalars: Float32Array,
    colours: Float32Array,
    out: Float32Array,
) -> None:
    """Fill out (≥ 7,): linear albedo r, g, b; GGX roughness; F0; class (PartClass); tilt of the strand's normal.

    Args:
        red: linear, from the atlas.
        green: linear, from the atlas.
        blue: linear, from the atlas.
        alpha: 0..1 from the atlas: how much of the skin hair hides, where the region is hair over skin.
        region: `Region` from the atlas.
        scalars: `appearance.packed` scalars.
        colours: `appearance.packed` colours.
        out: float32.
    """
    out[5] = region & CLASS_MASK
    out[6] = 0.0
    if region == R_SKIN:
        _skin(red, green, blue, scalars, scalars[S_BLOOD], out)
    elif region == R_LIPS:
        _lips(red, green, blue, scalars, colours, out)
    elif region in (R_ROOTED, R_BEARD, R_THIN_HAIR, R_BROWS, R_THIN_BROW):
        _hair_over_skin(red, green, blue, alpha, region, scalars, colours, out)
    elif region == R_HAIR:
        strand = _luminance(red, green, blue) / CANONICAL_GREY
        for c in range(3):
            out[c] = colours[C_HAIR, c] * strand
        out[3], out[4] = scalars[S_HAIR_ROUGH], 0.022
    elif region == R_CLOTHING:
        _clothing(red, green, blue, scalars, colours, out)
    elif region in (R_SCLERA, R_IRIS):
        shade = _luminance(red, green, blue) / CANONICAL_GREY
        out[0], out[1], out[2] = red, green, blue
        if region == R_IRIS:
            for c in range(3):
                out[c] = colours[C_IRIS, c] * shade
        out[3], out[4] = 0.12, 0.035
    else:
        bright = 0.4 + 0.9 * scalars[S_TEETH] if region == R_TEETH else 1.0
        out[0], out[1], out[2] = red * bright, green * bright, blue * bright
        out[3], out[4] = 0.2, 0.04
    for c in range(3):
        out[c] = min(0.92, max(0.002, out[c]))
