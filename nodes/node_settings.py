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


QUALITIES = (
    ("PREVIEW", "Preview", "Show a coarser picture while something is dragged or the timeline moves, and the final one "
     "as soon as it rests. Renders are always final"),
    ("FINAL", "Final", "Show the final picture at every change, however long it takes"),
)  # fmt: skip

TURNED_VIEWS = (
    ("STANDARD", "Standard", "256 pixels across head and shoulders"),
    ("FINE", "Fine", "512 pixels, for finer outlines; a turned view takes three times as long"),
)

ABSENCES = (
    ("ERROR", "Mark the Frame", "Fill the frame with magenta, so that a person who was not found is not overlooked"),
    ("PLATE", "Show the Plate", "Show the plate as it is with an empty matte, for a person who walks out of the frame "
     "and comes back"),
)  # fmt: skip


class ExcludedLamp(bpy.types.PropertyGroup):  # type: ignore[misc]  # bpy ships no types
    """A lamp that does not light the person."""

    __annotations__ = {
        "lamp": bpy.props.PointerProperty(
            name="Lamp",
            description="A lamp of the scene that does not light the person",
            type=bpy.types.Object,
        ),
    }


NODE_PROPERTIES: dict[str, Any] = {
    "quality": bpy.props.EnumProperty(
        name="Quality",
        description="How much the node takes time for while the artist works",
        items=QUALITIES,
        default="PREVIEW",
        update=_changed,
    ),
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
    "excluded_lamps": bpy.props.CollectionProperty(
        name="Excluded Lamps",
        description="Lamps of the scene that do not light the person",
        type=ExcludedLamp,
    ),
    "show_lamps": bpy.props.BoolProperty(
        name="Show Lamps",
        description="List the scene's lamps on the node, each with a switch",
        default=False,
    ),
    "strength": bpy.props.FloatProperty(
        name="Strength",
        description="Factor on the new light; at 1 the person stands at the same exposure as CG in the scene",
        default=1.0,
        min=0.0,
        soft_max=4.0,
        update=_changed,
    ),
    "plate_light": bpy.props.FloatProperty(
        name="Plate Light",
        description="Factor on the light of the shoot, which stays beside the scene's: 1 adds the scene's light to the "
        "plate as it was shot, 0 puts the scene's light in its place",
        default=0.0,
        min=0.0,
        soft_max=1.0,
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
    "turned_views": bpy.props.EnumProperty(
        name="Turned Views",
        description="How finely the person is seen by a camera that is not the plate's. The plate's own view is as "
        "fine as the plate either way",
        items=TURNED_VIEWS,
        default="STANDARD",
        update=_changed,
    ),
    "steady": bpy.props.BoolProperty(
        name="Steady",
        description="Let the frames before this one steady what is estimated of the person, so that shading and mattes "
        "do not flicker; nothing is carried over a cut. Shown where the weights hold the network for it",
        default=True,
        update=_changed,
    ),
    "person": bpy.props.IntProperty(
        name="Person",
        description="Which head to relight when the plate shows several: 0 is the largest, 1 the next",
        default=0,
        min=0,
        update=_changed,
    ),
    "absence": bpy.props.EnumProperty(
        name="If Absent",
        description="What a frame shows in which the person is not found",
        items=ABSENCES,
        default="ERROR",
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
    "box_clip": bpy.props.PointerProperty(
        name="Clip",
        description="Movie clip with a track that follows the head; its marker takes the place of Centre",
        type=bpy.types.MovieClip,
        update=_changed,
    ),
    "box_track": bpy.props.StringProperty(
        name="Track",
        description="Track of the clip that follows the head, on the bridge of the nose or between the eyes",
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
    excluded_lamps: frozenset[Any]
    strength: float
    plate_light: float
    own_light_removal: float
    turned_views: str
    steady: bool
    person: int
    absence: str
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


def node_settings(node: Any, scene_frame: int) -> NodeSettings:
    """Read an evaluated node's properties.

    Raises:
        SceneError: the track that the head box follows is not there at this frame.
    """
    return NodeSettings(
        plate_camera=node.plate_camera.original if node.plate_camera else None,
        use_world=node.use_world,
        use_lamps=node.use_lamps,
        lamp_collection=node.lamp_collection.original if node.lamp_collection else None,
        excluded_lamps=frozenset(entry.lamp.original for entry in node.excluded_lamps if entry.lamp),
        strength=node.strength,
        plate_light=node.plate_light,
        own_light_removal=node.own_light_removal,
        turned_views=node.turned_views,
        steady=node.steady,
        person=node.person,
        absence=node.absence,
        use_box=node.use_box,
        box_centre=box_centre(node, (node.box_centre[0], node.box_centre[1]), scene_frame),
        box_size=node.box_size,
        box_roll=node.box_roll,
    )


def box_centre(node: Any, given: tuple[float, float], scene_frame: int) -> tuple[float, float]:
    """The head box's centre at a frame of the scene: the tracked one, else the one given by hand.

    Args:
        node: the Relight node, evaluated or not.
        given: the value of its Centre at the frame.
        scene_frame: the frame.

    Raises:
        SceneError: the track is not there at this frame.
    """
    if not node.use_box or node.box_clip is None or not node.box_track:
        return given
    return track_position(node.box_clip.original, node.box_track, scene_frame)


def track_position(clip: Any, track_name: str, scene_frame: int) -> tuple[float, float]:
    """Where a track is, 0 to 1 across the clip from its left edge and up from its lower edge.

    Raises:
        SceneError: there is no such track, or its marker is missing or disabled at this frame.
    """
    from ..runtime.errors import SceneError

    objects = clip.tracking.objects
    track = next((entry.tracks[track_name] for entry in objects if track_name in entry.tracks), None)
    if track is None:
        raise SceneError(
            f"The clip {clip.name!r} has no track {track_name!r}; choose one of its tracks for the head box."
        )
    marker = track.markers.find_frame(scene_frame - clip.frame_start + 1)
    if marker is None or marker.mute:
        raise SceneError(
            f"The track {track_name!r} has no marker at frame {scene_frame}; track the head there too, or key the "
            "head box by hand."
        )
    return float(marker.co[0]), float(marker.co[1])
