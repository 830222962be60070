"""Which plate an operator works on, and what its file says about size, frames and lens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...runtime.errors import PlateError

if TYPE_CHECKING:
    from fractions import Fraction

PLATE_SOURCES = frozenset({"FILE", "SEQUENCE", "MOVIE", "GENERATED"})
FULL_FRAME_WIDTH_MM = 36.0
DEFAULT_FOCAL_LENGTH_MM = 50.0


@dataclass(frozen=True)
class Lens:
    """A lens and the sensor behind it, millimetres; the sensor lies along the plate's longer side."""

    focal_length: float = DEFAULT_FOCAL_LENGTH_MM
    sensor_width: float = FULL_FRAME_WIDTH_MM


@dataclass(frozen=True)
class PlateFacts:
    """What a plate's file says.

    Attributes:
        width: pixels.
        height: pixels.
        first_frame: number of the first frame: in the file name of a sequence, else 1.
        frames: how many there are from the first to the last, missing ones included.
        frame_rate: frames per second of a movie, else None.
        pixel_aspect: width of a pixel ÷ its height.
        lens: from the clip's camera or the file's metadata; None where neither knows.
    """

    width: int
    height: int
    first_frame: int = 1
    frames: int = 1
    frame_rate: Fraction | None = None
    pixel_aspect: float = 1.0
    lens: Lens | None = None


def is_clip(plate: Any) -> bool:
    """Whether the plate is a Movie Clip, else it is an Image."""
    return isinstance(plate, bpy.types.MovieClip)


def plate_in_editor(context: Any) -> Any | None:
    """The image or clip that the editor shows; in the compositor, of the active node."""
    space = context.space_data
    if space is None:
        return None
    if space.type == "CLIP_EDITOR":
        return space.clip
    if space.type == "IMAGE_EDITOR":
        return _usable(space.image)
    if space.type == "NODE_EDITOR" and space.edit_tree is not None:
        node = space.edit_tree.nodes.active
        if node is not None and node.bl_idname == "CompositorNodeImage":
            return _usable(node.image)
        if node is not None and node.bl_idname == "CompositorNodeMovieClip":
            return node.clip
    return None


def _usable(image: Any | None) -> Any | None:
    if image is None or image.source not in PLATE_SOURCES or image.type in ("RENDER_RESULT", "COMPOSITING"):
        return None
    return image


def load_plate(path: Path) -> Any:
    """Open a file as an image datablock: a still, a movie, or the whole sequence it is one frame of.

    Raises:
        PlateError: it cannot be read.
    """
    from ...runtime.plate.opening import open_plate

    with open_plate(path) as plate:  # Says in one sentence what Blender would leave as a pink image.
        is_sequence = plate.frame_rate is None and len(plate.frames) > 1
    try:
        image = bpy.data.images.load(str(path), check_existing=True)
    except RuntimeError as error:
        raise PlateError(
            f'Blender cannot open the plate "{path}" ({str(error).strip()}); choose another file.'
        ) from error
    if is_sequence:
        image.source = "SEQUENCE"
    _ = image.size[0]  # Blender reads the file when somebody asks, and guesses the colour space only then.
    return image


def plate_facts(plate: Any) -> PlateFacts:
    """Read what the plate's file says.

    Raises:
        PlateError: it cannot be read.
    """
    if not is_clip(plate) and (plate.source == "GENERATED" or plate.packed_file):
        return PlateFacts(plate.size[0], plate.size[1])
    from ...runtime.plate.opening import PlateKind, open_plate

    kinds: dict[str, PlateKind] = {"FILE": "still", "SEQUENCE": "sequence", "MOVIE": "movie"}
    path = Path(bpy.path.abspath(plate.filepath, library=plate.library))
    with open_plate(path, kind=kinds[plate.source], upright=False) as opened:
        return PlateFacts(
            width=opened.width,
            height=opened.height,
            first_frame=opened.first_frame,
            frames=opened.last_frame - opened.first_frame + 1,
            frame_rate=opened.frame_rate,
            pixel_aspect=_pixel_aspect(plate),
            lens=_clip_lens(plate) if is_clip(plate) else _lens_in_file(path, plate.source),
        )


def _pixel_aspect(plate: Any) -> float:
    return float(plate.tracking.camera.pixel_aspect) if is_clip(plate) else 1.0


def _clip_lens(clip: Any) -> Lens:
    camera = clip.tracking.camera
    return Lens(camera.focal_length, camera.sensor_width)


def _lens_in_file(path: Path, source: str) -> Lens | None:
    """The focal length that a photograph's metadata gives for a full-frame sensor (EXIF 2.3, tag 0xA405)."""
    if source == "MOVIE":
        return None
    from OpenImageIO import ImageInput

    opened: ImageInput | None = ImageInput.open(str(path))
    if opened is None:
        return None
    try:
        focal_length = float(opened.spec().getattribute("Exif:FocalLengthIn35mmFilm") or 0.0)
    finally:
        opened.close()
    return Lens(focal_length) if focal_length > 0 else None
