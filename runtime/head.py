"""Where the head is in a plate frame."""

from dataclasses import dataclass

import numpy as np

from .errors import HeadError

CROP_HALF_WIDTH_METRES = 0.25
"""Half the width of the crop at the depth of the head's centre, for an adult head of mean size.

The crop then holds the hair, the neck and the shoulders. It sets the metric scale of everything the network
predicts; a face's true size is only ever known up to the size of heads.
"""


@dataclass(frozen=True)
class HeadBox:
    """The square around a head that the network sees, in plate pixels.

    Its centre is the projection of the head's centre, the point midway between the two ear canals; its half size is
    CROP_HALF_WIDTH_METRES at that depth.

    Attributes:
        centre_x: pixels from the left edge of the plate.
        centre_y: pixels from the top edge of the plate.
        half_size: half the side of the square, pixels.
        roll: radians by which the head leans clockwise in the image; the crop is turned by it to stand upright.
        yaw: coarse pose, radians; positive when the face turns to the image's right.
        pitch: coarse pose, radians; positive when the face looks up.
        score: 0..1 certainty of the locator; 1 for a box that the user gave.
    """

    centre_x: float
    centre_y: float
    half_size: float
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    score: float = 1.0

    def __post_init__(self) -> None:
        """Reject boxes that are not finite or have no size."""
        values = (self.centre_x, self.centre_y, self.half_size, self.roll, self.yaw, self.pitch, self.score)
        if not all(np.isfinite(values)) or self.half_size <= 0:
            raise HeadError(
                f"The head box has centre ({self.centre_x:g}, {self.centre_y:g}) and half size {self.half_size:g}; "
                "finite numbers and a size above zero are expected: draw the box again."
            )
