"""Where the compiled materials find each number of an appearance, and what they share: noise and ramps."""

import numpy as np

from ...runtime.arrays import Float32Array
from .appearance import COLOURS, SCALARS
from .compiled import compiled_with
from .parts import Part, PartClass

SCALAR = {name: index for index, name in enumerate(SCALARS)}
COLOUR = {name: index for index, name in enumerate(COLOURS)}
(
    P_SKIN, P_MOUTH, P_SOCKET, P_TEETH, P_EYE, P_HAIR, P_BODY, P_HEADWEAR, P_GLASSES,
    P_SCALP, P_BROW, P_BEARD, P_LASH, P_LENS, P_DARK_LENS, P_FABRIC, P_METAL, P_HAND, P_PLASTIC,
) = (int(part) for part in Part)  # fmt: skip
K_SKIN, K_LIPS, K_BROWS, K_EYES, K_MOUTH, K_HAIR, K_CLOTHING, K_GLASSES = (int(name) for name in PartClass if name)


@compiled_with()
def noise(texture: Float32Array, u: float, v: float) -> float:
    """Bilinear, wrapping lookup in a (size, size) noise texture, size a power of two; u and v in texels."""
    last = texture.shape[0] - 1
    iu, iv = int(np.floor(u)), int(np.floor(v))
    fu, fv = u - iu, v - iv
    a, b, c, d = iu & last, (iu + 1) & last, iv & last, (iv + 1) & last
    upper = texture[c, a] * (1 - fu) + texture[c, b] * fu
    lower = texture[d, a] * (1 - fu) + texture[d, b] * fu
    result: float = upper * (1 - fv) + lower * fv
    return result


@compiled_with()
def step(low: float, high: float, value: float) -> float:
    """Hermite step from 0 at low to 1 at high."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)
