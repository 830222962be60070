"""A studio look: up to three lamps around a head, by angle, distance, size, level and colour."""

from __future__ import annotations

from math import pi
from typing import Any

import bpy

LAMPS = ("key", "fill", "rim")


def _changed(_settings: Any, context: Any) -> None:
    from .look_rig import update_rig

    update_rig(context.scene)


class LookLamp(bpy.types.PropertyGroup):  # type: ignore[misc]  # bpy ships no types
    """One lamp of a look."""

    __annotations__ = {
        "use": bpy.props.BoolProperty(name="Use", description="Whether the look has this lamp", update=_changed),
        "yaw": bpy.props.FloatProperty(
            name="Around",
            description="How far the lamp stands around the head: 0 is in front of the face, positive to the picture's "
            "right, 180 behind",
            subtype="ANGLE",
            soft_min=-pi,
            soft_max=pi,
            update=_changed,
        ),
        "pitch": bpy.props.FloatProperty(
            name="Height",
            description="How far the lamp stands above the eyes' level, as an angle at the head; negative is below",
            subtype="ANGLE",
            min=-pi / 2,
            max=pi / 2,
            update=_changed,
        ),
        "distance": bpy.props.FloatProperty(
            name="Distance",
            description="From the lamp to the head; the level stays, the softness changes",
            subtype="DISTANCE",
            default=1.5,
            min=0.3,
            soft_max=6.0,
            update=_changed,
        ),
        "size": bpy.props.FloatProperty(
            name="Size",
            description="Diameter of the lamp: small is hard light, large is soft",
            subtype="DISTANCE",
            default=0.5,
            min=0.01,
            soft_max=3.0,
            update=_changed,
        ),
        "level": bpy.props.FloatProperty(
            name="Light Level",
            description="How bright the lamp makes a white card that faces it at the head: 1 is white on the screen, "
            "one stop is a factor of two",
            default=1.0,
            min=0.0,
            soft_max=4.0,
            update=_changed,
        ),
        "colour": bpy.props.FloatVectorProperty(
            name="Colour",
            description="Colour of the lamp, scene-linear",
            subtype="COLOR",
            size=3,
            default=(1.0, 1.0, 1.0),
            min=0.0,
            soft_max=1.0,
            update=_changed,
        ),
    }


class Look(bpy.types.PropertyGroup):  # type: ignore[misc]  # bpy ships no types
    """All lamps of a look, and what becomes of the world's light."""

    __annotations__ = {
        "key": bpy.props.PointerProperty(
            name="Key Light", description="The lamp that makes the shape of the face", type=LookLamp
        ),
        "fill": bpy.props.PointerProperty(
            name="Fill Light", description="The lamp that opens the shadows", type=LookLamp
        ),
        "rim": bpy.props.PointerProperty(
            name="Rim Light", description="The lamp from behind that draws an edge", type=LookLamp
        ),
        "use_world": bpy.props.BoolProperty(
            name="World",
            description="Keep the world's light on the person under the lamps; off leaves the lamps alone, as in a "
            "dark studio",
            default=False,
        ),
    }
