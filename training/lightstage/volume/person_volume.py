"""The space around a prepared person: a truncated signed distance, and points with what is nearest to them."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ....runtime.arrays import Float32Array
from ...assets import AssetError
from ..avatars.atlas import Atlas
from ..parts import Part
from ..person import Person
from .depth_maps import draw_depth_maps
from .signed_distance import BAND_METRES, Lattice, SurfaceGrid, distances_at, distances_at_nodes, surface_grid
from .solid_mesh import solid_mesh
from .visible_surface import VisibleSurface, visible_surface

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

LOW = np.array([-0.30, -0.33, -0.30], np.float32)
HIGH = np.array([0.30, 0.27, 0.30], np.float32)
"""Corners of the box, metres, head frame: what a crop can show of a person."""
SPACING = 0.004
POINTS = 65_536
NEAR_SHARE, MIDDLE_SHARE = 0.6, 0.2
"""Shares of points next to the surface and around it; the others fill the box evenly."""
NEAR_METRES, MIDDLE_METRES = 0.0025, 0.015
"""Standard deviation of their distance from the surface."""
VALID_METRES = 0.02
"""Farther from the surface a point has no albedo and no transport worth learning."""
FEATURE_WEIGHT = {Part.SKIN: 2.0, Part.EYE: 6.0, Part.TEETH: 3.0, Part.MOUTH: 2.0, Part.SOCKET: 2.0, Part.HAIR: 1.5}
"""How much denser points lie on a part than on the body."""
_CODES = 65535.0


@dataclass(frozen=True)
class PersonVolume:
    """What is kept of the space around a person, head frame.

    Attributes:
        low: (3,) float32 first corner of the box, metres.
        high: (3,) float32 last corner.
        distance: (nx, ny, nz) int8 signed distance at nodes that span the box, in 127ths of BAND_METRES.
        position: (N, 3) uint16 points, 0 to 65535 across the box.
        signed: (N,) float16 signed distance of the points, metres, positive outside.
        triangle: (N,) int32 the person's triangle nearest to each.
        weights: (N, 2) uint8 weights of the second and third corner of the nearest surface point, in 255ths.
    """

    low: Float32Array
    high: Float32Array
    distance: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
    position: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]
    signed: np.ndarray[tuple[int, ...], np.dtype[np.float16]]
    triangle: IntArray
    weights: BytesArray

    @property
    def metres(self) -> Float32Array:
        """(nx, ny, nz) truncated signed distance in metres."""
        return self.distance.astype(np.float32) * np.float32(BAND_METRES / 127.0)


def person_grid(person: Person, atlas: Atlas | None = None) -> SurfaceGrid:
    """Everything that distances around a person are computed from.

    Raises:
        AssetError: when the person has cards and no atlas is given.
    """
    mesh = solid_mesh(person, atlas)
    half_width = float(0.5 * np.linalg.norm(HIGH - LOW))
    maps, counts = draw_depth_maps(mesh, 0.5 * (LOW + HIGH), half_width)
    surface = visible_surface(mesh, counts, maps, person.parts)
    shape = np.rint((HIGH - LOW) / SPACING).astype(int) + 1
    return surface_grid(surface, maps, Lattice(LOW, SPACING, (int(shape[0]), int(shape[1]), int(shape[2]))))


def build_volume(person: Person, random: np.random.Generator, atlas: Atlas | None = None) -> PersonVolume:
    """Prepare the space around a person; the same for the same generator.

    Raises:
        AssetError: when the person has cards and no atlas is given, or lies outside the box.
    """
    grid = person_grid(person, atlas)
    codes = random_positions(grid.surface, person.parts, random)
    distance, triangle, weights = distances_at(grid, positions_in_metres(codes, LOW, HIGH))
    source_weights = _on_source(grid.surface, triangle, weights)
    nodes = distances_at_nodes(grid) * np.float32(127.0 / BAND_METRES)
    return PersonVolume(
        low=LOW,
        high=HIGH,
        distance=np.rint(nodes).astype(np.int8),
        position=codes,
        signed=distance.astype(np.float16),
        triangle=grid.surface.source[triangle],
        weights=np.rint(np.clip(source_weights, 0.0, 1.0) * np.float32(255.0)).astype(np.uint8),
    )


def positions_in_metres(
    codes: np.ndarray[tuple[int, ...], np.dtype[np.uint16]], low: Float32Array, high: Float32Array
) -> Float32Array:
    """(N, 3) metres of stored positions."""
    return (low + codes.astype(np.float32) * ((high - low) / np.float32(_CODES))).astype(np.float32)


def random_positions(
    surface: VisibleSurface, parts: BytesArray, random: np.random.Generator, count: int = POINTS
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    """(count, 3) stored positions: next to the visible surface, around it, and all over the box, in random order.

    Raises:
        AssetError: when no visible triangle lies in the box.
    """
    near, middle = int(NEAR_SHARE * count), int(MIDDLE_SHARE * count)
    on_surface, normals = random_surface_points(surface, parts, random, near + middle)
    spread = np.where(np.arange(near + middle) < near, NEAR_METRES, MIDDLE_METRES)
    offset = random.normal(size=near + middle) * spread
    beside = on_surface + normals * offset[:, None]
    anywhere = LOW + random.uniform(size=(count - near - middle, 3)) * (HIGH - LOW)
    # Points that fell outside the box fill it.
    outside = ((beside < LOW) | (beside > HIGH)).any(axis=1)
    beside[outside] = LOW + random.uniform(size=(int(outside.sum()), 3)) * (HIGH - LOW)
    points = np.concatenate([beside, anywhere])[random.permutation(count)]
    codes: np.ndarray[tuple[int, ...], np.dtype[np.uint16]] = np.rint((points - LOW) / (HIGH - LOW) * _CODES).astype(
        np.uint16
    )
    return codes


def random_surface_points(
    surface: VisibleSurface, parts: BytesArray, random: np.random.Generator, count: int
) -> tuple[Float32Array, Float32Array]:
    """(count, 3) points on visible triangles in the box, by area and FEATURE_WEIGHT, and their geometric normals."""
    corners = surface.vertices[surface.triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    inside = ((corners >= LOW) & (corners <= HIGH)).all(axis=(1, 2))
    weight_of_part = np.ones(256)
    for part, weight in FEATURE_WEIGHT.items():
        weight_of_part[part] = weight
    share = area * inside * weight_of_part[parts[surface.source]]
    if not share.sum() > 0.0:
        raise AssetError(
            f"Nothing of the person lies between {LOW.tolist()} and {HIGH.tolist()} metres; "
            "its head should be at the origin of the head frame: prepare it again."
        )
    ends = np.cumsum(share)
    # Stratified: every stretch of the surface gets its share of points.
    chosen = np.searchsorted(ends, (np.arange(count) + random.uniform(size=count)) / count * ends[-1])
    chosen = random.permutation(np.minimum(chosen, len(share) - 1))
    second, third = random.uniform(size=(2, count, 1))
    folded = second + third > 1.0
    second, third = np.where(folded, 1.0 - second, second), np.where(folded, 1.0 - third, third)
    some = corners[chosen]
    points = some[:, 0] + second * (some[:, 1] - some[:, 0]) + third * (some[:, 2] - some[:, 0])
    normals = cross[chosen] / np.maximum(area[chosen, None], 1e-12)
    return points.astype(np.float32), normals.astype(np.float32)


def _on_source(surface: VisibleSurface, triangle: IntArray, weights: Float32Array) -> Float32Array:
    """(N, 2) weights of the person's triangle at weights of a piece of it."""
    corners = surface.corner_weights[triangle]
    second, third = weights[:, :1], weights[:, 1:]
    result: Float32Array = (
        corners[:, 0] + second * (corners[:, 1] - corners[:, 0]) + third * (corners[:, 2] - corners[:, 0])
    )
    return result


def volume_path(person: Path) -> Path:
    """Where the volume of a prepared person's file is kept: beside it."""
    return person.with_name(person.name.replace("person_", "volume_", 1))


def save_volume(volume: PersonVolume, path: Path) -> None:
    """Write a volume through a temporary name."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez_compressed(file, **{field.name: getattr(volume, field.name) for field in fields(PersonVolume)})
    temporary.replace(path)


def load_volume(path: Path) -> PersonVolume:
    """Read a volume.

    Raises:
        AssetError: when it has not been prepared, or by an older version.
    """
    if not path.exists():
        raise AssetError(f"{path} has not been prepared; run `chiaro-train prepare-volumes` with this cache first.")
    with np.load(path, allow_pickle=False) as archive:
        missing = [field.name for field in fields(PersonVolume) if field.name not in archive]
        if missing:
            raise AssetError(
                f"{path} lacks {', '.join(missing)} because another version wrote it; "
                "delete it and run `chiaro-train prepare-volumes` again."
            )
        return PersonVolume(**{field.name: archive[field.name] for field in fields(PersonVolume)})
