"""The part of the render that the compositor gets."""

from dataclasses import dataclass
from typing import Any

from .scene_camera import render_grid


@dataclass(frozen=True)
class RenderRegion:
    """A window into the render's pixels.

    Attributes:
        left: pixels from the render's left edge.
        top: pixels from its top edge.
        width: pixels.
        height: pixels.
    """

    left: int
    top: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """The window's rows of an image of the render's size."""
        return slice(self.top, self.top + self.height)

    @property
    def columns(self) -> slice:
        """The window's columns of an image of the render's size."""
        return slice(self.left, self.left + self.width)


def render_region(scene: Any) -> RenderRegion:
    """The whole render, or its border where the scene crops to it; borders are cut to whole pixels as by Blender."""
    grid, render = render_grid(scene), scene.render
    if not (render.use_border and render.use_crop_to_border):
        return RenderRegion(0, 0, grid.width, grid.height)
    left, right = int(render.border_min_x * grid.width), int(render.border_max_x * grid.width)
    bottom, top = int(render.border_min_y * grid.height), int(render.border_max_y * grid.height)
    return RenderRegion(left, grid.height - top, max(1, right - left), max(1, top - bottom))
