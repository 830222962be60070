"""Random lamps: key, side and back lights, bare bulbs to windows, white to saturated."""

import numpy as np

from ...runtime.arrays import Float64Array
from ...runtime.transfer import LUMINANCE
from .illumination import Lamps

HARD_RADIUS = 0.04
"""Angular radius (radians) of the largest lamp that counts as bare: bulbs, the sun, a small flash."""


def lamp_colour(random: np.random.Generator) -> Float64Array:
    """(3,) colour of unit luminance: mostly near white, warm or cold, at times saturated."""
    if random.uniform() < 0.15:
        colour = random.uniform(0.05, 1.0, 3) ** 2
    else:
        warmth = random.normal() * 0.35
        colour = np.exp(np.array([warmth, 0.1 * random.normal() * 0.5, -warmth]))
    return colour / float(colour @ LUMINANCE)


def random_towards(random: np.random.Generator) -> tuple[Float64Array, bool]:
    """(3,) direction towards a lamp, camera axes, and whether it stands behind the person.

    40 % stand in the front quarter, 32 % at a side, 28 % behind.
    """
    kind = random.uniform()
    behind = kind >= 0.72
    if kind < 0.40:
        azimuth = random.normal() * 0.7
    elif not behind:
        azimuth = random.choice([-1, 1]) * random.uniform(0.9, 1.9)
    else:
        azimuth = np.pi + random.normal() * 0.6
    elevation = np.clip(random.normal() * 0.4 + (0.6 if behind else 0.35), -0.9, 1.4)
    towards = [np.cos(elevation) * np.sin(azimuth), np.sin(elevation), np.cos(elevation) * np.cos(azimuth)]
    return np.array(towards), behind


def random_radius(random: np.random.Generator) -> float:
    """Angular radius, radians: 45 % bare and hard, the others from a small soft box to a whole window."""
    if random.uniform() < 0.45:
        return float(random.uniform(0.004, HARD_RADIUS))
    return float(np.exp(random.uniform(np.log(HARD_RADIUS), np.log(0.6))))


def random_lamps(random: np.random.Generator, count: int | None = None) -> Lamps:
    """None to three lamps, camera axes, as seen from the head; irradiance relative to a mean radiance of 1.

    Args:
        random: generator.
        count: how many; random when not given.
    """
    count = int(random.choice(4, p=[0.26, 0.40, 0.23, 0.11])) if count is None else count
    directions, distances, radii, irradiances = np.zeros((count, 3)), np.zeros(count), np.zeros(count), []
    for index in range(count):
        directions[index], behind = random_towards(random)
        radii[index] = random_radius(random)
        distances[index] = np.exp(random.uniform(np.log(0.6), np.log(4.0))) if random.uniform() < 0.4 else np.inf
        strength = np.exp(random.normal() * 0.8 + 0.9) * (1.4 if behind else 1.0)
        irradiances.append(lamp_colour(random) * strength)
    return Lamps(directions, distances, radii, np.array(irradiances).reshape(-1, 3))
