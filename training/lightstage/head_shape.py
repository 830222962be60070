"""Shapes of heads beyond the morphable model: proportions, asymmetry, fat and thin faces, folds that come with age."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, Float32Array
from .implicit import WaveNoise, smoothstep


@dataclass(frozen=True)
class HeadShape:
    """What is added to an identity.

    Attributes:
        stretch: (3,) factors of width, height and depth about the eyes.
        swell: centimetres of smooth displacement that makes one head unlike another.
        waves: the displacement.
        child: 0 for adults, 1 for a child of about six.
        fat: −1 hollow cheeks to 1 full cheeks and double chin.
        age: 0 smooth to 1 deeply folded.
        folds: (6,) how much of each fold: nose to mouth, mouth to chin, under the eyes, forehead, between the brows,
            jowls.
    """

    stretch: AnyFloatArray
    swell: float
    waves: tuple[WaveNoise, WaveNoise, WaveNoise]
    child: float
    fat: float
    age: float
    folds: AnyFloatArray


def random_head_shape(random: np.random.Generator) -> HeadShape:
    """Adults of all ages, and some children."""
    child = float(random.uniform(0.3, 1.0)) if random.uniform() < 0.07 else 0.0
    age = 0.0 if child else float(random.beta(1.0, 1.6))
    return HeadShape(
        stretch=np.exp(random.normal(size=3) * np.array([0.025, 0.03, 0.02])),
        swell=float(random.uniform(0.0, 0.28)),
        waves=(WaveNoise(random), WaveNoise(random), WaveNoise(random)),
        child=child,
        fat=float(np.clip(random.normal() * 0.45 + 0.35 * child, -1.0, 1.3)),
        age=age,
        folds=age * random.uniform(0.2, 1.0, 6) + random.uniform(0.0, 0.22, 6) * (1.0 - child),
    )


def _lobe(rest: AnyFloatArray, centre: tuple[float, float, float], radius: float) -> AnyFloatArray:
    """A smooth bump on both sides of the face about a point of the neutral mean, centimetres."""
    away = np.stack([np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]], axis=1) - np.array(centre)
    result: AnyFloatArray = np.exp(-(away**2).sum(axis=1) / radius**2)
    return result


def reshaped(vertices: Float32Array, rest: Float32Array, shape: HeadShape) -> Float32Array:
    """Vertices (V, 3), model frame in centimetres, with the shape's proportions.

    Args:
        vertices: of the person.
        rest: (V, 3) of the neutral mean: what lies where.
        shape: the shape.
    """
    eyes = np.array([0.0, 3.5, 6.0])
    moved = (vertices - eyes) * shape.stretch + eyes
    if shape.swell > 0.0:
        # Wavelengths of a hand's breadth: eyes and teeth keep their form.
        moved = moved + shape.swell * np.stack([wave(rest, 9.0) for wave in shape.waves], axis=1)
    if shape.child > 0.0:
        below = smoothstep(4.0, -6.0, rest[:, 1]) * smoothstep(-13.0, -8.0, rest[:, 1])
        moved[:, 1] += 1.3 * shape.child * below
        moved[:, 0] *= 1.0 - 0.09 * shape.child * below
        moved[:, 2] -= 0.5 * shape.child * below * smoothstep(4.0, 10.0, rest[:, 2])
        moved = eyes + (moved - eyes) * (1.0 - 0.10 * shape.child)
        neck = smoothstep(-7.0, -10.0, rest[:, 1])
        moved[:, 0] *= 1.0 - 0.18 * shape.child * neck
    result: Float32Array = moved.astype(np.float32)
    return result


def _distance_to_path(
    points: AnyFloatArray, path: tuple[tuple[float, float], ...]
) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Centimetres from (|x|, y) to a polyline, and on which side of it: positive above or outside."""
    line = np.array(path)
    start, axis = line[:-1], np.diff(line, axis=0)
    away = np.stack([np.abs(points[:, 0]), points[:, 1]], axis=1)[:, None] - start
    along = np.clip((away * axis).sum(-1) / (axis**2).sum(-1), 0.0, 1.0)
    offset = away - along[..., None] * axis
    distance = np.linalg.norm(offset, axis=-1)
    nearest = distance.argmin(axis=1)
    rows = np.arange(len(points))
    side = axis[nearest, 0] * away[rows, nearest, 1] - axis[nearest, 1] * away[rows, nearest, 0]
    return distance[rows, nearest], np.sign(side)


def _fold(
    rest: AnyFloatArray, path: tuple[tuple[float, float], ...], groove: float, bulge: float, width: float
) -> AnyFloatArray:
    """Centimetres along the normal: a groove on a path and a bulge on its positive side."""
    distance, side = _distance_to_path(rest, path)
    result: AnyFloatArray = -groove * np.exp(-((distance / width) ** 2)) + bulge * (side > 0) * np.exp(
        -(((distance - 1.6 * width) / (1.5 * width)) ** 2)
    )
    return result


def surface_relief(rest: Float32Array, shape: HeadShape) -> AnyFloatArray:
    """(V,) centimetres by which skin is displaced along its normal: fat, thin and folded faces."""
    near = np.flatnonzero((rest[:, 2] > 3.0) & (rest[:, 1] > -9.5) & (rest[:, 1] < 11.0) & (np.abs(rest[:, 0]) < 8.0))
    total = np.zeros(len(rest))
    full, hollow = max(shape.fat, 0.0), max(-shape.fat, 0.0)
    total += full * (0.75 * _lobe(rest, (5.2, -2.2, 7.5), 2.8) + 0.7 * _lobe(rest, (3.0, -7.6, 6.0), 2.8))
    total += full * (1.0 * _lobe(rest, (0.0, -8.6, 5.0), 2.8) + 0.45 * _lobe(rest, (4.0, -11.0, 2.0), 4.0))
    total -= hollow * (0.7 * _lobe(rest, (5.0, -2.0, 7.5), 2.2) + 0.3 * _lobe(rest, (6.4, 4.0, 5.0), 1.8))
    if not len(near):
        return total
    face = rest[near]
    naso, mouth, eye, forehead, brow, jowl = shape.folds
    relief = naso * _fold(face, ((1.6, 0.0), (2.3, -1.2), (3.2, -2.6), (3.5, -3.9)), 0.13, 0.20, 0.42)
    relief += mouth * _fold(face, ((2.9, -4.3), (3.15, -5.2), (3.0, -6.3)), 0.12, 0.14, 0.38)
    relief += eye * _fold(face, ((1.6, 2.2), (2.6, 1.55), (3.8, 1.6), (5.0, 2.3)), 0.12, 0.16, 0.33)
    relief += jowl * 0.35 * _lobe(face, (4.4, -6.0, 7.5), 1.3)
    lines = sum(np.exp(-(((face[:, 1] - y - 0.035 * face[:, 0] ** 2 * 0.5) / 0.26) ** 2)) for y in (7.3, 8.25, 9.15))
    relief -= forehead * 0.075 * lines * smoothstep(4.8, 3.0, np.abs(face[:, 0]))
    furrow = np.exp(-(((np.abs(face[:, 0]) - 0.55) / 0.22) ** 2)) * smoothstep(4.6, 5.3, face[:, 1])
    relief -= brow * 0.10 * furrow * smoothstep(7.2, 6.4, face[:, 1])
    total[near] += relief
    return total
