"""Pictures side by side with their names, on one sheet."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from OpenImageIO import ROI, ImageBuf, ImageBufAlgo, ImageSpec, TypeDesc

from ..errors import OutputError
from .png import Picture, write_png

GAP = 8
LABEL_HEIGHT = 28
FONT = "DroidSans"
"""A font that the OpenImageIO package carries."""

FONT_SIZE = 16
PAPER = 24
INK = 0.85


def contact_sheet(cells: Sequence[tuple[str, Picture]], *, columns: int = 4, cell_width: int = 360) -> Picture:
    """Lay pictures out in a grid, each over its label.

    Args:
        cells: label and (h, w, 3 or 4) uint8 picture; alpha is shown over the paper. All cells are as high as the
            highest picture once all are cell_width wide.
        columns: pictures in a row.
        cell_width: pixels.

    Returns:
        (H, W, 3) uint8.

    Raises:
        OutputError: there is nothing to lay out, or a picture is none.
    """
    if not cells or columns < 1 or cell_width < 1:
        raise OutputError(
            f"A contact sheet of {len(cells)} pictures in {columns} columns of {cell_width} pixels cannot be made; "
            "at least one of each is needed."
        )
    columns = min(columns, len(cells))
    pictures = [_scaled(label, picture, cell_width) for label, picture in cells]
    cell_height = max(picture.shape[0] for picture in pictures)
    rows = -(-len(cells) // columns)
    step_x, step_y = cell_width + GAP, cell_height + LABEL_HEIGHT + GAP
    sheet = np.full((rows * step_y + GAP, columns * step_x + GAP, 3), PAPER, np.uint8)
    for index, ((label, _), picture) in enumerate(zip(cells, pictures, strict=True)):
        left, top = GAP + index % columns * step_x, GAP + index // columns * step_y
        height, width = picture.shape[:2]
        sheet[top : top + height, left : left + width] = picture
        caption = _caption(label, cell_width)
        sheet[top + cell_height : top + cell_height + LABEL_HEIGHT, left : left + cell_width] = caption
    return sheet


def write_contact_sheet(
    path: Path, cells: Sequence[tuple[str, Picture]], *, columns: int = 4, cell_width: int = 360
) -> None:
    """Write a contact sheet as PNG; see contact_sheet."""
    write_png(path, contact_sheet(cells, columns=columns, cell_width=cell_width))


def _scaled(label: str, picture: Picture, width: int) -> Picture:
    if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype != np.uint8 or 0 in picture.shape:
        raise OutputError(
            f'The picture "{label}" of a contact sheet has shape {picture.shape} and type {picture.dtype}; '
            "(height, width, 3 or 4) of uint8 is expected."
        )
    colour = picture.astype(np.float32)
    if picture.shape[2] == 4:
        alpha = colour[..., 3:] / 255
        colour = colour[..., :3] * alpha + PAPER * (1 - alpha)
    height = max(1, round(picture.shape[0] * width / picture.shape[1]))
    if (height, width) != picture.shape[:2]:
        source = ImageBuf(np.ascontiguousarray(colour / 255))
        return _codes(ImageBufAlgo.resize(source, roi=ROI(0, width, 0, height)))
    return np.rint(colour).astype(np.uint8)


def _caption(text: str, width: int) -> Picture:
    paper = ImageBuf(ImageSpec(width, LABEL_HEIGHT, 3, "float"))
    ImageBufAlgo.fill(paper, (PAPER / 255,) * 3)
    if text and not ImageBufAlgo.render_text(
        paper, 2, LABEL_HEIGHT - 9, text, FONT_SIZE, FONT, (INK, INK, INK), roi=ROI(0, width, 0, LABEL_HEIGHT)
    ):
        raise OutputError(
            f'The label "{text}" of a contact sheet cannot be drawn ({paper.geterror()}); '
            "install the OpenImageIO package, which carries the font."
        )
    return _codes(paper)


def _codes(buffer: ImageBuf) -> Picture:
    pixels = np.asarray(buffer.get_pixels(TypeDesc("float")), np.float32)
    codes: Picture = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    return codes
