"""Pictures of the light stage as plates of the product: a camera in the world, a head box, light in world axes.

The plate camera stands at the world's origin and looks along +Y with z up, as Blender's front view. A picture does not
tell how large a head is, and the product takes each for a mean one: its scene is the stage's, scaled about the camera.
"""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ...runtime.camera import Camera
from ...runtime.head import CROP_HALF_WIDTH_METRES, HeadBox
from ...runtime.light.harmonics import project_environment, rotate_harmonics
from ...runtime.light.light import Environment, Light, SunLamp
from ...runtime.orbit import looking_along_y, turned_around
from ..lightstage.illumination import Lamps
from ..lightstage.lights import SceneLight
from ..lightstage.pose import Pose

Edges = tuple[int, int, int, int]
"""First and last row, first and last column of a crop that lie inside the plate."""


@dataclass(frozen=True)
class StagePlate:
    """A plate whose head box is a stage picture's square.

    Attributes:
        image: (H, W, 3) scene-linear: the part of the stage's picture that its camera recorded.
        camera: its camera, world.
        box: the stage picture's square, in plate pixels.
        rows: of the stage picture that the plate holds.
        columns: of the stage picture that the plate holds.
        size: pixels along each side of the stage picture.
    """

    image: Float32Array
    camera: Camera
    box: HeadBox
    rows: slice
    columns: slice
    size: int

    @property
    def recorded(self) -> BoolArray:
        """(size, size) pixels of the stage's picture that the plate holds."""
        inside = np.zeros((self.size, self.size), np.bool_)
        inside[self.rows, self.columns] = True
        return inside

    def on_square(self, image: AnyFloatArray) -> Float32Array:
        """An image (H, W, ...) of the plate's size on the stage picture's pixels, zero elsewhere."""
        square = np.zeros((self.size, self.size, *image.shape[2:]), np.float32)
        square[self.rows, self.columns] = image
        return square


def stage_plate(linear: Float32Array, pose: Pose, edges: Edges) -> StagePlate:
    """A stage's picture as a plate.

    Args:
        linear: (size, size, 3) scene-linear.
        pose: of the head in it.
        edges: of what the camera recorded.
    """
    size = linear.shape[0]
    top, bottom, left, right = edges
    square = square_camera(pose, size)
    camera = Camera(
        right + 1 - left,
        bottom + 1 - top,
        square.focal_x,
        square.focal_y,
        square.principal_x - left,
        square.principal_y - top,
        square.world_from_camera,
    )
    rows, columns = slice(top, bottom + 1), slice(left, right + 1)
    box = HeadBox(size / 2 - left, size / 2 - top, size / 2)
    return StagePlate(np.ascontiguousarray(linear[rows, columns]), camera, box, rows, columns, size)


def square_camera(pose: Pose, size: int) -> Camera:
    """The camera of a stage picture."""
    focal = size / 2 / pose.tangent
    return Camera(size, size, focal, focal, size / 2, size / 2, looking_along_y())


def product_scale(pose: Pose) -> float:
    """The product's metres to one of the stage's."""
    return CROP_HALF_WIDTH_METRES / pose.half_width


def moved_camera(pose: Pose, size: int, yaw: float) -> Camera:
    """The stage picture's camera carried around the head, in the product's world.

    Args:
        pose: of the head before the plate's camera.
        size: pixels.
        yaw: radians; positive moves the camera to its right.
    """
    camera = square_camera(pose, size)
    head = camera.world_from_camera[:3, :3] @ (pose.offset * product_scale(pose))
    return turned_around(camera, head, yaw=yaw, pitch=0.0)


def moved_from_plate(pose: Pose, size: int, yaw: float) -> Float64Array:
    """(3, 3) rotation, axes of `moved_camera` from those of the plate's camera."""
    first, second = square_camera(pose, size), moved_camera(pose, size, yaw)
    rotation: Float64Array = second.world_from_camera[:3, :3].T @ first.world_from_camera[:3, :3]
    return rotation


def product_light(light: SceneLight) -> Light:
    """A stage's light, given in the plate camera's axes, as the product takes it.

    Lamps become suns: theirs are the stage's distant ones only.

    Args:
        light: environment with its suns, and lamps at infinity.

    Raises:
        ValueError: a lamp stands near; it would have to be scaled with the scene.
    """
    if np.isfinite(light.lamps.distance).any():
        raise ValueError("A lamp of the stage stands near the head; only distant lamps are handed to the product.")
    world_from_camera = looking_along_y()[:3, :3]
    world_from_panorama = world_from_camera @ light.panorama_from_camera.T
    rest = light.environment.turned(world_from_panorama)
    harmonics = rotate_harmonics(project_environment(light.environment.levels[0]), world_from_panorama)
    lamps = rest.suns.joined(light.lamps.turned(world_from_camera))
    environment = Environment(rest.levels[0], harmonics) if rest.levels[0].any() else None
    return Light(environment, suns_of(lamps))


def suns_of(lamps: Lamps) -> tuple[SunLamp, ...]:
    """Distant round lamps as suns."""
    rows = zip(lamps.direction, lamps.irradiance, lamps.radius, strict=True)
    return tuple(SunLamp(direction, irradiance, 2.0 * float(radius)) for direction, irradiance, radius in rows)
