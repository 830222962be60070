"""The Relight node's properties, and their values at one frame."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any

import bpy

if TYPE_CHECKING:
    from ..runtime.head import HeadBox


def _is_camera(_node: Any, candidate: Any) -> bool:
    return bool(candidate.type == "CAMERA")


def _changed(_node: Any, _context: Any) -> None:
    from .refresh import schedule_refresh

    schedule_refresh()


NODE_PROPERTIES: dict[str, Any] = {
    "plate_camera": bpy.props.PointerProperty(
        name="Plate Camera",
        description="The camera the plate was shot with, matchmoved into the scene; empty takes the scene's camera. "
        "Its lens applies to the plate's own size and shape",
        type=bpy.types.Object,
        poll=_is_camera,
        update=_changed,
    ),
    "use_world": bpy.props.BoolProperty(
        name="World",
        description="Light the person with the scene's world",
        default=True,
        update=_changed,
    ),
    "use_lamps": bpy.props.BoolProperty(
        name="Lamps",
        description="Light the person with the scene's sun, point, spot and area lamps",
        default=True,
        update=_changed,
    ),
    "lamp_collection": bpy.props.PointerProperty(
        name="Lamp Collection",
        description="Use only the lamps in this collection and the collections in it; empty uses all lamps",
        type=bpy.types.Collection,
        update=_changed,
    ),
    "strength": bpy.props.FloatProperty(
        name="Strength",
        description="Factor on the new light; at 1 the person stands at the same exposure as CG in the scene",
        default=1.0,
        min=0.0,
        soft_max=4.0,
        update=_changed,
    ),
    "own_light_removal": bpy.props.FloatProperty(
        name="Own Light Removal",
        description="1 takes the light of the shoot out of the plate before relighting, "
        "0 leaves it under the new light",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
        update=_changed,
    ),
    "person": bpy.props.IntProperty(
        name="Person",
        description="Which head to relight when the plate shows several: 0 is the largest, 1 the next",
        default=0,
        min=0,
        update=_changed,
    ),
    "use_box": bpy.props.BoolProperty(
        name="Head Box",
        description="Give the place of the head by hand in place of finding it",
        default=False,
        update=_changed,
    ),
    "box_centre": bpy.props.FloatVectorProperty(
        name="Centre",
        description="Point midway between the ears: 0 to 1 across the plate from its left edge and up from its lower "
        "edge, as tracking markers have it",
        size=2,
        default=(0.5, 0.5),
        soft_min=0.0,
        soft_max=1.0,
        update=_changed,
    ),
    "box_size": bpy.props.FloatProperty(
        name="Size",
        description="Side of the square around head and shoulders (half a metre at the head), as a part of the plate's "
        "width",
        default=0.5,
        min=0.001,
        soft_max=2.0,
        update=_changed,
    ),
    "box_roll": bpy.props.FloatProperty(
        name="Roll",
        description="How far the head leans clockwise in the image",
        default=0.0,
        soft_min=-pi,
        soft_max=pi,
        subtype="ANGLE",
        update=_changed,
    ),
}


@dataclass(frozen=True)
class NodeSettings:
    """The values of a node's properties at one frame; fields as NODE_PROPERTIES, datablocks as originals."""

    plate_camera: Any | None
    use_world: bool
    use_lamps: bool
    lamp_collection: Any | None
    strength: float
    own_light_removal: float
    person: int
    use_box: bool
    box_centre: tuple[float, float]
    box_size: float
    box_roll: float

    def head_box(self, plate_width: int, plate_height: int) -> HeadBox | None:
        """The box given by hand in plate pixels, or None when the head is to be found."""
        if not self.use_box:
            return None
        from ..runtime.head import HeadBox

        return HeadBox(
            centre_x=self.box_centre[0] * plate_width,
            centre_y=(1.0 - self.box_centre[1]) * plate_height,
            half_size=self.box_size * plate_width / 2,
            roll=self.box_roll,
        )


def node_settings(node: Any) -> NodeSettings:
    """Read an evaluated node's properties."""
    return NodeSettings(
        plate_camera=node.plate_camera.original if node.plate_camera else None,
        use_world=node.use_world,
        use_lamps=node.use_lamps,
        lamp_collection=node.lamp_collection.original if node.lamp_collection else None,
        strength=node.strength,
        own_light_removal=node.own_light_removal,
        person=node.person,
        use_box=node.use_box,
        box_centre=(node.box_centre[0], node.box_centre[1]),
        box_size=node.box_size,
        box_roll=node.box_roll,
    )
