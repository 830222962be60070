"""Correct a located head's box by what the portrait network says of the head inside it.

The network is shown heads that stand off the crop's centre, too large, too small and leaning, and says by how much. On
real clips its word is steadier than the locator's own.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .arrays import AnyFloatArray
from .camera import camera_from_lens
from .crop import CROP_SIZE, Crop, crop_around, cut_crop, transform_pixels
from .encode import head_pose, head_yaw
from .head import CROP_HALF_WIDTH_METRES, HeadBox
from .network import Network, is_listed, load_network
from .network_input import network_input

HEAD = "head"
"""The output of the portrait network that this is about."""
POSE_NETWORK = "pose"
"""The part of the portrait network that gives it, as a network of its own."""
FURTHEST_SHIFT = 0.15
"""Of the centre along x and y, in half sizes."""
LARGEST_LOG_SCALE = 0.25
LARGEST_TURN = np.deg2rad(15.0)
"""About twice what the network was trained on: past this its word is not taken."""
FOCAL_LENGTH_MM = 50.0
"""Boxes are found in the picture alone, so that they do not depend on the plate's lens; this one is assumed."""


def pose_network(*, providers: Sequence[str] | None = None) -> Network:
    """What says how a head stands: a part of the portrait network, or all of it where the weights hold no such part.

    Args:
        providers: what to run on, see `network.choose_providers`.

    Raises:
        WeightsError: it is missing or damaged.
    """
    return load_network(POSE_NETWORK if is_listed(POSE_NETWORK) else "portrait", providers=providers)


def recentred(plate: AnyFloatArray, box: HeadBox, pose: Network) -> HeadBox:
    """A head's box with its centre, size and roll corrected once, and its pose from the portrait network.

    Args:
        plate: (H, W, 3) scene-linear Rec.709.
        box: where the locator found the head.
        pose: see `pose_network`.

    Returns:
        The corrected box, never further from the given one than the limits above.
    """
    height, width = plate.shape[:2]
    crop = crop_around(box, camera_from_lens(width, height, focal_length_mm=FOCAL_LENGTH_MM))
    network_plate, _ = network_input(cut_crop(plate, crop))
    return corrected(box, pose.run(plate=network_plate)[HEAD][0], crop)


def corrected(box: HeadBox, head: AnyFloatArray, crop: Crop) -> HeadBox:
    """Move a box by what the network says.

    Args:
        box: the box.
        head: (9,) the network's `head` output: rotation in six numbers, centre (x right, y up) in units of half the
            crop's width, and the logarithm of that half width in units of CROP_HALF_WIDTH_METRES.
        crop: the crop around the box.

    Returns:
        The moved box; the same one where the numbers are not finite.
    """
    if not np.isfinite(head).all():
        return box
    pose = head_pose(head, crop)
    right, forward = pose[:3, 0], pose[:3, 2]
    shift = np.clip(pose[:2, 3] / CROP_HALF_WIDTH_METRES, -FURTHEST_SHIFT, FURTHEST_SHIFT)
    centre = transform_pixels(crop.plate_from_crop, 0.5 * CROP_SIZE * (1.0 + shift * (1.0, -1.0)))
    turn = np.clip(np.arctan2(-right[1], right[0]), -LARGEST_TURN, LARGEST_TURN)
    return replace(
        box,
        centre_x=float(centre[0]),
        centre_y=float(centre[1]),
        half_size=box.half_size * float(np.exp(-np.clip(head[8], -LARGEST_LOG_SCALE, LARGEST_LOG_SCALE))),
        roll=float(box.roll + turn),
        yaw=head_yaw(pose),
        pitch=float(np.arcsin(np.clip(forward[1], -1.0, 1.0))),
    )
