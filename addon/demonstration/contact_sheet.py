"""The demonstration at a glance: plate, passes, and three relit frames."""

from collections.abc import Sequence
from pathlib import Path

from ...runtime.arrays import Float32Array
from ...runtime.output.contact_sheet import write_contact_sheet
from ...runtime.output.picture import depth_picture, normal_picture, shading_picture
from ...runtime.output.png import Picture, srgb_picture
from ...runtime.passes import Passes
from ...runtime.plate.opening import open_plate


def write_sheet(path: Path, plate: Float32Array, passes: Sequence[Passes], pictures: Sequence[Path]) -> None:
    """Write the sheet.

    Args:
        path: the PNG to write.
        plate: (H, W, 3) scene-linear.
        passes: of the first, the middle and the last frame.
        pictures: all rendered frames.
    """
    middle = passes[len(passes) // 2]
    cells: list[tuple[str, Picture]] = [
        ("Plate", srgb_picture(plate)),
        ("Albedo", srgb_picture(middle.albedo * middle.matte[..., None])),
        ("Normal (world)", normal_picture(middle.normal, middle.matte)),
        ("Depth (near is white)", depth_picture(middle.depth, middle.matte)),
        ("Shading", shading_picture(middle.shading, middle.matte)),
    ]
    numbers = (1, (1 + len(pictures)) // 2, len(pictures))
    cells += [(f"Relit, frame {number}", _picture(pictures[number - 1])) for number in numbers]
    write_contact_sheet(path, cells, columns=4, cell_width=360)


def _picture(path: Path) -> Picture:
    with open_plate(path, kind="still") as rendered:
        return srgb_picture(rendered.read(rendered.first_frame).image)
