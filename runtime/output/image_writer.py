"""Writing image files with OpenImageIO, and noticing when it fails."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from OpenImageIO import ImageOutput, ImageSpec, geterror

from .replacing import WriteFailedError, replacing


def write_image(path: Path, spec: ImageSpec, bands: Iterable[NDArray[Any]]) -> None:
    """Write an image from bands of rows.

    Args:
        path: the file, whose extension says the format; it appears whole or not at all.
        spec: the header.
        bands: (rows, W, C) arrays, from the top, that together have the header's height.

    Raises:
        OutputError: it cannot be written.
    """
    with replacing(path) as temporary:
        output = _created(temporary)
        _require(output.open(str(temporary), spec), output)
        row = 0
        try:
            for band in bands:
                _require(output.write_scanlines(row, row + band.shape[0], 0, band), output)
                row += band.shape[0]
        finally:
            closed = output.close()
        # Libraries buffer: a full disk may show only at the last byte.
        _require(closed, output)


def _created(path: Path) -> ImageOutput:
    output: ImageOutput | None = ImageOutput.create(str(path))
    if output is None:
        geterror()  # or OpenImageIO complains of it at exit
        raise WriteFailedError(f"images of the kind {path.suffix or 'without extension'} cannot be written")
    return output


def _require(succeeded: bool, output: ImageOutput) -> None:
    reason = output.geterror()
    if not succeeded or reason:
        raise WriteFailedError(reason)
