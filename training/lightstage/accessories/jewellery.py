"""Earrings and piercings."""

import numpy as np

from ....runtime.arrays import AnyFloatArray
from ..head_mesh import Mesh, ear_points
from ..parts import Part
from ..surgery import tube


def ear_lobes(head: Mesh) -> list[AnyFloatArray]:
    """(3,) lowest point of the left and the right ear, metres."""
    lobes = []
    for side in (1.0, -1.0):
        ear = ear_points(head, side).astype(np.float64)
        ahead = ear[ear[:, 2] > np.quantile(ear[:, 2], 0.35)]
        lobes.append(ahead[np.argmin(ahead[:, 1])])
    return lobes


def ball(centre: AnyFloatArray, radius: float) -> Mesh:
    """A small sphere of METAL."""
    polar = np.linspace(0.02, np.pi - 0.02, 6)
    path = centre + radius * np.stack([0 * polar, np.cos(polar), 0 * polar], axis=1)
    return tube(path, radius * np.sin(polar), Part.METAL, sides=8)


def earrings(head: Mesh, random: np.random.Generator) -> list[Mesh]:
    """Studs, hoops or drops on both ears, now and then on one."""
    kind = random.choice(["stud", "hoop", "drop"])
    size, wire = random.uniform(0.006, 0.028), random.uniform(0.0007, 0.002)
    lobes = ear_lobes(head)
    if random.uniform() < 0.15:
        lobes = lobes[:1]
    pieces = []
    for lobe in lobes:
        outside = lobe + np.array([np.sign(lobe[0]) * 0.002, 0.004, 0.001])
        if kind == "stud":
            pieces.append(ball(outside, random.uniform(0.0018, 0.004)))
        elif kind == "hoop":
            angle = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
            turn = random.uniform(0.2, 1.2)
            ring = np.stack([np.sin(angle) * np.cos(turn), np.cos(angle), np.sin(angle) * np.sin(turn)], axis=1)
            pieces.append(tube(outside + size * (ring - np.array([0.0, 1.0, 0.0])), wire, Part.METAL, closed=True))
        else:
            path = outside + np.linspace(0.0, -1.4 * size, 9)[:, None] * np.array([0.0, 1.0, 0.0])
            swell = 0.0008 + random.uniform(0.001, 0.005) * np.sin(np.linspace(0.0, np.pi, 9)) ** 2
            pieces.append(tube(path, swell, Part.METAL))
    return pieces


def piercing(landmarks: AnyFloatArray, random: np.random.Generator) -> Mesh:
    """A ball at a nostril, a brow or the lower lip; landmarks (68, 3) posed, metres."""
    index, shift = ((35, (0.001, 0.003, 0.0)), (26, (0.0, 0.002, 0.001)), (57, (0.0, -0.006, 0.001)))[
        random.integers(3)
    ]
    return ball(landmarks[index] + np.array(shift), random.uniform(0.001, 0.0022))
