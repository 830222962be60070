"""All passes of a frame in one EXR file: a single part, channels by the names that compositors show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from OpenImageIO import ImageInput, ImageSpec, TypeDesc

from ..arrays import Float32Array
from ..camera import Camera
from ..errors import OutputError, PlateError
from ..passes import Passes
from .camera_matrices import camera_from_matrices, world_to_camera, world_to_ndc
from .image_writer import write_image

ColourType = Literal["half", "float"]
BAND_ROWS = 64
LARGEST_HALF = 65504.0
REC709_CHROMATICITIES = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)


@dataclass(frozen=True)
class Layer:
    """One pass as EXR channels.

    Attributes:
        name: the layer's name.
        components: the channels' last names.
        attribute: the field of Passes.
        always_float: whether half precision would lose what matters (a millimetre of depth needs more than half has).
    """

    name: str
    components: str
    attribute: str
    always_float: bool = False


LAYERS = (
    Layer("Relight", "RGBA", "image"),
    Layer("Albedo", "RGB", "albedo"),
    Layer("Shading", "RGB", "shading"),
    Layer("Specular", "RGB", "specular"),
    Layer("Depth", "Z", "depth", always_float=True),
    Layer("Normal", "XYZ", "normal"),
    Layer("Position", "XYZ", "position", always_float=True),
    Layer("Matte", "A", "matte"),
    Layer("Confidence", "V", "confidence"),
)

CHANNELS = tuple(f"{layer.name}.{component}" for layer in LAYERS for component in layer.components)
"""All channel names, in the order they are handed to OpenImageIO (EXR itself sorts them)."""


def write_passes_exr(
    path: Path,
    passes: Passes,
    *,
    frame: int | None = None,
    metadata: Mapping[str, str | int | float] | None = None,
    colour_type: ColourType = "half",
) -> None:
    """Write all passes of a frame as one single-part, ZIP-compressed EXR.

    Relight is premultiplied by its alpha, as EXR files are by convention and as Blender and Nuke expect; where alpha is
    one, it holds the image's own values. All other layers are as in Passes: scene-linear Rec.709, metres, world axes.
    The render camera is in the header (see camera_matrices), and the frame number as imageCounter.

    Args:
        path: the file; it appears whole or not at all.
        passes: what to write.
        frame: the frame number for the header.
        metadata: further header attributes; "Software" replaces ours.
        colour_type: precision of everything but Depth and Position, which are float always. Half is exact to 0.05 %
            and ends at 65504, where brighter values are clipped.

    Raises:
        OutputError: a pass has the wrong size or holds values that are not finite, or the file cannot be written.
    """
    _check(path, passes)
    spec = _header(passes.camera, frame, metadata or {}, colour_type)
    write_image(path, spec, _bands(passes, colour_type))


def _check(path: Path, passes: Passes) -> None:
    size = (passes.camera.height, passes.camera.width)
    for layer in LAYERS:
        values: Float32Array = getattr(passes, layer.attribute)
        count = len(layer.components)
        expected = size if count == 1 else (*size, count)
        if values.shape != expected:
            raise OutputError(
                f'"{path.name}" cannot be written: the {layer.name} pass has shape {values.shape} '
                f"where {expected} is expected."
            )
        if not np.isfinite(values).all():
            raise OutputError(
                f'"{path.name}" cannot be written: the {layer.name} pass holds NaN or infinite values; '
                "check the lights and the camera of this frame."
            )


def _header(
    camera: Camera, frame: int | None, metadata: Mapping[str, str | int | float], colour_type: ColourType
) -> ImageSpec:
    spec = ImageSpec(camera.width, camera.height, len(CHANNELS), "float")
    spec.channelnames = CHANNELS
    spec.channelformats = tuple(
        TypeDesc("float" if layer.always_float else colour_type) for layer in LAYERS for _ in layer.components
    )
    spec.attribute("compression", "zip")
    spec.attribute("Software", "Chiaro")
    spec.attribute("chromaticities", TypeDesc("float[8]"), REC709_CHROMATICITIES)
    spec.attribute("PixelAspectRatio", camera.focal_y / camera.focal_x)
    for name, matrix in (("worldToCamera", world_to_camera(camera)), ("worldToNDC", world_to_ndc(camera))):
        spec.attribute(name, TypeDesc("matrix"), tuple(float(value) for value in matrix.ravel()))
    if frame is not None:
        spec.attribute("imageCounter", int(frame))
    for name, value in metadata.items():
        spec.attribute(name, value)
    return spec


def _bands(passes: Passes, colour_type: ColourType) -> Iterator[Float32Array]:
    """The channels side by side, a few rows at a time: all of a 4K frame at once would take most of a gigabyte."""
    height, width = passes.depth.shape
    for top in range(0, height, BAND_ROWS):
        rows = slice(top, min(top + BAND_ROWS, height))
        band = np.empty((rows.stop - rows.start, width, len(CHANNELS)), np.float32)
        channel = 0
        for layer in LAYERS:
            values: Float32Array = getattr(passes, layer.attribute)[rows]
            values = values[..., None] if values.ndim == 2 else values
            if layer.name == "Relight":
                values = np.concatenate([values[..., :3] * values[..., 3:], values[..., 3:]], axis=-1)
            if colour_type == "half" and not layer.always_float:
                values = np.clip(values, -LARGEST_HALF, LARGEST_HALF)
            band[..., channel : channel + values.shape[-1]] = values
            channel += values.shape[-1]
        yield band


def read_passes_exr(path: Path) -> Passes:
    """Read back what write_passes_exr wrote, with the camera; Relight unpremultiplied again where alpha is not zero.

    Raises:
        PlateError: the file cannot be read, or lacks one of the channels or the camera.
    """
    source = _opened(path)
    try:
        spec = source.spec()
        missing = sorted(set(CHANNELS) - set(spec.channelnames))
        to_camera, to_ndc = _matrix(spec, "worldToCamera"), _matrix(spec, "worldToNDC")
        if missing or to_camera is None or to_ndc is None:
            lacking = ", ".join(missing) or "the camera matrices"
            raise PlateError(f'"{path}" is not an EXR with all passes: it lacks {lacking}.')
        pixels = source.read_image("float")
        reason = source.geterror()
        if pixels is None or reason:
            raise PlateError(f'"{path}" is cut short or damaged; render it again.')
    finally:
        source.close()
    index = {name: position for position, name in enumerate(spec.channelnames)}
    values = {
        layer.attribute: np.ascontiguousarray(
            pixels[..., [index[f"{layer.name}.{component}"] for component in layer.components]]
        )
        for layer in LAYERS
    }
    values = {name: array[..., 0] if array.shape[-1] == 1 else array for name, array in values.items()}
    image = values["image"]
    image[..., :3] /= np.where(image[..., 3:] != 0, image[..., 3:], np.float32(1))
    return Passes(camera=camera_from_matrices(to_camera, to_ndc, spec.full_width, spec.full_height), **values)


def _opened(path: Path) -> ImageInput:
    source: ImageInput | None = ImageInput.open(str(path)) if path.is_file() else None
    if source is None:
        raise PlateError(f'"{path}" cannot be read as an EXR file; check the path.')
    return source


def _matrix(spec: ImageSpec, name: str) -> Float32Array | None:
    value = spec.getattribute(name)
    return None if value is None or len(value) != 16 else np.array(value, np.float32).reshape(4, 4)
