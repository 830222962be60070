"""A plate of a ball, and networks that know all about it: the whole road with known truth and no training."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.tiny_networks import constant_portrait, red_disc_locator, write_weights

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.camera import Camera, camera_from_lens
from chiaro.runtime.crop import CROP_SIZE, crop_around
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.runtime.orbit import looking_along_y
from chiaro.runtime.plate.plate import PlateFrame

RADIUS = 0.5
"""Of the ball, in units of half the crop's width."""
RED = np.array([1.0, 0.0, 0.0], dtype=np.float32)


@dataclass(frozen=True)
class BallPlate:
    """A red ball in front of grey.

    Attributes:
        frame: the plate frame.
        camera: its camera, at the origin, looking along +Y.
        box: the true head box.
        light: (9, 3) the light it was shot in, crop camera's axes.
    """

    frame: PlateFrame
    camera: Camera
    box: HeadBox
    light: Float64Array


def ball_maps(yaw: float = 0.0) -> dict[str, Float32Array]:
    """What a perfect portrait network says of the ball, seen from far away."""
    x, y = np.meshgrid(np.linspace(-1, 1, CROP_SIZE), np.linspace(1, -1, CROP_SIZE))
    inside = np.hypot(x, y) < RADIUS
    z = np.sqrt(np.maximum(RADIUS**2 - x**2 - y**2, 0))
    normal = np.where(inside[..., None], np.stack([x, y, z], axis=-1) / RADIUS, (0.0, 0.0, 1.0))
    rotation = [np.cos(yaw), 0.0, -np.sin(yaw), 0.0, 1.0, 0.0]
    maps = {
        "albedo": np.where(inside[..., None], RED, 0.2).transpose(2, 0, 1)[None],
        "normal": normal.transpose(2, 0, 1)[None],
        "depth": -z[None, None],
        "matte": inside[None, None],
        "transport": lambert_transport(normal).transpose(2, 0, 1)[None],
        "light": ball_light()[None],
        "head": np.array([[*rotation, 0.0, 0.0, 0.0]]),
    }
    return {name: value.astype(np.float32) for name, value in maps.items()}


def ball_light() -> Float64Array:
    """(9, 3) light from above and the right, in the crop camera's axes."""
    light = np.zeros((9, 3))
    light[0] = 2.4
    light[1] = 0.5
    light[3] = 0.6
    return light


def ball_weights(folder: Path, *, yaw: float = 0.0) -> Path:
    """A weights folder with networks for the ball."""
    folder.mkdir(parents=True, exist_ok=True)
    networks = {"locator": red_disc_locator(disc_share=RADIUS), "portrait": constant_portrait(ball_maps(yaw))}
    return write_weights(folder, **networks)


def ball_plate(width: int = 640, height: int = 480) -> BallPlate:
    """A plate of the ball in its light."""
    half_size = 0.25 * max(width, height)
    box = HeadBox(width / 2, height / 2, half_size)
    camera = camera_from_lens(width, height, focal_length_mm=200, world_from_camera=looking_along_y())
    assert abs(crop_around(box, camera).camera.focal_x) > 0
    pixel_x, pixel_y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    x, y = (pixel_x - box.centre_x) / half_size / RADIUS, -(pixel_y - box.centre_y) / half_size / RADIUS
    inside = np.hypot(x, y) < 1
    normal = np.stack([x, y, np.sqrt(np.maximum(1 - x**2 - y**2, 0))], axis=-1)
    image = np.full((height, width, 3), 0.2)
    image[inside] = (RED * (lambert_transport(normal) @ ball_light()))[inside]
    frame = PlateFrame(image.astype(np.float32), None, 1, 1.0, f"ball {width}x{height}")
    return BallPlate(frame, camera, box, ball_light())
