"""The contact sheet of one relit frame: the plate and every pass."""

from pathlib import Path

from ..arrays import Float32Array
from ..passes import Passes
from .contact_sheet import write_contact_sheet
from .picture import depth_picture, exposure_for, normal_picture, shading_picture, weight_picture
from .png import Picture, srgb_picture


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
    write_contact_sheet(path, pass_pictures(plate, passes), columns=3, cell_width=420)
