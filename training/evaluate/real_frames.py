"""Real portraits and clip frames as the product sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array
from ...runtime.camera import Camera, camera_from_lens
from ...runtime.head import HeadBox
from ...runtime.light.environment import light_from_file
from ...runtime.light.light import Light
from ...runtime.light.scaled import scaled_light
from ...runtime.light.shade import shade
from ...runtime.locate import choose_head, find_heads, largest_first
from ...runtime.orbit import looking_along_y, turned_around
from ...runtime.plate.opening import open_plate
from ...runtime.plate.plate import PlateFrame
from ...runtime.recentre import recentred
from ...runtime.transfer import luminance
from ...runtime.view.view_camera import head_centre, world_from_crop_camera
from ..assets import asset
from ..real_pictures import CLIPS, CLIPS_TO_LEARN_FROM, PORTRAITS
from .product import Contestant, PreparedPlate

MEASURED_CLIPS = tuple(name for name in CLIPS if name not in CLIPS_TO_LEARN_FROM)
"""The others are looked at and not measured."""


@dataclass(frozen=True)
class RealFrame:
    """A real picture.

    Attributes:
        name: of its file, and the frame's number in a clip.
        measured: whether it counts.
        frame: the picture.
    """

    name: str
    measured: bool
    frame: PlateFrame


def real_frames(data: Path | None, clip_frames: int) -> Iterator[RealFrame]:
    """The portraits, and some frames of each clip, spread evenly.

    Args:
        data: the asset folder.
        clip_frames: of each clip.
    """
    for name in (*PORTRAITS, *CLIPS):
        with open_plate(asset(data, name)) as plate:
            first, last = plate.first_frame, plate.last_frame
            count = clip_frames if name in CLIPS else 1
            numbers = [first + round((last - first) * (index + 0.5) / count) for index in range(count)]
            for number in numbers:
                label = f"{Path(name).stem} {number}" if name in CLIPS else Path(name).stem
                yield RealFrame(label, name in MEASURED_CLIPS, plate.read(number))


def prepared_frame(real: RealFrame, contestant: Contestant) -> PreparedPlate:
    """Locate and encode the largest head of a real picture.

    Raises:
        HeadError: none is found, or it is turned too far.
    """
    camera, box = largest_head(real.frame.image, contestant)
    return contestant.prepared(real.frame.image, camera, box)


def largest_head(image: Float32Array, contestant: Contestant) -> tuple[Camera, HeadBox]:
    """The camera that a real picture (H, W, 3) counts as taken with, and where its largest head is.

    Raises:
        HeadError: none is found.
    """
    height, width = image.shape[:2]
    camera = camera_from_lens(width, height, focal_length_mm=50.0, world_from_camera=looking_along_y())
    found = find_heads(image, contestant.locator)
    heads = largest_first(recentred(image, head, contestant.portrait) for head in found)
    return camera, choose_head(heads, width, height).box


def portrait_camera(plate: PreparedPlate, yaw: float) -> Camera:
    """The camera of the plate's crop, carried around the head by degrees to its right."""
    crop = plate.encoding.crop
    camera = crop.camera.with_pose(world_from_crop_camera(crop, plate.camera))
    return turned_around(camera, head_centre(crop, plate.camera), yaw=np.deg2rad(yaw), pitch=0.0)


def environment_file(data: Path | None, name: str) -> Light:
    """The light of one of the asset folder's maps."""
    return light_from_file(asset(data, f"hdri/{name}"))


def levelled(light: Light, plate: PreparedPlate) -> Light:
    """A light scaled so that the person is lit as brightly on average as in the plate."""
    inside = plate.encoding.matte > 0.5
    if not inside.any():
        return light
    own = float(luminance(plate.own.shading[inside]).mean())
    new = float(luminance(shade(plate.gbuffer, light).shading[inside]).mean())
    return scaled_light(light, own / max(new, 1e-6))
