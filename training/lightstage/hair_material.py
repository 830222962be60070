"""Compiled materials of hair, brows, lashes and beards, and of the skin under them."""

import numpy as np

from ...runtime.arrays import Float32Array
from .compiled import compiled_with
from .material_numbers import COLOUR, K_HAIR, SCALAR, noise, step

S_HAIR_VAR, S_HAIR_STREAK, S_HAIR_ROUGH = SCALAR["hair_variation"], SCALAR["hair_streak"], SCALAR["hair_roughness"]
S_OMBRE, S_OMBRE_FROM, S_GREY, S_BEARD_GREY = (
    SCALAR["ombre"], SCALAR["ombre_from"], SCALAR["grey"], SCALAR["beard_grey"],
)  # fmt: skip
S_OFFSET = SCALAR["noise_offset"]
C_HAIR, C_HAIR2, C_BEARD = COLOUR["hair_colour"], COLOUR["hair_second"], COLOUR["beard_colour"]
GREY_HAIR = 0.38
"""Albedo of grey and white hair."""


@compiled_with()
def hair(  # noqa: PLR0917 - compiled: arrays go in by position
    lock: float,
    along: float,
    shade: float,
    tip: float,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Strands: darker at the root, lock by lock a little different, streaked, lighter at the tip."""
    strand = noise(textures[1], shade * 41.0 + lock * 17.0, along * 0.8 + scalars[S_OFFSET])
    tone = noise(textures[1], lock * 60.0 + scalars[S_OFFSET], along * 0.3)
    streak = scalars[S_HAIR_STREAK] * step(0.2, 1.3, tone + 0.3 * shade)
    ombre = scalars[S_OMBRE] * step(scalars[S_OMBRE_FROM], scalars[S_OMBRE_FROM] + 9.0, along)
    mix = max(streak, ombre)
    factor = np.exp(scalars[S_HAIR_VAR] * (0.55 * shade + 0.35 * tone + 0.3 * strand) - 0.05)
    factor *= 0.72 + 0.28 * step(0.0, 3.5, along) + 0.12 * tip
    grey = scalars[S_GREY] * step(-1.8, 1.8, shade + 0.15 * tone)
    for c in range(3):
        base = colours[C_HAIR, c] + (colours[C_HAIR2, c] - colours[C_HAIR, c]) * mix
        base += (GREY_HAIR - base) * grey
        out[c] = min(0.9, base * factor)
    out[3], out[4], out[5] = scalars[S_HAIR_ROUGH], 0.03, K_HAIR
    out[6] = 0.22 * shade + 0.15 * strand


@compiled_with()
def skin_under_hair(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float,
    y: float,
    z: float,
    inside: float,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Skin seen between strands: their colour, fading over the border."""
    grain = noise(textures[0], x * 12.0 + 3.0 * z, y * 12.0 + scalars[S_OFFSET])
    bearded = y < 2.6 and z > -0.5
    cover = step(-0.3, 0.9, inside + 0.35 * grain) * (0.62 if bearded else 0.8)
    if cover > 0.4:
        out[5] = K_HAIR
    for c in range(3):
        hair = colours[C_BEARD, c] if bearded else colours[C_HAIR, c]
        out[c] += (0.55 * hair * np.exp(0.2 * grain) + 0.12 * out[c] - out[c]) * cover


@compiled_with()
def beard(  # noqa: PLR0917 - compiled: arrays go in by position
    along: float, shade: float, tip: float, scalars: Float32Array, colours: Float32Array, out: Float32Array
) -> None:
    """Strands of a beard: strand by strand different, some of them grey."""
    grey = scalars[S_BEARD_GREY] * step(-0.5, 1.0, shade)
    factor = np.exp(0.3 * shade) * (0.7 + 0.3 * step(0.0, 1.5, along) + 0.1 * tip)
    for c in range(3):
        base = colours[C_BEARD, c]
        out[c] = min(0.85, (base + (GREY_HAIR - base) * grey) * factor)
    out[3], out[4], out[5] = 0.55, 0.03, K_HAIR
    out[6] = 0.25 * shade
