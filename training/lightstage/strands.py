"""Strands of hair as paths, and their dressing: thin ribbons, and a body that casts their common shadow."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from ...runtime.arrays import AnyFloatArray, Float32Array
from .head_mesh import Mesh
from .implicit import surface
from .parts import Part

IntegerArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class Strands:
    """Hair as polylines of equal step count.

    Attributes:
        paths: (N, S, 3) metres, root first.
        width: (N,) half width of a ribbon at its root, metres.
        lock: (N,) −1..1, equal for strands of one lock.
        shade: (N,) about N(0, 1), own to each strand.
    """

    paths: AnyFloatArray
    width: AnyFloatArray
    lock: AnyFloatArray
    shade: AnyFloatArray


@dataclass(frozen=True)
class Roots:
    """Where strands grow.

    Attributes:
        position: (N, 3) metres.
        normal: (N, 3) unit.
        rest: (N, 3) on the neutral mean, centimetres.
    """

    position: AnyFloatArray
    normal: AnyFloatArray
    rest: AnyFloatArray


def unit(vectors: AnyFloatArray) -> AnyFloatArray:
    """Vectors (..., 3) made unit; zeros stay zero."""
    result: AnyFloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return result


def scattered_roots(head: Mesh, density: AnyFloatArray, count: int, random: np.random.Generator) -> Roots:
    """`count` random points of the head's skin, as dense as asked.

    Args:
        head: the head; only its skin grows hair.
        density: (V,) relative density at each vertex; where it is nowhere positive there are no roots.
        count: how many.
        random: source of chance.
    """
    triangles = head.triangles[head.parts == Part.SKIN]
    a, b, c = (head.vertices[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    weight = area * density[triangles].mean(axis=1)
    if weight.sum() <= 0.0:
        count, weight = 0, np.ones_like(area)
    chosen = triangles[random.choice(len(triangles), count, p=weight / weight.sum())]
    uv = random.uniform(size=(count, 2))
    uv = np.where(uv.sum(axis=1, keepdims=True) > 1.0, 1.0 - uv, uv)
    share = np.c_[1.0 - uv.sum(axis=1), uv][:, :, None]
    position, normal, rest = (
        (values[chosen] * share).sum(axis=1) for values in (head.vertices, head.normals, head.rest)
    )
    return Roots(position, unit(normal), rest)


def gathered(
    paths: AnyFloatArray, locks: int, pull: float, random: np.random.Generator
) -> tuple[AnyFloatArray, AnyFloatArray]:
    """Draw strands together into locks towards their tips.

    Args:
        paths: (N, S, 3).
        locks: how many locks.
        pull: 0 not at all to 1 into one tip.
        random: source of chance.

    Returns:
        The paths, and (N,) −1..1 a number of each strand's lock.
    """
    count, steps = paths.shape[:2]
    guides = random.choice(count, min(locks, count), replace=False)
    _, mine = cKDTree(paths[guides, 0]).query(paths[:, 0], k=1)
    strength = pull * np.linspace(0.0, 1.0, steps)[None, :, None] ** 0.8
    drawn = paths + (paths[guides][mine] - paths) * strength
    return drawn, random.uniform(-1.0, 1.0, len(guides))[mine]


def curled(
    paths: AnyFloatArray, radius: float, pitch: float, phases: AnyFloatArray, roll: AnyFloatArray
) -> AnyFloatArray:
    """Wind paths around themselves.

    Args:
        paths: (N, S, 3).
        radius: of the curl, metres.
        pitch: length of one turn along the strand, metres.
        phases: (N,) radians.
        roll: (N,) how many times the radius; 1 is usual.
    """
    tangent = unit(np.gradient(paths, axis=1))
    across = unit(np.cross(tangent, np.array([0.31, 0.2, 0.93])))
    over = np.cross(tangent, across)
    step = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    along = np.concatenate([np.zeros((len(paths), 1)), np.cumsum(step, axis=1)], axis=1)
    angle = along / pitch * 2.0 * np.pi + phases[:, None]
    grow = np.clip(along / (0.6 * pitch), 0.0, 1.0) * radius * roll[:, None]
    result: AnyFloatArray = paths + grow[..., None] * (
        across * np.cos(angle)[..., None] + over * np.sin(angle)[..., None]
    )
    return result


def ribbon_mesh(strands: Strands, outward: AnyFloatArray, part: Part, taper: float = 0.25) -> Mesh:
    """Ribbons along strands, lying flat against `outward`, narrower towards their tips.

    Args:
        strands: the strands.
        outward: (N, S, 3) unit: away from the head.
        part: material.
        taper: width of the tip as a share of the root's.

    Returns:
        A mesh whose rest coordinates are: lock (−1..1), centimetres along the strand, shade.
    """
    paths = strands.paths
    count, steps = paths.shape[:2]
    side = unit(np.cross(np.gradient(paths, axis=1), outward))
    width = strands.width[:, None, None] * np.linspace(1.0, taper, steps)[None, :, None]
    edges = np.stack([paths - side * width, paths + side * width], axis=2).reshape(-1, 3)
    normal = unit(outward + 0.35 * side * np.sign(np.sin(97.0 * strands.lock + 13.0 * strands.shade))[:, None, None])
    index = np.arange(count * steps * 2).reshape(count, steps, 2)
    a, b, c, d = index[:, :-1, 0], index[:, :-1, 1], index[:, 1:, 0], index[:, 1:, 1]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    step = np.linalg.norm(np.diff(paths, axis=1), axis=2)
    along = np.concatenate([np.zeros((count, 1)), np.cumsum(step, axis=1)], axis=1) * 100.0
    rest = np.stack(
        [np.repeat(strands.lock[:, None], steps, 1), along, np.repeat(strands.shade[:, None], steps, 1)], axis=-1
    )
    return Mesh(
        edges.astype(np.float32),
        np.repeat(normal.reshape(-1, 3), 2, axis=0).astype(np.float32),
        np.repeat(rest.reshape(-1, 3), 2, axis=0).astype(np.float32),
        triangles.astype(np.int32),
        np.full(len(triangles), part, np.uint8),
    )


def hair_body(strands: Strands, part: Part, spacing: float, share: float = 0.9) -> Mesh | None:
    """The opaque body that strands make together: an isosurface of their density; None where there is none.

    Args:
        strands: the strands.
        part: material.
        spacing: of the grid, metres.
        share: the threshold, as a share of the median density along the strands.
    """
    fine = _refined(strands.paths, spacing * 0.6)
    if len(fine) == 0:
        return None
    low = fine.min(axis=0) - 3 * spacing
    shape = tuple(int(n) for n in np.ceil((fine.max(axis=0) + 3 * spacing - low) / spacing))
    cell = ((fine - low) / spacing + 0.5).astype(np.int64)
    flat = np.ravel_multi_index((cell[:, 0], cell[:, 1], cell[:, 2]), shape)
    density = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float32)
    density = gaussian_filter(density, 1.5)
    threshold = share * float(np.median(density[cell[::7, 0], cell[::7, 1], cell[::7, 2]]))
    grid = (shape[0], shape[1], shape[2])
    vertices, normals, triangles = surface((threshold - density).astype(np.float32).ravel(), grid, low, spacing)
    if len(triangles) == 0:
        return None
    points = strands.paths.reshape(-1, 3)
    _, nearest = cKDTree(points[::2]).query(vertices, k=1)
    strand, step = np.divmod(nearest * 2, strands.paths.shape[1])
    lengths = np.linalg.norm(np.diff(strands.paths, axis=1), axis=2).sum(axis=1)
    along = lengths[strand] * step / max(strands.paths.shape[1] - 1, 1) * 100.0
    rest = np.stack([strands.lock[strand], along, strands.shade[strand] * 0.5 - 0.8], axis=1).astype(np.float32)
    return Mesh(vertices, normals, rest, triangles, np.full(len(triangles), part, np.uint8))


def _refined(paths: AnyFloatArray, spacing: float) -> AnyFloatArray:
    """(M, 3) points along paths, no further apart than `spacing`."""
    if len(paths) == 0:
        return np.zeros((0, 3))
    longest = float(np.quantile(np.linalg.norm(np.diff(paths, axis=1), axis=2), 0.95))
    parts = max(1, int(np.ceil(longest / spacing)))
    share = np.linspace(0.0, 1.0, parts, endpoint=False)[None, None, :, None]
    start, end = paths[:, :-1, None].astype(np.float64), paths[:, 1:, None].astype(np.float64)
    points: AnyFloatArray = (start + (end - start) * share).reshape(-1, 3)
    return points


def nearest_vertices(paths: AnyFloatArray, vertices: Float32Array) -> IntegerArray:
    """(N, S) the vertex nearest to each point of (N, S, 3) paths."""
    _, nearest = cKDTree(vertices).query(paths.reshape(-1, 3), k=1)
    result: IntegerArray = nearest.reshape(paths.shape[:2])
    return result


def lifted(strands: Strands, surface_points: AnyFloatArray, outward: AnyFloatArray) -> Strands:
    """Strands of which those that lie just under the surface of their body lie on it instead.

    Args:
        strands: the strands.
        surface_points: (N, S, 3) what of the body's surface is nearest to each point.
        outward: (N, S, 3) the surface's normals there.
    """
    depth = -np.einsum("nsk,nsk->ns", strands.paths - surface_points, outward)
    height = 0.0006 + 0.0016 * np.abs(strands.shade)[:, None]
    rise = np.where((depth > -height) & (depth < 0.013), depth + height, 0.0)
    # The root stays in the skin.
    rise = rise * np.clip(np.linspace(0.0, 4.0, rise.shape[1]), 0.0, 1.0)
    return replace(strands, paths=strands.paths + outward * rise[..., None])


def scaled_width(low: float, high: float, count: int, random: np.random.Generator) -> Float32Array:
    """(count,) half widths, log-uniform between two, metres."""
    result: Float32Array = np.exp(random.uniform(np.log(low), np.log(high), count)).astype(np.float32)
    return result
