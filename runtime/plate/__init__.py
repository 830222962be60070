"""Plates: stills, image sequences and movies read into scene-linear Rec.709."""

from .colour import ColourSpace
from .frame_mapping import plate_frame_for_scene_frame
from .opening import PlateKind, open_plate
from .plate import Plate, PlateFrame

__all__ = ["ColourSpace", "Plate", "PlateFrame", "PlateKind", "open_plate", "plate_frame_for_scene_frame"]
