"""The field: the head in three dimensions, read from tri-planes, seen from any camera."""

from .carved_field import CarvedField, PointField
from .field import Field
from .grid import DistanceGrid, distance_grid
from .planes import FieldPlanes, planes_of_outputs
from .render import FieldView, render_field

__all__ = [
    "CarvedField",
    "DistanceGrid",
    "Field",
    "FieldPlanes",
    "FieldView",
    "PointField",
    "distance_grid",
    "planes_of_outputs",
    "render_field",
]
