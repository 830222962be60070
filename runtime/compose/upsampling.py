"""Bring shading that was estimated small up to the plate, its edges on the plate's edges."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..encoding import Encoding
from ..gbuffer import Shaded
from ..view.border import CropBorder, central_weight, smoothstep
from ..view.extension import push_pull
from .guided_filter import GuideStatistics, guide_statistics, guided_coefficients
from .planes import LUMINANCE, luminance, planes
from .window import Band, Window

GUIDE_RADIUS = 2
"""Nodes, each about one pixel of the crop: so far shading moves onto the plate's edges. With more, cast shadows, which
the plate does not show, lose their edges: under a hard lamp with true maps 4 gave 20.1 dB, 2 gave 21.0 and 1 gave 21.4.
With 1, what a network gets wrong about a face shows as sharply as what it gets right: a face network was less sure
that it was the same person (0.76 against 0.78, MobileFaceNet's cosine on five real frames)."""
GUIDE_EPSILON = 0.01
"""Variance of the guide (brightness relative to the person's, square root) below which it is texture, not light."""


INSIDE_MATTE = (0.3, 0.9)
"""Matte up to which a pixel's maps are not used, and from which they are wholly the person's."""


def inside_weight(matte: Float32Array) -> Float32Array:
    """How far a pixel's maps are the person's and not the background's."""
    return smoothstep(*INSIDE_MATTE, matte)


@dataclass(frozen=True)
class Upsampling:
    """How maps of one plate frame are brought up; made once per frame.

    Attributes:
        window: where in the plate.
        inside: (h, w) weight of the crop's pixels.
        statistics: of the guide at the nodes.
        guide: (1, height, width) of the window: the plate's perceptual brightness, 1 at the person's mean.
        person_brightness: mean luminance of the person in the plate.
    """

    window: Window
    inside: Float32Array
    statistics: GuideStatistics
    guide: Float32Array
    person_brightness: float


@dataclass(frozen=True)
class NodeLight:
    """Light on the person, on the nodes of a window, as planes.

    Attributes:
        slope: (3, rows, columns) shading per brightness of the guide.
        offset: (3, rows, columns) shading where the guide is zero.
        specular: (3, rows, columns).
        level: (3, 1, 1) mean shading of the person, so much grayed that no channel is zero where another is not.
    """

    slope: Float32Array
    offset: Float32Array
    specular: Float32Array
    level: Float32Array


def prepare_upsampling(
    plate: Float32Array, plate_nodes: Float32Array, encoding: Encoding, window: Window
) -> Upsampling:
    """Make the guide.

    Args:
        plate: (3, height, width) of the window.
        plate_nodes: (3, rows, columns) at its nodes.
        encoding: of the frame.
        window: where in the plate.
    """
    inside = inside_weight(encoding.matte)
    weight = window.on_nodes((inside * CropBorder(encoding.crop).fade())[None])[0]
    level = _person_brightness(plate_nodes, weight)
    guide = _perceptual(luminance(plate), level)[None]
    statistics = guide_statistics(
        window.averaged_on_nodes(guide), radius=GUIDE_RADIUS, epsilon=GUIDE_EPSILON, weight=weight
    )
    return Upsampling(window, inside, statistics, guide, level)


def _perceptual(brightness: Float32Array, level: float) -> Float32Array:
    """Square root relative to a level, at most 2; in place."""
    np.maximum(brightness, 0, out=brightness)
    brightness *= np.float32(1 / level)
    np.sqrt(brightness, out=brightness)
    return np.minimum(brightness, 2, out=brightness)


def _person_brightness(plate_nodes: Float32Array, weight: Float32Array) -> float:
    """Mean luminance of the person in the plate; of a middle gray where there is no person or no light."""
    total = float(weight.sum())
    level = float((np.maximum(luminance(plate_nodes), 0) * weight).sum()) / total if total > 1e-3 else 0.0
    return level if level > 1e-6 else 0.18


def mean_shading(shaded: Shaded, matte: Float32Array) -> Float32Array:
    """(3,) level of NodeLight; linear in the light."""
    weight = inside_weight(matte) * central_weight(matte.shape[0])
    if not weight.any():  # Nobody is there; any level will do that can be divided by.
        weight = np.ones_like(matte)
    mean = np.einsum("hw,hwc->c", weight, shaded.shading) / max(float(weight.sum()), 1e-6)
    level: Float32Array = (0.9 * mean + 0.1 * np.dot(mean, LUMINANCE)).astype(np.float32)
    return level


def light_on_nodes(upsampling: Upsampling, shaded: Shaded, level: Float32Array) -> NodeLight:
    """Carry light on the crop's grid to the nodes; it is taken from inside the matte, so no background leaks in."""
    both = np.concatenate([planes(shaded.shading), planes(shaded.specular)])
    nodes = upsampling.window.on_nodes(push_pull(both, upsampling.inside))
    coefficients = guided_coefficients(upsampling.statistics, nodes[:3])
    return NodeLight(coefficients.slope[:, 0], coefficients.offset, nodes[3:], level[:, None, None])


def shading_in_band(upsampling: Upsampling, light: NodeLight, band: Band) -> Float32Array:
    """(3, rows, columns) shading at the plate's pixels, never negative."""
    shading = upsampling.window.enlarged(light.slope, band)
    shading *= upsampling.guide[0][band.pixels]
    shading += upsampling.window.enlarged(light.offset, band)
    return np.maximum(shading, 0, out=shading)
