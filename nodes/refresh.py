"""Keeping the compositor's preview up to date while the artist works: on changes, never while nothing changes.

While something is dragged or the timeline moves, nodes of preview quality show a coarse picture; the final one follows
as soon as nothing has changed for a moment.
"""

from __future__ import annotations

import time
from typing import Any

import bpy

from .evaluate import evaluate_node, is_graph_busy
from .inner_tree import image_nodes, remove_unused_inner_trees
from .mix_wiring import wire_for_interface
from .relight_inputs import Moment
from .relight_nodes import FoundNode, relight_nodes
from .render_guard import GUARD
from .shot_status import look_at_shots

DELAY_SECONDS = 0.005
"""Changes that come faster are answered once."""

BUSY_SECONDS = 0.25
"""How long to wait before looking again while a render runs."""

REST_SECONDS = 0.3
"""Without a change for so long, nothing is being dragged."""

TRANSFORMS = "TRANSFORM_OT_"


class _Changes:
    """When the scene changed last."""

    def __init__(self) -> None:
        self.last = 0.0

    def rest_needed(self) -> float:
        """Seconds until it will have rested, if nothing changes any more."""
        return max(0.0, self.last + REST_SECONDS - time.monotonic())


CHANGES = _Changes()


def schedule_refresh() -> None:
    """Refresh soon, in the main loop; headless there is no preview, and renders evaluate for themselves."""
    if bpy.app.background:
        return
    CHANGES.last = time.monotonic()
    if bpy.app.timers.is_registered(refresh):
        # It may be waiting for rest; a change is answered at once.
        bpy.app.timers.unregister(refresh)
    bpy.app.timers.register(refresh, first_interval=DELAY_SECONDS)


def cancel_refresh() -> None:
    """Forget a scheduled refresh."""
    if bpy.app.timers.is_registered(refresh):
        bpy.app.timers.unregister(refresh)


def refresh() -> float | None:
    """Timer: bring the nodes of the visible scenes up to date.

    Returns:
        Seconds until the next call, or None when done.
    """
    if bpy.app.is_job_running("RENDER") or GUARD.busy:
        return BUSY_SECONDS
    remove_unused_inner_trees()
    dragging = is_dragging()
    try:
        coarse = [_refresh_scene(scene, view_layer, dragging) for scene, view_layer in _visible_scenes()]
    except RuntimeError as error:
        if is_graph_busy(error):
            return BUSY_SECONDS
        raise
    if any(coarse):
        return max(CHANGES.rest_needed(), DELAY_SECONDS)
    return None


def is_dragging() -> bool:
    """Whether the artist is about to change more: something changed just now, is being moved, or plays."""
    if CHANGES.rest_needed() > 0:
        return True
    return any(
        window.screen.is_animation_playing
        or any(operator.bl_idname.startswith(TRANSFORMS) for operator in window.modal_operators)
        for window in _windows()
    )


def _refresh_scene(scene: Any, view_layer: Any, dragging: bool) -> bool:
    """Bring a scene up to date; returns whether a final picture has to follow."""
    found = relight_nodes(scene)
    if not found:
        return False
    if not scene.render.use_lock_interface:  # Setting it, even to what it is, counts as a change of the scene.
        scene.render.use_lock_interface = True  # Renders must not race with the interface for the dependency graph.
    for node in found:
        wire_for_interface(node)
    view_layer.update()
    with GUARD.entered():
        written = [node for node in found if evaluate_node(node, _moment(scene, view_layer, node, dragging))]
    for node in written:
        show_written_images(node)
    if not dragging:
        look_at_shots(scene, view_layer.depsgraph)
    if written or not dragging:
        redraw_node_editors()
    return dragging


def _moment(scene: Any, view_layer: Any, found: FoundNode, dragging: bool) -> Moment:
    coarse = dragging and found.node.quality == "PREVIEW"
    return Moment(scene, view_layer.depsgraph, scene.frame_current, dragging=coarse)


def show_written_images(found: FoundNode) -> None:
    """Make the compositor run again on images that were just written.

    Blender 5 needs the tag on the images, Blender 4 the update of the trees; neither alone does it in all versions.
    """
    for carrier in image_nodes(found.node.node_tree):
        carrier.image.update()
        carrier.image.update_tag()
    found.node.node_tree.interface_update(bpy.context)
    for use in found.path:
        use.tree.interface_update(bpy.context)
    found.tree.interface_update(bpy.context)


def _visible_scenes() -> list[tuple[Any, Any]]:
    visible = {window.scene.session_uid: (window.scene, window.view_layer) for window in _windows()}
    return list(visible.values())


def _windows() -> list[Any]:
    return [window for manager in bpy.data.window_managers for window in manager.windows]


def redraw_node_editors() -> None:
    """Show what the nodes say now."""
    for window in _windows():
        for area in window.screen.areas:
            if area.type == "NODE_EDITOR":
                area.tag_redraw()
