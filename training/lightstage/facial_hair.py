"""Brows, beards and lashes as strands on the face."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray
from .head_mesh import Mesh
from .implicit import WaveNoise, smoothstep
from .skin_distance import SkinDistance
from .strands import Strands, curled, gathered, scaled_width, scattered_roots, unit

BEARDS = ("full", "goatee", "moustache", "chin", "sideburns", "horseshoe")
RIGHT_BROW, LEFT_BROW = slice(17, 22), slice(22, 27)
"""Landmarks of the brows in the 68-point order."""
UPPER_LIDS, LOWER_LIDS = ((36, 37, 38, 39), (45, 44, 43, 42)), ((36, 41, 40, 39), (45, 46, 47, 42))
"""Landmarks of the lids from the outer to the inner corner: right eye, left eye."""


@dataclass(frozen=True)
class FacialHair:
    """Brows and beard of one person; lengths in metres.

    Attributes:
        brow_strands: strands of both brows, 0 for shaved ones.
        brow_length: of a strand.
        brow_width: how wide the band is, as a factor of the mean.
        brow_lift: how far the brow lies above its mean place, centimetres.
        lash_length: of the upper lashes.
        beard: one of BEARDS, or '' for none.
        beard_length: of its hair at the chin.
        beard_density: 0..1.
        beard_curl: radius of its curls.
        beard_top: how far its upper border lies below the usual one, centimetres.
    """

    brow_strands: int
    brow_length: float
    brow_width: float
    brow_lift: float
    lash_length: float
    beard: str
    beard_length: float
    beard_density: float
    beard_curl: float
    beard_top: float


def random_facial_hair(random: np.random.Generator) -> FacialHair:
    """Brows from thin to bushy; a beard on one in five."""
    bushy = float(random.beta(1.6, 1.6))
    bearded = random.uniform() < 0.2
    beard = str(random.choice(BEARDS, p=[0.55, 0.13, 0.14, 0.06, 0.04, 0.08])) if bearded else ""
    return FacialHair(
        brow_strands=0 if random.uniform() < 0.03 else int(340 + 620 * bushy),
        brow_length=0.005 + 0.005 * bushy,
        brow_width=0.6 + 0.7 * bushy,
        brow_lift=float(random.normal() * 0.12),
        lash_length=float(random.uniform(0.004, 0.010)),
        beard=beard,
        beard_length=float(np.exp(random.uniform(np.log(0.004), np.log(0.13 if random.uniform() < 0.35 else 0.03)))),
        beard_density=float(random.uniform(0.55, 1.0)),
        beard_curl=float(random.choice([0.0, 0.0, random.uniform(0.001, 0.004)])),
        beard_top=float(np.clip(random.normal() * 0.5 + 0.3, -0.3, 2.0)),
    )


def _distance_to_path(points: AnyFloatArray, path: AnyFloatArray) -> AnyFloatArray:
    """(N,) distance of (N, 2) points to a polyline (M, 2)."""
    start, axis = path[:-1], np.diff(path, axis=0)
    away = points[:, None] - start
    along = np.clip((away * axis).sum(-1) / np.maximum((axis**2).sum(-1), 1e-9), 0.0, 1.0)
    result: AnyFloatArray = np.linalg.norm(away - along[..., None] * axis, axis=-1).min(axis=1)
    return result


def brow_density(rest: AnyFloatArray, landmarks: AnyFloatArray, style: FacialHair) -> AnyFloatArray:
    """(N,) 0..1 how densely brows grow.

    Args:
        rest: (N, 3) on the neutral mean, centimetres.
        landmarks: (68, 3) of the neutral mean.
        style: brows.
    """
    density = np.zeros(len(rest))
    near = np.flatnonzero((rest[:, 2] > 5.0) & (rest[:, 1] > 4.0) & (rest[:, 1] < 8.0))
    for part in (RIGHT_BROW, LEFT_BROW):
        path = landmarks[part, :2] + np.array([0.0, style.brow_lift - 0.1])
        inner = np.abs(path[:, 0]).min()
        taper = style.brow_width * (0.42 - 0.055 * (np.abs(rest[near, 0]) - inner))
        distance = _distance_to_path(rest[near, :2], path)
        band = np.exp(-((distance / np.maximum(taper, 0.08)) ** 4)) * (np.abs(rest[near, 0]) > inner - 0.15)
        density[near] = np.maximum(density[near], band * (rest[near, 0] * path[0, 0] > 0))
    return density


def brows(head: Mesh, landmarks: AnyFloatArray, style: FacialHair, random: np.random.Generator) -> Strands | None:
    """The strands of both brows: upwards near the nose, sideways further out."""
    if style.brow_strands == 0:
        return None
    roots = scattered_roots(head, brow_density(head.rest, landmarks, style), style.brow_strands, random)
    count = len(roots.position)
    if count == 0:
        return None
    x, y, _ = roots.rest.T
    outward = smoothstep(1.0, 3.2, np.abs(x))
    above = np.clip((y - 5.9) / 0.5, -1.0, 1.0)
    direction = np.stack([np.sign(x) * (0.25 + outward), 0.9 - 0.95 * outward - 0.5 * above, 0 * x], axis=1)
    direction += 0.22 * random.normal(size=(count, 3))
    return _short_strands(roots.position, roots.normal, direction, style.brow_length, (0.00014, 0.0003), random)


def _short_strands(  # noqa: PLR0917 - a root, its directions and its size
    position: AnyFloatArray,
    normal: AnyFloatArray,
    direction: AnyFloatArray,
    length: float,
    width: tuple[float, float],
    random: np.random.Generator,
) -> Strands:
    """Strands of three points that leave the skin and lie down on it."""
    count = len(position)
    along = unit(direction - normal * np.einsum("ij,ij->i", direction, normal)[:, None])
    size = (length * random.uniform(0.6, 1.2, count))[:, None]
    rise = size * random.uniform(0.12, 0.4, (count, 1))
    paths = np.stack(
        [
            position - normal * 0.0002,
            position + along * size * 0.5 + normal * (rise * 0.8 + 0.0003),
            position + along * size + normal * (rise + 0.0003),
        ],
        axis=1,
    )
    lock = random.uniform(-1.0, 1.0, count)
    return Strands(paths, scaled_width(*width, count, random), lock, random.normal(size=count))


def lashes(landmarks: AnyFloatArray, style: FacialHair, random: np.random.Generator) -> Strands:
    """Upper and lower lashes from the posed landmarks (68, 3), metres: outwards, fanning, curving up."""
    paths = []
    for lids, rise, size in ((UPPER_LIDS, 1.0, 1.0), (LOWER_LIDS, -0.8, 0.45)):
        for lid, side in zip(lids, (-1.0, 1.0), strict=True):
            points = landmarks[list(lid)]
            count = 34 if rise > 0 else 20
            share = np.sort(random.uniform(0.05, 0.95, count)) * 3.0
            root = np.stack([np.interp(share, np.arange(4), points[:, k]) for k in range(3)], axis=1)
            # Chords cut the lid's arc; the lid bulges by a tenth of a millimetre or two, forward and away.
            bulge = np.sin(np.pi * (share % 1.0))[:, None] * np.array([0.0, 0.0004 * rise, 0.0004])
            fan = side * (1.0 - share / 1.5)[:, None] * np.array([0.55, 0.0, 0.0])
            ahead = np.array([0.0, 0.12 * rise, 1.0]) + fan + 0.1 * random.normal(size=(count, 3))
            length = (style.lash_length * size * random.uniform(0.7, 1.1, count))[:, None]
            start = root + bulge
            middle = start + unit(ahead) * length * 0.55
            tip = middle + unit(ahead + np.array([0.0, 1.1 * rise, 0.0])) * length * 0.45
            paths.append(np.stack([start, middle, tip], axis=1))
    path = np.concatenate(paths)
    count = len(path)
    return Strands(path, scaled_width(0.00018, 0.0004, count, random), np.zeros(count), random.normal(size=count))


_BORDER_X = (0.0, 1.3, 3.0, 4.5, 5.8, 6.8, 7.3)
_BORDER_Y = (-1.5, -1.7, -2.3, -2.6, -1.8, 0.6, 2.6)


def beard_density(rest: AnyFloatArray, style: FacialHair, noise: AnyFloatArray) -> AnyFloatArray:
    """(N,) 0..1 how densely a beard grows.

    Args:
        rest: (N, 3) on the neutral mean, centimetres.
        style: beard.
        noise: (N,) −1..1, ragged border.
    """
    if not style.beard:
        return np.zeros(len(rest))
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    upper = np.interp(x, _BORDER_X, _BORDER_Y) - style.beard_top * smoothstep(3.0, 4.5, x) * smoothstep(7.2, 6.0, x)
    whole = smoothstep(0.45, -0.45, y - upper + 0.35 * noise) * smoothstep(-10.0, -8.4, y + 0.4 * noise)
    whole = whole * (z > -0.5) * np.where(x < 7.6, 1.0, 0.0)
    mouth = np.sqrt((x / 2.75) ** 2 + ((y + 3.37) / 1.13) ** 2)
    whole = whole * smoothstep(0.95, 1.1, mouth)
    moustache = smoothstep(3.3, 2.6, x) * smoothstep(-3.9, -3.2, y)
    below = smoothstep(2.7, 1.9, x) * smoothstep(-3.9, -4.4, y)
    region = {
        "full": np.ones_like(x),
        "goatee": np.maximum(np.maximum(moustache, below), smoothstep(0.9, 0.6, np.abs(x - 2.9) / 1.0) * (y < -2.5)),
        "moustache": moustache,
        "chin": below,
        "sideburns": smoothstep(4.4, 5.6, x),
        "horseshoe": np.maximum(moustache, smoothstep(0.75, 0.45, np.abs(x - 2.9)) * (y < -2.8) * (y > -7.6)),
    }[style.beard]
    result: AnyFloatArray = whole * region
    return result


def beard_hair(head: Mesh, skin: SkinDistance, style: FacialHair, random: np.random.Generator) -> Strands | None:
    """The strands of a beard, combed down and hanging; None without one."""
    if not style.beard:
        return None
    density = beard_density(head.rest, style, WaveNoise(random)(head.vertices, 0.015))
    area = {"full": 1500, "goatee": 520, "moustache": 300, "chin": 300, "sideburns": 420, "horseshoe": 480}
    roots = scattered_roots(head, density, int(area[style.beard] * (0.5 + 0.7 * style.beard_density)), random)
    count = len(roots.position)
    if count == 0:
        return None
    x, y, _ = roots.rest.T
    chin = smoothstep(-2.0, -6.0, y) * smoothstep(6.5, 3.0, np.abs(x))
    length = style.beard_length * (0.35 + 0.65 * chin) * random.uniform(0.7, 1.1, count)
    moustache = y > -3.4
    length = np.where(moustache, np.minimum(length, 0.022), length)
    steps = int(np.clip(4 + style.beard_length * 100, 4, 12))
    sideways = np.where(moustache & (np.abs(x) < 3.4), np.sign(x) * 0.9, -0.05 * np.sign(x))
    comb = np.stack([sideways, np.full(count, -1.0), np.full(count, 0.25)], axis=1)
    comb += 0.3 * random.normal(size=(count, 3))
    layer = random.uniform(0.0005, 0.006, count) * min(1.0, style.beard_length / 0.02)
    point, normal, path = roots.position, roots.normal, [roots.position - roots.normal * 0.0003]
    for step in range(1, steps):
        share = step / (steps - 1)
        target = comb + normal * (0.75 * (1.0 - share)) + np.array([0.0, -0.9, 0.0]) * share
        moved = point + unit(target) * (length / (steps - 1))[:, None]
        distance, normal = skin.nearest(moved)
        point = moved + normal * np.maximum(0.0, layer * share + 0.0006 - distance)[:, None]
        path.append(point)
    paths, lock = gathered(np.stack(path, axis=1), 160, min(0.5, 8.0 * style.beard_length), random)
    if style.beard_curl > 0.0:
        phase = random.uniform(0.0, 6.28, count)
        paths = curled(paths, style.beard_curl, 0.012, phase, random.uniform(0.5, 1.2, count))
    return Strands(paths, scaled_width(0.0004, 0.0011, count, random), lock, random.normal(size=count))
