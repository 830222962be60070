"""Where each pixel of a frame was some frames ago: dense motion by least squares, from coarse to fine.

Lucas and Kanade 1981, iterated over a pyramid (Bouguet 2000), on all channels of the encoder's maps at once: normals,
albedo and the matte have gradients in many directions, so that few windows are without a corner. What the light does
to a whole window (a brighter albedo) is taken out with the window's mean. There is nothing to learn in it, so it holds
for any encoder; what it gets wrong is for the network's gates to see.
"""

import torch
from torch import Tensor
from torch.nn import functional

from .texels import between_texels, reachable

LEVELS = (8, 4, 2, 1)
"""Pixels of a cell, from coarse to fine, in maps of 128²."""
STEPS = (2, 2, 2, 1)
"""Gauss–Newton steps at each level."""
WINDOW = 7
"""Cells along each side of the least squares' windows."""
STIFFNESS = 2e-3
"""Of the normal equations: where a window shows no more than this, the coarser level's motion stays."""
LARGEST_STEP = 1.0
"""Cells."""


def averaged(image: Tensor, side: int = WINDOW) -> Tensor:
    """Mean of (N, C, h, w) over windows of odd sides; at the border over what there is of them."""
    return functional.avg_pool2d(image, side, stride=1, padding=side // 2, count_include_pad=False)


def warped(image: Tensor, motion: Tensor) -> Tensor:
    """The image as the present sees it, by bilinear lookup; beyond the border the border goes on.

    Args:
        image: (N, C, h, w) of a past frame.
        motion: (N, 2, h, w) from where a pixel is to where it was, in units of half the picture's side (x right, y
            down).

    Returns:
        (N, C, h, w).
    """
    count, channels, height, width = image.shape
    x = torch.arange(width, device=image.device, dtype=image.dtype) + 0.5 * width * motion[:, 0]
    y = torch.arange(height, device=image.device, dtype=image.dtype)[:, None] + 0.5 * height * motion[:, 1]
    (left, along_x), (top, along_y) = reachable(x, width), reachable(y, height)
    picture = torch.arange(count, device=image.device)[:, None, None] * (height * width)
    corner = (picture + top.long() * width + left.long()).reshape(-1)
    pixels = image.permute(0, 2, 3, 1).reshape(-1, channels)
    seen = between_texels(pixels, width, corner, along_x.reshape(-1, 1), along_y.reshape(-1, 1))
    return seen.reshape(count, height, width, channels).permute(0, 3, 1, 2)


def gradients(image: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences per cell along x and y; the border is repeated."""
    wide = functional.pad(image, (1, 1, 1, 1), mode="replicate")
    return 0.5 * (wide[..., 1:-1, 2:] - wide[..., 1:-1, :-2]), 0.5 * (wide[..., 2:, 1:-1] - wide[..., :-2, 1:-1])


def gauss_newton_step(present: Tensor, past: Tensor, motion: Tensor) -> Tensor:
    """One step of the least squares at one level.

    Args:
        present: (N, C, h, w) features.
        past: (N, C, h, w) features of the past frame.
        motion: (N, 2, h, w) so far.

    Returns:
        (N, 2, h, w) motion, in the same units.
    """
    seen = warped(past, motion)
    seen = seen - averaged(seen)
    error = present - averaged(present) - seen
    along_x, along_y = gradients(seen)
    xx = averaged((along_x * along_x).sum(dim=1, keepdim=True)) + STIFFNESS
    yy = averaged((along_y * along_y).sum(dim=1, keepdim=True)) + STIFFNESS
    xy = averaged((along_x * along_y).sum(dim=1, keepdim=True))
    right_x = averaged((along_x * error).sum(dim=1, keepdim=True))
    right_y = averaged((along_y * error).sum(dim=1, keepdim=True))
    determinant = xx * yy - xy * xy
    step = torch.cat([yy * right_x - xy * right_y, xx * right_y - xy * right_x], dim=1) / determinant
    return motion + step.clamp(-LARGEST_STEP, LARGEST_STEP) * (2.0 / present.shape[-1])


def aligned_motion(present: Tensor, past: Tensor) -> Tensor:
    """Motion from the present to past frames.

    Args:
        present: (N, C, H, W) features of the present, one row for every past frame.
        past: (N, C, H, W) features of past frames.

    Returns:
        (N, 2, H, W) in units of half the picture's side; see `warped`.
    """
    motion = torch.zeros_like(functional.avg_pool2d(present[:, :2], 2 * LEVELS[0]))
    for cell, steps in zip(LEVELS, STEPS, strict=True):
        here, there = functional.avg_pool2d(present, cell), functional.avg_pool2d(past, cell)
        motion = functional.interpolate(motion, scale_factor=2.0, mode="bilinear")
        for _ in range(steps):
            motion = averaged(gauss_newton_step(here, there, motion), 3)
    return motion
