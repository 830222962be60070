"""What the plate's own light does not explain: cast shadows and patches of light that nine harmonics cannot hold.

Divided by the estimated shading alone, the plate keeps these in its albedo, and carries them under any other light. The
network's albedo holds no light. Where the plate, over that albedo and the estimated shading, is darker or brighter over
some pixels than both together say, the difference is taken for light; finer texture stays the albedo's. Where next to
no light fell, the plate cannot be divided at all, and the network's albedo stands in.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..box_sum import box_sum
from ..encoding import Encoding
from ..parts import share_of
from ..view.border import smoothstep
from ..view.extension import push_pull
from .division import darkness, specular_ratio
from .guided_filter import guided_coefficients
from .planes import planes
from .upsampling import NodeLight, Upsampling
from .window import Band

TRUST = 0.5
"""Share of the difference, in stops, that is taken for light: the network's albedo is wrong now and then."""
FEATURES = ("lips", "brows", "eyes", "mouth")
FEATURE_TRUST = 0.25
"""The same around these parts: what makes a face this person's is finer than the network sees."""
AROUND_FEATURES = 5 / 256
"""Share of the crop's width within which a feature is near."""
NEAR = (0.02, 0.2)
"""Share of features around a pixel from which on, and at which altogether, it counts as one of their neighbourhood."""
SURELY_LIGHT = 1.6
"""Factor between plate and estimate beyond which the rest is light altogether: no albedo is that wrong."""
LARGEST = 6.0
"""Most by which light is believed to be stronger or weaker than estimated."""
DARKEST_ALBEDO = 0.01
UNLIT, LIT = 0.04, 0.25
"""Estimated shading, relative to its mean, up to which a pixel says nothing about albedo, and from which it says all:
where little light fell, the plate is noise, and an error of the estimate is a factor."""


@dataclass(frozen=True)
class UnexplainedLight:
    """What the plate says against the estimate, on the nodes of a window.

    Attributes:
        slope: (3, rows, columns) of the logarithm of the unexplained light, per brightness of the guide.
        offset: (3, rows, columns) of the same where the guide is zero.
        albedo: (3, rows, columns) the network's, in the person's own complexion.
    """

    slope: Float32Array
    offset: Float32Array
    albedo: Float32Array

    def in_band(self, upsampling: Upsampling, band: Band) -> Float32Array:
        """(3, rows, columns) factor on the estimated shading, 1 / LARGEST to LARGEST."""
        logarithm = upsampling.window.enlarged(self.slope, band)
        logarithm *= upsampling.guide[0][band.pixels]
        logarithm += upsampling.window.enlarged(self.offset, band)
        limit = np.float32(np.log(LARGEST))
        np.clip(logarithm, -limit, limit, out=logarithm)
        return np.exp(logarithm, out=logarithm)


def unexplained_light(
    upsampling: Upsampling, plate_nodes: Float32Array, encoding: Encoding, light: NodeLight, *, removal: float = 1.0
) -> UnexplainedLight:
    """Compare the plate with the network's albedo under the estimated light.

    Args:
        upsampling: of the frame.
        plate_nodes: (3, rows, columns) the plate at the nodes.
        encoding: of the frame.
        light: the plate's own, on the nodes.
        removal: 0..1 of the own light that is to be taken out.
    """
    guide = upsampling.statistics.guide[0]
    albedo = upsampling.window.on_nodes(push_pull(planes(encoding.albedo), upsampling.inside))
    albedo = np.maximum(albedo, np.float32(DARKEST_ALBEDO))
    shading = np.maximum(light.slope * guide + light.offset, 0)
    shading += darkness(shading, light) * light.level
    person = np.maximum(plate_nodes, np.float32(1e-6) * light.level)
    found = person - light.specular * specular_ratio(person, light.specular)
    limit = np.float32(LARGEST)
    logarithm = np.log(np.clip(found / (albedo * shading), 1 / limit, limit))
    # The person's own complexion stays: only where it differs over the person is it light.
    weight = upsampling.statistics.weight * lit_share(shading, light)
    mean = (logarithm * weight).sum(axis=(1, 2), keepdims=True) / np.maximum(weight.sum(), np.float32(1e-6))
    taken = _taken_for_light(logarithm - mean, _trust(upsampling, encoding))
    coefficients = guided_coefficients(upsampling.statistics, np.float32(removal) * taken)
    complexion = np.clip(albedo * np.exp(mean), DARKEST_ALBEDO, 1.0).astype(np.float32)
    return UnexplainedLight(coefficients.slope[:, 0], coefficients.offset, complexion)


def lit_share(shading: Float32Array, light: NodeLight) -> Float32Array:
    """(...) 0..1 how much a pixel under shading (3, ...) says about albedo."""
    return smoothstep(UNLIT, LIT, (shading / light.level).mean(axis=0))


def _trust(upsampling: Upsampling, encoding: Encoding) -> Float32Array:
    """(1 or rows, 1 or columns) share of a difference that is taken for light."""
    if encoding.parts is None:
        return np.full((1, 1), TRUST, np.float32)
    features = np.stack([share_of(encoding.parts, name) for name in FEATURES]).sum(axis=0)
    radius = max(1, round(AROUND_FEATURES * features.shape[1]))
    near = smoothstep(*NEAR, box_sum(features[None], radius) / np.float32((2 * radius + 1) ** 2))
    trust: Float32Array = TRUST + upsampling.window.on_nodes(near)[0] * np.float32(FEATURE_TRUST - TRUST)
    return trust


def _taken_for_light(difference: Float32Array, trust: Float32Array) -> Float32Array:
    """What of a logarithmic difference (3, rows, columns) is light, where the network's albedo is trusted so far."""
    limit = np.float32(np.log(SURELY_LIGHT))
    taken: Float32Array = difference - (1 - trust) * np.clip(difference, -limit, limit)
    return taken
