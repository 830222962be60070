"""Numbers of real clip frames, of which no truth is known: identity, and how well the plate is explained."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.camera import Camera
from ...runtime.crop import cut_crop, inside_plate
from ...runtime.light.light import Light
from ...runtime.light.shade import own_shading
from ...runtime.network_input import exposure_gain
from ...runtime.transfer import srgb_from_linear
from ...runtime.view.view_camera import world_from_crop_camera
from .judges import HEAD_POINTS, Judges, aligned_face, feature_distance, person_mask, same_face
from .product import PreparedPlate
from .real_frames import environment_file, levelled, portrait_camera

IDENTITY_LIGHTS = ("studio.hdr", "sunset.hdr")
"""Held-out environments that faces are recognised under."""
IDENTITY_YAW = 20.0

Numbers = dict[str, float]


@dataclass(frozen=True)
class RealJudgement:
    """What real frames are judged with.

    Attributes:
        judges: networks.
        lights: to relight with.
    """

    judges: Judges
    lights: tuple[Light, ...]


def real_judgement(data: Path | None, judges: Judges) -> RealJudgement:
    """With the held-out environments of the asset folder."""
    return RealJudgement(judges, tuple(environment_file(data, name) for name in IDENTITY_LIGHTS))


def face_pixels(plate: PreparedPlate, camera: Camera) -> Float64Array:
    """(5, 2) pixels of a camera where the estimated pose puts eyes, nose and corners of the mouth."""
    world_from_head = world_from_crop_camera(plate.encoding.crop, plate.camera) @ plate.encoding.crop_camera_from_head
    camera_from_head = camera.camera_from_world @ world_from_head
    return camera.project(HEAD_POINTS @ camera_from_head[:3, :3].T + camera_from_head[:3, 3])


def measured_frame(plate: PreparedPlate, judgement: RealJudgement) -> Numbers:
    """Identity at the plate's view and turned, and the distance of the plate from its own reconstruction."""
    crop = plate.encoding.crop
    straight, turned = (portrait_camera(plate, yaw) for yaw in (0.0, IDENTITY_YAW))
    gain = np.float32(exposure_gain(cut_crop(plate.plate, crop)))

    def face(linear: Float32Array, camera: Camera) -> Float32Array:
        return aligned_face(srgb_from_linear(linear * gain), face_pixels(plate, camera))

    own = face(cut_crop(plate.plate, crop), straight)
    here, there = [], []
    for light in judgement.lights:
        suited = levelled(light, plate)
        relit = plate.under(suited, wanted=frozenset({"image"})).image[..., :3]
        moved = plate.under(suited, turned, wanted=frozenset({"image"})).image
        here.append(same_face(judgement.judges, own, face(cut_crop(relit, crop), straight)))
        there.append(same_face(judgement.judges, own, face(moved[..., :3] * moved[..., 3:], turned)))
    kept = plate.turned(turned, wanted=frozenset({"image"})).image
    return {
        "identity, plate view": float(np.mean(here)),
        "identity, yaw 20": float(np.mean(there)),
        "identity, yaw 20, own light": same_face(judgement.judges, own, face(kept[..., :3] * kept[..., 3:], turned)),
        "feature distance": reconstruction_distance(plate, judgement.judges),
    }


def reconstruction(plate: PreparedPlate) -> Float32Array:
    """(256, 256, 3) what the network's maps explain of the crop: albedo × own shading + own reflection, linear."""
    everywhere = replace(plate.gbuffer, matte=np.ones_like(plate.gbuffer.matte))
    own = own_shading(everywhere)
    result: Float32Array = plate.encoding.albedo * own.shading + own.specular
    return result


def reconstruction_distance(plate: PreparedPlate, judges: Judges) -> float:
    """SqueezeNet feature distance between the crop and itself with the person reconstructed, as far as was recorded."""
    crop = cut_crop(plate.plate, plate.encoding.crop)
    gain = np.float32(exposure_gain(crop))
    encoded = srgb_from_linear(crop * gain)
    rebuilt = srgb_from_linear(reconstruction(plate) * gain)
    mask = (person_mask(judges, encoded) & (inside_plate(plate.encoding.crop) > 0))[..., None]
    return feature_distance(judges, encoded, np.where(mask, rebuilt, encoded))
