"""The pixels of a G-buffer that are lit, as flat arrays."""

from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..gbuffer import GBuffer
from .brdf import alpha_from_roughness, dot
from .harmonics import CONSTANT


@dataclass(frozen=True)
class Surface:
    """n lit surface points; vectors in world axes.

    Attributes:
        lit: (h, w) which pixels they are.
        position: (n, 3) metres.
        normal: (n, 3) unit.
        to_camera: (n, 3) unit.
        cosine_view: (n,) normal · to_camera, at least zero.
        roughness: (n,).
        alpha: (n,) GGX alpha.
        f0: (n,) reflectance at normal incidence.
        visibility: (n,) 0..1 share of the cosine-weighted sky that is not hidden.
    """

    lit: BoolArray
    position: Float32Array
    normal: Float32Array
    to_camera: Float32Array
    cosine_view: Float32Array
    roughness: Float32Array
    alpha: Float32Array
    f0: Float32Array
    visibility: Float32Array

    @property
    def reflected(self) -> Float32Array:
        """(n, 3) the camera's rays mirrored at the surface."""
        return 2 * self.cosine_view[:, None] * self.normal - self.to_camera


def lit_surface(gbuffer: GBuffer, lit: BoolArray) -> Surface:
    """Gather the pixels chosen by `lit` (h, w)."""
    position, normal = gbuffer.position[lit], gbuffer.normal[lit]
    to_camera = gbuffer.camera.world_from_camera[:3, 3].astype(np.float32) - position
    to_camera /= np.maximum(np.sqrt(dot(to_camera, to_camera)), np.float32(1e-6))[:, None]
    roughness = np.clip(gbuffer.roughness[lit], 0, 1)
    return Surface(
        lit=lit,
        position=position,
        normal=normal,
        to_camera=to_camera,
        cosine_view=np.maximum(dot(normal, to_camera), 0),
        roughness=roughness,
        alpha=alpha_from_roughness(roughness),
        f0=gbuffer.specular[lit],
        visibility=np.clip(gbuffer.transport[..., 0][lit] / np.float32(CONSTANT), 0, 1),
    )
