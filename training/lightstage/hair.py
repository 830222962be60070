"""Procedural hair: a volume grown from the scalp, dressed with thin ribbons that make it ragged."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ...runtime.arrays import AnyFloatArray, Float32Array
from .head_mesh import Mesh
from .implicit import (
    SkinDistance,
    WaveNoise,
    capsule,
    ellipsoid,
    grid_points,
    smooth_minimum,
    smoothstep,
    surface,
)
from .parts import Part

SPACING = 0.0052
STYLES = ("bald", "cropped", "short", "voluminous", "bob", "long", "tied", "bun", "curly", "receding")
STYLE_SHARES = (0.05, 0.13, 0.18, 0.09, 0.10, 0.17, 0.07, 0.05, 0.11, 0.05)


@dataclass(frozen=True)
class HairStyle:
    """One head of hair; lengths in metres.

    Attributes:
        style: one of STYLES.
        top: thickness over the crown.
        sides: thickness over the ears and the nape.
        fringe: how far it falls over the forehead, 0..1 (1 reaches the brows).
        parting: azimuth of the parting, radians; the fringe is thinner there.
        length: how far below the ear canals long hair reaches.
        spread: how far long hair stands off the neck.
        opening: azimuth on each side of the face at which long hair begins, radians.
        recession: how far the front hairline has moved up, centimetres.
        curl: amplitude of bumps.
        curl_size: period of the bumps.
        lift: how far ribbons stand off the volume at their tips.
        ribbons: number of ribbons.
    """

    style: str
    top: float
    sides: float
    fringe: float
    parting: float
    length: float
    spread: float
    opening: float
    recession: float
    curl: float
    curl_size: float
    lift: float
    ribbons: int


def random_hair_style(random: np.random.Generator) -> HairStyle:
    """A style with random proportions."""
    style = str(random.choice(STYLES, p=STYLE_SHARES))
    top, sides = {
        "bald": (0.0, 0.0),
        "cropped": (random.uniform(0.003, 0.010), random.uniform(0.001, 0.006)),
        "short": (random.uniform(0.012, 0.040), random.uniform(0.004, 0.016)),
        "voluminous": (random.uniform(0.035, 0.070), random.uniform(0.015, 0.045)),
        "bob": (random.uniform(0.012, 0.04), random.uniform(0.012, 0.03)),
        "long": (random.uniform(0.008, 0.035), random.uniform(0.010, 0.028)),
        "tied": (random.uniform(0.006, 0.016), random.uniform(0.005, 0.010)),
        "bun": (random.uniform(0.006, 0.018), random.uniform(0.005, 0.010)),
        "curly": (random.uniform(0.025, 0.085), random.uniform(0.015, 0.07)),
        "receding": (random.uniform(0.003, 0.02), random.uniform(0.003, 0.014)),
    }[style]
    hanging = style in ("bob", "long") or (style == "curly" and random.uniform() < 0.4)
    length = {"bob": random.uniform(0.05, 0.12), "long": random.uniform(0.13, 0.34)}.get(
        style, random.uniform(0.05, 0.25)
    )
    fringed = random.uniform() < (0.33 if style in ("short", "voluminous", "bob", "long", "curly") else 0.0)
    curly = style == "curly"
    return HairStyle(
        style=style,
        top=top,
        sides=sides,
        fringe=random.uniform(0.3, 1.0) if fringed else 0.0,
        parting=random.uniform(-0.9, 0.9),
        length=length if hanging else 0.0,
        spread=random.uniform(0.0, 0.035) + (0.02 if curly else 0.0),
        opening=random.uniform(0.75, 1.45),
        recession={"receding": random.uniform(1.0, 4.0)}.get(style, max(0.0, random.normal() * 0.5)),
        curl=random.uniform(0.004, 0.011) if curly else random.uniform(0.0, 0.0045),
        curl_size=random.uniform(0.018, 0.04) if curly else random.uniform(0.03, 0.07),
        lift=random.uniform(0.001, 0.006) + (0.006 if curly else 0.0),
        ribbons=0 if style == "bald" else int(random.uniform(500, 1300)),
    )


_BORDER_AZIMUTH = np.deg2rad([0, 28, 48, 60, 68, 76, 98, 112, 125, 140, 180])
_BORDER_HEIGHT = np.array([9.7, 9.3, 7.0, 4.5, 3.2, 4.6, 5.2, 3.5, 0.0, -3.0, -4.0])


def scalp_distance(rest: AnyFloatArray, style: HairStyle, noise: AnyFloatArray) -> AnyFloatArray:
    """Centimetres by which a point of the neutral mean lies inside the hairy scalp; negative on bare skin.

    Args:
        rest: (N, 3) coordinates on the neutral mean, centimetres.
        style: the style.
        noise: (N,) −1..1, ragged hairline.
    """
    azimuth = np.arctan2(np.abs(rest[:, 0]), rest[:, 2] - 0.5)
    border = np.interp(azimuth, _BORDER_AZIMUTH, _BORDER_HEIGHT)
    front = smoothstep(1.15, 0.6, azimuth)
    border = border + style.recession * front * (1.0 + 0.5 * smoothstep(0.2, 0.6, azimuth))
    inside = rest[:, 1] - border + 0.45 * noise
    if style.style == "receding" and style.recession > 2.2:
        crown = np.linalg.norm(rest - np.array([0.0, 13.5, -1.0]), axis=1)
        inside = np.minimum(inside, crown - 2.6 * style.recession)
    return inside


def _cap(
    points: Float32Array, skin: Float32Array, rest: Float32Array, style: HairStyle, noise: WaveNoise
) -> AnyFloatArray:
    """Hair that lies on the head, and its fringe."""
    inside = scalp_distance(rest, style, noise(points, 0.02))
    height = smoothstep(2.0, 11.0, rest[:, 1])
    thickness = style.sides * (1.0 - height) + style.top * height
    # Volume leans away from the parting.
    azimuth = np.arctan2(points[:, 0], points[:, 2])
    thickness = thickness * (1.0 + 0.35 * np.tanh(3.0 * (azimuth - style.parting)) * np.sign(style.parting) * height)
    ramp = smoothstep(-0.3, 1.2 + 40.0 * style.top, inside)
    field = skin - ramp * thickness + 0.004 * (1.0 - smoothstep(-0.6, 0.1, inside))
    if style.fringe > 0.0:
        reach = 9.6 - style.fringe * 3.4 + 1.1 * np.exp(-(((azimuth - style.parting) / 0.35) ** 2)) * 2.0
        front = smoothstep(1.25, 1.0, np.abs(azimuth)) * (points[:, 2] > 0.0)
        fringe = np.maximum(
            np.abs(skin - 0.007) - 0.0035 - 0.3 * style.top * smoothstep(7.0, 10.0, rest[:, 1]),
            (reach - rest[:, 1] + 0.7 * noise(points, np.array([0.012, 0.08, 0.012]))) * 0.01,
        )
        fringe = np.where(front > 0.5, fringe, 0.02)
        field = np.minimum(field, fringe)
    result: AnyFloatArray = field
    return result


def _hanging(points: Float32Array, style: HairStyle, noise: WaveNoise) -> AnyFloatArray:
    """Long hair: a curtain around the neck, open at the face."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2] + 0.012
    radius = np.sqrt((x * 1.06) ** 2 + z**2)
    azimuth = np.abs(np.arctan2(x, z))
    down = np.clip(-y, 0.0, 0.4)
    outer = 0.089 + style.sides * 0.7 + style.spread * smoothstep(0.0, 0.15, down) + 0.012 * smoothstep(0.1, 0.2, down)
    inner = outer - 0.022 - style.sides
    edge = (style.opening - 0.35 * smoothstep(0.05, 0.2, down) - azimuth) * radius
    ends = -y - style.length - 0.014 * noise(points, np.array([0.02, 0.3, 0.02]))
    walls = np.maximum(np.maximum(radius - outer, inner - radius), edge + 0.006 * noise(points, 0.05))
    return np.maximum(np.maximum(walls, ends), y - 0.055)


def _tied(points: Float32Array, style: HairStyle) -> AnyFloatArray:
    """A bun or a ponytail."""
    if style.style == "bun":
        height = 0.03 + 3.0 * style.top
        return ellipsoid(points, np.array([0.0, height, -0.105]), np.array([1.0, 0.9, 0.85]) * (0.03 + style.sides))
    root = np.array([0.0, 0.04, -0.105])
    side = 0.03 * np.sign(style.parting)
    bend, tip = np.array([side * 0.4, 0.0, -0.145]), np.array([side, -0.08 - 0.5 * style.spread, -0.13])
    upper = capsule(points, root, bend, 0.02)
    return smooth_minimum(upper, capsule(points, bend, tip, 0.02 + 0.3 * style.spread), 0.02)


def hair_volume(style: HairStyle, skin: SkinDistance, random: np.random.Generator) -> Mesh | None:
    """The opaque volume of hair in the head frame, or None for a bald head."""
    if style.style == "bald":
        return None
    reach = max(style.top, style.sides, style.spread) + 0.03
    bottom = -style.length - 0.03 if style.length else -0.10
    low = np.array([-0.085 - reach, bottom, -0.115 - reach - (0.03 if style.style in ("tied", "bun") else 0.0)])
    high = np.array([0.085 + reach, 0.15 + reach, 0.11 + 0.6 * reach])
    points, shape = grid_points(low, high, SPACING)
    distance, rest = skin(points)
    noise = WaveNoise(random)
    field = _cap(points, distance, rest, style, noise)
    if style.length:
        field = smooth_minimum(field, _hanging(points, style, noise), 0.018)
    if style.style in ("tied", "bun"):
        field = smooth_minimum(field, _tied(points, style), 0.012)
    stretched = np.array([1.0, 1.0, 1.0]) if style.style == "curly" else np.array([0.5, 3.0, 0.5])
    field = field - style.curl * noise(points, style.curl_size * stretched) * smoothstep(0.0, 0.012, distance)
    # Never over the face: the eyes, the nose and the mouth stay free.
    face = ellipsoid(points, np.array([0.0, -0.005, 0.105]), np.array([0.052, 0.075, 0.065]))
    field = np.maximum(field, np.where(rest[:, 1] < 6.3, -face, -1.0))
    vertices, normals, triangles = surface(field.astype(np.float32), shape, low, SPACING)
    if len(triangles) == 0:
        return None
    return Mesh(
        vertices, normals, strand_coordinates(vertices), triangles, np.full(len(triangles), Part.HAIR, np.uint8)
    )


def strand_coordinates(vertices: Float32Array) -> Float32Array:
    """(V, 3) coordinates for strand-like noise: across the strands (azimuth around the crown), along them, and a row.

    Combed hair runs away from the crown, so the azimuth around a vertical axis behind the middle hardly changes
    along a strand. Azimuth is stored as sine and cosine so that it does not jump.
    """
    azimuth = np.arctan2(vertices[:, 0], vertices[:, 2] + 0.02)
    result: Float32Array = np.stack(
        [6.0 * np.sin(azimuth), 6.0 * np.cos(azimuth), 100.0 * vertices[:, 1]], axis=1
    ).astype(np.float32)
    return result


def hair_ribbons(
    style: HairStyle, volume: Mesh, random: np.random.Generator
) -> tuple[Mesh, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Thin ribbons that follow the volume and stand off it at their tips.

    Returns:
        The ribbons, and for each of their vertices the nearest vertex of the volume (whose light transport it shares).
    """
    count, steps = style.ribbons, 7
    tree = cKDTree(volume.vertices)
    start = random.integers(0, len(volume.vertices), count)
    position = volume.vertices[start] - volume.normals[start] * 0.001
    stride = random.uniform(0.004, 0.011, (count, 1)) * (0.6 if style.style in ("cropped", "curly") else 1.0)
    lift = np.abs(random.normal(size=(count, 1))) * style.lift
    stray = np.where(random.uniform(size=(count, 1)) < 0.05, 2.2, 1.0)
    jitter = random.normal(size=(count, 3)) * (0.9 if style.style == "curly" else 0.3)
    overhang = random.uniform(0.004, 0.011, count)
    growing = np.ones((count, 1))
    nearest, path, sides = start, [], []
    for step in range(steps):
        normal = volume.normals[nearest]
        away = position - np.array([0.0, 0.11, -0.03])
        flow = np.array([0.0, -1.0, 0.0]) + 6.0 * away * smoothstep(0.02, 0.1, position[:, 1])[:, None] + jitter
        tangent = flow - normal * np.einsum("ij,ij->i", flow, normal)[:, None]
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
        side = np.cross(normal, tangent)
        rise = lift * stray * (step / (steps - 1)) ** 1.5
        path.append(position + normal * rise)
        sides.append(side)
        position = position + tangent * stride * growing
        if style.style == "curly":
            jitter = jitter + random.normal(size=(count, 3)) * 0.5
        distance, nearest = tree.query(position, k=1)
        # Ribbons end where the hair ends, give or take a centimetre.
        growing = growing * (distance < overhang)[:, None]
        gap = np.einsum("ij,ij->i", position - volume.vertices[nearest], volume.normals[nearest])
        position = position - volume.normals[nearest] * np.maximum(gap, -0.002)[:, None] * 0.7
    return _ribbon_mesh(np.stack(path, 1), np.stack(sides, 1), volume, tree, random)


def _ribbon_mesh(
    path: AnyFloatArray, sides: AnyFloatArray, volume: Mesh, tree: cKDTree, random: np.random.Generator
) -> tuple[Mesh, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Quads along (ribbons, steps, 3) paths, tapering to a point."""
    count, steps = path.shape[:2]
    taper = np.linspace(1.0, 0.15, steps)[None, :, None]
    width = random.uniform(0.0006, 0.0022, (count, 1, 1)) * taper
    edges = np.stack([path - sides * width, path + sides * width], axis=2).reshape(-1, 3).astype(np.float32)
    index = np.arange(count * steps * 2).reshape(count, steps, 2)
    a, b, c, d = index[:, :-1, 0], index[:, :-1, 1], index[:, 1:, 0], index[:, 1:, 1]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    _, nearest = tree.query(edges, k=1)
    tilt = np.repeat(random.normal(size=(count, 1, 3)) * 0.22, steps * 2, axis=1).reshape(-1, 3)
    normals = volume.normals[nearest] + tilt
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    rest = volume.rest[nearest] + np.repeat(random.normal(size=(count, 1, 3)) * 2.0, steps * 2, axis=1).reshape(-1, 3)
    parts = np.full(len(triangles), Part.HAIR, np.uint8)
    return Mesh(edges, normals.astype(np.float32), rest.astype(np.float32), triangles.astype(np.int32), parts), nearest
