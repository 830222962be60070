"""Bilinear lookup by whole texels, all channels at once: quicker on a CPU than ONNX's GridSample."""

from torch import Tensor


def between_texels(texels: Tensor, width: int, corner: Tensor, across: Tensor, down: Tensor) -> Tensor:
    """(P, C) between four texels each.

    Every execution provider of onnxruntime gathers, in float32; its GridSample on a CPU goes through channels one by
    one.

    Args:
        texels: (T, C) of images, row by row.
        width: of an image.
        corner: (P,) whole numbers, which texel is the upper left one; its neighbours right and down are in the image.
        across: (P, 1) 0..1 how far right of it.
        down: (P, 1) 0..1 how far down.
    """
    seen = texels.index_select(0, corner) * ((1.0 - across) * (1.0 - down))
    seen = seen + texels.index_select(0, corner + 1) * (across * (1.0 - down))
    seen = seen + texels.index_select(0, corner + width) * ((1.0 - across) * down)
    return seen + texels.index_select(0, corner + width + 1) * (across * down)


def reachable(place: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The texel before each place along a row or column of `count`, and the share of the next; the border goes on.

    The last texel is reached as a neighbour, so that every texel has one.
    """
    inside = place.clamp(0.0, count - 1.0)
    before = inside.floor().clamp(max=count - 2.0)
    return before, inside - before
