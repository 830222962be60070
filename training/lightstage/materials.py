"""Compiled materials: the colour, roughness and class of a surface point from its part and rest coordinates."""

import numpy as np

from ...runtime.arrays import Float32Array
from .cloth_material import cloth, fabric
from .compiled import compiled_with
from .eye_material import eye, mouth, teeth
from .hair_material import beard, hair, skin_under_hair
from .material_numbers import (
    COLOUR,
    K_BROWS,
    K_CLOTHING,
    K_EYES,
    K_GLASSES,
    K_SKIN,
    P_BEARD,
    P_BODY,
    P_BROW,
    P_DARK_LENS,
    P_EYE,
    P_FABRIC,
    P_GLASSES,
    P_HAIR,
    P_HAND,
    P_HEADWEAR,
    P_LASH,
    P_LENS,
    P_METAL,
    P_MOUTH,
    P_PLASTIC,
    P_SCALP,
    P_SKIN,
    P_SOCKET,
    P_TEETH,
    SCALAR,
)
from .skin_material import skin

C_BROW, C_HEADWEAR, C_HEADWEAR2, C_GLASSES, C_METAL, C_PLASTIC = (
    COLOUR[name]
    for name in (
        "brow_colour", "headwear_colour", "headwear_second", "glasses_colour", "metal_colour", "plastic_colour",
    )
)  # fmt: skip
S_LASHES, S_KNIT_CAP = SCALAR["lashes"], SCALAR["headwear_knit"]


@compiled_with()
def material(  # noqa: PLR0912, PLR0917 - compiled: one branch per part, arrays by position
    part: int,
    x: float,
    y: float,
    z: float,
    fourth: float,
    neckline: int,
    scalars: Float32Array,
    colours: Float32Array,
    moles: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Fill out (10,): linear albedo r, g, b; GGX roughness; F0; class (PartClass); tilt of the strand's normal.

    out[7:10] is the slope g of fine relief (wrinkles, pores, weave; rise per length, mesh axes): the normal for
    highlights is n − (g − n (n·g)), made unit.

    Args:
        part: `Part` of the triangle.
        x: rest coordinate.
        y: rest coordinate.
        z: rest coordinate.
        fourth: on skin, centimetres inside the hairy scalp or beard; on hair, 0 at the root to 1 at the tip.
        neckline: index into body.NECKLINES.
        scalars: `appearance.packed` scalars.
        colours: `appearance.packed` colours.
        moles: (4, 3).
        masks: `skin.facial_masks`.
        textures: `skin.noise_textures`.
        out: (10,) float32.
    """
    for k in range(6, 10):
        out[k] = 0.0
    if part == P_SKIN:
        skin(x, y, z, fourth, True, scalars, colours, moles, masks, textures, out)
    elif part == P_SCALP:
        skin(x, y, z, -9.0, True, scalars, colours, moles, masks, textures, out)
        skin_under_hair(x, y, z, fourth, scalars, colours, textures, out)
    elif part == P_HAIR:
        hair(x, y, z, fourth, scalars, colours, textures, out)
    elif part == P_BEARD:
        beard(y, z, fourth, scalars, colours, out)
    elif part == P_BROW:
        _plain(colours, C_BROW, np.exp(0.35 * z), 0.5, 0.03, K_BROWS, out)
    elif part == P_LASH:
        _plain(colours, C_BROW, 0.1 + 0.5 * (1.0 - scalars[S_LASHES]), 0.5, 0.03, K_EYES, out)
    elif part == P_BODY:
        if z > 0.0:
            cloth(x, y, z, neckline, scalars, colours, textures, out)
        else:
            skin(x, y, 0.0, -9.0, False, scalars, colours, moles, masks, textures, out)
    elif part == P_FABRIC:
        fabric(x, y, z, scalars, colours, textures, out)
    elif part == P_EYE:
        eye(x, y, z, scalars, colours, textures, out)
    elif part == P_TEETH:
        teeth(x, y, z, scalars, textures, out)
    elif part in (P_MOUTH, P_SOCKET):
        mouth(x, y, z, scalars, textures, out)
        if part == P_SOCKET:
            out[5] = K_SKIN
    elif part == P_HAND:
        skin(x, y, z, -9.0, False, scalars, colours, moles, masks, textures, out)
    elif part == P_HEADWEAR:
        _headwear(x, y, z, scalars, colours, out)
    elif part == P_METAL:
        _plain(colours, C_METAL, 1.0, 0.25, 0.5, K_CLOTHING, out)
    elif part == P_PLASTIC:
        _plain(colours, C_PLASTIC, 1.0, 0.3, 0.04, K_CLOTHING, out)
    elif part in (P_LENS, P_DARK_LENS):
        out[0] = out[1] = out[2] = 0.008
        out[3], out[4], out[5] = 0.08, 0.05, K_GLASSES
    elif part == P_GLASSES:
        _plain(colours, C_GLASSES, 1.0, 0.2, 0.06, K_GLASSES, out)


@compiled_with()
def _plain(  # noqa: PLR0917 - compiled: arrays go in by position
    colours: Float32Array,
    colour: int,
    factor: float,
    roughness: float,
    specular: float,
    name: int,
    out: Float32Array,
) -> None:
    """One of the appearance's colours, dimmed or lit."""
    for c in range(3):
        out[c] = min(0.9, colours[colour, c] * factor)
    out[3], out[4], out[5] = roughness, specular, name


@compiled_with()
def _headwear(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float, y: float, z: float, scalars: Float32Array, colours: Float32Array, out: Float32Array
) -> None:
    """Caps and hats: x around (or across) in centimetres, y up; z tells a band of the second colour (0..1)."""
    factor = 1.0
    if scalars[S_KNIT_CAP] > 0.5:
        factor = 0.8 + 0.2 * np.sin(x * 7.0)
        out[7] += 0.25 * np.cos(x * 7.0)
    for c in range(3):
        base = colours[C_HEADWEAR, c] + (colours[C_HEADWEAR2, c] - colours[C_HEADWEAR, c]) * min(1.0, max(0.0, z))
        out[c] = min(0.9, base * factor)
    out[3], out[4], out[5] = 0.85, 0.03, K_CLOTHING
