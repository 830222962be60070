"""What the network knows about one plate frame; everything later is computed from this."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from .arrays import BytesArray, Float32Array, Float64Array
from .crop import Crop
from .field.planes import FieldPlanes
from .head import HeadBox


@dataclass(frozen=True, eq=False)
class Encoding:
    """The result of encoding one plate frame: maps on the crop's pixel grid, h = w = crop.camera.width.

    An encoding equals only itself, so that what every camera needs of it can be kept by it (`per_encoding`).

    Attributes:
        crop: the crop camera and where it lies in the plate.
        box: the head box that was encoded.
        albedo: (h, w, 3) scene-linear Rec.709 diffuse albedo, 0..1.
        normal: (h, w, 3) unit normals in the crop camera's axes (x right, y up, z towards the camera).
        depth: (h, w) metres along the crop camera's viewing axis, positive.
        matte: (h, w) 0..1.
        transport: (h, w, 9) diffuse transport in the crop camera's axes. The radiance that leaves a white (albedo 1)
            surface is Σ_k transport_k · light_k, so an unshadowed surface has A_l/π · Y_k(n), with
            A = (π, 2π/3, π/4).
        roughness: (h, w) GGX roughness (Blender's "Roughness", alpha = roughness²).
        specular: (h, w) reflectance at normal incidence (F0).
        light: (9, 3) spherical harmonics of the plate's own light, radiance, in the crop camera's axes, in the
            plate's exposure.
        crop_camera_from_head: (4, 4) head pose, metres: head axes x to the person's left, y up, z out of the face,
            origin midway between the ear canals.
        planes: of the field, for what the plate never saw; None of a network without planes.
        parts: (h, w, 8) uint8, probabilities times 255 in the order of `runtime.parts.PARTS`; None of a network that
            names no parts.
        environment: (16, 16, 3) radiance around the person in the plate's exposure, equirectangular in Blender's
            layout over the crop camera's axes with y up: the middle column looks to the camera (+z), u grows to the
            camera's left. None of a network that gives harmonics only.
        luminance: (h / 2, w / 2) of the crop as the network saw it, sRGB-encoded with its gain: what the picture's
            motion is found by, from frame to frame. None where it was not kept; such a frame is not steadied.
    """

    crop: Crop
    box: HeadBox
    albedo: Float32Array
    normal: Float32Array
    depth: Float32Array
    matte: Float32Array
    transport: Float32Array
    roughness: Float32Array
    specular: Float32Array
    light: Float64Array
    crop_camera_from_head: Float64Array
    planes: FieldPlanes | None = None
    parts: BytesArray | None = None
    environment: Float32Array | None = None
    luminance: Float32Array | None = None


Derived = TypeVar("Derived")
KEPT = 3
"""Encodings by which derived results are kept: a frame's own, its reduced one for previews, and the one before."""


def per_encoding(derive: Callable[[Encoding], Derived]) -> Callable[[Encoding], Derived]:
    """Decorates a function of an encoding alone: a drag of the camera asks it once per frame, and not once per camera.

    What it returns is shared and must not be written to.
    """
    return lru_cache(maxsize=KEPT)(derive)
