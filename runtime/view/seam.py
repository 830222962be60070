"""Seams between two surfaces on one pixel grid: masks widened, gaps closed, shares feathered along a surface."""

from typing import TypeVar

import numpy as np

from ..arrays import BoolArray, Float32Array
from .border import smoothstep

Image = TypeVar("Image", Float32Array, BoolArray)

LARGEST_STEP = 0.008
"""Metres of depth between neighbouring pixels on one surface, in a view of 256 pixels."""
ROUNDED = (0.4, 0.7)
"""Mean cover around a pixel up to which it is outside a rounded outline, and from which it is inside."""

CORNER = 2
"""Pixels up to which corners that an opening takes off are put back."""


def widened(mask: BoolArray, reach: int) -> BoolArray:
    """(h, w) the mask and all pixels up to `reach` rows and columns away."""
    return largest_around(mask, reach)


def grown_within(seed: BoolArray, mask: BoolArray, reach: int) -> BoolArray:
    """(h, w) the seed and what of the mask is joined to it by paths within the mask of at most `reach` pixels."""
    grown = seed
    for _ in range(reach):
        before, grown = grown, seed | (widened(grown, 1) & mask)
        if np.array_equal(before, grown):
            break
    return grown


def opened_shares(shares: Float32Array, reach: int) -> Float32Array:
    """(h, w) 0..1 the shares without what is narrower than 2 · reach + 1 pixels: grey-scale opening (Serra 1982)."""
    return largest_around(-largest_around(-shares, reach), reach)


def grown_shares(seed: Float32Array, mask: Float32Array, reach: int) -> Float32Array:
    """(h, w) 0..1 the seed, and of the mask what is joined to it, no more than the weakest link between them.

    Grey-scale reconstruction (Vincent 1993, section 3), over paths of at most `reach` pixels.
    """
    grown = seed
    for _ in range(reach):
        before, grown = grown, np.maximum(seed, np.minimum(largest_around(grown, 1), mask))
        if np.array_equal(before, grown):
            break
    return grown


def without_crumbs(shares: Float32Array, solid: BoolArray) -> Float32Array:
    """(h, w) 0..1 what of the shares belongs to something broader than two pixels, what is solid beside it included.

    Of what stands behind a soft edge a pixel or two may peek out: hair would have dots beside it.

    Args:
        shares: (h, w) 0..1 what may hold crumbs.
        solid: (h, w) what holds none.
    """
    both = np.where(solid, np.float32(1), shares)
    return np.minimum(shares, grown_shares(opened_shares(both, 1), both, CORNER))


def closed(image: Float32Array, reach: int) -> Float32Array:
    """Grey-scale closing (Serra 1982): dips up to twice the reach wide are filled, outlines stay where they are."""
    padded = np.pad(image, 2 * reach, mode="edge")
    inner = slice(2 * reach, -2 * reach)
    filled: Float32Array = -largest_around(-largest_around(padded, reach), reach)[inner, inner]
    return filled


def averaged_around(image: Float32Array, reach: int) -> Float32Array:
    """Mean over squares of 2 · reach + 1 pixels; at the border the border is repeated."""
    for axis in (0, 1):
        padded = np.pad(image, [(reach, reach) if axis == other else (0, 0) for other in (0, 1)], mode="edge")
        size = image.shape[axis]
        total = np.zeros_like(image)
        for offset in range(2 * reach + 1):
            total += padded[offset : offset + size] if axis == 0 else padded[:, offset : offset + size]
        image = total * np.float32(1 / (2 * reach + 1))
    return image


def rounded(cover: Float32Array, solid: BoolArray, reach: int) -> Float32Array:
    """(h, w) cover without the stairs and spikes of its outline; where it meets what is solid it stays.

    Args:
        cover: (h, w) 0..1.
        solid: (h, w) what lies beside it and has its own outline.
        reach: pixels up to which a stair or a spike is one.
    """
    both = np.where(solid, np.float32(1), cover)
    mean = averaged_around(averaged_around(both, reach), reach)
    result: Float32Array = cover * smoothstep(*ROUNDED, mean)
    return result


def feathered(share: Float32Array, depth: Float32Array, reach: int) -> Float32Array:
    """Let a share fade out over its surroundings, along the surface and not across its edges.

    Args:
        share: (h, w) 0..1.
        depth: (h, w) metres.
        reach: pixels until nothing is left.

    Returns:
        (h, w) at least the share.
    """
    step = np.float32(LARGEST_STEP * 256 / depth.shape[0])
    # What is not joined passes on nothing.
    joined = [(np.abs(np.diff(depth, axis=axis)) < step).astype(np.float32) for axis in (1, 0)]
    fade = np.float32(1 / reach)
    result = share.copy()
    for _ in range(reach):
        before = np.maximum(result - fade, 0)
        for axis, passed in zip((1, 0), joined, strict=True):
            first, second = _neighbours(axis)
            np.maximum(result[second], passed * before[first], out=result[second])
            np.maximum(result[first], passed * before[second], out=result[first])
    return result


def _neighbours(axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Indices of all pixels but the last, and of all but the first, along an axis."""
    every, ahead, behind = slice(None), slice(None, -1), slice(1, None)
    return ((ahead, every), (behind, every)) if axis == 0 else ((every, ahead), (every, behind))


def largest_around(image: Image, reach: int) -> Image:
    """Maximum over squares of 2 · reach + 1 pixels."""
    for axis in (0, 1):
        reached = 0
        while reached < reach:
            # Windows that are shifted by no more than this overlap, also where the border cuts them off.
            offset = min(reached + 1, reach - reached)
            grown = image.copy()
            ahead, behind = slice(None, -offset), slice(offset, None)
            to, of = ((ahead, ...), (behind, ...)) if axis == 0 else ((..., ahead), (..., behind))
            np.maximum(grown[to], image[of], out=grown[to])
            np.maximum(grown[of], image[to], out=grown[of])
            image, reached = grown, reached + offset
    return image
