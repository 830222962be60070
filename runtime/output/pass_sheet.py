"""The contact sheet of one relit frame: the plate and every pass."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..arrays import Float32Array
from ..crop import box_reduced
from ..passes import Passes
from .contact_sheet import write_contact_sheet
from .picture import depth_picture, exposure_for, normal_picture, shading_picture, weight_picture
from .png import Picture, srgb_picture

CELL_WIDTH = 420


def pass_pictures(plate: Float32Array, passes: Passes) -> list[tuple[str, Picture]]:
    """Plate and passes as labelled display pictures.

    Args:
        plate: (H, W, 3) scene-linear Rec.709.
        passes: of any size.
    """
    matte = passes.matte
    exposure = exposure_for(passes.shading, matte > 0.5)
    return [
        ("Plate", srgb_picture(plate)),
        ("Relight", srgb_picture(passes.image)),
        ("Albedo", srgb_picture(passes.albedo * matte[..., None])),
        (f"Shading (exposure {exposure:.2g})", shading_picture(passes.shading, matte)),
        ("Specular", srgb_picture(passes.specular * matte[..., None])),
        ("Normal (world)", normal_picture(passes.normal, matte)),
        ("Depth (near is white)", depth_picture(passes.depth, matte)),
        ("Matte", weight_picture(matte)),
        ("Confidence", weight_picture(passes.confidence)),
    ]


def write_pass_sheet(path: Path, plate: Float32Array, passes: Passes) -> None:
    """Write the contact sheet of a frame as PNG.

    Args:
        path: the file; it appears whole or not at all.
        plate: (H, W, 3) scene-linear Rec.709.
        passes: of any size.

    Raises:
        OutputError: the file cannot be written.
    """
    plate = box_reduced(plate, _reduction(plate))
    write_contact_sheet(path, pass_pictures(plate, _reduced(passes)), columns=3, cell_width=CELL_WIDTH)


def _reduction(image: Float32Array) -> int:
    """So many pixels become one before anything is drawn: what is left is twice as wide as it will be."""
    return max(1, image.shape[1] // (2 * CELL_WIDTH))


def _reduced(passes: Passes) -> Passes:
    factor = _reduction(passes.image)
    names = [field.name for field in fields(passes) if field.name not in ("camera", "depth")]
    averaged: dict[str, Any] = {name: box_reduced(getattr(passes, name), factor) for name in names}
    # Depth beyond the person is a huge number, which averaging would smear into the person's.
    return replace(passes, depth=passes.depth[::factor, ::factor], **averaged)
