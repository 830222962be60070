"""Values that have keys, but were moved by hand and not keyed yet: a render of ours must not lose them.

At the end of any render Blender tags time in all scenes, so that the next evaluation puts such values back to their
keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import bpy

from .blender_versions import animation_curves

CUSTOM_PROPERTY = re.compile(r'(?P<owner>.*)\["(?P<name>[^"]*)"\]')
PROPERTY = re.compile(r"(?:(?P<owner>.*)\.)?(?P<name>\w+)")


@dataclass(frozen=True)
class AnimatedValue:
    """A value that an f-curve drives, as it is now.

    Attributes:
        datablock: the original.
        path: the curve's data path.
        index: into an array; ignored for single values.
        value: what it is.
    """

    datablock: Any
    path: str
    index: int
    value: Any


@contextmanager
def hand_moved_kept(view_layer: Any, *, wanted: bool | None = None) -> Iterator[None]:
    """Put values back after the block to what they were before it.

    Args:
        view_layer: the one the artist looks at.
        wanted: by default only in the interface and outside renders, where an artist can have moved something.
    """
    if wanted is None:
        wanted = not (bpy.app.background or bpy.app.is_job_running("RENDER"))
    values = animated_values(view_layer.depsgraph) if wanted else []
    yield
    if values:
        view_layer.update()
        for value in values:
            _put_back(value)
        view_layer.update()


def animated_values(depsgraph: Any) -> list[AnimatedValue]:
    """Everything that f-curves drive in a scene."""
    values = []
    for evaluated in depsgraph.ids:
        datablock = evaluated.original
        if getattr(datablock, "animation_data", None) is None:
            continue
        for curve in animation_curves(datablock):
            with suppress(ValueError):  # the curve drives nothing that exists
                held = datablock.path_resolve(curve.data_path)
                value = held[curve.array_index] if hasattr(held, "__len__") and not isinstance(held, str) else held
                values.append(AnimatedValue(datablock, curve.data_path, curve.array_index, value))
    return values


def _put_back(before: AnimatedValue) -> None:
    with suppress(ValueError, TypeError, AttributeError):  # what cannot be written to was not moved by hand
        held = before.datablock.path_resolve(before.path)
        if hasattr(held, "__len__") and not isinstance(held, str):
            if held[before.index] != before.value:
                held[before.index] = before.value
        elif held != before.value:
            _write(before.datablock, before.path, before.value)


def _write(datablock: Any, path: str, value: Any) -> None:
    match = CUSTOM_PROPERTY.fullmatch(path)
    if match is not None:
        _owner(datablock, match)[match["name"]] = value
        return
    match = PROPERTY.fullmatch(path)
    if match is not None:
        setattr(_owner(datablock, match), match["name"], value)


def _owner(datablock: Any, match: re.Match[str]) -> Any:
    return datablock.path_resolve(match["owner"]) if match["owner"] else datablock
