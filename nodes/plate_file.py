"""Which file, which frame and which colour space an Image or Movie Clip node stands for."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import bpy

from ..runtime.errors import PlateError, SceneError
from .plate_source import PlateSource
from .relight_nodes import evaluated_node

if TYPE_CHECKING:
    from ..runtime.analysis_record import PlateReference
    from ..runtime.plate.colour import ColourSpace

RUNTIME_COLOUR_SPACES: dict[str, ColourSpace] = {
    "sRGB": "srgb",
    "Linear Rec.709": "linear",
    "Non-Color": "linear",
    "ACEScg": "acescg",
}
"""Blender's names of the colour spaces the runtime reads."""

LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
"""In a file name without its extension: the frame number of a sequence, as Blender has it."""

PlateKind = Literal["still", "sequence", "movie"]


@dataclass(frozen=True)
class PlateFile:
    """A frame of a plate on disk.

    Attributes:
        path: a file; of a sequence, any one of its files.
        kind: what the file is.
        colour_space: the runtime's name.
        frame: number in the file name for a sequence, 1-based for a movie; 1 for a still.
    """

    path: Path
    kind: PlateKind
    colour_space: ColourSpace
    frame: int

    @property
    def reference(self) -> PlateReference:
        """The plate as records of its analysis name it."""
        from ..runtime.analysis_record import PlateReference

        return PlateReference(os.path.normpath(self.path), self.kind, self.colour_space)


@dataclass(frozen=True)
class PlatePixels:
    """A plate whose pixels only Blender has: generated, or painted on.

    Attributes:
        image: the image datablock.
        colour_space: the runtime's name.
    """

    image: Any
    colour_space: ColourSpace


def plate_of_source(source: PlateSource, scene_frame: int, depsgraph: Any) -> PlateFile | PlatePixels:
    """What to read for a plate node at a scene frame.

    Raises:
        SceneError: the node holds nothing that can be read.
        PlateError: the frame is outside the plate, or its colour space is not known to the runtime.
    """
    node = evaluated_node(source.tree, source.node, depsgraph)
    if node.bl_idname == "CompositorNodeMovieClip":
        return _plate_of_clip(node, scene_frame)
    return _plate_of_image(node, scene_frame)


def _plate_of_image(node: Any, scene_frame: int) -> PlateFile | PlatePixels:
    image = node.image.original if node.image else None
    if image is None:
        raise SceneError(f"The Image node {node.name!r} has no image; open the plate in it.")
    colour_space = _runtime_colour_space(image)
    match image.source:
        case "FILE":
            if image.is_dirty or not (image.filepath or image.packed_file):
                return PlatePixels(image, colour_space)
            return PlateFile(_still_path(image), "still", colour_space, 1)
        case "GENERATED":
            return PlatePixels(image, colour_space)
        case "SEQUENCE":
            return PlateFile(_absolute(image), "sequence", colour_space, _image_frame(node, scene_frame))
        case "MOVIE":
            return PlateFile(_absolute(image), "movie", colour_space, _image_frame(node, scene_frame))
    raise SceneError(
        f"The image {image.name!r} is a {image.source.lower()} image, which is no plate; "
        "open a still, an image sequence or a movie."
    )


def _image_frame(node: Any, scene_frame: int) -> int:
    from ..runtime.plate.frame_mapping import plate_frame_for_scene_frame

    frame = plate_frame_for_scene_frame(
        scene_frame,
        start=node.frame_start,
        offset=node.frame_offset,
        duration=node.frame_duration,
        cyclic=node.use_cyclic,
    )
    if frame is None:
        raise PlateError(f"The Image node {node.name!r} has 0 frames; set its number of frames.")
    return frame


def _plate_of_clip(node: Any, scene_frame: int) -> PlateFile:
    """Blender's arithmetic for clips: at frame_start a sequence shows the picked file, shifted by frame_offset."""
    clip = node.clip.original if node.clip else None
    if clip is None:
        raise SceneError(f"The Movie Clip node {node.name!r} has no clip; open the plate in it.")
    colour_space = _runtime_colour_space(clip)
    position = scene_frame - clip.frame_start + clip.frame_offset
    path = _absolute(clip)
    if clip.source == "MOVIE":
        return PlateFile(path, "movie", colour_space, position + 1)
    return PlateFile(path, "sequence", colour_space, _frame_number(path) + position)


def _runtime_colour_space(datablock: Any) -> ColourSpace:
    name = datablock.colorspace_settings.name
    if not name:  # Blender could not read the file; reading it ourselves says what is wrong with it.
        return "auto"
    if name not in RUNTIME_COLOUR_SPACES:
        raise PlateError(
            f"The plate {datablock.name!r} is in the colour space {name}, which Relight cannot read; "
            f"use one of {', '.join(RUNTIME_COLOUR_SPACES)}."
        )
    return RUNTIME_COLOUR_SPACES[name]


def _absolute(datablock: Any) -> Path:
    return Path(bpy.path.abspath(datablock.filepath, library=datablock.library))


def _still_path(image: Any) -> Path:
    """The image's file; of a packed image a copy in Blender's temporary folder, named by its content."""
    if image.packed_file is None:
        return _absolute(image)
    import hashlib

    content = image.packed_file.data
    suffix = Path(image.filepath).suffix or f".{image.file_format.lower()}"
    unpacked = Path(bpy.app.tempdir) / f"packed-plate-{hashlib.sha256(content).hexdigest()[:24]}{suffix}"
    if not unpacked.exists():
        unfinished = unpacked.with_suffix(".unfinished")
        unfinished.write_bytes(content)
        unfinished.replace(unpacked)
    return unpacked


def _frame_number(path: Path) -> int:
    digits = LAST_NUMBER.search(path.stem)
    if digits is None:
        raise PlateError(
            f'The image sequence "{path}" has no frame number in its name; a name as plate.0001.exr is expected.'
        )
    return int(digits.group())
