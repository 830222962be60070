"""Eyes as what they are: round and wet, where the network's maps are flat and dull.

An eye is a dozen pixels of the crop. The network finds it, but gives it a normal and a roughness between those of an
eye and of the skin around: no lamp is mirrored in it. Eyeballs are alike in all of us, so where the parts say eye, the
mean of the network's normals is bent over a ball, and roughness is that of a wet surface.
"""

import numpy as np

from .arrays import Float32Array
from .box_sum import box_sum
from .head import CROP_HALF_WIDTH_METRES
from .view.border import smoothstep

EYE_METRES = 0.010
"""Radius, between those of the eyeball, 12 mm, and of the cornea before it, 7.8 mm: alike in all adults (Bekerman,
Gottlieb and Vaiman 2014)."""
CORNEA_METRES, IRIS_METRES = 0.0078, 0.0059
"""Radius of the cornea's ball, and of the iris behind it, in the mean adult eye (Atchison and Smith, "Optics of the
Human Eye", 2000)."""
AROUND_METRES = 0.02
"""Within which an eye's other pixels are looked for: more than half its width, less than the way to the other eye."""
BALL = 0.5
"""Share of the ball's normals. On 83 eyes of the light stage the network's are wrong by 22.1 degrees, the ball's by
23.4, and the mean of both by 17.5."""
SURELY_EYE = (0.3, 0.7)
WET_EYE, WET_MOUTH = 0.28, 0.30
"""GGX roughness of eyes, and of teeth and gums. The network says 0.43; the light stage has 0.17 and 0.26, but a
highlight so narrow would be a single pixel of the crop, and come and go from frame to frame."""


def rounded_normals(normal: Float32Array, eyes: Float32Array) -> Float32Array:
    """Normals with those of eyes bent over a ball.

    Args:
        normal: (h, w, 3) unit, crop camera axes.
        eyes: (h, w) share of eye in each pixel.

    Returns:
        (h, w, 3) unit; the same where no eye is.
    """
    share = np.float32(BALL) * smoothstep(*SURELY_EYE, eyes)
    touched = share > 0
    if not touched.any():
        return normal
    height, width = eyes.shape
    pixel = np.float32(2 * CROP_HALF_WIDTH_METRES / width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    weighted = np.stack([np.ones_like(x), x, y, *normal[..., :2].transpose(2, 0, 1)]) * share
    sums = box_sum(weighted, max(1, round(AROUND_METRES / pixel)))[:, touched]
    middle_x, middle_y, mean_x, mean_y = sums[1:] / np.maximum(sums[0], np.float32(1e-6))
    curvature = pixel / np.float32(EYE_METRES)
    across = np.stack(
        [mean_x + (x[touched] - middle_x) * curvature, mean_y - (y[touched] - middle_y) * curvature], axis=1
    )
    # At most the ball's edge as it is seen.
    across /= np.maximum(np.sqrt((across * across).sum(axis=1, keepdims=True)) / np.float32(0.95), 1)
    ball = np.concatenate([across, np.sqrt(1 - (across * across).sum(axis=1, keepdims=True))], axis=1)
    result = normal.copy()
    result[touched] += share[touched, None] * (ball - normal[touched])
    result[touched] /= np.sqrt((result[touched] ** 2).sum(axis=1, keepdims=True))
    return result


def wet_roughness(roughness: Float32Array, eyes: Float32Array, mouth: Float32Array) -> Float32Array:
    """(h, w) roughness, where eyes and mouth (h, w) say so that of a wet surface; nothing gets duller."""
    wet: Float32Array = roughness.copy()
    for share, wetness in ((eyes, WET_EYE), (mouth, WET_MOUTH)):
        wet += share * np.minimum(np.float32(wetness) - wet, 0)
    return wet
