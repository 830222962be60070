"""The field: the head in three dimensions, read from tri-planes, seen from any camera."""

from .field import Field, FieldPlanes
from .grid import DistanceGrid, distance_grid
from .render import FieldView, render_field

__all__ = ["DistanceGrid", "Field", "FieldPlanes", "FieldView", "distance_grid", "render_field"]
