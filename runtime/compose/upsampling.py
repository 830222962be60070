"""Bring shading that was estimated small up to the plate, its edges on the plate's edges."""

from dataclasses import dataclass

import numpy as np

from ..arrays import Float32Array
from ..encoding import Encoding
from ..gbuffer import Shaded
from ..view.border import border_fade, smoothstep
from ..view.extension import push_pull
from .guided_filter import GuideStatistics, guide_statistics, guided_coefficients
from .window import Band, Window

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Rec.709."""
GUIDE_RADIUS = 4
"""Nodes, each about one pixel of the crop: the network's shading edges are at most that far off."""
GUIDE_EPSILON = 0.01
"""Variance of the guide (brightness relative to the person's, square root) below which it is texture, not light."""


def inside_weight(matte: Float32Array) -> Float32Array:
    """How far a pixel's maps are the person's and not the background's."""
    return smoothstep(0.3, 0.9, matte)


def brightness(image: Float32Array, level: float) -> Float32Array:
    """(h, w) perceptual brightness of a linear image (h, w, 3): 1 at luminance `level`."""
    luminance = image @ LUMINANCE
    np.maximum(luminance, 0, out=luminance)
    luminance *= np.float32(1 / level)
    np.sqrt(luminance, out=luminance)
    return np.minimum(luminance, 2, out=luminance)


@dataclass(frozen=True)
class Upsampling:
    """How maps of one plate frame are brought up; made once per frame.

    Attributes:
        window: where in the plate.
        inside: (h, w) weight of the crop's pixels.
        statistics: of the guide at the nodes.
        guide: (height, width) of the window: the plate's brightness.
    """

    window: Window
    inside: Float32Array
    statistics: GuideStatistics
    guide: Float32Array


@dataclass(frozen=True)
class NodeLight:
    """Light on the person, on the nodes of a window.

    Attributes:
        slope: (rows, columns, 3) shading per brightness of the guide.
        offset: (rows, columns, 3) shading where the guide is zero.
        specular: (rows, columns, 3).
        level: (3,) mean shading of the person, so much grayed that no channel is zero where another is not.
    """

    slope: Float32Array
    offset: Float32Array
    specular: Float32Array
    level: Float32Array


def prepare_upsampling(plate: Float32Array, encoding: Encoding, window: Window) -> Upsampling:
    """Make the guide from the window's pixels (height, width, 3)."""
    weight = inside_weight(encoding.matte) * border_fade(encoding.matte.shape[0])
    on_nodes = np.clip(window.on_nodes(weight), 0, 1)
    plate_nodes = window.averaged_on_nodes(plate)
    level = mean_brightness(plate_nodes, on_nodes)
    guide = brightness(plate, level)
    statistics = guide_statistics(
        window.averaged_on_nodes(guide), radius=GUIDE_RADIUS, epsilon=GUIDE_EPSILON, weight=on_nodes
    )
    return Upsampling(window, inside_weight(encoding.matte), statistics, guide)


def mean_brightness(plate_nodes: Float32Array, weight: Float32Array) -> float:
    """Mean luminance of the person in the plate; of a middle gray where there is no person or no light."""
    total = float(weight.sum())
    level = float(((np.maximum(plate_nodes, 0) @ LUMINANCE) * weight).sum()) / total if total > 1e-3 else 0.0
    return level if level > 1e-6 else 0.18


def mean_shading(shaded: Shaded, matte: Float32Array) -> Float32Array:
    """(3,) level of NodeLight; linear in the light."""
    weight = inside_weight(matte) * border_fade(matte.shape[0])
    total = max(float(weight.sum()), 1e-6)
    mean = np.tensordot(weight, shaded.shading, axes=2) / total
    level: Float32Array = (0.9 * mean + 0.1 * (mean @ LUMINANCE)).astype(np.float32)
    return level


def light_on_nodes(upsampling: Upsampling, shaded: Shaded, level: Float32Array) -> NodeLight:
    """Carry light on the crop's grid to the nodes; it is taken from inside the matte, so no background leaks in."""
    both = np.concatenate([shaded.shading, shaded.specular], axis=-1)
    nodes = upsampling.window.on_nodes(push_pull(both, upsampling.inside))
    coefficients = guided_coefficients(upsampling.statistics, np.ascontiguousarray(nodes[..., :3]))
    return NodeLight(coefficients.slope[..., 0, :], coefficients.offset, np.ascontiguousarray(nodes[..., 3:]), level)


def shading_in_band(upsampling: Upsampling, light: NodeLight, band: Band) -> Float32Array:
    """(rows, width, 3) shading at the plate's pixels, never negative."""
    shading = upsampling.window.enlarged(light.slope, band)
    shading *= upsampling.guide[band.rows, :, None]
    shading += upsampling.window.enlarged(light.offset, band)
    return np.maximum(shading, 0, out=shading)
