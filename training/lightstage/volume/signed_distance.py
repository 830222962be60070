"""Signed distance to what can be seen of a person, on a grid and at any point.

How far: to the nearest visible triangle, exactly. Which sign: outside is what some camera of a sphere sees, which is
truncated signed distances (Curless and Levoy 1996) fused by their maximum; a mean of them would wear thin ears away.
Within a hair's breadth of the surface, where depth maps cannot say, the side of the triangle does. Open shells have no
inside: they are sheets, SHEET_METRES thick to each side. Loose cards of hair are CARD_METRES thick.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from ....runtime.arrays import Float32Array
from ..compiled import compiled_with
from .closest_point import closest_weights, splat_nearest
from .depth_maps import DepthMaps, is_seen
from .visible_surface import BytesArray, Side, VisibleSurface

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

BAND_METRES = 0.010
"""Within this distance grids and points know their nearest triangle exactly."""
SIDE_METRES = 0.003
"""Within this distance the side of the nearest triangle gives the sign."""
SHEET_METRES = 0.0008
CARD_METRES = 0.010
_FAR_STEP = 2
_DESCENTS = 6
_SOLID, _SHEET, _CARD = (int(side) for side in Side)
_FAR = np.float32(1e9)


@dataclass(frozen=True)
class Lattice:
    """A regular grid of nodes.

    Attributes:
        low: (3,) place of the first node, metres, head frame.
        spacing: metres.
        shape: nodes along x, y, z.
    """

    low: Float32Array
    spacing: float
    shape: tuple[int, int, int]

    @property
    def high(self) -> Float32Array:
        """(3,) place of the last node."""
        return (self.low + (np.array(self.shape) - 1) * self.spacing).astype(np.float32)


@dataclass(frozen=True)
class SurfaceGrid:
    """A surface with an index of which triangles lie where.

    Attributes:
        surface: the triangles.
        maps: what the cameras see.
        lattice: the nodes.
        nearest: (nx, ny, nz) int32 nearest triangle of nodes within BAND_METRES, else −1.
        squared: (nx, ny, nz) its squared distance.
        far: (⌈nx/2⌉, …) int32 a near triangle for every second node, however far.
        first: (cells + 1,) int32 where the triangles of each cell begin in `members`; a cell lies around each node.
        members: triangles that reach into each cell.
    """

    surface: VisibleSurface
    maps: DepthMaps
    lattice: Lattice
    nearest: IntArray
    squared: Float32Array
    far: IntArray
    first: IntArray
    members: IntArray


def surface_grid(surface: VisibleSurface, maps: DepthMaps, lattice: Lattice) -> SurfaceGrid:
    """Index a surface."""
    nearest = np.full(lattice.shape, -1, np.int32)
    squared = np.full(lattice.shape, _FAR, np.float32)
    splat_nearest(surface.vertices, surface.triangles, lattice.low, lattice.spacing, BAND_METRES, nearest, squared)
    coarse = np.ascontiguousarray(nearest[::_FAR_STEP, ::_FAR_STEP, ::_FAR_STEP])
    if (coarse >= 0).any():
        places = distance_transform_edt(coarse < 0, return_distances=False, return_indices=True)
        coarse = np.ascontiguousarray(coarse[tuple(places)])
    first, members = _cells(surface.vertices, surface.triangles, lattice.low, lattice.spacing, np.array(lattice.shape))
    return SurfaceGrid(surface, maps, lattice, nearest, squared, coarse, first, members)


@compiled_with()
def _cells(
    vertices: Float32Array,
    triangles: IntArray,
    low: Float32Array,
    spacing: float,
    shape: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> tuple[IntArray, IntArray]:
    """Which triangles' boxes reach into the cell around each node, as a compressed list."""
    count = np.zeros(shape[0] * shape[1] * shape[2] + 1, np.int32)
    members = np.zeros(0, np.int32)
    start, stop = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for turn in range(2):
        for t in range(triangles.shape[0]):
            empty = False
            for axis in range(3):
                p = vertices[triangles[t, 0], axis]
                q = vertices[triangles[t, 1], axis]
                r = vertices[triangles[t, 2], axis]
                start[axis] = max(0, int(np.floor((min(p, q, r) - low[axis]) / spacing + 0.5)))
                stop[axis] = min(shape[axis] - 1, int(np.floor((max(p, q, r) - low[axis]) / spacing + 0.5)))
                empty = empty or start[axis] > stop[axis]
            if empty:
                continue
            for i in range(start[0], stop[0] + 1):
                for j in range(start[1], stop[1] + 1):
                    for k in range(start[2], stop[2] + 1):
                        cell = (i * shape[1] + j) * shape[2] + k
                        if turn == 0:
                            count[cell + 1] += 1
                        else:
                            count[cell] -= 1
                            members[count[cell]] = t
        if turn == 0:
            # After this, count[cell] is where the cell ends; filling counts it down to where it begins.
            for cell in range(1, count.shape[0]):
                count[cell] += count[cell - 1]
            total = count[-1]
            members = np.empty(total, np.int32)
            for cell in range(count.shape[0] - 1):
                count[cell] = count[cell + 1]
    return count, members


@compiled_with()
def _signed(  # noqa: PLR0917 - compiled: arrays go in by position
    vertices: Float32Array,
    triangles: IntArray,
    normals: Float32Array,
    side: BytesArray,
    axes: Float32Array,
    height: Float32Array,
    centre: Float32Array,
    half_width: float,
    t: int,
    x: float,
    y: float,
    z: float,
) -> tuple[float, float, float]:
    """Signed distance to a triangle known to be the nearest, and the weights of its nearest point."""
    a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
    second, third, squared = closest_weights(vertices, a, b, c, x, y, z)
    distance = np.sqrt(squared)
    first = 1.0 - second - third
    nx = first * normals[a, 0] + second * normals[b, 0] + third * normals[c, 0]
    ny = first * normals[a, 1] + second * normals[b, 1] + third * normals[c, 1]
    nz = first * normals[a, 2] + second * normals[b, 2] + third * normals[c, 2]
    qx = first * vertices[a, 0] + second * vertices[b, 0] + third * vertices[c, 0]
    qy = first * vertices[a, 1] + second * vertices[b, 1] + third * vertices[c, 1]
    qz = first * vertices[a, 2] + second * vertices[b, 2] + third * vertices[c, 2]
    before = (x - qx) * nx + (y - qy) * ny + (z - qz) * nz
    if distance < SIDE_METRES and side[t] == _SOLID:
        # Where a triangle dives under another surface, what lies before it is inside all the same.
        clear = before >= 0.0 and is_seen(
            axes, height, centre, half_width, qx + nx * SIDE_METRES, qy + ny * SIDE_METRES, qz + nz * SIDE_METRES
        )
        return (distance if clear else -distance), second, third
    outside = is_seen(axes, height, centre, half_width, x, y, z)
    if side[t] == _SHEET and (outside or distance < SIDE_METRES):
        return distance - SHEET_METRES, second, third
    if side[t] == _CARD:
        if before >= 0.0:
            return distance, second, third
        if outside:
            return max(-distance, distance - CARD_METRES), second, third
        return -distance, second, third
    return (distance if outside else -distance), second, third


@compiled_with()
def _descended(  # noqa: PLR0917 - compiled: arrays go in by position
    vertices: Float32Array,
    triangles: IntArray,
    nearest: IntArray,
    low: Float32Array,
    spacing: float,
    x: float,
    y: float,
    z: float,
    found: int,
) -> int:
    """From a far point's guess to a nearer triangle: ask a node of the band on the way to it, again and again."""
    a, b, c = triangles[found, 0], triangles[found, 1], triangles[found, 2]
    second, third, best = closest_weights(vertices, a, b, c, x, y, z)
    for _ in range(_DESCENTS):
        first = 1.0 - second - third
        share = min(1.0, 0.8 * BAND_METRES / np.sqrt(best))
        place = np.zeros(3, np.int64)
        for axis, p in enumerate((x, y, z)):
            q = first * vertices[a, axis] + second * vertices[b, axis] + third * vertices[c, axis]
            place[axis] = int(np.floor((q + (p - q) * share - low[axis]) / spacing + 0.5))
            place[axis] = min(nearest.shape[axis] - 1, max(0, place[axis]))
        t = nearest[place[0], place[1], place[2]]
        if t < 0 or t == found:
            break
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        second, third, squared = closest_weights(vertices, a, b, c, x, y, z)
        if squared >= best:
            break
        best, found = squared, t
    return found


@compiled_with()
def _nearest_triangle(  # noqa: PLR0917 - compiled: arrays go in by position
    vertices: Float32Array,
    triangles: IntArray,
    nearest: IntArray,
    far: IntArray,
    first: IntArray,
    members: IntArray,
    low: Float32Array,
    spacing: float,
    x: float,
    y: float,
    z: float,
) -> int:
    """The nearest triangle: the best of those of the nodes around, then of all in the cells that could be nearer."""
    shape = nearest.shape
    u, v, w = (x - low[0]) / spacing, (y - low[1]) / spacing, (z - low[2]) / spacing
    best, found = 1e9, -1
    for corner in range(8):
        i = min(shape[0] - 1, max(0, int(np.floor(u)) + (corner & 1)))
        j = min(shape[1] - 1, max(0, int(np.floor(v)) + (corner >> 1 & 1)))
        k = min(shape[2] - 1, max(0, int(np.floor(w)) + (corner >> 2)))
        t = nearest[i, j, k]
        if t < 0:
            t = far[i // _FAR_STEP, j // _FAR_STEP, k // _FAR_STEP]
        if t >= 0 and t != found:
            _, _, squared = closest_weights(vertices, triangles[t, 0], triangles[t, 1], triangles[t, 2], x, y, z)
            if squared < best:
                best, found = squared, t
    reach = np.sqrt(best)
    if reach > BAND_METRES:
        return _descended(vertices, triangles, nearest, low, spacing, x, y, z, found)
    i0, i1 = (
        max(0, int(np.floor(u - reach / spacing + 0.5))),
        min(shape[0] - 1, int(np.floor(u + reach / spacing + 0.5))),
    )
    j0, j1 = (
        max(0, int(np.floor(v - reach / spacing + 0.5))),
        min(shape[1] - 1, int(np.floor(v + reach / spacing + 0.5))),
    )
    k0, k1 = (
        max(0, int(np.floor(w - reach / spacing + 0.5))),
        min(shape[2] - 1, int(np.floor(w + reach / spacing + 0.5))),
    )
    for i in range(i0, i1 + 1):
        for j in range(j0, j1 + 1):
            for k in range(k0, k1 + 1):
                gap = (
                    max(0.0, abs(u - i) - 0.5) ** 2 + max(0.0, abs(v - j) - 0.5) ** 2 + max(0.0, abs(w - k) - 0.5) ** 2
                )
                if gap * spacing * spacing >= best:
                    continue
                cell = (i * shape[1] + j) * shape[2] + k
                for entry in range(first[cell], first[cell + 1]):
                    t = members[entry]
                    _, _, squared = closest_weights(
                        vertices, triangles[t, 0], triangles[t, 1], triangles[t, 2], x, y, z
                    )
                    if squared < best:
                        best, found = squared, t
    return found


@compiled_with()
def _at_points(  # noqa: PLR0917 - compiled: arrays go in by position
    points: Float32Array,
    vertices: Float32Array,
    triangles: IntArray,
    normals: Float32Array,
    side: BytesArray,
    axes: Float32Array,
    height: Float32Array,
    centre: Float32Array,
    half_width: float,
    nearest: IntArray,
    far: IntArray,
    first: IntArray,
    members: IntArray,
    low: Float32Array,
    spacing: float,
) -> tuple[Float32Array, IntArray, Float32Array]:
    count = points.shape[0]
    distance, found = np.empty(count, np.float32), np.empty(count, np.int32)
    weights = np.empty((count, 2), np.float32)
    for n in range(count):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        t = _nearest_triangle(vertices, triangles, nearest, far, first, members, low, spacing, x, y, z)
        found[n] = t
        distance[n], weights[n, 0], weights[n, 1] = _signed(
            vertices, triangles, normals, side, axes, height, centre, half_width, t, x, y, z
        )
    return distance, found, weights


def distances_at(grid: SurfaceGrid, points: Float32Array) -> tuple[Float32Array, IntArray, Float32Array]:
    """Signed distance at points within the lattice.

    Args:
        grid: the surface.
        points: (N, 3) metres, head frame.

    Returns:
        Distance (N,) metres, exact where it is under BAND_METRES, else at most a few percent too large; the nearest
        triangle of the surface (N,); and the weights (N, 2) of its second and third corner.
    """
    surface, maps = grid.surface, grid.maps
    return _at_points(
        np.ascontiguousarray(points, np.float32), surface.vertices, surface.triangles, surface.normals, surface.side,
        maps.axes, maps.height, maps.centre, maps.half_width, grid.nearest, grid.far, grid.first, grid.members,
        grid.lattice.low, grid.lattice.spacing,
    )  # fmt: skip


@compiled_with()
def _at_nodes(  # noqa: PLR0917 - compiled: arrays go in by position
    nearest: IntArray,
    far: IntArray,
    low: Float32Array,
    spacing: float,
    truncation: float,
    vertices: Float32Array,
    triangles: IntArray,
    normals: Float32Array,
    side: BytesArray,
    axes: Float32Array,
    height: Float32Array,
    centre: Float32Array,
    half_width: float,
) -> Float32Array:
    result = np.empty(nearest.shape, np.float32)
    coarse = np.empty(far.shape, np.float32)
    for i in range(far.shape[0]):
        for j in range(far.shape[1]):
            for k in range(far.shape[2]):
                if nearest[_FAR_STEP * i, _FAR_STEP * j, _FAR_STEP * k] >= 0:
                    continue
                x, y, z = (
                    low[0] + _FAR_STEP * i * spacing,
                    low[1] + _FAR_STEP * j * spacing,
                    low[2] + _FAR_STEP * k * spacing,
                )
                outside = is_seen(axes, height, centre, half_width, x, y, z)
                coarse[i, j, k] = truncation if outside else -truncation
    for i in range(nearest.shape[0]):
        for j in range(nearest.shape[1]):
            for k in range(nearest.shape[2]):
                t = nearest[i, j, k]
                x, y, z = low[0] + i * spacing, low[1] + j * spacing, low[2] + k * spacing
                if t >= 0:
                    distance, _, _ = _signed(
                        vertices, triangles, normals, side, axes, height, centre, half_width, t, x, y, z
                    )
                    result[i, j, k] = min(truncation, max(-truncation, distance))
                elif nearest[i // _FAR_STEP * _FAR_STEP, j // _FAR_STEP * _FAR_STEP, k // _FAR_STEP * _FAR_STEP] < 0:
                    result[i, j, k] = coarse[i // _FAR_STEP, j // _FAR_STEP, k // _FAR_STEP]
                else:
                    outside = is_seen(axes, height, centre, half_width, x, y, z)
                    result[i, j, k] = truncation if outside else -truncation
    return result


def distances_at_nodes(grid: SurfaceGrid) -> Float32Array:
    """(nx, ny, nz) signed distance at the lattice's nodes, metres, truncated at ±BAND_METRES."""
    surface, maps = grid.surface, grid.maps
    return _at_nodes(
        grid.nearest, grid.far, grid.lattice.low, grid.lattice.spacing, BAND_METRES, surface.vertices,
        surface.triangles, surface.normals, surface.side, maps.axes, maps.height, maps.centre, maps.half_width,
    )  # fmt: skip
