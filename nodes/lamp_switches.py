"""The scene's lamps on the node, each with a switch."""

from __future__ import annotations

from typing import Any

import bpy

from .relight_nodes import all_relight_nodes
from .translated import translated

MOST_SHOWN = 12

ICONS = {"SUN": "LIGHT_SUN", "POINT": "LIGHT_POINT", "SPOT": "LIGHT_SPOT", "AREA": "LIGHT_AREA"}


def lamps_in_question(node: Any, scene: Any) -> list[Any]:
    """The lamps that light the scene, of the node's collection where it has one."""
    within = node.lamp_collection.all_objects if node.lamp_collection else scene.objects
    return [lamp for lamp in within if lamp.type == "LIGHT" and not lamp.hide_render]


def draw_lamp_switches(node: Any, scene: Any, layout: Any) -> None:
    """One row per lamp."""
    lamps = lamps_in_question(node, scene)
    excluded = {entry.lamp for entry in node.excluded_lamps}
    column = layout.column(align=True)
    if not lamps:
        column.label(text="No lamps in the scene", icon="INFO")
    for lamp in lamps[:MOST_SHOWN]:
        lit = lamp not in excluded
        row = column.row(align=True)
        row.active = lit
        row.label(text=lamp.name, icon=ICONS.get(lamp.data.type, "LIGHT"))
        switch = row.operator(
            SwitchLamp.bl_idname, text="", icon="CHECKBOX_HLT" if lit else "CHECKBOX_DEHLT", emboss=False
        )
        switch.node_key, switch.lamp_name = node.node_tree.session_uid, lamp.name
    if len(lamps) > MOST_SHOWN:
        column.label(text=translated("and {count} more", count=len(lamps) - MOST_SHOWN), icon="BLANK1")


def switch_lamp(node: Any, lamp: Any) -> bool:
    """Let a lamp light the person no longer, or again.

    Returns:
        Whether it does now.
    """
    # Unlike other properties, a list that changes does not tell the dependency graph.
    node.id_data.update_tag()
    # Lamps that were deleted since leave empty entries behind.
    for index in reversed([i for i, entry in enumerate(node.excluded_lamps) if entry.lamp is None]):
        node.excluded_lamps.remove(index)
    for index, entry in enumerate(node.excluded_lamps):
        if entry.lamp == lamp:
            node.excluded_lamps.remove(index)
            return True
    node.excluded_lamps.add().lamp = lamp
    return False


class SwitchLamp(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Let this lamp light the person, or not."""

    bl_idname = "chiaro.switch_lamp"
    bl_label = "Switch Lamp"
    bl_description = "Let this lamp light the person, or not; other things in the scene keep its light"
    bl_options = {"UNDO", "INTERNAL"}  # noqa: RUF012 - Blender reads a set

    __annotations__ = {
        "node_key": bpy.props.IntProperty(
            name="Node", description="Session-wide number of the Relight node's inner tree", options={"HIDDEN"}
        ),
        "lamp_name": bpy.props.StringProperty(
            name="Lamp", description="Name of the lamp to switch on or off", options={"HIDDEN"}
        ),
    }

    def execute(self, _context: Any) -> set[str]:
        """Switch it."""
        node = next((node for node in all_relight_nodes() if node.node_tree.session_uid == self.node_key), None)
        lamp = bpy.data.objects.get(self.lamp_name)
        if node is None or lamp is None:
            return {"CANCELLED"}
        switch_lamp(node, lamp)
        from .refresh import schedule_refresh

        schedule_refresh()
        return {"FINISHED"}
