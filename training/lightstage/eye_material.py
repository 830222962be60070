"""Compiled materials of eyes, teeth and the inside of the mouth."""

import numpy as np

from ...runtime.arrays import Float32Array
from .compiled import compiled_with
from .material_numbers import COLOUR, K_EYES, K_MOUTH, SCALAR, noise, step

S_IRIS, S_PUPIL, S_TEETH, S_OFFSET = (SCALAR[name] for name in ("iris_radius", "pupil_radius", "teeth", "noise_offset"))
S_SCLERA, S_RED_EYE, S_LIMBUS, S_YELLOW = (SCALAR[name] for name in ("sclera", "red_eye", "limbus", "teeth_yellow"))
C_IRIS, C_IRIS2 = COLOUR["iris_colour"], COLOUR["iris_second"]


@compiled_with()
def eye(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float,
    y: float,
    z: float,
    scalars: Float32Array,
    colours: Float32Array,
    textures: Float32Array,
    out: Float32Array,
) -> None:
    """An eyeball from the direction (x, y, z) of a point, optical axis z: veins, limbal ring, fibres, pupil."""
    radius = np.sqrt(x * x + y * y)
    angle = np.arctan2(radius, z)
    around = np.arctan2(y, x)
    vein = step(0.9, 2.2, noise(textures[1], around * 14.0 + scalars[S_OFFSET], angle * 22.0))
    red = scalars[S_RED_EYE] * (0.25 + 0.75 * step(0.45, 1.0, angle)) * (0.35 + 0.65 * vein)
    white = scalars[S_SCLERA] * (1.0 - 0.22 * step(0.5, 0.95, angle))
    out[0], out[1], out[2] = white, white * (0.94 - 0.42 * red), white * (0.88 - 0.45 * red)
    edge = scalars[S_IRIS]
    iris = 1.0 - step(edge - 0.05, edge + 0.03, angle)
    pupil = 1.0 - step(scalars[S_PUPIL] - 0.02, scalars[S_PUPIL] + 0.02, angle)
    ring = 1.0 - scalars[S_LIMBUS] * step(0.72, 0.98, angle / edge)
    fibre = np.exp(0.32 * noise(textures[1], around * 16.0, angle * 9.0 + scalars[S_OFFSET]))
    inner = 1.0 - step(0.35, 0.75, angle / edge + 0.06 * noise(textures[1], around * 9.0, scalars[S_OFFSET]))
    for c in range(3):
        colour = colours[C_IRIS, c] + (colours[C_IRIS2, c] - colours[C_IRIS, c]) * inner
        out[c] += (colour * ring * fibre - out[c]) * iris
        out[c] += (0.003 - out[c]) * pupil
    out[3], out[4], out[5] = 0.08, 0.035, K_EYES


@compiled_with()
def teeth(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float, y: float, z: float, scalars: Float32Array, textures: Float32Array, out: Float32Array
) -> None:
    """Teeth: darker towards the back, each a little different, more yellow at the gum."""
    value = scalars[S_TEETH] * (0.25 + 0.75 * step(5.5, 10.2, z))
    value *= np.exp(0.10 * noise(textures[1], np.floor(x / 0.8) * 5.0 + scalars[S_OFFSET], y * 2.0))
    yellow = scalars[S_YELLOW]
    out[0], out[1], out[2] = value, value * (0.97 - 0.12 * yellow), value * (0.90 - 0.42 * yellow)
    out[3], out[4], out[5] = 0.22, 0.04, K_MOUTH


@compiled_with()
def mouth(  # noqa: PLR0917 - compiled: arrays go in by position
    x: float, y: float, z: float, scalars: Float32Array, textures: Float32Array, out: Float32Array
) -> None:
    """Gums, tongue and the inside of the cheeks: wet flesh, darker towards the throat."""
    depth = 0.30 + 0.70 * step(3.0, 10.0, z)
    grain = np.exp(0.12 * noise(textures[1], x * 14.0 + scalars[S_OFFSET], y * 14.0 + z * 9.0))
    out[0], out[1], out[2] = 0.42 * depth * grain, 0.15 * depth * grain, 0.13 * depth * grain
    out[3], out[4], out[5] = 0.28, 0.03, K_MOUTH
