"""Writing passes into the float images of a Relight node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ..runtime.errors import SceneError
from .pass_sockets import PASS_IMAGES, PassImage

if TYPE_CHECKING:
    from ..runtime.arrays import Float32Array
    from ..runtime.passes import Passes
    from .render_region import RenderRegion

FAILED_COLOUR = (1.0, 0.0, 1.0)
"""Magenta, the colour of a missing texture: nobody takes it for a result."""


def create_images() -> list[Any]:
    """One small float image per entry of PASS_IMAGES; writing gives them their size."""
    return [_create_image(pass_image) for pass_image in PASS_IMAGES]


def _create_image(pass_image: PassImage) -> Any:
    image = bpy.data.images.new(f".Relight {pass_image.name}", 1, 1, alpha=True, float_buffer=True)
    image.colorspace_settings.name = pass_image.colour_space
    image.alpha_mode = pass_image.alpha_mode
    return image


def write_passes(tree: Any, passes: Passes, region: RenderRegion, wanted: frozenset[str], reduction: int = 1) -> None:
    """Write the wanted passes into the images of an inner tree; the compositor then sees them bit for bit.

    Args:
        tree: the inner tree.
        passes: the result at the render size.
        region: the part of the render that the compositor gets.
        wanted: names of the passes that are used.
        reduction: how many times larger than the render's the pixels of the passes are, as those of a preview.
    """
    import numpy as np

    canvas = Canvas(region)
    coarse = np.empty((*passes.image.shape[:2], 4), np.float32) if reduction > 1 else None
    for pass_image in PASS_IMAGES:
        if _carries(pass_image, wanted):
            if coarse is None:
                _fill(canvas.pixels, pass_image, passes, region.rows, region.columns)
            else:
                _fill(coarse, pass_image, passes, slice(None), slice(None))
                canvas.enlarge(coarse, reduction)
            canvas.write(_image(tree, pass_image))


def write_failure(tree: Any, region: RenderRegion) -> None:
    """Fill all passes so that nobody mistakes the frame for a result: magenta, inside the matte."""
    canvas = Canvas(region)
    canvas.pixels[...] = (*FAILED_COLOUR, 1.0)
    for image in _images(tree):
        canvas.write(image)


class Canvas:
    """Pixels on their way into Blender, in one buffer for all images: it is large, and Blender copies it.

    Attributes:
        pixels: (H, W, 4) float32, row 0 at the top; a view of a buffer whose first row is the bottom one, as Blender's.
    """

    pixels: Float32Array

    def __init__(self, region: RenderRegion) -> None:
        self._region = region
        self._size = (region.width, region.height)
        self._buffer = _buffer(region.height, region.width)
        self.pixels = self._buffer[::-1]

    def enlarge(self, coarse: Float32Array, reduction: int) -> None:
        """Take the region out of a picture (h, w, 4) of the whole render whose pixels are `reduction` times larger."""
        import numpy as np

        region = self._region
        rows = np.arange(region.top + region.height - 1, region.top - 1, -1) // reduction
        columns = np.repeat(coarse, reduction, axis=1)[:, region.columns]
        np.take(columns, rows, axis=0, out=self._buffer)

    def write(self, image: Any) -> None:
        """Copy the pixels into an image datablock, which takes their size."""
        if tuple(image.size) != self._size:
            image.scale(*self._size)
        image.pixels.foreach_set(self._buffer.ravel())


_LAST_BUFFER: list[Float32Array] = []


def _buffer(height: int, width: int) -> Float32Array:
    """(height, width, 4), the one of the last frame where it has the size: fresh memory costs more than filling it."""
    import numpy as np

    if not _LAST_BUFFER or _LAST_BUFFER[0].shape[:2] != (height, width):
        _LAST_BUFFER[:] = [np.empty((height, width, 4), np.float32)]
    return _LAST_BUFFER[0]


def forget_buffer() -> None:
    """Give its memory back."""
    _LAST_BUFFER.clear()


def _fill(pixels: Float32Array, pass_image: PassImage, passes: Passes, rows: slice, columns: slice) -> None:
    """Put a pass into (H, W, 4) pixels, premultiplied where it is the relit image."""
    import numpy as np

    colour = getattr(passes, pass_image.colour)[rows, columns]
    if pass_image.colour == "image":
        np.multiply(colour[..., :3], colour[..., 3:], out=pixels[..., :3])
        pixels[..., 3] = colour[..., 3]
        return
    pixels[..., :3] = colour
    pixels[..., 3] = getattr(passes, pass_image.alpha)[rows, columns] if pass_image.alpha else 1.0


def have_pixels(tree: Any, region: RenderRegion, wanted: frozenset[str]) -> bool:
    """Whether the wanted passes' images have the region's size, as they do after writing and until a file is loaded."""
    images = [_find_image(tree, pass_image) for pass_image in PASS_IMAGES if _carries(pass_image, wanted)]
    size = (region.width, region.height)
    return all(image is not None and tuple(image.size) == size for image in images)


def _carries(pass_image: PassImage, wanted: frozenset[str]) -> bool:
    return bool({pass_image.colour, pass_image.alpha} & wanted)


def drop_packed_pixels(tree: Any) -> bool:
    """Take the pixels out of images that Blender packed, so that they do not swell the file.

    Blender takes our images for paintings that are not saved: when it quits it offers to save them, and packs them.

    Returns:
        Whether any image was packed; its pixels are gone then.
    """
    packed = [image for image in _images(tree) if image.packed_file]
    for image in packed:
        image.unpack(method="REMOVE")
        image.source = "GENERATED"
    return bool(packed)


def _images(tree: Any) -> list[Any]:
    """The images that are in place; all of them, unless somebody edited the inner tree."""
    found = [_find_image(tree, pass_image) for pass_image in PASS_IMAGES]
    return [image for image in found if image is not None]


def _find_image(tree: Any, pass_image: PassImage) -> Any | None:
    node = tree.nodes.get(pass_image.name)
    return None if node is None else node.image


def _image(tree: Any, pass_image: PassImage) -> Any:
    image = _find_image(tree, pass_image)
    if image is None:
        raise SceneError(
            f"The group inside the Relight node was edited and lost its {pass_image.name!r} image; "
            "remove the node and add a new one."
        )
    return image
