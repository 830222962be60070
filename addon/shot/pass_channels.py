"""A compositor's multilayer EXR, rewritten with the channel names of the conventions and the camera in its header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from OpenImageIO import ImageInput, ImageSpec, TypeDesc, geterror

from ...runtime.errors import OutputError
from ...runtime.output.camera_matrices import world_to_camera, world_to_ndc
from ...runtime.output.exr import LAYERS, REC709_CHROMATICITIES
from ...runtime.output.image_writer import write_image

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array
    from ...runtime.camera import Camera

BAND_ROWS = 64
COMPONENTS = {layer.name: layer.components for layer in LAYERS}
FLOAT_LAYERS = frozenset(layer.name for layer in LAYERS if layer.always_float)
LARGEST_HALF = 65504.0
ORDER = "RXUVGYBZAW"
"""Blender's component names, in the order of the numbers they stand for."""


def finish_pass_file(path: Path, camera: Camera, frame: int, *, left: int = 0, top: int = 0) -> None:
    """Give a file that Blender's File Output wrote its final names; it is replaced whole or not at all.

    Blender calls a single channel V, gives colours without alpha an alpha, and since 5.0 writes one part per layer.
    Layers of other names, which an artist added, keep theirs. A render that is cropped to its border gets its data
    window inside the whole picture's display window.

    Args:
        path: the file.
        camera: the render camera, at the render's full size.
        frame: for the header.
        left: column of the render at which the file's pixels begin, where the render is cropped to its border.
        top: row at which they begin.

    Raises:
        OutputError: the file is missing, damaged, or cannot be replaced.
    """
    header, channels = _read(path)
    named = _renamed(channels)
    spec = _header(header, list(named), camera, frame)
    # Blender writes a cropped render as a picture of its own; the camera is that of the whole one.
    spec.x, spec.y, spec.full_x, spec.full_y = left, top, 0, 0
    spec.full_width, spec.full_height = camera.width, camera.height
    write_image(path, spec, _bands(list(named.items())))


def _read(path: Path) -> tuple[ImageSpec, dict[str, dict[str, Float32Array]]]:
    """The first part's header, and (H, W) pixels by layer and component."""
    source = ImageInput.open(str(path)) if path.is_file() else None
    if source is None:
        raise OutputError(f'The passes at "{path}" cannot be finished ({geterror() or "no such file"}); render again.')
    layers: dict[str, dict[str, Float32Array]] = {}
    try:
        header = source.spec()
        part = 0
        while source.seek_subimage(part, 0):
            _read_part(source, path, layers)
            part += 1
    finally:
        source.close()
    return header, layers


def _read_part(source: Any, path: Path, layers: dict[str, dict[str, Float32Array]]) -> None:
    spec = source.spec()
    pixels = source.read_image("float")
    if pixels is None:
        raise OutputError(f'The passes at "{path}" are damaged ({source.geterror()}); render again.')
    part_name = spec.get_string_attribute("oiio:subimagename")
    for index, channel in enumerate(spec.channelnames):
        layer, _, component = channel.rpartition(".")
        layers.setdefault(layer or part_name, {})[component.upper()] = pixels[..., index]


def _renamed(layers: dict[str, dict[str, Float32Array]]) -> dict[str, Float32Array]:
    """(H, W) by final channel name; ours first and in their order."""
    named: dict[str, Float32Array] = {}
    for layer in sorted(layers, key=_place):
        components = sorted(layers[layer], key=_component_order)
        # A layer of ours takes as many of Blender's components as it has names; the rest is filler.
        for index, component in enumerate(components[: len(COMPONENTS.get(layer, components))]):
            final = COMPONENTS[layer][index] if layer in COMPONENTS else component
            named[f"{layer}.{final}"] = layers[layer][component]
    return named


def _place(layer: str) -> tuple[int, str]:
    names = list(COMPONENTS)
    return (names.index(layer) if layer in names else len(names), layer)


def _component_order(component: str) -> int:
    return ORDER.index(component) if component in ORDER else len(ORDER)


def _header(source: ImageSpec, names: list[str], camera: Camera, frame: int) -> ImageSpec:
    spec = ImageSpec(source.width, source.height, len(names), "float")
    spec.channelnames = tuple(names)
    spec.channelformats = tuple(TypeDesc(_channel_type(name)) for name in names)
    spec.attribute("compression", "zip")
    spec.attribute("Software", "Chiaro")
    spec.attribute("chromaticities", TypeDesc("float[8]"), REC709_CHROMATICITIES)
    spec.attribute("PixelAspectRatio", camera.focal_y / camera.focal_x)
    spec.attribute("imageCounter", frame)
    for name, matrix in (("worldToCamera", world_to_camera(camera)), ("worldToNDC", world_to_ndc(camera))):
        spec.attribute(name, TypeDesc("matrix"), tuple(float(value) for value in matrix.ravel()))
    return spec


def _channel_type(name: str) -> str:
    """Half, but where it would lose what matters; other layers keep all they had."""
    layer = name.rpartition(".")[0]
    return "half" if layer in COMPONENTS and layer not in FLOAT_LAYERS else "float"


def _bands(channels: list[tuple[str, Float32Array]]) -> Iterator[Float32Array]:
    height, width = channels[0][1].shape
    for top in range(0, height, BAND_ROWS):
        band = np.empty((min(BAND_ROWS, height - top), width, len(channels)), np.float32)
        for index, (name, pixels) in enumerate(channels):
            rows = pixels[top : top + BAND_ROWS]
            band[..., index] = np.clip(rows, -LARGEST_HALF, LARGEST_HALF) if _channel_type(name) == "half" else rows
        yield band
