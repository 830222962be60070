"""What is worn on a head: knitted caps, caps with a peak, hats, scarves, hoods, turbans, helmets, headphones."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import AnyFloatArray
from ..body import Torso, naked_distance, torso_points
from ..head_mesh import Mesh, merged
from ..implicit import WaveNoise, capsule, ellipsoid, grid_points, smooth_minimum, smoothstep, surface
from ..parts import Part
from ..skin_distance import SkinDistance
from ..surgery import clipped, hem, sheet, tube

KINDS = ("knit", "peak", "hat", "scarf", "hood", "turban", "helmet", "band")
SHARES = (0.22, 0.22, 0.14, 0.20, 0.08, 0.07, 0.03, 0.04)
SPACING = 0.006


@dataclass(frozen=True)
class Headwear:
    """Something on a head.

    Attributes:
        pieces: meshes, head frame.
        rim: height on the neutral mean (centimetres) above which no hair is seen at the front; at the back it is
            lower by `back`.
        back: centimetres.
        covering: whether all hair is hidden.
    """

    pieces: tuple[Mesh, ...]
    rim: float
    back: float
    covering: bool


def random_headwear(skin: SkinDistance, torso: Torso, random: np.random.Generator) -> Headwear:
    """One of KINDS."""
    kind = str(random.choice(KINDS, p=np.array(SHARES) / sum(SHARES)))
    if kind in ("scarf", "hood"):
        return Headwear((_wrapped(kind, skin, torso, random),), 0.0, 0.0, covering=True)
    if kind == "band":
        return Headwear((_band(skin, random),), 30.0, 0.0, covering=False)
    rim, back = random.uniform(7.2, 9.4), random.uniform(1.0, 5.0)
    crown, edge = _crown(kind, skin, rim, back, random)
    pieces = [crown]
    if kind == "peak":
        pieces.append(_peak(edge, backwards=bool(random.uniform() < 0.15), random=random))
    elif kind == "hat":
        pieces.append(_brim(edge, random))
    elif kind == "helmet":
        pieces.append(_strap(skin))
    return Headwear(tuple(pieces), rim - 0.3, back, covering=False)


def _crown(
    kind: str, skin: SkinDistance, rim: float, back: float, random: np.random.Generator
) -> tuple[Mesh, AnyFloatArray]:
    """The part that sits on the skull, and (N, 3) points of its lower edge."""
    low, high = np.array([-0.125, -0.03, -0.145]), np.array([0.125, 0.21, 0.135])
    points, shape = grid_points(low, high, SPACING)
    distance, rest = skin(points)
    noise = WaveNoise(random)
    height = smoothstep(rim, 14.0, rest[:, 1])
    if kind == "knit":
        thick = random.uniform(0.007, 0.016) + random.uniform(0.0, 0.03) * height + 0.002 * noise(points, 0.04)
        rolled = random.uniform() < 0.5
        thick = thick + (0.004 * smoothstep(rim + 2.6, rim + 2.3, rest[:, 1]) if rolled else 0.0)
    elif kind == "peak":
        thick = 0.010 + random.uniform(0.004, 0.014) * height
    elif kind == "hat":
        tall = random.uniform(0.02, 0.05)
        thick = 0.010 + tall * height - 0.4 * tall * np.exp(-((points[:, 0] / 0.025) ** 2)) * height
    elif kind == "turban":
        band = np.sin(rest[:, 1] * 2.6 + 0.5 * rest[:, 0] * np.sign(rest[:, 2]) + 3.0 * noise(points, 0.12))
        thick = 0.016 + random.uniform(0.01, 0.03) * np.sin(np.pi * np.clip(height, 0, 1)) + 0.004 * np.abs(band)
    else:
        thick = 0.025 + 0.012 * height
    vertices, normals, triangles = surface((distance - thick).astype(np.float32), shape, low, SPACING)
    _, rest = skin(vertices)
    around = np.arctan2(vertices[:, 0], vertices[:, 2] + 0.015)
    edge = rim - back * 0.5 * (1.0 - np.cos(around)) + (0.15 * noise(vertices, 0.03) if kind == "turban" else 0.0)
    inside = rest[:, 1] - edge
    mark = (inside < 2.4) & (kind in ("hat", "knit")) & (random.uniform() < 0.5)
    own = np.stack([around * 9.0, vertices[:, 1] * 100.0, mark.astype(float)], axis=1)
    part = Part.PLASTIC if kind == "helmet" else Part.HEADWEAR
    whole = Mesh(vertices, normals, own.astype(np.float32), triangles, np.full(len(triangles), part, np.uint8))
    cut = clipped(whole, inside)
    near = vertices[np.abs(inside) < 0.5]
    return merged([cut, hem(cut, 0.006, np.ones(len(cut.vertices)))]), near


def _edge_ring(edge: AnyFloatArray, angle: AnyFloatArray) -> AnyFloatArray:
    """Points of a crown's lower edge at angles around it (0 in front)."""
    around = np.arctan2(edge[:, 0], edge[:, 2] + 0.015)
    order = np.argsort(around)
    wrapped = np.concatenate([around[order] - 2 * np.pi, around[order], around[order] + 2 * np.pi])
    rings = np.concatenate([edge[order]] * 3)
    cells = np.linspace(-np.pi * 1.4, np.pi * 1.4, 57)
    index = np.clip(np.digitize(wrapped, cells) - 1, 0, 55)
    count = np.maximum(np.bincount(index, minlength=56), 1)
    means = np.stack([np.bincount(index, rings[:, k], 56) / count for k in range(3)], axis=1)
    filled = np.bincount(index, minlength=56) > 0
    middle = 0.5 * (cells[:-1] + cells[1:])
    return np.stack([np.interp(angle, middle[filled], means[filled, k]) for k in range(3)], axis=1)


def _two_sided(points: AnyFloatArray, part: Part, band: float, *, closed: bool) -> Mesh:
    """A thin brim: its upper and its lower side."""
    rest = np.stack([points[..., 0] * 100.0, points[..., 2] * 100.0, np.full(points.shape[:2], band)], axis=-1)
    upper = sheet(points, rest, part, closed=closed)
    if upper.normals[:, 1].mean() < 0.0:
        upper = Mesh(upper.vertices, -upper.normals, upper.rest, upper.triangles[:, ::-1].copy(), upper.parts)
    shift = np.array([0.0, -0.0025, 0.0], np.float32)
    lower = Mesh(upper.vertices + shift, -upper.normals, upper.rest, upper.triangles[:, ::-1].copy(), upper.parts)
    return merged([upper, lower])


def _peak(edge: AnyFloatArray, *, backwards: bool, random: np.random.Generator) -> Mesh:
    """The peak of a cap."""
    half, reach = 1.05, random.uniform(0.05, 0.075)
    angle = np.linspace(-half, half, 21)
    ring = _edge_ring(edge, angle + (np.pi if backwards else 0.0))
    ahead = np.array([0.0, -random.uniform(0.05, 0.35), -1.0 if backwards else 1.0])
    length = reach * np.cos(angle / half * 0.5 * np.pi) ** 0.55
    share = np.linspace(0.0, 1.0, 6)[:, None, None]
    points = ring[None] * np.where(share > 0, 1.0, 0.985) + share * length[None, :, None] * ahead
    points[..., 1] -= random.uniform(0.1, 0.5) * (angle[None] / half) ** 2 * share[..., 0] * 0.03
    return _two_sided(points, Part.HEADWEAR, float(random.uniform() < 0.4), closed=False)


def _brim(edge: AnyFloatArray, random: np.random.Generator) -> Mesh:
    """The brim of a hat, bent and waving."""
    angle = np.linspace(-np.pi, np.pi, 48, endpoint=False)
    ring = _edge_ring(edge, angle)
    width, bend = random.uniform(0.035, 0.10), random.uniform(-0.25, 0.35)
    outward = np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=1)
    share = np.linspace(0.0, 1.0, 7)[:, None, None]
    points = ring[None] * np.where(share > 0, 1.0, 0.97) + share * width * outward
    wave = random.uniform(0.0, 0.012) * np.sin(2 * angle + random.uniform(0, 6))
    points[..., 1] += share[..., 0] ** 2 * (bend * width * np.abs(np.sin(angle)) - 0.1 * width + wave)
    return _two_sided(points, Part.HEADWEAR, 0.0, closed=True)


def _wrapped(kind: str, skin: SkinDistance, torso: Torso, random: np.random.Generator) -> Mesh:
    """A scarf around head and neck, or a hood that is up: everything but the face."""
    low, high = np.array([-0.16, -0.26, -0.17]), np.array([0.16, 0.20, 0.14])
    spacing = 0.0075
    points, shape = grid_points(low, high, spacing)
    distance, _ = skin(points)
    noise = WaveNoise(random)
    stand = random.uniform(0.010, 0.018) if kind == "scarf" else random.uniform(0.018, 0.035)
    folds = 0.004 * noise(points, np.array([0.03, 0.10, 0.03])) + 0.003 * noise(points, np.array([0.05, 0.018, 0.05]))
    head = distance - stand - folds
    neck = capsule(points, np.array([0, -0.02, -0.01]), np.array([0, -0.15, -0.025]), 0.085)
    drape = naked_distance(torso_points(points, torso), torso) - 0.016 - folds
    drape = np.maximum(drape, -0.17 - random.uniform(0.0, 0.05) - points[:, 1] + 0.5 * np.abs(points[:, 0]))
    field = smooth_minimum(smooth_minimum(head, neck - folds, 0.03), drape, 0.03)
    vertices, normals, triangles = surface(field.astype(np.float32), shape, low, spacing)
    size = np.array([random.uniform(0.058, 0.068), random.uniform(0.088, 0.102), 0.12])
    face = ellipsoid(vertices, np.array([0.0, -0.006 if kind == "scarf" else 0.0, 0.10]), size)
    outside = np.where(vertices[:, 2] > 0.0, face, 0.05)
    rest = np.stack([vertices[:, 0] * 100.0, vertices[:, 1] * 100.0, np.clip(outside * 100.0, 0.0, 9.0)], axis=1)
    panel = 0.0 if kind == "hood" else 40.0
    rest[:, 2] += panel
    parts = np.full(len(triangles), Part.FABRIC, np.uint8)
    cut = clipped(Mesh(vertices, normals, rest.astype(np.float32), triangles, parts), outside)
    return merged([cut, hem(cut, 0.014, 0.8 - (cut.rest[:, 2] - panel))])


def _band(skin: SkinDistance, random: np.random.Generator) -> Mesh:
    """A band around the forehead or over the crown."""
    angle = np.linspace(-np.pi, np.pi, 48, endpoint=False)
    width, height = random.uniform(0.006, 0.02), random.uniform(0.055, 0.072)
    rows = np.linspace(-1.0, 1.0, 4)[:, None]
    points = np.stack(
        np.broadcast_arrays(
            0.09 * np.sin(angle), height + width * rows - 0.015 * (1 - np.cos(angle)), 0.10 * np.cos(angle)
        ),
        axis=-1,
    )
    flat = points.reshape(-1, 3)
    for _ in range(3):
        distance, normal = skin.nearest(flat)
        flat = flat + normal * (0.004 - distance)[:, None]
    points = flat.reshape(points.shape)
    rest = np.stack(np.broadcast_arrays(angle * 9.0, rows * width * 100.0, 0.0 * angle), axis=-1)
    mesh = sheet(points, rest, Part.HEADWEAR, closed=True)
    outward = np.einsum("ij,ij->i", mesh.normals, mesh.vertices * np.array([1.0, 0.0, 1.0], np.float32))
    if outward.mean() < 0.0:
        mesh = Mesh(mesh.vertices, -mesh.normals, mesh.rest, mesh.triangles[:, ::-1].copy(), mesh.parts)
    return mesh


def _strap(skin: SkinDistance) -> Mesh:
    """The chin strap of a helmet."""
    angle = np.linspace(-2.1, 2.1, 30)
    points = np.stack([0.085 * np.sin(angle), 0.02 - 0.125 * (0.5 + 0.5 * np.cos(angle)), 0.03 + 0 * angle], axis=1)
    for _ in range(3):
        distance, normal = skin.nearest(points)
        points = points + normal * np.maximum(0.003 - distance, -0.02)[:, None]
    return tube(points, 0.004, Part.HEADWEAR)


def headphones(
    ears: tuple[AnyFloatArray, AnyFloatArray], skin: SkinDistance, random: np.random.Generator
) -> list[Mesh]:
    """Cups over both ears and a band over the head."""
    size, spacing = random.uniform(0.032, 0.044), 0.0055
    middle = 0.5 * (ears[0] + ears[1])
    angle = np.linspace(-1.45, 1.45, 25)
    reach = np.abs(ears[0][0]) + 0.016
    top = np.stack([reach * np.sin(angle), middle[1] + 0.13 * np.cos(angle), middle[2] + 0 * angle], axis=1)
    for _ in range(2):
        distance, normal = skin.nearest(top)
        top = top + normal * np.maximum(0.016 - distance, 0.0)[:, None]
    pieces = [tube(top, random.uniform(0.005, 0.011), Part.PLASTIC, sides=8)]
    for ear, side in zip(ears, (1.0, -1.0), strict=True):
        centre = ear + np.array([side * 0.012, 0.0, 0.0])
        low, high = centre - size - 0.012, centre + size + 0.012
        points, shape = grid_points(low, high, spacing)
        outer = ellipsoid(points, centre, np.array([0.019, size, 0.82 * size]))
        vertices, normals, triangles = surface(outer.astype(np.float32), shape, low, spacing)
        rest = (vertices * 100.0).astype(np.float32)
        parts = np.full(len(triangles), Part.PLASTIC, np.uint8)
        pieces.append(Mesh(vertices, normals, rest, triangles, parts))
    return pieces
