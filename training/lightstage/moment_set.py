"""More of one moment: further cameras, further lights, and light that comes from one direction at a time."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ..assets import FaceModel
from .dense_landmarks import dense_landmarks, template_points
from .illumination import Lamps, split_environment
from .lights import SceneLight
from .panorama import SMALL_HEIGHT, Panorama
from .picture import Photograph, photograph_clip, random_shot
from .pose import further_pose, mesh_rotation
from .stage import Stage
from .transport import sphere_directions
from .truth import ViewTruth, view_truth
from .view import View, draw_view, lit

MOMENT_STREAM = 15487469
ONE_LIGHT_RADIUS = 0.03
"""Angular radius of the lamp of a one-light-at-a-time picture, radians."""


@dataclass(frozen=True)
class MomentView:
    """One camera's pictures of a moment.

    Attributes:
        view: what the camera sees.
        truth: what is true of it.
        photographs: under each of the moment's lights, the same lights for every camera.
    """

    view: View
    truth: ViewTruth
    photographs: tuple[Photograph, ...]


@dataclass(frozen=True)
class MomentSet:
    """Several cameras and lights on one moment.

    Attributes:
        views: the first camera stands as a sample's does, the others over R3DPVR's ranges.
    """

    views: tuple[MomentView, ...]


def moment_set(stage: Stage, model: FaceModel, index: int, *, cameras: int, lights: int) -> MomentSet:
    """A moment by (seed, index).

    Args:
        stage: the stage.
        model: for the dense landmarks.
        index: of the moment.
        cameras: how many, at least 1.
        lights: how many, at least 1.
    """
    random = stage.random(index, MOMENT_STREAM)
    moment = stage.moment(random)
    dense = dense_landmarks(moment.subject.person, model, template_points(model))
    scene_lights = [stage.light(random, moment) for _ in range(lights)]
    views = []
    for camera in range(cameras):
        pose = moment.pose if camera == 0 else further_pose(moment.pose, random)
        camera_from_first = pose.rotation @ moment.pose.rotation.T
        view = draw_view(moment.subject, pose, stage.size, stage.masks)
        photographs = []
        for light in scene_lights:
            shot = random_shot(light.background, stage.size, random)
            photographs += photograph_clip([view], [light.seen_from(camera_from_first)], shot)
        upright_from_camera = moment.upright_from_camera @ camera_from_first.T
        views.append(MomentView(view, view_truth(view, upright_from_camera, dense), tuple(photographs)))
    return MomentSet(tuple(views))


def one_light_at_a_time(view: View, directions: Float64Array) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
    """(N, h, w, 3) float16 radiance under a small white lamp from each direction, of irradiance 1 on a facing surface.

    Args:
        view: drawn.
        directions: (N, 3) unit, camera axes, towards the lamp.
    """
    dark = np.zeros((SMALL_HEIGHT, 2 * SMALL_HEIGHT, 3), np.float32)
    nothing = Panorama("dark", dark.astype(np.float16), split_environment(dark))
    matrix, pictures = mesh_rotation(view.pose), []
    for direction in directions:
        lamp = Lamps(direction[None], np.full(1, np.inf), np.full(1, ONE_LIGHT_RADIUS), np.ones((1, 3)))
        light = SceneLight(nothing.environment, np.eye(3), lamp, nothing)
        pictures.append(lit(view, light.on(matrix)).radiance.astype(np.float16))
    return np.stack(pictures)


def stage_directions(count: int) -> Float32Array:
    """(count, 3) directions spread evenly over the sphere, as the lamps of a light stage."""
    return sphere_directions(count)
