"""Clothes as geometry: shells over the torso cut at the neckline, collars, lapels, ties, hoods and scarves."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ...runtime.arrays import AnyFloatArray
from .body import (
    GRID_HIGH,
    GRID_LOW,
    NECK_BASE,
    SPACING,
    Torso,
    head_points,
    naked_distance,
    neckline_distance,
    torso_points,
)
from .head_mesh import Mesh, merged
from .implicit import WaveNoise, ellipsoid, grid_points, smooth_minimum, smoothstep, surface
from .parts import Part
from .surgery import clipped, hem, moved, sheet, tube

PANEL_CLOTH, PANEL_SECOND, PANEL_JACKET, PANEL_TIE = 0.0, 40.0, 80.0, 120.0
"""Added to the third rest coordinate of FABRIC (centimetres from its border): which colour of the clothes it takes."""


class _Cloth:
    """The field of the dressed torso, torso frame."""

    def __init__(self, torso: Torso, random: np.random.Generator) -> None:
        self.torso, self.noise, self.fine = torso, WaveNoise(random, 12), WaveNoise(random, 8)
        self.phase = random.uniform(0.0, 6.28)

    def thickness(self, p: AnyFloatArray) -> AnyFloatArray:
        """How far cloth stands off the skin."""
        torso, inside = self.torso, neckline_distance(p, self.torso)
        deep = smoothstep(0.01, 0.09, inside)
        folds = self.noise(p, np.array([0.07, 0.15, 0.08])) + 0.5 * self.fine(p, np.array([0.03, 0.07, 0.03]))
        # Cloth pulls from the neck to the armpits.
        pull = np.sin((np.abs(p[..., 0]) * 0.8 + p[..., 1]) / 0.012 + self.phase) * smoothstep(-0.06, -0.16, p[..., 1])
        ribbing = 0.0014 * smoothstep(0.021, 0.017, inside) if torso.neckline in ("crew", "hood", "turtleneck") else 0.0
        base = torso.cloth * (0.45 + 0.55 * deep)
        result: AnyFloatArray = (
            base + torso.folds * (0.4 if torso.jacket else 1.0) * deep * (folds + 0.35 * pull) + ribbing
        )
        return np.maximum(result, 0.002)

    def __call__(self, p: AnyFloatArray, extra: float = 0.0) -> AnyFloatArray:
        return naked_distance(p, self.torso) - self.thickness(p) - extra

    def pushed_out(self, p: AnyFloatArray, margin: float) -> AnyFloatArray:
        """Points (R, C, 3) or (C, 3) moved out of the cloth, at least `margin` metres above it, and smoothed."""
        shape, p = p.shape, p.reshape(-1, 3).astype(np.float64)
        for attempt in range(4):
            if attempt == 2 and len(shape) == 3:
                p = gaussian_filter1d(p.reshape(shape), 1.2, axis=1, mode="nearest").reshape(-1, 3)
            field = self(p)
            gradient = np.stack([self(p + offset) - field for offset in np.eye(3) * 0.003], axis=1)
            gradient /= np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)
            p = p + gradient * np.maximum(0.0, margin - field)[:, None]
        return p.reshape(shape)


def clothes(torso: Torso, random: np.random.Generator) -> list[Mesh]:
    """Everything the torso wears, head frame.

    Cloth shells are part BODY with rest coordinates as `body.skin_mesh` (z positive: cloth); collars, lapels and the
    like are FABRIC with rest: centimetres across, along, and from the border, plus one of the PANEL numbers.
    """
    cloth = _Cloth(torso, random)
    pieces = [_shell(cloth)]
    if torso.neckline == "shirt":
        pieces.append(_shirt_collar(cloth, random))
        if torso.tie:
            pieces.append(_tie(cloth))
        elif not torso.jacket or random.uniform() < 0.7:
            pieces.append(_buttons(cloth, 0.5 * random.uniform(0.008, 0.012), random))
    if torso.neckline == "hood":
        pieces.append(_hood(torso, random))
        pieces.extend(_drawstrings(cloth, random) if random.uniform() < 0.6 else [])
    if torso.neckline == "scarf":
        pieces.append(_scarf(cloth, random))
    if torso.jacket:
        pieces.extend(_jacket(cloth, random))
    if torso.neckline in ("v", "wide", "tank", "bare", "crew") and random.uniform() < 0.22:
        pieces.append(_necklace(cloth, random))
    return pieces


def _shell(cloth: _Cloth) -> Mesh:
    """The garment itself."""
    torso = cloth.torso
    points, shape = grid_points(GRID_LOW, GRID_HIGH, SPACING)
    p = torso_points(points, torso)
    vertices, normals, triangles = surface(cloth(p).astype(np.float32), shape, GRID_LOW, SPACING)
    local = torso_points(vertices, torso)
    inside = neckline_distance(local, torso)
    rest = (np.stack([local[:, 0], local[:, 1], np.maximum(inside, 0.0005)], axis=1) * 100.0).astype(np.float32)
    whole = Mesh(vertices, normals, rest, triangles, np.full(len(triangles), Part.BODY, np.uint8))
    cut = clipped(whole, inside)
    return merged([cut, hem(cut, torso.cloth + 0.003, 0.35 - cut.rest[:, 2])])


def _collar_ring(torso: Torso, angle: AnyFloatArray, radius: AnyFloatArray, height: AnyFloatArray) -> AnyFloatArray:
    """Points around the neck: angle 0 in front, radius beyond the neck's, height above the ring's sloping base."""
    reach = torso.neck_radius + radius
    x, z = np.sin(angle) * reach + 0.4 * torso.neck_top[0], np.cos(angle) * reach + 0.4 * torso.neck_top[2]
    base = 0.022 - 0.026 * (1.0 + np.cos(angle))
    return np.stack(np.broadcast_arrays(x, base + height, z), axis=-1)


def _shirt_collar(cloth: _Cloth, random: np.random.Generator) -> Mesh:
    """A collar with a stand and a leaf folded over it; buttoned or open."""
    torso, columns = cloth.torso, 30
    gap = 0.08 if torso.tie else random.uniform(0.12, 0.75)
    # Angles run from the back over one side to the front; two halves meet behind.
    halves = []
    point, stand, leaf = random.uniform(0.018, 0.04), random.uniform(0.024, 0.038), random.uniform(0.036, 0.048)
    for side in (1.0, -1.0):
        angle = side * np.linspace(np.pi * 1.001, gap, columns)[None]
        front = smoothstep(1.6, gap, np.abs(angle))
        rows = np.array([0.0, 0.5, 1.0, 1.08, 1.25, 1.45, 1.65, 1.85, 2.0])[:, None]
        up = np.minimum(rows, 1.0) * stand * (1.0 - 0.35 * front)
        fold = np.clip(rows - 1.0, 0.0, 1.0)
        down = fold * (leaf + point * front**3) + 0.002 * np.sin(np.pi * fold)
        radius = 0.003 + 0.004 * fold + 0.022 * fold**2 * (1.0 - 0.3 * front) + (rows > 1) * 0.003
        # The leaf's front corner leans outwards.
        turn = angle + side * fold * front**2 * (0.10 + 0.8 * gap * 0.3)
        points = _collar_ring(torso, turn, radius, up - down)
        points = np.concatenate([points[:2], cloth.pushed_out(points[2:], 0.005)])
        edge = np.minimum(2.0 - rows, 0.6) * leaf * 100.0 + 0 * angle
        rest = np.stack(np.broadcast_arrays(angle * 7.0, rows * 4.0, edge + PANEL_CLOTH), axis=-1)
        halves.append(_double(points, rest, side))
    return moved(merged(halves), torso.torso_from_head.T, NECK_BASE)


def _double(points: AnyFloatArray, rest: AnyFloatArray, side: float) -> Mesh:
    """A sheet of FABRIC that faces outside on both sides of the body."""
    mesh = sheet(points, rest, Part.FABRIC)
    if side > 0:
        return Mesh(mesh.vertices, -mesh.normals, mesh.rest, mesh.triangles[:, ::-1].copy(), mesh.parts)
    return mesh


def _front_strip(  # noqa: PLR0917 - a strip's outline
    cloth: _Cloth,
    left: AnyFloatArray,
    right: AnyFloatArray,
    y: AnyFloatArray,
    margin: float,
    panel: float,
    columns: int = 7,
) -> Mesh:
    """A strip on the front between x = left and right at heights y (R,), lying `margin` above the cloth."""
    share = np.linspace(0.0, 1.0, columns)[None]
    x = left[:, None] * (1.0 - share) + right[:, None] * share
    points = np.stack([x, y[:, None] + 0 * x, np.full(x.shape, 0.0)], axis=-1)
    points[..., 2] = _front_surface(cloth, points) + margin * (0.6 + 0.8 * np.sin(np.pi * share))
    width = np.abs(right - left)[:, None]
    edge = np.minimum(share, 1.0 - share) * width
    rest = np.stack([x * 100.0, points[..., 1] * 100.0, np.minimum(edge * 100.0, 9.0) + panel], axis=-1)
    mesh = sheet(points, rest, Part.FABRIC)
    flip = mesh.normals[:, 2].mean() < 0
    if flip:
        mesh = Mesh(mesh.vertices, -mesh.normals, mesh.rest, mesh.triangles[:, ::-1].copy(), mesh.parts)
    return moved(mesh, cloth.torso.torso_from_head.T, NECK_BASE)


def _front_surface(cloth: _Cloth, points: AnyFloatArray) -> AnyFloatArray:
    """Where (z)  a ray from the front meets the cloth at (..., 3) points' x and y, by sphere tracing."""
    p = points.reshape(-1, 3).copy()
    p[:, 2] = 0.22
    for _ in range(14):
        p[:, 2] -= np.clip(cloth(p), -0.02, 0.06) * 0.9
        p[:, 2] = np.maximum(p[:, 2], -0.06)
    result: AnyFloatArray = p[:, 2].reshape(points.shape[:-1])
    return result


def _tie(cloth: _Cloth) -> Mesh:
    """A tie with its knot."""
    half = cloth.torso.tie
    y = np.linspace(-0.052, -0.34, 14)
    width = half * np.interp(-y, [0.05, 0.075, 0.34], [0.62, 0.55, 1.7])
    strip = _front_strip(cloth, -width, width, y, 0.004, PANEL_TIE)
    y = np.linspace(-0.028, -0.062, 6)
    width = half * np.interp(-y, [0.028, 0.062], [1.0, 0.62])
    knot = _front_strip(cloth, -width, width, y, 0.011, PANEL_TIE)
    return merged([strip, knot])


def _buttons(cloth: _Cloth, radius: float, random: np.random.Generator) -> Mesh:
    """Buttons down the front."""
    pieces = []
    ring = np.linspace(0.0, 2.0 * np.pi, 8, endpoint=False)
    spacing = random.uniform(0.06, 0.09)
    for k in range(4):
        centre = np.array([0.0, -cloth.torso.opening - 0.02 - k * spacing, 0.0])
        centre[2] = _front_surface(cloth, centre[None])[0] + 0.001
        rows = np.array([1.0, 0.75, 0.05])[:, None]
        points = centre + np.stack(
            [radius * rows * np.sin(ring), radius * rows * np.cos(ring), 0.0018 * (1.0 - rows**4) + 0 * ring], axis=-1
        )
        disc = sheet(points, points * 100.0, Part.PLASTIC, closed=True)
        sign = 1.0 if disc.normals[:, 2].mean() > 0 else -1.0
        pieces.append(Mesh(disc.vertices, disc.normals * np.float32(sign), disc.rest, disc.triangles, disc.parts))
    return moved(merged(pieces), cloth.torso.torso_from_head.T, NECK_BASE)


def _opening(torso: Torso, y: AnyFloatArray) -> AnyFloatArray:
    """Half width of a jacket's opening at heights y, torso frame."""
    fall = np.clip((y + torso.button) / (torso.button - 0.02), 0.0, 1.0)
    return torso.jacket * (0.02 + 0.98 * fall**0.85)


def _jacket(cloth: _Cloth, random: np.random.Generator) -> list[Mesh]:
    """A jacket over what else is worn: a second shell with an open front, a collar and lapels."""
    torso = cloth.torso
    extra = random.uniform(0.006, 0.012)
    points, shape = grid_points(GRID_LOW, GRID_HIGH, SPACING)
    vertices, normals, triangles = surface(
        cloth(torso_points(points, torso), extra).astype(np.float32), shape, GRID_LOW, SPACING
    )
    local = torso_points(vertices, torso)
    x, y, z = np.abs(local[:, 0]), local[:, 1], local[:, 2]
    front = np.where(z > 0.01, x - _opening(torso, y), 0.05)
    inside = np.minimum(front, 0.012 - y + 0.4 * (x - torso.neck_radius - 0.005))
    parts = np.full(len(triangles), Part.FABRIC, np.uint8)
    edge = np.clip(inside * 100.0, 0.0, 9.0)
    rest = np.stack([local[:, 0] * 100.0, local[:, 1] * 100.0, edge + PANEL_JACKET], axis=1).astype(np.float32)
    shell = clipped(Mesh(vertices, normals, rest, triangles, parts), inside)
    pieces = [merged([shell, hem(shell, extra, 0.3 - (shell.rest[:, 2] - PANEL_JACKET))])]
    if random.uniform() < 0.8:
        pieces.extend(_lapels(cloth, extra, random))
    return pieces


def _lapels(cloth: _Cloth, extra: float, random: np.random.Generator) -> list[Mesh]:
    """Lapels with a notch, and the collar that leads around the neck."""
    torso, pieces = cloth.torso, []
    widest, notch = random.uniform(0.045, 0.085), random.uniform(-0.075, -0.045)
    for side in (1.0, -1.0):
        y = np.linspace(notch, -torso.button, 22)
        inner = _opening(torso, y) - 0.002
        width = widest * np.interp(y, [-torso.button, notch - 0.02, notch], [0.02, 1.0, 0.8])
        pieces.append(_front_strip(cloth, side * inner, side * (inner + width), y, extra + 0.006, PANEL_JACKET))
        angle = side * np.linspace(np.pi * 1.001, 0.62, 22)[None]
        rows = np.linspace(0.0, 1.0, 8)[:, None]
        front = smoothstep(1.9, 0.62, np.abs(angle))
        height = 0.020 * np.sin(np.pi * np.minimum(rows * 1.4, 1.0)) - (0.030 + 0.012 * front) * rows - 0.028 * front
        points = _collar_ring(torso, angle, 0.008 + 0.034 * rows + 0.008 * front, height)
        points = cloth.pushed_out(points, extra + 0.006)
        edge = np.minimum(rows, 1.0 - rows) * 4.0 + 0 * angle
        rest = np.stack(np.broadcast_arrays(angle * 8.0, rows * 4.0, edge + PANEL_JACKET), axis=-1)
        pieces.append(moved(_double(points, rest, side), torso.torso_from_head.T, NECK_BASE))
    return pieces


def _implicit(torso: Torso, field_of: object, low: AnyFloatArray, high: AnyFloatArray, panel: float) -> Mesh:
    """FABRIC from a field over torso points, head frame."""
    spacing = 0.006
    points, shape = grid_points(low, high, spacing)
    field = field_of(torso_points(points, torso))  # type: ignore[operator]  # a function of points
    vertices, normals, triangles = surface(field.astype(np.float32), shape, low, spacing)
    local = torso_points(vertices, torso) * 100.0
    rest = np.stack([local[:, 0], local[:, 1], np.full(len(local), 3.0 + panel)], axis=1).astype(np.float32)
    return Mesh(vertices, normals, rest, triangles, np.full(len(triangles), Part.FABRIC, np.uint8))


def _hood(torso: Torso, random: np.random.Generator) -> Mesh:
    """A hood that lies on the back, open at the throat."""
    noise, fall, size = WaveNoise(random), random.uniform(0.35, 0.7), random.uniform(0.018, 0.03)

    def field(p: AnyFloatArray) -> AnyFloatArray:
        z = p[..., 2] - 0.4 * torso.neck_top[2]
        ring = np.sqrt(p[..., 0] ** 2 + z**2) - (torso.neck_radius + 0.02 + 0.008 * smoothstep(0.0, -0.06, z))
        slope = 0.008 - fall * np.maximum(z + 0.02, 0.0)
        height = (p[..., 1] - slope) * np.interp(z, [-0.08, 0.06], [0.6, 1.0])
        bag = ellipsoid(p, np.array([0.0, -0.05, -0.135]), np.array([0.095, 0.075, 0.045]))
        collar = np.sqrt(ring**2 + height**2) - size * np.interp(z, [-0.06, 0.07], [1.1, 0.55])
        whole = smooth_minimum(collar, bag, 0.035) + 0.003 * noise(p, 0.035)
        gap = 0.012 - np.abs(p[..., 0])
        return np.maximum(whole, np.where(z > 0.02, gap, -1.0))

    return _implicit(torso, field, np.array([-0.15, -0.30, -0.24]), np.array([0.15, -0.02, 0.13]), PANEL_CLOTH)


def _scarf(cloth: _Cloth, random: np.random.Generator) -> Mesh:
    """A scarf wound twice around the neck with an end that hangs."""
    torso, noise = cloth.torso, WaveNoise(random)
    tilt, size, rise = random.uniform(0.1, 0.5), random.uniform(0.018, 0.028), random.uniform(0.02, 0.04)

    def field(p: AnyFloatArray) -> AnyFloatArray:
        z = p[..., 2] - 0.4 * torso.neck_top[2]
        radius = np.sqrt(p[..., 0] ** 2 + z**2)
        turns = []
        for k, lean in ((0.0, 1.0), (1.0, -0.6)):
            centre = torso.neck_radius + 0.016 + 0.010 * (1 - k)
            base = -0.012 + rise * k - tilt * 0.35 * (p[..., 0] * lean * 0.5 + np.maximum(z, 0.0))
            turns.append(np.sqrt((radius - centre) ** 2 + ((p[..., 1] - base) * 0.8) ** 2) - size)
        end = np.abs(cloth(p) - 0.012) - 0.008
        end = np.maximum(np.maximum(end, np.abs(p[..., 0] - 0.045) - 0.042), np.maximum(p[..., 1], -0.22 - p[..., 1]))
        end = np.where(z > 0.0, end, 0.05)
        ridges = 0.003 * noise(p, np.array([0.05, 0.012, 0.05]))
        return smooth_minimum(smooth_minimum(turns[0], turns[1], 0.008), end, 0.015) + ridges

    return _implicit(torso, field, np.array([-0.15, -0.40, -0.17]), np.array([0.15, -0.04, 0.17]), PANEL_SECOND)


def _drawstrings(cloth: _Cloth, random: np.random.Generator) -> list[Mesh]:
    """Two strings that hang from a hood."""
    pieces = []
    for side in (1.0, -1.0):
        y = np.linspace(-0.045, -0.12 - random.uniform(0.0, 0.08), 10)
        x = side * (0.028 + 0.01 * np.sin(y * 40.0 + random.uniform(0, 6)))
        points = np.stack([x, y, 0 * y], axis=1)
        points[:, 2] = _front_surface(cloth, points) + 0.004
        mesh = tube(head_points(points, cloth.torso), 0.0028, Part.FABRIC)
        rest = mesh.rest.copy()
        rest[:, 2] = 2.0 + PANEL_SECOND
        pieces.append(Mesh(mesh.vertices, mesh.normals, rest, mesh.triangles, mesh.parts))
    return pieces


def _necklace(cloth: _Cloth, random: np.random.Generator) -> Mesh:
    """A chain or a string of beads."""
    angle = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    drop = random.uniform(0.01, 0.07)
    ring = _collar_ring(cloth.torso, angle, np.full(64, 0.004), -drop * smoothstep(-0.2, 1.0, np.cos(angle)))
    points = cloth.pushed_out(ring + np.array([0.0, 0.0, 0.02]) * smoothstep(0.0, 1.0, np.cos(angle))[:, None], 0.001)
    beads = random.uniform() < 0.4
    radius = random.uniform(0.0009, 0.0022) * (1.0 + (1.2 * np.abs(np.sin(angle * 32.0 + 0.8)) if beads else 0.0))
    return tube(head_points(points, cloth.torso), radius + 0 * angle, Part.METAL, closed=True, sides=5)
