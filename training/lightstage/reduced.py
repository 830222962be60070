"""Views and cameras at a half or a quarter of the network's crop, for networks that learn from very many pictures."""

from dataclasses import replace

import numpy as np

from ...runtime.arrays import Float32Array
from .camera_degradation import CameraSettings
from .compression import Codec
from .sample import HalfArray
from .sensor import Grain
from .stored_view import StoredView

HALF, QUARTER = 2, 4
"""Pixels of the network's crop to one of a smaller view, along each side."""
DRAWN = 2
"""Pixels that a view of a quarter is drawn with for each of its own, along each side; their mean is kept."""
LEAST_SOFTNESS, LEAST_MOTION = 1.0, 2.0
"""Pixels of the crop up to which a blur is nothing in a small picture."""
LEAST_MATTE = 0.004
"""From which a pixel of a small view is kept."""
NOISE = {
    HALF: {Grain.NONE: 0.0, Grain.WHITE: 0.5, Grain.MOSAIC: 0.6, Grain.SOFT: 0.8},
    QUARTER: {Grain.NONE: 0.0, Grain.WHITE: 0.25, Grain.MOSAIC: 0.33, Grain.SOFT: 0.5},
}
"""What is left of each kind of noise in means of four and of sixteen pixels: a half and a quarter where neighbours are
independent."""


def reduced_camera(camera: CameraSettings, reduction: int) -> CameraSettings:
    """What is left of a camera's traces in a picture a half or a quarter as wide: noise, wide blurs, colours, tones."""
    noise = NOISE[reduction][camera.grain]
    moved = max(map(abs, camera.motion)) > LEAST_MOTION
    return replace(
        camera,
        softness=camera.softness / reduction if camera.softness > LEAST_SOFTNESS else 0.0,
        motion=(camera.motion[0] / reduction, camera.motion[1] / reduction) if moved else (0.0, 0.0),
        barrel=0.0,
        fringe=0.0,
        grain=Grain.WHITE if noise else Grain.NONE,
        noise=camera.noise * noise,
        sharpening=0.0,
        resolution=1.0,
        codec=Codec.NONE,
    )


def reduced_view(view: StoredView) -> StoredView:
    """A view drawn at twice its size, with each four pixels as their mean over the matte.

    Args:
        view: drawn with DRAWN pixels along each side for each pixel of a crop of a quarter.
    """
    size = view.size // DRAWN
    share = view.matte.astype(np.float32) / 255.0
    matte = _means(share[:, None], view)[:, 0]
    pixel = np.flatnonzero(matte > LEAST_MATTE)
    matte = matte[pixel]

    def mean(values: np.ndarray) -> Float32Array:  # type: ignore[type-arg]  # several types
        """(M, ...) over the matte."""
        weighted = values.astype(np.float32).reshape(len(share), -1) * share[:, None]
        result: Float32Array = (_means(weighted, view)[pixel] / matte[:, None]).astype(np.float32)
        return result.reshape(len(pixel), *values.shape[1:])

    def halves(values: np.ndarray) -> HalfArray:  # type: ignore[type-arg]  # several types
        return mean(values).astype(np.float16)

    normal = mean(view.normal)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-4)
    parts = np.zeros(view.size * view.size, np.uint8)
    parts[view.pixel] = view.parts
    return replace(
        view,
        size=size,
        pixel=pixel.astype(np.int32),
        matte=np.clip(matte * 255.0 + 0.5, 0, 255).astype(np.uint8),
        albedo=halves(view.albedo),
        normal=normal.astype(np.float16),
        depth=halves(view.depth),
        transport=halves(view.transport),
        parts=parts.reshape(size, DRAWN, size, DRAWN)[:, 1, :, 1].reshape(-1)[pixel],
        roughness=np.clip(mean(view.roughness) + 0.5, 0, 255).astype(np.uint8),
        specular=halves(view.specular),
        radiance=np.stack([mean(light) for light in view.radiance]).clip(0, 60000).astype(np.float16),
        margin=view.margin // DRAWN,
        reduction=QUARTER,
    )


def _means(values: Float32Array, view: StoredView) -> Float32Array:
    """(size · size / DRAWN², C) means of squares of pixels; values (N, C) are those of the covered ones."""
    size = view.size // DRAWN
    dense = np.zeros((view.size * view.size, values.shape[1]), np.float32)
    dense[view.pixel] = values
    means: Float32Array = dense.reshape(size, DRAWN, size, DRAWN, -1).mean(axis=(1, 3)).reshape(size * size, -1)
    return means
