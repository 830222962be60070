"""Whether a person of the stage is recognised under other light, by the judge of the real clips.

No judge is blind to light. What it says of the stage's own rendering under the same light tells how much of a distance
is the light's, and how much the product's.
"""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.crop import crop_around, cut_crop
from ...runtime.network_input import exposure_gain
from ...runtime.transfer import srgb_from_linear
from .held_out import HeldOutCase
from .judges import HEAD_POINTS, Judges, aligned_face, same_face
from .stage_plate import product_scale, square_camera

LEAST_FACING = 0.7
"""Cosine between the face's axis and the way to the camera: beyond 45° a judge of faces has too little to go by."""


@dataclass(frozen=True)
class StageFace:
    """A person's face in the plate, for comparison.

    Attributes:
        judges: networks.
        points: (5, 2) pixels of the stage's picture: eyes, nose, corners of the mouth of a mean head.
        gain: exposure at which faces are shown.
        plate: (112, 112, 3) the face before relighting.
    """

    judges: Judges
    points: Float64Array
    gain: np.float32
    plate: Float32Array

    def likeness(self, picture: Float32Array) -> float:
        """Cosine between the embeddings of the plate's face and of a linear picture's (size, size, 3)."""
        return same_face(self.judges, self.plate, _face(picture, self.gain, self.points))


def stage_face(case: HeldOutCase, judges: Judges) -> StageFace | None:
    """Of a picture of the benchmark; None where the face is turned too far to be recognised."""
    pose, size = case.view.pose, case.clean.size
    if pose.rotation[2, 2] < LEAST_FACING:
        return None
    pixels = square_camera(pose, size).project(HEAD_POINTS @ pose.rotation.T + pose.offset * product_scale(pose))
    crop = crop_around(case.clean.box, case.clean.camera)
    gain = np.float32(exposure_gain(cut_crop(case.clean.image, crop)))
    plate = case.clean.on_square(case.clean.image)
    return StageFace(judges, pixels, gain, _face(plate, gain, pixels))


def _face(picture: Float32Array, gain: np.float32, points: Float64Array) -> Float32Array:
    return aligned_face(srgb_from_linear(picture * gain), points)
