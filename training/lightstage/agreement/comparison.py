"""Scenes rendered by the stage and by Cycles, and how far they lie apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ....runtime.arrays import Float32Array
from ..stage import Stage
from .exported_scene import export_scene
from .measure import Agreement, compare
from .ours import render_ours
from .path_traced import path_trace, read_path_traced
from .random_scene import random_scene
from .sheet import scene_row

BOUNCES = 1
"""The stage's transport knows one."""


@dataclass(frozen=True)
class ComparedScene:
    """One scene's result.

    Attributes:
        name: of the scene.
        agreement: the numbers.
        row: (h, w, 3) pictures side by side, 0..1.
    """

    name: str
    agreement: Agreement
    row: Float32Array


def compared_scenes(stage: Stage, indices: range, folder: Path, samples: int) -> Iterator[ComparedScene]:
    """Draw scenes, path-trace them and compare.

    Args:
        stage: whose people and light are used.
        indices: of the scenes.
        folder: for the exported scenes; it must exist. They stay there, to be opened in Blender; what was traced of the
            very same scene before is not traced again.
        samples: per pixel of the path tracer.

    Raises:
        AssetError: when Blender is missing or failed.
    """
    for index in indices:
        scene = random_scene(stage, index)
        place = folder / f"scene_{index:03d}"
        place.mkdir(exist_ok=True)
        _trace_once(place, export_scene(scene, place), samples)
        ours, parts = render_ours(scene)
        theirs, halves = read_path_traced(place)
        yield ComparedScene(scene.name, compare(ours, theirs, halves, parts), scene_row(ours, theirs))


def _trace_once(place: Path, digest: str, samples: int) -> None:
    """Path-trace an exported scene unless its pictures are there already."""
    made_of, traced = f"{digest} {samples} samples, {BOUNCES} bounces", place / "traced.txt"
    if not traced.exists() or traced.read_text() != made_of:
        traced.unlink(missing_ok=True)
        path_trace(place, max(1, samples // 2), BOUNCES)
        traced.write_text(made_of)
