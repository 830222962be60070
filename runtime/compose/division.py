"""How far a plate may be divided by light that was only estimated: bounds on shading and on specular reflection."""

import numpy as np

from ..arrays import Float32Array
from .planes import least_channel
from .upsampling import NodeLight

DARKEST_SHADING = 0.08
"""Own shading, relative to its mean, below which the plate is too dark and the estimate too unsure to divide by."""
LARGEST_SPECULAR_SHARE = 0.45
"""Of each plate pixel's channels at most this share is taken for specular reflection: what is left keeps its hue to a
factor of two. With three quarters, dark corners of eyes under tungsten turned purple; pictures of the light stage come
out as right with either.
"""


def darkness(shading: Float32Array, light: NodeLight) -> Float32Array:
    """(...) share of the mean shading that lifts shading (3, ...) to where it can be divided by."""
    missing: Float32Array = np.float32(DARKEST_SHADING) - least_channel(shading / light.level)
    return np.maximum(missing, 0, out=missing)


def specular_ratio(person: Float32Array, specular: Float32Array) -> Float32Array:
    """(...) largest share of the specular estimate (3, ...) that leaves every channel of the person enough."""
    room = np.maximum(person, 0)
    room *= np.float32(LARGEST_SPECULAR_SHARE)
    room /= np.maximum(specular, np.float32(1e-8))
    ratio: Float32Array = np.minimum(least_channel(room), 1)
    return ratio
