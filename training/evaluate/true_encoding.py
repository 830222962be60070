"""What a perfect network would say of a stage's picture: the limit of the product's road, as a neighbour to numbers."""

import numpy as np

from ...runtime.arrays import Float64Array
from ...runtime.crop import crop_around
from ...runtime.encoding import Encoding
from ..lightstage.view import View
from .stage_plate import StagePlate, product_scale


def true_encoding(plate: StagePlate, view: View, light: Float64Array) -> Encoding:
    """The true maps and the true light in place of a network's.

    Args:
        plate: the plate.
        view: its maps.
        light: (9, 3) own light, crop camera's axes, in the plate's exposure.
    """
    crop, maps, pose = crop_around(plate.box, plate.camera), view.maps, view.pose
    covered = maps.matte > 0
    depth = np.where(covered, maps.depth * np.float32(product_scale(pose)), np.float32(crop.head_distance))
    head = np.eye(4)
    head[:3, :3], head[:3, 3] = pose.rotation, pose.offset * product_scale(pose)
    outwards = np.array([0.0, 0.0, 1.0], np.float32)
    return Encoding(
        crop=crop,
        box=plate.box,
        albedo=maps.albedo.astype(np.float32),
        normal=np.where(covered[..., None], maps.normal, outwards).astype(np.float32),
        depth=depth.astype(np.float32),
        matte=maps.matte.astype(np.float32),
        transport=view.transport.astype(np.float32),
        roughness=maps.roughness.astype(np.float32),
        specular=maps.specular.astype(np.float32),
        light=light,
        crop_camera_from_head=head,
    )
