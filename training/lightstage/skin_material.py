"""The compiled material of skin: melanin, blood, lips, marks, make-up, paint, stubble and fine relief."""

import numpy as np

from ...runtime.arrays import Float32Array
from .compiled import compiled_with
from .material_numbers import COLOUR, K_BROWS, K_HAIR, K_LIPS, K_SKIN, SCALAR, noise, step
from .skin import HAEMOGLOBIN, LIGHTEST, MASK_LEFT, MASK_STEP, MASK_TOP, MASKS, MELANIN

S_MELANIN, S_BLOOD, S_MOTTLE, S_REDNESS, S_LIP_BLOOD, S_LIPSTICK, S_BROW, S_LASHES, S_SHADOW = (
    SCALAR[name]
    for name in ("melanin", "blood", "mottle", "redness", "lip_blood", "lipstick", "brow", "lashes", "shadow")
)
S_STUBBLE, S_BEARD, S_MOUSTACHE, S_FRECKLES, S_BUZZ, S_ROUGH, S_SPECULAR, S_HAIR_ROUGH, S_OFFSET = (
    SCALAR[name]
    for name in (
        "stubble", "beard", "moustache", "freckles", "buzz", "skin_roughness", "skin_specular", "hair_roughness",
        "noise_offset",
    )
)  # fmt: skip
S_PORES, S_WRINKLE, S_OIL, S_UNDER_EYE, S_BLUSH, S_LINER, S_SPOTS, S_ACNE, S_GLOSS = (
    SCALAR[name]
    for name in ("pores", "wrinkle", "oil", "under_eye", "blush", "eyeliner", "age_spots", "acne", "lip_gloss")
)
S_TATTOO, S_TATTOO_X, S_TATTOO_Y, S_TATTOO_SIZE, S_PAINT, S_VITILIGO = (
    SCALAR[name] for name in ("tattoo", "tattoo_x", "tattoo_y", "tattoo_size", "paint", "vitiligo")
)
C_LIP, C_BROW, C_SHADOW, C_HAIR, C_BLUSH, C_PAINT, C_PAINT2 = (
    COLOUR[name]
    for name in (
        "lip_colour", "brow_colour", "shadow_colour", "hair_colour", "blush_colour", "paint_colour", "paint_second",
    )
)  # fmt: skip
(
    M_LIPS, M_BROWS, M_LASH, M_SHADOW, M_RED, M_BEARD, M_UNDER, M_MOUSTACHE, M_OIL, M_BLUSH, M_WRINKLE, M_LINER,
) = range(len(MASKS))  # fmt: skip
LIGHT0, LIGHT1, LIGHT2 = (float(v) for v in LIGHTEST)
MEL0, MEL1, MEL2 = (float(v) for v in MELANIN)
HB0, HB1, HB2 = (float(v) for v in HAEMOGLOBIN)
LEFT, TOP, STEP = MASK_LEFT, MASK_TOP, MASK_STEP


@compiled_with()
def skin(  # noqa: PLR0917 - compiled: a point, arrays by position
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
    """Skin at a point of the neutral mean (centimetres); `frontal` where it has a face."""
    off = scalars[S_OFFSET]
    u, v = x + 0.6 * z + off, y + 0.3 * z + 2.0 * off
    medium = noise(textures[2], u * 9.0, v * 9.0)
    fine = noise(textures[1], u * 14.0, v * 14.0)
    _pigment(u, v, medium, fine, scalars, textures, out)
    out[3], out[4], out[5] = scalars[S_ROUGH], scalars[S_SPECULAR], K_SKIN
    if scalars[S_PORES] > 0.0:
        out[7] += scalars[S_PORES] * noise(textures[1], u * 26.0, v * 26.0)
        out[8] += scalars[S_PORES] * noise(textures[1], v * 26.0, u * 26.0)
    row, column = int((TOP - y) / STEP), int((x - LEFT) / STEP)
    inside = frontal and z > 1.0 and 1 <= row < masks.shape[1] - 1 and 1 <= column < masks.shape[2] - 1
    front = step(1.0, 2.5, z) if inside else 0.0
    if inside:
        _face_pigment(x, y, z, row, column, front, scalars, masks, moles, textures, out)
    blood, melanin = max(out[1], -0.3), max(out[0], -0.12)
    if scalars[S_VITILIGO] > 0.0:
        patch = noise(textures[2], u * 5.0, v * 5.0 + 11.0) + 0.25 * fine
        melanin *= 1.0 - scalars[S_VITILIGO] * step(0.7, 0.85, patch)
    out[0] = np.exp(LIGHT0 - MEL0 * melanin - HB0 * blood)
    out[1] = np.exp(LIGHT1 - MEL1 * melanin - HB1 * blood)
    out[2] = np.exp(LIGHT2 - MEL2 * melanin - HB2 * blood)
    if frontal and scalars[S_TATTOO] > 0.0:
        _tattoo(x, y, z, scalars, textures, out)
    if inside:
        _make_up(x, y, z, row, column, front, scalars, colours, masks, textures, out)
    if frontal and scalars[S_BUZZ] > 0.0 and scalp > -2.0:
        grain = noise(textures[0], x * 12.0, y * 12.0 + off)
        buzz = scalars[S_BUZZ] * step(-0.4, 0.6, scalp + 0.3 * medium) * (0.8 + 0.2 * grain)
        if buzz > 0.5:
            out[5] = K_HAIR
        for c in range(3):
            hair = colours[C_HAIR, c] * np.exp(0.25 * grain) + 0.15 * out[c]
            out[c] += (hair - out[c]) * max(0.0, min(1.0, buzz)) * 0.9


@compiled_with()
def _pigment(  # noqa: PLR0917 - compiled: a point, arrays by position
    u: float, v: float, medium: float, fine: float, scalars: Float32Array, textures: Float32Array, out: Float32Array
) -> None:
    """Melanin into out[0] and blood into out[1], with their variation over all skin."""
    mottle = scalars[S_MOTTLE]
    coarse = noise(textures[3], u * 5.0, v * 5.0)
    grain = noise(textures[0], u * 19.0, v * 19.0)
    out[0] = scalars[S_MELANIN] + mottle * (0.06 * coarse + 0.03 * medium + 0.035 * fine + 0.02 * grain)
    out[1] = scalars[S_BLOOD] + mottle * (0.07 * noise(textures[3], v * 4.0, u * 4.0) + 0.07 * medium + 0.05 * fine)
    if scalars[S_SPOTS] > 0.0:
        spot = noise(textures[2], u * 16.0 + 40.0, v * 16.0)
        out[0] += scalars[S_SPOTS] * 0.45 * step(1.3, 1.8, spot + 0.2 * fine)
    if scalars[S_ACNE] > 0.0:
        out[1] += scalars[S_ACNE] * 1.3 * step(2.1, 2.7, noise(textures[1], u * 7.0, v * 7.0 + 21.0))


@compiled_with()
def _face_pigment(  # noqa: PLR0917 - compiled: a point, arrays by position
    x: float,
    y: float,
    z: float,
    row: int,
    column: int,
    front: float,
    scalars: Float32Array,
    masks: Float32Array,
    moles: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """What a face has more of where: lips, cheeks, rings under the eyes, freckles, moles, wrinkles, oil."""
    off = scalars[S_OFFSET]
    deep = step(6.0, 7.5, z)
    lips, under, red = masks[M_LIPS, row, column] * deep, masks[M_UNDER, row, column] * deep, masks[M_RED, row, column]
    crease = 0.12 * noise(textures[1], x * 30.0 + off, y * 5.0) * lips if lips > 0.0 else 0.0
    out[0] += 0.12 * lips + scalars[S_UNDER_EYE] * 0.3 * under
    out[1] += scalars[S_REDNESS] * red + scalars[S_LIP_BLOOD] * lips + scalars[S_UNDER_EYE] * 0.45 * under + crease
    if scalars[S_FRECKLES] > 0.0:
        dot = noise(textures[1], (x + off) * 22.0, (y + 2.0 * off) * 22.0)
        out[0] += scalars[S_FRECKLES] * 0.55 * step(1.1, 1.9, dot) * (0.25 + red)
    for m in range(moles.shape[0]):
        if moles[m, 2] > 0.0:
            d = ((x - moles[m, 0]) ** 2 + (y - moles[m, 1]) ** 2) / (moles[m, 2] ** 2)
            if d < 6.0 and z > 2.0:
                out[0] += 1.2 * np.exp(-d * d)
    amount = scalars[S_WRINKLE] * front
    if amount > 0.0:
        line = masks[M_WRINKLE, row, column]
        out[0] += 0.10 * amount * line
        out[1] += 0.18 * amount * line
        # Height is minus the mask, three tenths of a millimetre deep.
        depth = 0.03 * amount / (2.0 * STEP)
        out[7] -= depth * (masks[M_WRINKLE, row, column + 1] - masks[M_WRINKLE, row, column - 1])
        out[8] -= depth * (masks[M_WRINKLE, row - 1, column] - masks[M_WRINKLE, row + 1, column])
    out[3] -= 0.16 * scalars[S_OIL] * masks[M_OIL, row, column] * front
    if lips > 0.5:
        out[5] = K_LIPS
        out[3] -= 0.05 + 0.22 * scalars[S_GLOSS]
    out[8] += 0.5 * crease


@compiled_with()
def _make_up(  # noqa: PLR0917 - compiled: a point, arrays by position
    x: float,
    y: float,
    z: float,
    row: int,
    column: int,
    front: float,
    scalars: Float32Array,
    colours: Float32Array,
    masks: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """What lies on a face: paint, lipstick, eye shadow, blush, liner, painted brows, stubble and short beards."""
    off = scalars[S_OFFSET]
    deep = step(6.0, 7.5, z)
    if scalars[S_PAINT] > 0.5:
        _paint(x, y, z, front, scalars, colours, masks[M_LIPS, row, column], textures, out)
    beard, moustache = masks[M_BEARD, row, column] * front, masks[M_MOUSTACHE, row, column] * deep
    strand = grain = 0.0
    if beard + moustache + masks[M_BROWS, row, column] > 0.01:
        strand = noise(textures[1], x * 18.0 + y * 5.0, y * 6.0 + off)
        grain = noise(textures[0], x * 12.0, y * 12.0 + off)
    brow = min(1.0, masks[M_BROWS, row, column] * front * scalars[S_BROW] * (1.0 + 0.35 * strand)) * deep
    facial = min(1.0, scalars[S_BEARD] * step(0.25, 0.6, beard + 0.05 * strand + 0.04 * grain))
    facial = max(facial, scalars[S_MOUSTACHE] * step(0.3, 0.6, moustache + 0.05 * strand + 0.04 * grain))
    # Between its strands a brow is a brow too.
    if masks[M_BROWS, row, column] * deep > 0.5 and scalars[S_BROW] > 0.12:
        out[5] = K_BROWS
    if facial > 0.5:
        out[5] = K_HAIR
        out[3], out[4] = scalars[S_HAIR_ROUGH], 0.03
        out[7] += 0.25 * grain * facial
        out[8] += 0.25 * strand * facial
    shaved = max(0.0, min(0.85, scalars[S_STUBBLE] * beard * (0.55 + 0.25 * grain)))
    lips, shadow = masks[M_LIPS, row, column] * deep, masks[M_SHADOW, row, column] * deep
    blush = scalars[S_BLUSH] * masks[M_BLUSH, row, column] * front
    line = masks[M_LASH, row, column] * deep * scalars[S_LASHES]
    line = max(line, masks[M_LINER, row, column] * deep * scalars[S_LINER])
    for c in range(3):
        base = out[c]
        base += (colours[C_BLUSH, c] - base) * 0.45 * blush
        base += (colours[C_LIP, c] - base) * lips * scalars[S_LIPSTICK]
        base += (colours[C_SHADOW, c] - base) * shadow * scalars[S_SHADOW]
        base += (colours[C_BROW, c] * 1.2 + 0.25 * base - base) * shaved
        base += (colours[C_BROW, c] - base) * max(0.0, brow)
        base += (colours[C_HAIR, c] * np.exp(0.35 * strand + 0.3 * grain) + 0.1 * base - base) * max(0.0, facial)
        out[c] = base * (1.0 - 0.85 * line)


@compiled_with()
def _tattoo(  # noqa: PLR0917 - compiled: a point, arrays by position
    x: float, y: float, z: float, scalars: Float32Array, textures: Float32Array, out: Float32Array
) -> None:
    """Lines and fillings of dark ink in a patch of one side of face or neck; some go around the neck."""
    size, off = scalars[S_TATTOO_SIZE], scalars[S_OFFSET]
    du, dv = (x - scalars[S_TATTOO_X]) / size, (y - scalars[S_TATTOO_Y]) / size
    around = 1.0 - step(0.8, 1.1, np.sqrt(du * du + dv * dv))
    if around <= 0.0 or z < -2.0:
        return
    field = noise(textures[2], x * 8.0 + off, y * 8.0 + 0.5 * z) + 0.5 * noise(textures[1], x * 5.0, y * 5.0 + off)
    line = 1.0 - step(0.10, 0.22, abs(field - 0.4 * np.floor(field / 0.4 + 0.5)))
    ink = scalars[S_TATTOO] * around * max(line, 0.7 * step(1.0, 1.2, field))
    out[0] += (0.020 - out[0]) * ink
    out[1] += (0.026 - out[1]) * ink
    out[2] += (0.034 - out[2]) * ink


@compiled_with()
def _paint(  # noqa: PLR0917 - compiled: a point, arrays by position
    x: float,
    y: float,
    z: float,
    front: float,
    scalars: Float32Array,
    colours: Float32Array,
    lips: float,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """Face paint: 1 one half, 2 bars under the eyes, 3 the whole face with dark eyes, 4 stripes, 5 a torn pattern."""
    kind, off = int(scalars[S_PAINT]), scalars[S_OFFSET]
    rough = 0.35 * noise(textures[1], x * 6.0, y * 6.0 + off)
    first = second = 0.0
    if kind == 1:
        first = step(-0.2, 0.2, x + rough)
    elif kind == 2:
        first = step(0.6, 0.9, abs(x)) * step(5.6, 5.2, abs(x)) * step(0.65, 0.45, abs(y - 1.3 + 0.1 * abs(x)) + rough)
    elif kind == 3:
        first = step(-9.0, -8.4, y + rough)
        second = step(1.5, 1.2, np.sqrt((abs(x) - 3.1) ** 2 + (0.8 * (y - 3.6)) ** 2) + rough)
    elif kind == 4:
        first = step(-0.15, 0.15, np.sin(x * 2.1 + off))
        second = 1.0 - first
    elif kind == 5:
        field = noise(textures[2], x * 6.0 + off, y * 6.0)
        first, second = step(0.3, 0.5, field + rough), step(0.5, 0.7, -field + rough)
    wear = 0.75 + 0.2 * noise(textures[1], x * 16.0, y * 16.0)
    first, second = first * front * min(1.0, wear) * (1.0 - lips), second * front * min(1.0, wear) * (1.0 - lips)
    for c in range(3):
        out[c] += (colours[C_PAINT, c] - out[c]) * max(0.0, first)
        out[c] += (colours[C_PAINT2, c] - out[c]) * max(0.0, second)
