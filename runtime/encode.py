"""Run the portrait network on one plate frame: crop in, Encoding out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .arrays import AnyFloatArray, BytesArray, Float32Array, Float64Array
from .camera import Camera
from .crop import Crop, crop_around, cut_crop, inside_plate, towards_camera
from .encoding import Encoding
from .errors import HeadError
from .eyes import rounded_normals, wet_roughness
from .field.planes import planes_of_outputs
from .head import CROP_HALF_WIDTH_METRES, HeadBox
from .network import Network
from .network_input import input_luminance, network_input
from .own_light import Glossy, agreed_level, estimate_own_light
from .parts import PARTS, share_of

LARGEST_YAW = np.deg2rad(65.0)
"""Beyond this the network was never trained; what it says is not to be trusted."""
DEFAULT_ROUGHNESS = 0.45
"""Mean GGX roughness of facial skin, where the network gives none (Weyrich et al. 2006, fig. 9)."""
DEFAULT_SPECULAR = 0.028
"""Reflectance of skin at normal incidence, index of refraction 1.4."""


def rotation_from_6d(values: AnyFloatArray) -> Float64Array:
    """A rotation from its first two columns, made orthonormal (Zhou et al. 2019, section 4.2).

    Args:
        values: (6,) the two columns, one after the other.

    Returns:
        (3, 3) rotation.
    """
    first = values[:3].astype(np.float64)
    second = values[3:6].astype(np.float64)
    x = first / max(float(np.linalg.norm(first)), 1e-8)
    second = second - x * float(x @ second)
    y = second / max(float(np.linalg.norm(second)), 1e-8)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def head_pose(head: AnyFloatArray, crop: Crop) -> Float64Array:
    """The head's pose from the network's nine numbers (its `head` output).

    Args:
        head: (9,) rotation in six numbers, centre in units of half the crop's width (x right, y up), and the
            logarithm of the scale.
        crop: the crop the network saw.

    Returns:
        (4, 4) crop_camera_from_head, metres.
    """
    pose = np.eye(4)
    pose[:3, :3] = rotation_from_6d(head[:6])
    pose[0, 3] = float(head[6]) * CROP_HALF_WIDTH_METRES
    pose[1, 3] = float(head[7]) * CROP_HALF_WIDTH_METRES
    pose[2, 3] = -crop.head_distance
    return pose


def head_yaw(pose: AnyFloatArray) -> float:
    """Radians by which the face turns away from the camera to the image's right."""
    return float(np.arctan2(pose[0, 2], pose[2, 2]))


def _image(output: Float32Array) -> Float32Array:
    """(1, C, h, w) to (h, w, C)."""
    return np.ascontiguousarray(output[0].transpose(1, 2, 0))


def _optional(outputs: Mapping[str, Float32Array], name: str, default: float, like: Float32Array) -> Float32Array:
    return outputs[name][0, 0] if name in outputs else np.full_like(like, default)


@dataclass(frozen=True)
class CropInput:
    """What the network is shown of a plate frame, and what is needed to read its answer.

    Attributes:
        crop: where the crop lies.
        box: the head box it was made for.
        radiance: (h, w, 3) the crop, scene-linear, in the plate's exposure.
        plate: (1, 5, h, w) the network's input of that name.
        gain: factor from the plate's exposure to the network's.
    """

    crop: Crop
    box: HeadBox
    radiance: Float32Array
    plate: Float32Array
    gain: float


def crop_input(plate: AnyFloatArray, plate_camera: Camera, box: HeadBox) -> CropInput:
    """Cut the crop around a head box; the arguments are those of `encode`."""
    crop = crop_around(box, plate_camera)
    radiance = cut_crop(plate, crop)
    network_plate, gain = network_input(radiance)
    return CropInput(crop, box, radiance, network_plate, gain)


def encode(plate: AnyFloatArray, plate_camera: Camera, box: HeadBox, portrait: Network) -> Encoding:
    """Encode the head inside a box.

    Args:
        plate: (H, W, 3) scene-linear Rec.709.
        plate_camera: the plate's camera; only the intrinsics matter.
        box: where the head is.
        portrait: the network "portrait"; of its outputs, planes, parts, environment, roughness and specular may be
            missing.

    Raises:
        HeadError: the face is turned past what the network was trained on.
    """
    seen = crop_input(plate, plate_camera, box)
    return encoding_of_outputs(portrait.run(plate=seen.plate), seen)


def encoding_of_outputs(outputs: Mapping[str, Float32Array], seen: CropInput) -> Encoding:
    """The network's answer (a batch of one) in metres and in the plate's exposure.

    Raises:
        HeadError: the face is turned past what the network was trained on.
    """
    crop = seen.crop
    pose = head_pose(outputs["head"][0], crop)
    check_pose(pose)
    normal = _image(outputs["normal"])
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    albedo, transport = _image(outputs["albedo"]), _image(outputs["transport"])
    matte = np.clip(outputs["matte"][0, 0], 0.0, 1.0)
    roughness = _optional(outputs, "roughness", DEFAULT_ROUGHNESS, matte)
    specular = _optional(outputs, "specular", DEFAULT_SPECULAR, matte)
    parts = _parts(outputs)
    if parts is not None:
        eyes, mouth = (share_of(parts, name) for name in ("eyes", "mouth"))
        normal, roughness = rounded_normals(normal, eyes), wet_roughness(roughness, eyes, mouth)
    named = outputs["light"][0].astype(np.float64)
    fitted = estimate_own_light(
        radiance=seen.radiance * seen.gain,
        albedo=albedo,
        transport=transport,
        weight=matte * inside_plate(crop),
        prior=named,
        glossy=Glossy(normal, towards_camera(crop), roughness, specular),
    )
    level = agreed_level(fitted, named)
    return Encoding(
        crop=crop,
        box=seen.box,
        albedo=np.minimum(albedo / level.astype(np.float32), np.float32(1.0)),
        normal=normal,
        depth=depth_from_offset(outputs["depth"][0, 0], crop),
        matte=matte,
        transport=transport,
        roughness=roughness,
        specular=specular,
        light=fitted * (level / seen.gain),
        crop_camera_from_head=pose,
        planes=planes_of_outputs(outputs),
        parts=parts,
        environment=_image(outputs["environment"]) / np.float32(seen.gain) if "environment" in outputs else None,
        luminance=input_luminance(seen.plate[0, :3]),
    )


def _parts(outputs: Mapping[str, Float32Array]) -> BytesArray | None:
    """(h, w, len(PARTS)) codes 0..255; a network that knows fewer of the parts never names the last ones."""
    if "parts" not in outputs or not 2 <= outputs["parts"].shape[1] <= 1 + len(PARTS):
        return None
    shares = outputs["parts"][0, 1:]
    named = np.zeros((*shares.shape[1:], len(PARTS)), np.uint8)
    for part, share in enumerate(shares):
        named[..., part] = np.clip(share, 0.0, 1.0) * np.float32(255.0) + np.float32(0.5)
    return named


def check_pose(pose: AnyFloatArray) -> None:
    """Refuse profiles.

    Raises:
        HeadError: turned past the trained range.
    """
    yaw = head_yaw(pose)
    if abs(yaw) > LARGEST_YAW:
        raise HeadError(
            f"The face is turned {abs(np.rad2deg(yaw)):.0f} degrees away from the camera; "
            f"up to {np.rad2deg(LARGEST_YAW):.0f} degrees can be relit: choose another frame."
        )


def depth_from_offset(offset: Float32Array, crop: Crop) -> Float32Array:
    """Metres along the crop's axis from the network's offset in units of half the crop's width.

    Args:
        offset: (h, w) distance behind the head's centre, in units of CROP_HALF_WIDTH_METRES.
        crop: the crop.

    Returns:
        (h, w) metres, at least a tenth of the head's distance.
    """
    depth = crop.head_distance + CROP_HALF_WIDTH_METRES * offset
    limited: Float32Array = np.maximum(depth, 0.1 * crop.head_distance).astype(np.float32)
    return limited
