"""The plate's colours along the person's outline, where what is painted goes on beside them.

A matte is right to a few pixels of the crop, and a plate's pixels along an outline are part background. From the
plate's own camera nobody sees it: there the background goes on beside them. Turned, they would stand as a bright or
dark seam in the middle of the hair.
"""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..crop import box_reduced, sample_bilinear, transform_pixels
from ..encoding import Encoding, per_encoding
from ..gbuffer import GBuffer
from .border import smoothstep
from .extension import nearest_inside, push_pull
from .seam import grown_within, largest_around, widened
from .view_camera import pixels_of_view

FIRM = 0.9
"""Matte below which a pixel is outside of the person or on the edge."""
FRINGE = (1.0, 4.0)
"""Pixels of the crop inside the outline up to which colours are part background, and from which they are the person's
alone."""
WIDE_FRINGE = (6.0, 10.0)
"""The same of pixels that look more like the background beside them than like the person."""
SURELY_BACKGROUND = 0.1
"""Matte up to which a pixel of the crop is all background."""
DECISIVE_CONTRAST = (0.02, 0.1)
"""Difference of brightness, sRGB-encoded, between person and background from which it tells them apart."""
PERSON_PLACE = (0.7, 1.0)
"""From background (0) to person (1): below the first a pixel is a wide fringe, above the second it is none."""
BESIDE = 3
"""Pixels of a view of 256 from what is painted to where the fringe begins."""
REACH = 24
"""Pixels of a view of 256 over which the fringe may be drawn out."""


def outline_fringe(seen: GBuffer, encoding: Encoding, firm: BoolArray, painted: BoolArray) -> Float32Array:
    """(h, w) 0..1 how little the plate's colours are to be shown: along its outline, beside what is painted.

    Args:
        seen: the plate's surface as a moved camera sees it.
        encoding: of the plate frame.
        firm: (h, w) where that surface is met well inside its matte, and on the plate.
        painted: (h, w) where the field stands in for what the plate never saw.
    """
    fringe = np.zeros_like(seen.matte)
    if not painted.any():
        return fringe
    pixels = transform_pixels(encoding.crop.crop_from_plate, seen.plate_pixels[firm])
    fringe[firm] = sample_bilinear(_near_outline(encoding), pixels / 2)
    seeds = widened(painted, pixels_of_view(BESIDE, seen.camera)) & (fringe > 0)
    return fringe * grown_within(seeds, fringe > 0, pixels_of_view(REACH, seen.camera))


@per_encoding
def _near_outline(encoding: Encoding) -> Float32Array:
    """(h / 2, w / 2) over the crop: 1 on the outline, 0 where colours are the person's alone."""
    matte = box_reduced(encoding.matte, 2)
    outside = nearest_inside(matte < FIRM, int(WIDE_FRINGE[1] / 2) + 1)
    row, column = np.divmod(outside.index.reshape(matte.shape), matte.shape[1])
    own_row, own_column = np.indices(matte.shape)
    distance = 2 * np.hypot(row - own_row, column - own_column).astype(np.float32)
    near = np.where(outside.reached, 1 - smoothstep(*FRINGE, distance), np.float32(0))
    if encoding.luminance is None:
        return near
    wide = np.where(outside.reached, 1 - smoothstep(*WIDE_FRINGE, distance), np.float32(0))
    fringe: Float32Array = np.maximum(near, wide * background_likeness(encoding.luminance, matte))
    return fringe


def background_likeness(luminance: Float32Array, matte: Float32Array) -> Float32Array:
    """(h, w) 1 where a picture is as bright as the background beside it, 0 where as the person or both are alike.

    The place on the line from background to person is the matte's estimate of blue-screen matting (Smith and Blinn
    1996, section 3).

    Args:
        luminance: (h, w) sRGB-encoded.
        matte: (h, w) on the same pixels.
    """
    deep = 1 - largest_around(1 - matte, max(1, round(WIDE_FRINGE[1] * matte.shape[0] / 256)))
    far = 1 - largest_around(matte, 1)
    person = push_pull(luminance[None], smoothstep(FIRM, 1.0, deep))[0]
    background = push_pull(luminance[None], smoothstep(1 - SURELY_BACKGROUND, 1.0, far))[0]
    towards_person = person - background
    decided = smoothstep(*DECISIVE_CONTRAST, np.abs(towards_person))
    place = (luminance - background) / np.where(np.abs(towards_person) < 1e-3, np.float32(1), towards_person)
    likeness: Float32Array = decided * (1 - smoothstep(*PERSON_PLACE, place))
    return likeness
