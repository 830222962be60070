"""Depth maps of a mesh from a sphere of orthographic cameras, and what they say about its triangles and about space."""

from dataclasses import dataclass

import numba
import numpy as np

from ....runtime.arrays import Float32Array
from ..rasterise import rasterise
from ..transport import sphere_directions
from .solid_mesh import SolidMesh

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

CAMERAS = 56
LOWEST_ELEVATION = -0.65
"""Sine of the steepest view from below: deeper no camera of the stage stands, and busts are open there."""
RESOLUTION = 448
HEIGHT_ORIGIN = 16.0
"""Metres added to heights: the rasteriser keeps the largest positive number, and 16 m still resolves 2 µm."""
CLEARANCE_METRES = 0.0006
"""How far a point has to stand before a depth map's surface to count as seen: above the maps' own error."""


@dataclass(frozen=True)
class DepthMaps:
    """What a sphere of orthographic cameras sees.

    Attributes:
        axes: (N, 3, 3) camera_from_head: right, up, towards the camera.
        height: (N, R, R) metres above the centre towards the camera, plus HEIGHT_ORIGIN; 0 where nothing is seen.
        centre: (3,) of all pictures, head frame, metres.
        half_width: metres, half the width of the pictures.
    """

    axes: Float32Array
    height: Float32Array
    centre: Float32Array
    half_width: float


def camera_axes(count: int) -> Float32Array:
    """(N, 3, 3) camera_from_head of `count` cameras spread evenly over the sphere, without those from far below."""
    towards = sphere_directions(count).astype(np.float64)
    towards = towards[towards[:, 1] > LOWEST_ELEVATION]
    # Any helper axis does that is not parallel to the view.
    helper = np.where(np.abs(towards[:, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    right = np.cross(helper, towards)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    axes: Float32Array = np.stack([right, np.cross(towards, right), towards], axis=1).astype(np.float32)
    return axes


def draw_depth_maps(
    mesh: SolidMesh, centre: Float32Array, half_width: float, cameras: int = CAMERAS, resolution: int = RESOLUTION
) -> tuple[DepthMaps, IntArray]:
    """Draw a mesh from all sides.

    Args:
        mesh: opaque triangles.
        centre: (3,) metres.
        half_width: metres around the centre that the pictures show.
        cameras: how many a whole sphere of them has.
        resolution: pixels along each side.

    Returns:
        The maps, and (T, 2) in how many pixels each triangle's front and back were seen.
    """
    axes = camera_axes(cameras)
    heights = np.zeros((len(axes), resolution, resolution), np.float32)
    counts = np.zeros((len(mesh.triangles), 2), np.int32)
    scale = np.float32(0.5 * resolution / half_width)
    around = mesh.vertices - centre
    for camera, height in zip(axes, heights, strict=True):
        screen = around @ camera.T
        screen[:, 0] = np.float32(0.5 * resolution) + screen[:, 0] * scale
        screen[:, 1] = np.float32(0.5 * resolution) - screen[:, 1] * scale
        screen[:, 2] += np.float32(HEIGHT_ORIGIN)
        seen, height[:] = rasterise(screen, mesh.triangles, resolution)
        _count_sides(seen, screen, mesh.triangles, counts)
    return DepthMaps(axes, heights, centre.astype(np.float32), half_width), counts


@numba.njit(cache=True, fastmath=True)
def _count_sides(seen: IntArray, screen: Float32Array, triangles: IntArray, counts: IntArray) -> None:
    """Add to (T, 2) the pixels in which each triangle shows its front (corners counter-clockwise) or its back."""
    for row in range(seen.shape[0]):
        for column in range(seen.shape[1]):
            t = seen[row, column]
            if t < 0:
                continue
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            area = (screen[b, 0] - screen[a, 0]) * (screen[c, 1] - screen[a, 1])
            area -= (screen[b, 1] - screen[a, 1]) * (screen[c, 0] - screen[a, 0])
            # Rows run downwards, which turns the sense of rotation around.
            counts[t, 1 if area > 0.0 else 0] += 1


@numba.njit(cache=True, fastmath=True)
def _sees(  # noqa: PLR0917 - compiled: arrays go in by position
    axes: Float32Array, height: Float32Array, half_width: float, view: int, dx: float, dy: float, dz: float
) -> bool:
    """Whether a camera sees the point at an offset from the pictures' centre.

    The four pixels around the point must all show a surface behind it: at a silhouette one of them is the surface's.
    """
    resolution = height.shape[1]
    scale = 0.5 * resolution / half_width
    m = axes[view]
    u = 0.5 * resolution + (m[0, 0] * dx + m[0, 1] * dy + m[0, 2] * dz) * scale - 0.5
    v = 0.5 * resolution - (m[1, 0] * dx + m[1, 1] * dy + m[1, 2] * dz) * scale - 0.5
    column, row = int(np.floor(u)), int(np.floor(v))
    if column < 0 or row < 0 or column >= resolution - 1 or row >= resolution - 1:
        return False
    level = m[2, 0] * dx + m[2, 1] * dy + m[2, 2] * dz + HEIGHT_ORIGIN - CLEARANCE_METRES
    return bool(
        level > height[view, row, column]
        and level > height[view, row, column + 1]
        and level > height[view, row + 1, column]
        and level > height[view, row + 1, column + 1]
    )


@numba.njit(cache=True, fastmath=True)
def is_seen(  # noqa: PLR0917 - compiled: arrays go in by position
    axes: Float32Array, height: Float32Array, centre: Float32Array, half_width: float, x: float, y: float, z: float
) -> bool:
    """Whether some camera sees the point: space carving (Kutulakos and Seitz 2000)."""
    dx, dy, dz = x - centre[0], y - centre[1], z - centre[2]
    for view in range(axes.shape[0]):  # noqa: SIM110 - compiled loops take no generators
        if _sees(axes, height, half_width, view, dx, dy, dz):
            return True
    return False


@numba.njit(cache=True, fastmath=True)
def _seen_shares(
    axes: Float32Array, height: Float32Array, centre: Float32Array, half_width: float, points: Float32Array
) -> Float32Array:
    shares = np.zeros(points.shape[0], np.float32)
    for n in range(points.shape[0]):
        dx, dy, dz = points[n, 0] - centre[0], points[n, 1] - centre[1], points[n, 2] - centre[2]
        for view in range(axes.shape[0]):
            if _sees(axes, height, half_width, view, dx, dy, dz):
                shares[n] += 1.0
        shares[n] /= axes.shape[0]
    return shares


def seen_shares(maps: DepthMaps, points: Float32Array) -> Float32Array:
    """(N,) share of the cameras that see each of (N, 3) points."""
    return _seen_shares(maps.axes, maps.height, maps.centre, maps.half_width, np.ascontiguousarray(points, np.float32))
