"""A plate frame and what the network knows about it, made smaller, for pictures in less time while an artist drags.

The network has seen the whole frame; only what comes after it works on fewer pixels, and on maps of half the size.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from .camera import Camera
from .crop import Crop, box_reduced
from .encoding import Encoding
from .errors import SettingsError
from .head import HeadBox
from .plate.plate import PlateFrame

MAP_REDUCTION = 2
"""Light is computed on the maps, and a quarter of their points takes a quarter of the time."""
MAPS = ("albedo", "normal", "depth", "matte", "transport", "roughness", "specular")
"""An encoding's fields that are maps on the crop's pixels."""


def check_reduction(reduction: int) -> None:
    """Refuse what is no reduction.

    Raises:
        SettingsError: below one.
    """
    if reduction < 1:
        raise SettingsError(f"The preview's reduction is {reduction}; 1 (full size), 2 (half each way) … is expected.")


def reduced_camera(camera: Camera, reduction: int) -> Camera:
    """The same view on pixels `reduction` times as large; an odd side is rounded up, as by `reduced_frame`."""
    return Camera(
        math.ceil(camera.width / reduction),
        math.ceil(camera.height / reduction),
        camera.focal_x / reduction,
        camera.focal_y / reduction,
        camera.principal_x / reduction,
        camera.principal_y / reduction,
        camera.world_from_camera,
    )


def reduced_frame(frame: PlateFrame, reduction: int) -> PlateFrame:
    """The frame with blocks of pixels averaged."""
    return PlateFrame(
        image=box_reduced(frame.image, reduction),
        alpha=None if frame.alpha is None else box_reduced(frame.alpha, reduction),
        frame=frame.frame,
        pixel_aspect=frame.pixel_aspect,
        identity=f"{frame.identity} / {reduction}",
    )


def reduced_encoding(encoding: Encoding, reduction: int) -> Encoding:
    """The encoding of the same head in the reduced frame: maps of half the size, placed in its pixels."""
    maps: dict[str, Any] = {name: box_reduced(getattr(encoding, name), MAP_REDUCTION) for name in MAPS}
    length = np.linalg.norm(maps["normal"], axis=-1, keepdims=True)
    maps["normal"] /= np.maximum(length, 1e-6)
    maps["parts"] = None if encoding.parts is None else encoding.parts[::MAP_REDUCTION, ::MAP_REDUCTION]
    crop, box = _reduced_crop(encoding.crop, reduction), _reduced_box(encoding.box, reduction)
    return replace(encoding, crop=crop, box=box, **maps)


def _reduced_crop(crop: Crop, reduction: int) -> Crop:
    return replace(
        crop,
        camera=reduced_camera(crop.camera, MAP_REDUCTION),
        plate_from_crop=np.diag([1 / reduction, 1 / reduction, 1.0])
        @ crop.plate_from_crop
        @ np.diag([MAP_REDUCTION, MAP_REDUCTION, 1.0]),
        plate_width=math.ceil(crop.plate_width / reduction),
        plate_height=math.ceil(crop.plate_height / reduction),
    )


def _reduced_box(box: HeadBox, reduction: int) -> HeadBox:
    return replace(
        box,
        centre_x=box.centre_x / reduction,
        centre_y=box.centre_y / reduction,
        half_size=box.half_size / reduction,
    )
