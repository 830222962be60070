"""A matte that the artist brings, rotoscoped or keyed: it stands in for the network's, to the pixel."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..crop import Crop, box_reduced, cut_crop
from ..encoding import Encoding
from ..errors import PlateError
from ..plate.plate import PlateFrame
from ..transfer import luminance
from ..view.border import CropBorder, smoothstep
from ..view.seam import largest_around
from .window import Band, Window

MatteChannel = Literal["alpha", "brightness"]

REACH = 12
"""Nodes, each about a pixel of the crop, that the artist's matte may reach beyond the network's person: strands that
the network does not see. Farther off it is somebody else's, whose light the network did not estimate."""


@dataclass(frozen=True)
class GivenMatte:
    """How much of each of a plate frame's pixels the person covers, as the artist says.

    Attributes:
        values: (H, W) 0..1, of the plate's size, row 0 at the top; numbers beyond are cut off.
        identity: a fingerprint of the values, for cache keys.
    """

    values: Float32Array
    identity: str

    def __post_init__(self) -> None:
        """Refuse what is no matte.

        Raises:
            PlateError: the array has another number of axes, or numbers that are not finite.
        """
        if self.values.ndim != 2:
            raise PlateError(
                f"The matte has the shape {self.values.shape}; rows and columns of one number are expected."
            )
        if not np.isfinite(self.values).all():
            raise PlateError("The matte has pixels that are not finite; write the file again without them.")
        object.__setattr__(self, "values", np.clip(self.values, 0.0, 1.0).astype(np.float32, copy=False))

    def check_size(self, width: int, height: int) -> None:
        """Refuse a matte of another plate.

        Raises:
            PlateError: it is not (height, width).
        """
        if self.values.shape != (height, width):
            raise PlateError(
                f"The matte is {self.values.shape[1]}x{self.values.shape[0]} pixels and the plate {width}x{height}; "
                "give a matte of the plate's size."
            )

    def reduced(self, reduction: int) -> "GivenMatte":
        """The same for a preview's frame, see `preview.reduced_frame`."""
        if reduction == 1:
            return self
        return replace(self, values=box_reduced(self.values, reduction), identity=f"{self.identity} / {reduction}")

    def on_crop(self, crop: Crop) -> Float32Array:
        """(h, w) on the crop's pixels."""
        return cut_crop(self.values, crop)


def matte_of(frame: PlateFrame, channel: MatteChannel | None = None, identity: str | None = None) -> GivenMatte:
    """The matte that a frame holds.

    Args:
        frame: of a file with an alpha, or of a picture that is white where the person is.
        channel: which of the two; None for the alpha where the file has one.
        identity: of the matte; of the frame and the channel when None.
    """
    channel = channel or ("brightness" if frame.alpha is None else "alpha")
    if channel == "brightness":
        values = luminance(frame.image)
    else:
        values = np.ones(frame.image.shape[:2], np.float32) if frame.alpha is None else frame.alpha
    return GivenMatte(values, identity or f"{channel} of {frame.identity}")


def held_to(encoding: Encoding, given: GivenMatte) -> Encoding:
    """An encoding whose person ends where the artist says so.

    Where the artist sees a person and the network none, its maps are the background's: there they are carried on from
    inside, as at any edge, so the encoding's matte is the smaller of both.

    Raises:
        PlateError: the matte has another size than the plate.
    """
    given.check_size(encoding.crop.plate_width, encoding.crop.plate_height)
    return replace(encoding, matte=np.minimum(encoding.matte, given.on_crop(encoding.crop)))


class GivenPlateMatte:
    """A given matte on a window, evaluated band by band; stands in for `plate_matte.PlateMatte`."""

    def __init__(self, window: Window, given: GivenMatte, matte: Float32Array, crop: Crop) -> None:
        """Cut out the window.

        Args:
            window: where in the plate.
            given: of the plate frame.
            matte: (h, w) of the encoding, on the crop.
            crop: where that lies in the plate.
        """
        self._window = window
        self._values = given.values[window.slices]
        self.nodes = window.averaged_on_nodes(self._values[None])[0]
        near = smoothstep(0.0, 0.1, largest_around(window.on_nodes(matte[None])[0], REACH))
        self._limit = CropBorder(crop).fade_at(window.map_pixels) * near

    @property
    def reach(self) -> BoolArray:
        """(rows, columns) nodes around which the matte may be above zero."""
        there: BoolArray = (self._limit > 0) & (largest_around(self.nodes, 1) > 0)
        return there

    def in_band(self, _plate: Float32Array, band: Band) -> tuple[Float32Array, Float32Array]:
        """The matte for a band's pixels, and what it is to be multiplied by in the end; see `PlateMatte.in_band`."""
        return self._values[band.pixels], self._window.enlarged(self._limit[None].astype(np.float32), band)[0]
