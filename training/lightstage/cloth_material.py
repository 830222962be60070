"""Compiled materials of clothes: patterns, weave and seams."""

import numpy as np

from ...runtime.arrays import Float32Array
from .compiled import compiled_with
from .material_numbers import COLOUR, K_CLOTHING, SCALAR, noise, step

S_PATTERN, S_PATTERN_SIZE, S_CLOTH_ROUGH, S_OFFSET = (
    SCALAR[name] for name in ("pattern", "pattern_size", "cloth_roughness", "noise_offset")
)
S_PATTERN_TWO, S_PATTERN_JACKET, S_KNIT, S_CREASE, S_BAND, S_ZIP, S_COLLAR = (
    SCALAR[name] for name in ("pattern_two", "pattern_jacket", "knit", "crease", "band", "zip", "collar")
)
C_CLOTH, C_CLOTH2, C_JACKET, C_TIE, C_PLASTIC = (
    COLOUR[name] for name in ("cloth_colour", "cloth_second", "jacket_colour", "tie_colour", "plastic_colour")
)
NECKLINE_SHIRT = 2
"""Index of the shirt in body.NECKLINES: it has no knitted band."""


@compiled_with()
def _pattern(  # noqa: PLR0911, PLR0917 - compiled: one return per pattern
    kind: int, x: float, y: float, size: float, off: float, textures: Float32Array
) -> float:
    """Share 0..1 of the second colour at a point of cloth, centimetres."""
    u, v = x / size, y / size
    if kind == 1:
        return step(-0.15, 0.15, np.sin(v * 6.283))
    if kind == 2:
        return step(-0.15, 0.15, np.sin(u * 6.283))
    if kind == 3:
        return 0.5 * (step(-0.1, 0.1, np.sin(u * 6.283)) + step(-0.1, 0.1, np.sin(v * 6.283)))
    if kind == 4:
        return 0.35 + 0.2 * noise(textures[0], x * 9.0 + off, y * 9.0)
    if kind == 5:
        return step(0.2, 0.9, noise(textures[2], x * 20.0 / size + off, y * 20.0 / size))
    if kind == 6:
        row = np.floor(v)
        du, dv = u + 0.5 * (row % 2.0) - np.floor(u + 0.5 * (row % 2.0)) - 0.5, v - row - 0.5
        return 1.0 - step(0.22, 0.28, np.sqrt(du * du + dv * dv))
    if kind == 7:
        thin = step(0.93, 0.97, np.sin(u * 6.283)) + step(0.93, 0.97, np.sin(v * 6.283))
        return min(1.0, 0.45 * (step(0.2, 0.4, np.sin(u * 3.14)) + step(0.2, 0.4, np.sin(v * 3.14))) + 0.5 * thin)
    if kind == 8:
        zig = abs(u - np.floor(u) - 0.5)
        return step(-0.15, 0.15, np.sin((v + 1.2 * zig) * 6.283))
    if kind == 9:
        bloom = noise(textures[2], x * 9.0 + off, y * 9.0) + 0.6 * noise(textures[1], x * 6.0, y * 6.0 + off)
        return step(0.5, 0.7, bloom)
    if kind == 10 and abs(x) < 9.0 and -26.0 < y < -12.0:
        rows = np.floor((y + 26.0) / 4.5)
        letter = noise(textures[0], np.floor(x / 1.6) * 3.0 + off, rows * 7.0)
        stroke = noise(textures[1], x * 5.0 + letter * 40.0, y * 4.0 + off)
        gap = step(0.9, 1.1, (y + 26.0) - rows * 4.5)
        return gap * step(-0.15, 0.05, stroke)
    return 0.0


@compiled_with()
def _weave(x: float, y: float, scalars: Float32Array, textures: Float32Array, out: Float32Array) -> float:
    """Relief of cloth: knit or cloth grain and small creases; returns a factor of the albedo."""
    off, knit = scalars[S_OFFSET], scalars[S_KNIT]
    crease = noise(textures[3], x * 16.0 + off, y * 9.0)
    right = noise(textures[3], x * 16.0 + off + 6.0, y * 9.0)
    below = noise(textures[3], x * 16.0 + off, y * 9.0 + 6.0)
    out[7] += scalars[S_CREASE] * (right - crease)
    out[8] += scalars[S_CREASE] * (below - crease)
    rib = 0.0
    if knit > 0.0:
        period = 0.25 + 0.5 * knit
        rib = np.sin(x / period * 6.283) + 0.4 * np.sin(y / period * 9.0 + np.floor(x / period) * 3.14)
        out[7] += 0.28 * np.cos(x / period * 6.283)
    grain = noise(textures[0], x * 17.0 + off, y * 17.0)
    factor: float = np.exp(0.05 * grain + 0.04 * crease + 0.06 * rib)
    return factor


@compiled_with()
def cloth(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float,
    y: float,
    inside: float,
    neckline: int,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """A garment: pattern, weave, and the seam along its border."""
    mix = _pattern(int(scalars[S_PATTERN]), x, y, scalars[S_PATTERN_SIZE], scalars[S_OFFSET], textures)
    factor = _weave(x, y, scalars, textures, out)
    banded = scalars[S_BAND] > 0.5 and inside < 1.8 and neckline != NECKLINE_SHIRT
    if banded:
        mix = 1.0
    zip_line = scalars[S_ZIP] > 0.5 and abs(x) < 0.45 and y < -5.0
    seam = 0.72 + 0.28 * step(0.0, 0.25, inside)
    if 1.6 < inside < 1.95 and neckline != NECKLINE_SHIRT:
        seam *= 0.8
    for c in range(3):
        base = colours[C_CLOTH, c] + (colours[C_CLOTH2, c] - colours[C_CLOTH, c]) * min(1.0, max(0.0, mix))
        if zip_line:
            base = colours[C_PLASTIC, c]
        out[c] = min(0.92, base * factor * seam)
    out[3], out[4], out[5] = scalars[S_CLOTH_ROUGH], 0.03, K_CLOTHING


@compiled_with()
def fabric(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float,
    y: float,
    z: float,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Collars, lapels, ties and scarves: z tells the panel, and how far the border is."""
    panel = int(np.floor(z / 40.0 + 0.05))
    edge = z - 40.0 * panel
    factor = _weave(x, y, scalars, textures, out)
    off = scalars[S_OFFSET]
    if panel == 0:
        mix, one, two = (
            _pattern(int(scalars[S_PATTERN]), x, y, scalars[S_PATTERN_SIZE], off, textures),
            C_CLOTH,
            C_CLOTH2,
        )
        mix *= scalars[S_COLLAR]
    elif panel == 1:
        mix, one, two = _pattern(int(scalars[S_PATTERN_TWO]), x, y, 1.5, off, textures), C_TIE, C_CLOTH2
    elif panel == 2:
        mix, one, two = 0.35 * _pattern(int(scalars[S_PATTERN_JACKET]), x, y, 1.2, off, textures), C_JACKET, C_CLOTH2
    else:
        mix = _pattern(int(scalars[S_PATTERN_TWO]), 0.7 * (x + y), 0.7 * (y - x), 1.3, off, textures)
        one, two = C_TIE, C_CLOTH2
    seam = 0.7 + 0.3 * step(0.0, 0.2, edge)
    for c in range(3):
        base = colours[one, c] + (colours[two, c] - colours[one, c]) * min(1.0, max(0.0, mix))
        out[c] = min(0.92, base * factor * seam)
    out[3], out[4], out[5] = scalars[S_CLOTH_ROUGH], 0.03, K_CLOTHING
