"""Lamps typed on the command line, placed around the head, in Blender's units."""

import numpy as np

from ..arrays import AnyFloatArray
from ..camera import Camera
from ..light.blender_units import LampStrength, area_lamp, point_lamp, spot_lamp, sun_lamp
from ..light.light import Lamp
from ..orbit import lamp_pose
from .options import LampOption


def placed_lamp(option: LampOption, plate_camera: Camera, head: AnyFloatArray) -> Lamp:
    """A lamp around the head.

    Args:
        option: what was typed.
        plate_camera: yaw 0 and pitch 0 lie towards it.
        head: (3,) the head's centre, metres, world.
    """
    pose = lamp_pose(
        plate_camera,
        head,
        yaw=np.deg2rad(option.value("yaw")),
        pitch=np.deg2rad(option.value("pitch")),
        distance=option.value("distance") if option.kind != "sun" else 10.0,
    )
    strength = LampStrength(option.value("strength" if option.kind == "sun" else "power"), option.colour)
    if option.kind == "sun":
        return sun_lamp(strength, pose, angle=np.deg2rad(option.value("angle")))
    if option.kind == "point":
        return point_lamp(strength, pose, radius=option.value("radius"))
    if option.kind == "spot":
        cone = np.deg2rad(option.value("cone"))
        return spot_lamp(
            strength, pose, radius=option.value("radius"), spot_size=cone, spot_blend=option.value("blend")
        )
    height = option.value("height")
    shape = "RECTANGLE" if height else "SQUARE"
    return area_lamp(strength, pose, shape=shape, size=option.value("size"), size_y=height)
