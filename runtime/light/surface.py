"""The pixels of a G-buffer that are lit, as flat arrays."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..gbuffer import GBuffer
from .brdf import alpha_from_roughness, dot
from .harmonics import CONSTANT, COSINE_LOBE, LINEAR

SHORTEST_MEAN_NORMAL = 0.35
"""No mean normal is believed to be shorter: transport has noise."""
LAMBERT_FIRST_ORDER = float(COSINE_LOBE[1] * LINEAR / (COSINE_LOBE[0] * CONSTANT))
"""Length of the first order of a smooth surface's transport, relative to its zeroth."""


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
        transport: (n, 9) diffuse transport.
    """

    lit: BoolArray
    position: Float32Array
    normal: Float32Array
    to_camera: Float32Array
    cosine_view: Float32Array
    roughness: Float32Array
    alpha: Float32Array
    f0: Float32Array
    transport: Float32Array

    @property
    def visibility(self) -> Float32Array:
        """(n,) 0..1 share of the cosine-weighted sky that is not hidden."""
        return np.clip(self.transport[:, 0] / np.float32(CONSTANT), 0, 1)

    @cached_property
    def mean_normal_length(self) -> Float32Array:
        """(n,) SHORTEST_MEAN_NORMAL to 1: how far the normals in a pixel agree.

        A measure of spread as Toksvig's ("Mipmapping Normal Maps", 2005), taken from the first order of the transport,
        which is linear in the normal and was learnt as a mean.
        """
        first = np.sqrt(np.einsum("nk,nk->n", self.transport[:, 1:4], self.transport[:, 1:4]))
        length = first / (np.maximum(self.transport[:, 0], np.float32(1e-3)) * np.float32(LAMBERT_FIRST_ORDER))
        limited: Float32Array = np.clip(length, np.float32(SHORTEST_MEAN_NORMAL), np.float32(1))
        return limited

    @property
    def reflected(self) -> Float32Array:
        """(n, 3) the camera's rays mirrored at the surface."""
        return 2 * self.cosine_view[:, None] * self.normal - self.to_camera

    def on_pixels(self, values: Float32Array) -> Float32Array:
        """(h, w) or (h, w, C) with values (n,) or (n, C) where lit, zero elsewhere."""
        image = np.zeros((*self.lit.shape, *values.shape[1:]), np.float32)
        image[self.lit] = values
        return image


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
        transport=gbuffer.transport[lit],
    )
