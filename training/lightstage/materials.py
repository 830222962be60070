"""Compiled materials: the colour, roughness and class of a surface point from its part and rest coordinates."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array
from .appearance import COLOURS, SCALARS
from .parts import Part, PartClass
from .skin import HAEMOGLOBIN, LIGHTEST, MASK_LEFT, MASK_STEP, MASK_TOP, MELANIN

# numba sees these as constants.
S_MELANIN, S_BLOOD, S_MOTTLE, S_REDNESS = (SCALARS.index(n) for n in ("melanin", "blood", "mottle", "redness"))
S_LIP_BLOOD, S_LIPSTICK, S_BROW, S_LASHES = (SCALARS.index(n) for n in ("lip_blood", "lipstick", "brow", "lashes"))
S_SHADOW, S_STUBBLE, S_BEARD, S_MOUSTACHE = (SCALARS.index(n) for n in ("shadow", "stubble", "beard", "moustache"))
S_FRECKLES, S_BUZZ, S_SKIN_ROUGH, S_SKIN_SPEC = (
    SCALARS.index(n) for n in ("freckles", "buzz", "skin_roughness", "skin_specular")
)
S_HAIR_VAR, S_HAIR_STREAK, S_HAIR_ROUGH = (
    SCALARS.index(n) for n in ("hair_variation", "hair_streak", "hair_roughness")
)
S_IRIS, S_PUPIL, S_TEETH = (SCALARS.index(n) for n in ("iris_radius", "pupil_radius", "teeth"))
S_PATTERN, S_PATTERN_SIZE, S_CLOTH_ROUGH, S_OFFSET = (
    SCALARS.index(n) for n in ("pattern", "pattern_size", "cloth_roughness", "noise_offset")
)
S_PATTERN_TWO, S_PATTERN_JACKET, S_KNIT, S_CREASE, S_BAND, S_ZIP, S_COLLAR = (
    SCALARS.index(n) for n in ("pattern_two", "pattern_jacket", "knit", "crease", "band", "zip", "collar")
)
C_METAL, C_PLASTIC = (COLOURS.index(n) for n in ("metal_colour", "plastic_colour"))
C_LIP, C_BROW, C_SHADOW, C_HAIR, C_HAIR2, C_IRIS = (
    COLOURS.index(n)
    for n in ("lip_colour", "brow_colour", "shadow_colour", "hair_colour", "hair_second", "iris_colour")
)
C_CLOTH, C_CLOTH2, C_JACKET, C_TIE, C_HEADWEAR, C_GLASSES = (
    COLOURS.index(n)
    for n in ("cloth_colour", "cloth_second", "jacket_colour", "tie_colour", "headwear_colour", "glasses_colour")
)
P_SKIN, P_MOUTH, P_SOCKET, P_TEETH, P_EYE, P_HAIR, P_BODY, P_HEADWEAR, P_GLASSES = (int(p) for p in tuple(Part)[:9])
K_SKIN, K_LIPS, K_BROWS, K_EYES, K_MOUTH, K_HAIR, K_CLOTHING, K_GLASSES = (int(c) for c in PartClass if c)
(P_SCALP, P_BROW, P_BEARD, P_LASH, P_LENS, P_DARK_LENS, P_FABRIC, P_METAL, P_HAND, P_PLASTIC) = (
    int(p) for p in tuple(Part)[9:]
)
S_OMBRE, S_OMBRE_FROM, S_GREY, S_BEARD_GREY = (SCALARS.index(n) for n in ("ombre", "ombre_from", "grey", "beard_grey"))
C_BEARD = COLOURS.index("beard_colour")
GREY_HAIR = 0.38
"""Albedo of grey and white hair."""
NECKLINE_SHIRT = 2
LIGHT0, LIGHT1, LIGHT2 = (float(v) for v in LIGHTEST)
MEL0, MEL1, MEL2 = (float(v) for v in MELANIN)
HB0, HB1, HB2 = (float(v) for v in HAEMOGLOBIN)
LEFT, TOP, STEP = MASK_LEFT, MASK_TOP, MASK_STEP


@numba.njit(cache=True, fastmath=True)
def noise(texture: Float32Array, u: float, v: float) -> float:
    """Bilinear, wrapping lookup in a (size, size) noise texture; u and v in texels."""
    size = texture.shape[0]
    iu, iv = int(np.floor(u)), int(np.floor(v))
    fu, fv = u - iu, v - iv
    a, b, c, d = iu % size, (iu + 1) % size, iv % size, (iv + 1) % size
    upper = texture[c, a] * (1 - fu) + texture[c, b] * fu
    lower = texture[d, a] * (1 - fu) + texture[d, b] * fu
    result: float = upper * (1 - fv) + lower * fv
    return result


@numba.njit(cache=True, fastmath=True)
def _step(low: float, high: float, value: float) -> float:
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)


@numba.njit(cache=True, fastmath=True)
def _skin(  # noqa: PLR0915, PLR0917 - compiled: one pass over a point, arrays by position
    x: float,
    y: float,
    z: float,
    scalp: float,
    frontal: bool,
    scalars: Float32Array,
    colours: Float32Array,
    moles: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    off = scalars[S_OFFSET]
    u, v = x + 0.6 * z + off, y + 0.3 * z + 2.0 * off
    coarse = noise(textures[3], u * 5.0, v * 5.0)
    medium = noise(textures[2], u * 9.0, v * 9.0)
    fine = noise(textures[1], u * 14.0, v * 14.0)
    mottle = scalars[S_MOTTLE]
    melanin = scalars[S_MELANIN] + mottle * (0.07 * coarse + 0.04 * medium + 0.03 * fine)
    blood = scalars[S_BLOOD] + mottle * (0.07 * noise(textures[3], v * 4.0, u * 4.0) + 0.08 * medium)
    lips = brow = lash = shadow = red = beard = under = moustache = 0.0
    if frontal:
        front = _step(1.0, 2.5, z)
        row, column = int((TOP - y) / STEP), int((x - LEFT) / STEP)
        if front > 0.0 and 0 <= row < masks.shape[1] and 0 <= column < masks.shape[2]:
            lips, brow, lash = masks[0, row, column], masks[1, row, column] * front, masks[2, row, column]
            shadow, red, beard = masks[3, row, column], masks[4, row, column], masks[5, row, column] * front
            under, moustache = masks[6, row, column], masks[7, row, column]
            if z < 7.0:
                lips = brow = lash = shadow = under = moustache = 0.0
    blood += scalars[S_REDNESS] * red + scalars[S_LIP_BLOOD] * lips + 0.25 * under
    melanin += 0.12 * lips + 0.10 * under
    if scalars[S_FRECKLES] > 0.0 and frontal:
        melanin += scalars[S_FRECKLES] * 0.55 * _step(1.1, 1.9, noise(textures[1], u * 22.0, v * 22.0)) * (0.25 + red)
    for m in range(moles.shape[0]):
        if frontal and moles[m, 2] > 0.0:
            d = ((x - moles[m, 0]) ** 2 + (y - moles[m, 1]) ** 2) / (moles[m, 2] ** 2)
            if d < 6.0 and z > 2.0:
                melanin += 1.2 * np.exp(-d * d)
    blood = max(blood, -0.3)
    melanin = max(melanin, -0.12)
    out[0] = np.exp(LIGHT0 - MEL0 * melanin - HB0 * blood)
    out[1] = np.exp(LIGHT1 - MEL1 * melanin - HB1 * blood)
    out[2] = np.exp(LIGHT2 - MEL2 * melanin - HB2 * blood)
    out[3], out[4], out[5] = scalars[S_SKIN_ROUGH], scalars[S_SKIN_SPEC], K_SKIN
    if lips > 0.5:
        out[5] = K_LIPS
        out[3] = scalars[S_SKIN_ROUGH] - 0.1 * scalars[S_LIPSTICK]
    strand = noise(textures[1], x * 18.0 + y * 5.0, y * 6.0 + off)
    grain = noise(textures[0], x * 12.0, y * 12.0 + off)
    hair = min(1.0, brow * scalars[S_BROW] * (1.0 + 0.35 * strand))
    if hair > 0.45:
        out[5] = K_BROWS
    lash_cover = lash * scalars[S_LASHES]
    facial = min(1.0, scalars[S_BEARD] * _step(0.25, 0.6, beard + 0.04 * strand))
    facial = max(facial, scalars[S_MOUSTACHE] * _step(0.3, 0.6, moustache + 0.04 * strand))
    if facial > 0.5:
        out[5] = K_HAIR
        out[3], out[4] = scalars[S_HAIR_ROUGH], 0.03
    shaved = scalars[S_STUBBLE] * beard * (0.55 + 0.25 * grain)
    buzz = scalars[S_BUZZ] * _step(-0.4, 0.6, scalp + 0.3 * medium) * (0.8 + 0.2 * grain) if frontal else 0.0
    if buzz > 0.5:
        out[5] = K_HAIR
    for c in range(3):
        base = out[c]
        base += (colours[C_LIP, c] - base) * lips * scalars[S_LIPSTICK]
        base += (colours[C_SHADOW, c] - base) * shadow * scalars[S_SHADOW]
        base += (colours[C_BROW, c] * 1.2 + 0.25 * base - base) * max(0.0, min(0.85, shaved))
        base += (colours[C_BROW, c] - base) * min(1.0, max(0.0, hair))
        base += (colours[C_HAIR, c] * np.exp(0.35 * strand) - base) * max(0.0, facial)
        base += (colours[C_HAIR, c] * np.exp(0.25 * grain) + 0.15 * base - base) * max(0.0, min(1.0, buzz)) * 0.9
        out[c] = base * (1.0 - 0.85 * lash_cover)


@numba.njit(cache=True, fastmath=True)
def _under_hair(  # noqa: PLR0917 - compiled: arrays go in by position
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
    cover = _step(-0.3, 0.9, inside + 0.35 * grain) * (0.62 if bearded else 0.8)
    if cover > 0.4:
        out[5] = K_HAIR
    for c in range(3):
        hair = colours[C_BEARD, c] if bearded else colours[C_HAIR, c]
        out[c] += (0.55 * hair * np.exp(0.2 * grain) + 0.12 * out[c] - out[c]) * cover


@numba.njit(cache=True, fastmath=True)
def _beard(
    along: float, shade: float, tip: float, scalars: Float32Array, colours: Float32Array, out: Float32Array
) -> None:
    """Strands of a beard: strand by strand different, some of them grey."""
    grey = scalars[S_BEARD_GREY] * _step(-0.5, 1.0, shade)
    factor = np.exp(0.3 * shade) * (0.7 + 0.3 * _step(0.0, 1.5, along) + 0.1 * tip)
    for c in range(3):
        base = colours[C_BEARD, c]
        out[c] = min(0.85, (base + (GREY_HAIR - base) * grey) * factor)
    out[3], out[4], out[5] = 0.55, 0.03, K_HAIR
    out[6] = 0.25 * shade


@numba.njit(cache=True, fastmath=True)
def _eye(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float,
    y: float,
    z: float,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    radius = np.sqrt(x * x + y * y)
    angle = np.arctan2(radius, z)
    white = 0.62
    out[0], out[1], out[2] = white, white * 0.93, white * 0.88
    red = _step(0.5, 1.1, angle)
    out[1] -= 0.18 * red
    out[2] -= 0.16 * red
    iris = 1.0 - _step(scalars[S_IRIS] - 0.03, scalars[S_IRIS] + 0.03, angle)
    pupil = 1.0 - _step(scalars[S_PUPIL] - 0.02, scalars[S_PUPIL] + 0.02, angle)
    ring = 1.0 - 0.6 * _step(0.75, 1.0, angle / scalars[S_IRIS])
    ray = 1.0 + 0.25 * noise(textures[1], np.arctan2(y, x) * 12.0, scalars[S_OFFSET])
    for c in range(3):
        out[c] += (colours[C_IRIS, c] * ring * ray - out[c]) * iris
        out[c] += (0.004 - out[c]) * pupil
    out[3], out[4], out[5] = 0.12, 0.035, K_EYES


@numba.njit(cache=True, fastmath=True)
def _hair(  # noqa: PLR0917 - compiled: arrays go in by position
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
    streak = scalars[S_HAIR_STREAK] * _step(0.2, 1.3, tone + 0.3 * shade)
    ombre = scalars[S_OMBRE] * _step(scalars[S_OMBRE_FROM], scalars[S_OMBRE_FROM] + 9.0, along)
    mix = max(streak, ombre)
    factor = np.exp(scalars[S_HAIR_VAR] * (0.55 * shade + 0.35 * tone + 0.3 * strand) - 0.05)
    factor *= 0.72 + 0.28 * _step(0.0, 3.5, along) + 0.12 * tip
    grey = scalars[S_GREY] * _step(-1.8, 1.8, shade + 0.4 * tone)
    for c in range(3):
        base = colours[C_HAIR, c] + (colours[C_HAIR2, c] - colours[C_HAIR, c]) * mix
        base += (GREY_HAIR - base) * grey
        out[c] = min(0.9, base * factor)
    out[3], out[4], out[5] = scalars[S_HAIR_ROUGH], 0.03, K_HAIR
    out[6] = 0.22 * shade + 0.15 * strand


@numba.njit(cache=True, fastmath=True)
def _pattern(  # noqa: PLR0911 - compiled: one return per pattern
    kind: int, x: float, y: float, size: float, off: float, textures: Float32Array
) -> float:
    """Share 0..1 of the second colour at a point of cloth, centimetres."""
    u, v = x / size, y / size
    if kind == 1:
        return _step(-0.15, 0.15, np.sin(v * 6.283))
    if kind == 2:
        return _step(-0.15, 0.15, np.sin(u * 6.283))
    if kind == 3:
        return 0.5 * (_step(-0.1, 0.1, np.sin(u * 6.283)) + _step(-0.1, 0.1, np.sin(v * 6.283)))
    if kind == 4:
        return 0.35 + 0.2 * noise(textures[0], x * 9.0 + off, y * 9.0)
    if kind == 5:
        return _step(0.2, 0.9, noise(textures[2], x * 20.0 / size + off, y * 20.0 / size))
    if kind == 6:
        row = np.floor(v)
        du, dv = u + 0.5 * (row % 2.0) - np.floor(u + 0.5 * (row % 2.0)) - 0.5, v - row - 0.5
        return 1.0 - _step(0.22, 0.28, np.sqrt(du * du + dv * dv))
    if kind == 7:
        thin = _step(0.93, 0.97, np.sin(u * 6.283)) + _step(0.93, 0.97, np.sin(v * 6.283))
        return min(1.0, 0.45 * (_step(0.2, 0.4, np.sin(u * 3.14)) + _step(0.2, 0.4, np.sin(v * 3.14))) + 0.5 * thin)
    if kind == 8:
        zig = abs(u - np.floor(u) - 0.5)
        return _step(-0.15, 0.15, np.sin((v + 1.2 * zig) * 6.283))
    if kind == 9:
        bloom = noise(textures[2], x * 9.0 + off, y * 9.0) + 0.6 * noise(textures[1], x * 6.0, y * 6.0 + off)
        return _step(0.5, 0.7, bloom)
    if kind == 10 and abs(x) < 9.0 and -26.0 < y < -12.0:
        rows = np.floor((y + 26.0) / 4.5)
        letter = noise(textures[0], np.floor(x / 1.6) * 3.0 + off, rows * 7.0)
        stroke = noise(textures[1], x * 5.0 + letter * 40.0, y * 4.0 + off)
        gap = _step(0.9, 1.1, (y + 26.0) - rows * 4.5)
        return gap * _step(-0.15, 0.05, stroke)
    return 0.0


@numba.njit(cache=True, fastmath=True)
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


@numba.njit(cache=True, fastmath=True)
def _cloth(  # noqa: PLR0917 - compiled: arrays go in by position
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
    seam = 0.72 + 0.28 * _step(0.0, 0.25, inside)
    if 1.6 < inside < 1.95 and neckline != NECKLINE_SHIRT:
        seam *= 0.8
    for c in range(3):
        base = colours[C_CLOTH, c] + (colours[C_CLOTH2, c] - colours[C_CLOTH, c]) * min(1.0, max(0.0, mix))
        if zip_line:
            base = colours[C_PLASTIC, c]
        out[c] = min(0.92, base * factor * seam)
    out[3], out[4], out[5] = scalars[S_CLOTH_ROUGH], 0.03, K_CLOTHING


@numba.njit(cache=True, fastmath=True)
def _fabric(  # noqa: PLR0917 - compiled: arrays go in by position
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
    seam = 0.7 + 0.3 * _step(0.0, 0.2, edge)
    for c in range(3):
        base = colours[one, c] + (colours[two, c] - colours[one, c]) * min(1.0, max(0.0, mix))
        out[c] = min(0.92, base * factor * seam)
    out[3], out[4], out[5] = scalars[S_CLOTH_ROUGH], 0.03, K_CLOTHING


@numba.njit(cache=True, fastmath=True)
def material(  # noqa: PLR0912, PLR0917 - compiled: one branch per part, arrays by position
    part: int,
    x: float,
    y: float,
    z: float,
    scalp: float,
    neckline: int,
    scalars: Float32Array,
    colours: Float32Array,
    moles: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Fill out (10,): linear albedo r, g, b; GGX roughness; F0; class (PartClass); tilt of the strand's normal.

    out[7:10] is the slope g of fine relief (wrinkles, pores, weave; rise per length, mesh axes): the normal for highlights
    is n − (g − n (n·g)), made unit.

    Args:
        part: `Part` of the triangle.
        x: rest coordinate.
        y: rest coordinate.
        z: rest coordinate.
        scalp: centimetres inside the hairy scalp.
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
        _skin(x, y, z, scalp, True, scalars, colours, moles, masks, textures, out)
    elif part == P_SCALP:
        _skin(x, y, z, scalp, True, scalars, colours, moles, masks, textures, out)
        _under_hair(x, y, z, scalp, scalars, colours, textures, out)
    elif part == P_HAIR:
        _hair(x, y, z, scalp, scalars, colours, textures, out)
    elif part == P_BEARD:
        _beard(y, z, scalp, scalars, colours, out)
    elif part == P_BROW:
        for c in range(3):
            out[c] = min(0.8, colours[C_BROW, c] * np.exp(0.3 * z))
        out[3], out[4], out[5] = 0.5, 0.03, K_BROWS
    elif part == P_LASH:
        for c in range(3):
            out[c] = 0.006 + 0.25 * colours[C_BROW, c] * (1.0 - scalars[S_LASHES])
        out[3], out[4], out[5] = 0.5, 0.03, K_EYES
    elif part == P_BODY:
        if z > 0.0:
            _cloth(x, y, z, neckline, scalars, colours, textures, out)
        else:
            _skin(x, y, 0.0, -9.0, False, scalars, colours, moles, masks, textures, out)
    elif part == P_EYE:
        _eye(x, y, z, scalars, colours, textures, out)
    elif part == P_TEETH:
        value = scalars[S_TEETH]
        out[0], out[1], out[2] = value, value * 0.92, value * 0.76
        out[3], out[4], out[5] = 0.2, 0.04, K_MOUTH
    elif part in (P_MOUTH, P_SOCKET):
        out[0], out[1], out[2] = 0.36, 0.10, 0.09
        out[3], out[4], out[5] = 0.3, 0.03, K_MOUTH
        if part == P_SOCKET:
            out[5] = K_SKIN
    elif part == P_FABRIC:
        _fabric(x, y, z, scalars, colours, textures, out)
    elif part == P_HAND:
        _skin(x, y, z, -9.0, False, scalars, colours, moles, masks, textures, out)
    elif part == P_METAL:
        for c in range(3):
            out[c] = colours[C_METAL, c]
        out[3], out[4], out[5] = 0.25, 0.5, K_CLOTHING
    elif part == P_PLASTIC:
        for c in range(3):
            out[c] = colours[C_PLASTIC, c]
        out[3], out[4], out[5] = 0.3, 0.04, K_CLOTHING
    elif part == P_HEADWEAR:
        knit = 0.8 + 0.2 * np.sin(np.arctan2(x, z + 3.0) * 70.0)
        for c in range(3):
            out[c] = colours[C_HEADWEAR, c] * knit
        out[3], out[4], out[5] = 0.9, 0.03, K_CLOTHING
    else:
        for c in range(3):
            out[c] = colours[C_GLASSES, c]
        out[3], out[4], out[5] = 0.2, 0.06, K_GLASSES
