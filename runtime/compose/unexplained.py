"""What the plate's own light does not explain: cast shadows and patches of light that nine harmonics cannot hold.

Divided by the estimated shading alone, the plate keeps these in its albedo, and carries them under any other light. The
network's albedo holds no light. Where the plate, over that albedo and the estimated shading, is darker or brighter over
some pixels than both together say, the difference is taken for light; finer texture stays the albedo's.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..encoding import Encoding
from ..view.extension import push_pull
from .division import darkness, specular_ratio
from .guided_filter import guided_coefficients
from .planes import planes
from .upsampling import NodeLight, Upsampling
from .window import Band

TRUST = 0.5
"""Share of the difference, in stops, that is taken for light: the network's albedo is wrong now and then."""
LARGEST = 3.0
"""Most by which light is believed to be stronger or weaker than estimated."""
DARKEST_ALBEDO = 0.01


@dataclass(frozen=True)
class UnexplainedLight:
    """Logarithm of the unexplained light on the nodes of a window, as a local linear function of the guide.

    Attributes:
        slope: (3, rows, columns) per brightness of the guide.
        offset: (3, rows, columns).
    """

    slope: Float32Array
    offset: Float32Array

    def in_band(self, upsampling: Upsampling, band: Band) -> Float32Array:
        """(3, rows, columns) factor on the estimated shading, 1 / LARGEST to LARGEST."""
        logarithm = upsampling.window.enlarged(self.slope, band)
        logarithm *= upsampling.guide[0][band.pixels]
        logarithm += upsampling.window.enlarged(self.offset, band)
        limit = np.float32(TRUST * np.log(LARGEST))
        np.clip(logarithm, -limit, limit, out=logarithm)
        return np.exp(logarithm, out=logarithm)


def unexplained_light(
    upsampling: Upsampling, plate_nodes: Float32Array, encoding: Encoding, light: NodeLight, *, trust: float = TRUST
) -> UnexplainedLight:
    """Compare the plate with the network's albedo under the estimated light.

    Args:
        upsampling: of the frame.
        plate_nodes: (3, rows, columns) the plate at the nodes.
        encoding: of the frame.
        light: the plate's own, on the nodes.
        trust: 0..1.
    """
    guide = upsampling.statistics.guide[0]
    albedo = upsampling.window.on_nodes(push_pull(planes(encoding.albedo), upsampling.inside))
    shading = np.maximum(light.slope * guide + light.offset, 0)
    shading += darkness(shading, light) * light.level
    expected = np.maximum(albedo, np.float32(DARKEST_ALBEDO)) * shading
    person = np.maximum(plate_nodes, np.float32(1e-6) * light.level)
    found = person - light.specular * specular_ratio(person, light.specular)
    ratio = found / expected
    logarithm = np.log(np.clip(ratio, np.float32(1 / LARGEST), np.float32(LARGEST)))
    # The person's own complexion stays: only where it differs over the person is it light.
    weight = upsampling.statistics.weight
    mean = (logarithm * weight).sum(axis=(1, 2), keepdims=True) / np.maximum(weight.sum(), np.float32(1e-6))
    logarithm = (logarithm - mean) * np.float32(trust)
    coefficients = guided_coefficients(upsampling.statistics, logarithm.astype(np.float32))
    return UnexplainedLight(coefficients.slope[:, 0], coefficients.offset)
