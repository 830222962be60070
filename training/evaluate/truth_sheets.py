"""Pictures of the benchmark: the truth, below it what a network makes of it, and below that how far it is off."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array
from ...runtime.errors import HeadError
from ...runtime.output.contact_sheet import write_contact_sheet
from ...runtime.output.png import Picture
from ...runtime.transfer import srgb_from_linear
from ..lightstage.stage import Stage
from ..sheets import grey
from .held_out import YAWS, HeldOutCase, held_out_case
from .held_out_measures import moved_passes_of, prepared, relit_picture
from .picture_measures import best_factor, shown
from .product import Contestant, PreparedPlate
from .stage_plate import product_scale

WORST = 8
ANGLE_SHOWN, DEPTH_SHOWN, DIFFERENCE_SHOWN = 45.0, 0.03, 0.25
"""Errors that are white in an error map: degrees, metres, encoded values."""
TILE, COLUMNS = 160, 9


def chosen_pictures(scores: Mapping[int, float], seed: int) -> tuple[list[int], list[int]]:
    """The pictures with the lowest scores, worst first, and as many random others."""
    known = sorted((number for number in scores if np.isfinite(scores[number])), key=lambda number: scores[number])
    worst, others = known[:WORST], known[WORST:]
    count = min(WORST, len(others))
    return worst, sorted(np.random.default_rng(seed).choice(others, count, replace=False).tolist()) if count else []


def write_truth_sheet(stage: Stage, contestant: Contestant, numbers: Iterable[int], path: Path) -> None:
    """Three rows for each picture: truth, prediction, error; `_true_tiles` gives the columns."""
    cells: list[tuple[str, Picture]] = []
    for number in numbers:
        case = held_out_case(stage, number)
        try:
            recorded, clean = prepared(case.plate, contestant), prepared(case.clean, contestant)
        except HeadError:
            continue
        cells += _rows(case, recorded, clean)
    if cells:
        write_contact_sheet(path, cells, columns=COLUMNS, cell_width=TILE)


def _rows(case: HeldOutCase, recorded: PreparedPlate, clean: PreparedPlate) -> list[tuple[str, Picture]]:
    true, ours = _true_tiles(case), _tiles(case, recorded, clean)
    first = {"truth": "photographed", "network": "scene-linear", "error": f"picture {case.index}"}
    rows = {
        "truth": true,
        "network": ours,
        "error": {name: _error(name, true[name], ours[name], case) for name in true},
    }
    return [
        (first[row] if name == "plate" else f"{name}, {row}", _small(tile))
        for row, tiles in rows.items()
        for name, tile in tiles.items()
    ]


def _true_tiles(case: HeldOutCase) -> dict[str, Float32Array]:
    """Columns: plate, albedo, normal, depth, matte, held-out environment, hard lamp, yaw −20°, yaw +20°."""
    maps, pose = case.view.maps, case.view.pose
    covered = maps.matte[..., None]
    depth = (maps.depth + np.float32(pose.offset[2])) * np.float32(product_scale(pose))
    return {
        "plate": srgb_from_linear(case.plate.on_square(case.plate.image)),
        "albedo": srgb_from_linear(maps.albedo) * covered,
        "normal": (maps.normal * 0.5 + 0.5) * covered,
        "depth": _depth_tile(depth) * covered,
        "matte": grey(maps.matte),
        "HDRI": shown(case.environment.radiance, case.environment.radiance, case.inside),
        "lamp": shown(case.lamp.radiance, case.lamp.radiance, case.inside),
        **{f"yaw {YAWS[n]:+.0f}°": shown(m.radiance, m.radiance, m.known) for n, m in enumerate(case.moved)},
    }


def _depth_tile(offset: AnyFloatArray) -> Float32Array:
    """Metres behind the head's centre as grey, near is white."""
    return grey(0.5 - 0.5 * offset / 0.25)


def _tiles(case: HeldOutCase, recorded: PreparedPlate, clean: PreparedPlate) -> dict[str, Float32Array]:
    """The same columns of a network; its albedo at the truth's brightness."""
    encoding, maps = recorded.encoding, case.view.maps
    covered = encoding.matte[..., None]
    level = np.float32(best_factor(encoding.albedo, maps.albedo, case.inside))
    tiles = {
        "plate": srgb_from_linear(case.clean.on_square(case.clean.image)),
        "albedo": srgb_from_linear(encoding.albedo * level) * covered,
        "normal": (encoding.normal * 0.5 + 0.5) * covered,
        "depth": _depth_tile(encoding.depth - np.float32(encoding.crop.head_distance)) * covered,
        "matte": grey(encoding.matte),
    }
    for name, truth in (("HDRI", case.environment), ("lamp", case.lamp)):
        picture = relit_picture(clean, truth, case.clean) * maps.matte[..., None]
        tiles[name] = shown(picture, truth.radiance, case.inside)
    for index, moved in enumerate(case.moved):
        image = moved_passes_of(clean, moved).image
        tiles[f"yaw {YAWS[index]:+.0f}°"] = shown(image[..., :3] * image[..., 3:], moved.radiance, moved.known)
    return tiles


def _error(name: str, true: Float32Array, ours: Float32Array, case: HeldOutCase) -> Float32Array:
    """How far two tiles are apart, white being much; the plate's tile stays empty."""
    turned = {f"yaw {yaw:+.0f}°": moved.known for yaw, moved in zip(YAWS, case.moved, strict=True)}
    inside: BoolArray = turned.get(name, case.inside)
    if name == "plate":
        return np.zeros_like(true)
    if name == "normal":
        ours_unit, true_unit = ours * 2.0 - 1.0, true * 2.0 - 1.0
        cosine = np.einsum("hwc,hwc->hw", ours_unit, true_unit)
        return grey(np.rad2deg(np.arccos(np.clip(cosine, -1.0, 1.0))) / ANGLE_SHOWN * inside)
    if name == "depth":
        return grey(np.abs(ours - true)[..., 0] * 0.5 / DEPTH_SHOWN * inside)
    if name == "matte":
        return grey(np.abs(ours - true)[..., 0])
    return grey(np.abs(ours - true).mean(axis=-1) / DIFFERENCE_SHOWN * inside)


def _small(tile: Float32Array) -> Picture:
    """A tile at the sheet's size, each pixel a mean of those it covers."""
    edges = np.linspace(0, tile.shape[0], TILE + 1).astype(int)
    widths = np.diff(edges).astype(np.float32)
    rows = np.add.reduceat(np.clip(tile, 0.0, 1.0), edges[:-1], axis=0) / widths[:, None, None]
    small = np.add.reduceat(rows, edges[:-1], axis=1) / widths[None, :, None]
    codes: Picture = np.rint(255.0 * small).astype(np.uint8)
    return codes
