"""Keeping the compositor's preview up to date while the artist works: on changes, never while nothing changes."""

from __future__ import annotations

from typing import Any

import bpy

from .evaluate import evaluate_scene, is_graph_busy
from .inner_tree import image_nodes, remove_unused_inner_trees
from .relight_inputs import Moment
from .relight_nodes import relight_nodes
from .render_guard import GUARD

DELAY_SECONDS = 0.05
"""Changes that come faster, as in a drag, are answered once."""

BUSY_SECONDS = 0.25
"""How long to wait before looking again while a render runs."""


def schedule_refresh() -> None:
    """Refresh soon, in the main loop; headless there is no preview, and renders evaluate for themselves."""
    if bpy.app.background or bpy.app.timers.is_registered(refresh):
        return
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
    try:
        for scene, view_layer in _visible_scenes():
            _refresh_scene(scene, view_layer)
    except RuntimeError as error:
        if is_graph_busy(error):
            return BUSY_SECONDS
        raise
    return None


def _refresh_scene(scene: Any, view_layer: Any) -> None:
    if not relight_nodes(scene):
        return
    scene.render.use_lock_interface = True  # Renders must not race with the interface for the dependency graph.
    with GUARD.entered():
        written = evaluate_scene(_moment(scene, view_layer))
    if written:
        show_written_images(scene)
    _redraw_node_editors()


def show_written_images(scene: Any) -> None:
    """Make the compositor run again on images that were just written.

    Blender 5 needs the tag on the images, Blender 4 the update of the trees; neither alone does it in all versions.
    """
    for found in relight_nodes(scene):
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


def _moment(scene: Any, view_layer: Any) -> Moment:
    view_layer.update()
    return Moment(scene, view_layer.depsgraph, scene.frame_current)


def _redraw_node_editors() -> None:
    for window in _windows():
        for area in window.screen.areas:
            if area.type == "NODE_EDITOR":
                area.tag_redraw()
