"""Skin colour: how much melanin and blood there is, and where on the face what lies."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.draw import line, polygon

from ...runtime.arrays import AnyFloatArray, Float32Array
from ..assets import FaceModel
from .implicit import smoothstep

LIGHTEST = np.log(np.array([0.76, 0.56, 0.46], np.float32))
"""Logarithm of the albedo of skin with hardly any melanin."""
MELANIN = np.array([1.0, 1.2, 1.38], np.float32)
"""Absorption of melanin by channel, relative to red: it rises towards blue (Jacques 2013, fig. 8, 600 to 450 nm,
softened by scattering)."""
HAEMOGLOBIN = np.array([0.08, 0.45, 0.36], np.float32)
"""Absorption of blood by channel: green most, red hardly (Jacques 2013, fig. 4)."""

MASK_LEFT, MASK_TOP, MASK_STEP = -10.0, 13.0, 0.08
MASK_HEIGHT, MASK_WIDTH = 400, 250
MASKS = (
    "lips", "brows", "lash_line", "eye_shadow", "redness", "beard", "shade", "moustache", "oil", "blush", "wrinkles",
    "eyeliner",
)  # fmt: skip


def skin_albedo(melanin: float, blood: float) -> Float32Array:
    """(3,) linear albedo of skin with so much melanin (0 pale to 2.2 very dark) and blood (0..1)."""
    albedo: Float32Array = np.exp(LIGHTEST - melanin * MELANIN - blood * HAEMOGLOBIN).astype(np.float32)
    return albedo


def _pixels(points: AnyFloatArray) -> AnyFloatArray:
    """(N, 2) row and column of frontal positions (x, y) in centimetres."""
    return np.stack([(MASK_TOP - points[:, 1]) / MASK_STEP, (points[:, 0] - MASK_LEFT) / MASK_STEP], axis=1)


def _filled(points: AnyFloatArray) -> Float32Array:
    mask = np.zeros((MASK_HEIGHT, MASK_WIDTH), np.float32)
    row, column = _pixels(points).T
    rows, columns = polygon(row, column, shape=mask.shape)  # type: ignore[no-untyped-call]  # scikit-image has no types there
    mask[rows, columns] = 1.0
    return mask


def _distance_to_path(points: AnyFloatArray) -> AnyFloatArray:
    """Centimetres from each pixel to a polyline."""
    free = np.ones((MASK_HEIGHT, MASK_WIDTH), bool)
    pixels = np.round(_pixels(points)).astype(int)
    for (r0, c0), (r1, c1) in pairwise(pixels):
        free[line(r0, c0, r1, c1)] = False  # type: ignore[no-untyped-call]  # scikit-image has no types there
    result: AnyFloatArray = distance_transform_edt(free) * MASK_STEP
    return result


def facial_masks(model: FaceModel) -> Float32Array:
    """(12, 400, 250) masks (see MASKS) over the frontal projection of the neutral mean, 0..1.

    Row and column follow from x and y of the neutral mean in centimetres by MASK_LEFT, MASK_TOP and MASK_STEP.
    """
    points = model.vertices[model.landmarks][:, :2]
    y = (MASK_TOP - np.arange(MASK_HEIGHT) * MASK_STEP)[:, None]
    x = (MASK_LEFT + np.arange(MASK_WIDTH) * MASK_STEP)[None, :]
    lips = gaussian_filter(_filled(points[48:60]), 1.2)
    brows = np.maximum(_brow(points[17:22]), _brow(points[22:27]))
    eyes = [points[36:42], points[42:48]]
    lash = np.maximum(*[np.exp(-((_distance_to_path(np.vstack([e, e[:1]])) / 0.13) ** 2)) for e in eyes])
    shadow = np.maximum(*[np.exp(-((_distance_to_path(e[:4] + np.array([0.0, 0.45])) / 0.45) ** 2)) for e in eyes])
    redness = np.zeros_like(lips)
    for cx, cy, rx, ry, weight in (
        (4.3, 0.4, 2.0, 1.5, 0.8),
        (-4.3, 0.4, 2.0, 1.5, 0.8),
        (0, 0.3, 1.3, 1.2, 0.9),
        (0, -6.3, 1.3, 0.9, 0.5),
        (8.4, 2.0, 0.9, 2.5, 1.0),
        (-8.4, 2.0, 0.9, 2.5, 1.0),
    ):
        redness = redness + weight * np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2)
    upper = np.interp(np.abs(x), [0.0, 1.3, 3.0, 4.5, 5.8, 6.8, 7.3], [-1.5, -1.7, -2.3, -2.6, -1.8, 0.6, 2.6])
    beard = smoothstep(0.5, -0.5, y - upper) * smoothstep(-9.8, -7.8, y)
    beard = gaussian_filter(beard, 3.0) * (1.0 - gaussian_filter(_filled(points[48:60]), 2.0))
    under_eye = np.maximum(
        *[np.exp(-((_distance_to_path(e[[3, 4, 5, 0]] - np.array([0.0, 0.75])) / 0.35) ** 2)) for e in eyes]
    )
    moustache = (
        beard
        * smoothstep(3.4, 2.6, np.abs(x))
        * np.maximum(smoothstep(-3.6, -3.2, y), smoothstep(2.2, 1.4, np.abs(x)) * smoothstep(-4.4, -4.8, y))
    )
    layers = (lips, brows, lash, shadow, np.clip(redness, 0, 1), beard, under_eye, moustache)
    drawn = (_oil(x, y), _blush(x, y), _wrinkles(x, y), _eyeliner(eyes))
    stack: Float32Array = np.stack([*layers, *drawn]).astype(np.float32)
    return stack


def _oil(x: AnyFloatArray, y: AnyFloatArray) -> AnyFloatArray:
    """Where skin shines: forehead, nose, chin, cheekbones."""
    spots = ((0, 8.0, 3.5, 1.6), (0, 1.5, 0.9, 2.6), (0, -6.2, 1.2, 0.9), (4.6, 1.0, 1.3, 0.9), (-4.6, 1.0, 1.3, 0.9))
    total = sum(np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2) for cx, cy, rx, ry in spots)
    result: AnyFloatArray = np.clip(total, 0.0, 1.0)
    return result


def _blush(x: AnyFloatArray, y: AnyFloatArray) -> AnyFloatArray:
    """Rouge on the cheekbones."""
    result: AnyFloatArray = np.exp(-(((np.abs(x) - 5.0) / 1.5) ** 2) - ((y - 0.4 - 0.3 * (np.abs(x) - 5.0)) / 1.1) ** 2)
    return result


def _wrinkles(x: AnyFloatArray, y: AnyFloatArray) -> AnyFloatArray:
    """Fine lines: forehead, between the brows, crow's feet, under the eyes, around the lips and the mouth."""
    side = np.abs(x)
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for k, height in enumerate((7.0, 7.7, 8.5, 9.3)):
        bend = 0.10 * np.sin(1.1 * x + 2.0 * k) - 0.02 * x**2
        total += np.exp(-(((y - height - bend) / 0.10) ** 2)) * smoothstep(5.0, 3.0, side) * (0.6 + 0.2 * k % 0.5)
    total += (
        np.exp(-(((side - 0.55 - 0.06 * (y - 5.5)) / 0.10) ** 2)) * smoothstep(4.6, 5.2, y) * smoothstep(7.2, 6.5, y)
    )
    for slope, start in ((0.45, 3.9), (0.12, 3.5), (-0.25, 3.1), (-0.6, 2.8)):
        line = y - start - slope * (side - 5.2)
        total += np.exp(-((line / 0.09) ** 2)) * smoothstep(5.0, 5.5, side) * smoothstep(7.2, 6.2, side)
    for drop in (1.3, 1.75):
        line = y - (3.1 - drop - 0.35 * np.cos((side - 3.1) / 1.2))
        total += 0.7 * np.exp(-((line / 0.09) ** 2)) * smoothstep(1.5, 2.2, side) * smoothstep(5.0, 4.2, side)
    line = side - np.interp(y, [-6.2, -3.6, -2.2, -0.6], [2.9, 3.4, 2.7, 1.8])
    total += 1.2 * np.exp(-((line / 0.13) ** 2)) * smoothstep(-6.3, -5.0, y) * smoothstep(0.2, -0.8, y)
    lip = smoothstep(2.2, 1.6, side) * (smoothstep(-2.7, -2.4, y) * smoothstep(-1.5, -1.9, y))
    total += 0.5 * lip * np.clip(np.sin(x * 17.0), 0.0, 1.0)
    result: AnyFloatArray = np.clip(gaussian_filter(total, 0.7), 0.0, 1.0)
    return result


def _eyeliner(eyes: list[AnyFloatArray]) -> AnyFloatArray:
    """A line on the upper lid that leaves the outer corner with a wing."""
    lines = []
    for eye in eyes:
        outer = eye[np.argmax(np.abs(eye[:, 0]))]
        inner = eye[np.argmin(np.abs(eye[:, 0]))]
        upper = sorted((p for p in eye if p[1] > 3.6), key=lambda p: -abs(float(p[0])))
        wing = outer + np.array([np.sign(outer[0]) * 0.8, 0.45])
        path = np.array([wing, outer, *upper, inner])
        lines.append(np.exp(-((_distance_to_path(path) / 0.11) ** 2)))
    result: AnyFloatArray = np.maximum(*lines)
    return result


def _brow(points: AnyFloatArray) -> AnyFloatArray:
    """A tapering strip along five landmarks of a brow."""
    inner = points[np.argmin(np.abs(points[:, 0]))]
    x = (MASK_LEFT + np.arange(MASK_WIDTH) * MASK_STEP)[None, :]
    taper = 0.36 - 0.05 * np.abs(x - inner[0])
    result: AnyFloatArray = np.exp(
        -((_distance_to_path(points + np.array([0.0, -0.12])) / np.maximum(taper, 0.1)) ** 4)
    )
    return result


@lru_cache(maxsize=1)
def noise_textures(size: int = 256) -> Float32Array:
    """(4, size, size) tileable noise, zero mean, unit deviation: white, fine (σ 1), coarse (4), very coarse (14)."""
    random = np.random.default_rng(20250117)
    layers = []
    for sigma in (0.0, 1.0, 4.0, 14.0):
        layer = (
            gaussian_filter(random.normal(size=(size, size)), sigma, mode="wrap")
            if sigma
            else random.normal(size=(size, size))
        )
        layers.append((layer - layer.mean()) / layer.std())
    textures: Float32Array = np.stack(layers).astype(np.float32)
    return textures
