"""One random moment of the stage, described so that another renderer can draw it too."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ..illumination import Illumination
from ..pose import Pose, mesh_rotation
from ..view import Subject

BytesArray = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True)
class Scene:
    """A person before a camera under a light.

    Attributes:
        name: what tables call it.
        subject: who is seen.
        masks: `skin.facial_masks`.
        pose: where the head is against the camera.
        light: everything that lights it, at the exposure of a plate.
        size: pixels along each side.
    """

    name: str
    subject: Subject
    masks: Float32Array
    pose: Pose
    light: Illumination
    size: int

    @property
    def camera_from_head(self) -> Float64Array:
        """(3, 3) orthogonal; mirrors when the pose does."""
        return mesh_rotation(self.pose)

    @property
    def camera_vertices(self) -> Float32Array:
        """(V, 3) metres in camera space."""
        return (self.subject.person.vertices @ self.camera_from_head.T + self.pose.offset).astype(np.float32)

    @property
    def camera_normals(self) -> Float32Array:
        """(V, 3) in camera axes."""
        return (self.subject.person.normals @ self.camera_from_head.T).astype(np.float32)


@dataclass(frozen=True)
class Rendering:
    """What a renderer makes of a scene; maps other than the matte are averages over the covered part of a pixel.

    Attributes:
        diffuse: (h, w, 3) radiance of diffuse surfaces.
        specular: (h, w, 3) radiance of highlights.
        albedo: (h, w, 3) linear.
        normal: (h, w, 3) unit, camera axes.
        depth: (h, w) metres along the viewing axis.
        matte: (h, w).
    """

    diffuse: Float32Array
    specular: Float32Array
    albedo: Float32Array
    normal: Float32Array
    depth: Float32Array
    matte: Float32Array
