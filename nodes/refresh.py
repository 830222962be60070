"""Keeping the compositor's preview up to date while the artist works: on changes, never while nothing changes.

While something is dragged or the timeline moves, nodes of preview quality show a coarse picture; the final one follows
as soon as nothing has changed for a moment.
"""

from __future__ import annotations

import time
from typing import Any

import bpy

from .blender_versions import BLENDER_5
from .evaluate import evaluate_node, is_graph_busy
from .inner_tree import image_nodes, remove_unused_inner_trees
from .mix_wiring import wire_for_interface
from .relight_inputs import Moment
from .relight_nodes import FoundNode, relight_nodes
from .render_guard import GUARD
from .shot_status import look_at_shots
from .status import BOARD, Status

DELAY_SECONDS = 0.005
"""Changes that come faster are answered once."""

BUSY_SECONDS = 0.25
"""How long to wait before looking again while a render runs."""

REST_SECONDS = 0.3
"""Without a change for so long, nothing is being dragged."""

LOOK_SECONDS = 0.004
"""How often to look whether the compositor is done."""

LONGEST_COMPOSITE = 2.0
"""Seconds after which it is left to Blender to show the result."""

COMPOSITED_IMAGES = frozenset({"COMPOSITING", "RENDER_RESULT"})
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
    for timer in (refresh, show_composited):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)


def preview_at_once(scene: Any) -> None:
    """Bring previews up to date while Blender still tells of a change, before it draws its editors and composites.

    After a change of frame the compositor would otherwise run on the pixels of the frame before, and then once more.
    What takes a network or a bake is left to `refresh`, which follows.
    """
    if bpy.app.background or bpy.app.is_job_running("RENDER"):
        return
    for visible, view_layer in _visible_scenes():
        found = [node for node in relight_nodes(visible) if node.node.quality == "PREVIEW"] if visible == scene else []
        with GUARD.entered(may_bake=False):
            moment = Moment(scene, view_layer.depsgraph, scene.frame_current, dragging=True)
            written = [node for node in found if evaluate_node(node, moment)]
        _show(written)


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
    said = _sentences(found)
    with GUARD.entered():
        written = [node for node in found if evaluate_node(node, _moment(scene, view_layer, node, dragging))]
    _show(written)
    if not dragging:
        look_at_shots(scene, view_layer.depsgraph)
    if not dragging or _sentences(found) != said:
        redraw_node_editors()
    return dragging or any(_is_coarse(node) for node in written)


def _is_coarse(found: FoundNode) -> bool:
    evaluated = BOARD.get(found.key)
    return evaluated is not None and evaluated.reduction > 1


def _sentences(found: list[FoundNode]) -> list[Status | None]:
    evaluated = [BOARD.get(node.key) for node in found]
    return [entry.status if entry else None for entry in evaluated]


def _moment(scene: Any, view_layer: Any, found: FoundNode, dragging: bool) -> Moment:
    # What is new is shown coarse first, however late the timer comes on a busy machine.
    coarse = found.node.quality == "PREVIEW"
    return Moment(scene, view_layer.depsgraph, scene.frame_current, dragging=coarse and dragging, coarse_first=coarse)


def _show(written: list[FoundNode]) -> None:
    """Let the compositor run on what was written, and the viewers show what comes of it."""
    for node in written:
        show_written_images(node)
    if written:
        COMPOSITOR.awaited = time.monotonic()
        if not bpy.app.timers.is_registered(show_composited):
            bpy.app.timers.register(show_composited, first_interval=LOOK_SECONDS)


class _Compositor:
    """When the compositor last had something new to do, and when it was last done."""

    def __init__(self) -> None:
        self.awaited = self.done = 0.0


COMPOSITOR = _Compositor()


def note_composited() -> None:
    """The compositor is done; called from its own thread."""
    COMPOSITOR.done = time.monotonic()


def show_composited() -> float | None:
    """Timer: redraw the viewers as soon as the compositor is done; Blender itself looks ten times a second only."""
    now = time.monotonic()
    if COMPOSITOR.done >= COMPOSITOR.awaited:
        redraw_viewers()
        return None
    return LOOK_SECONDS if now < COMPOSITOR.awaited + LONGEST_COMPOSITE else None


def show_written_images(found: FoundNode) -> None:
    """Make the compositor run again on images that were just written.

    Blender 5 needs the tag on the images. Blender 4 needs the update of the trees, which also draws all nodes again.
    """
    for carrier in image_nodes(found.node.node_tree):
        carrier.image.update()
        carrier.image.update_tag()
    if BLENDER_5:
        return
    found.node.node_tree.interface_update(bpy.context)
    for use in found.path:
        use.tree.interface_update(bpy.context)
    found.tree.interface_update(bpy.context)


def _visible_scenes() -> list[tuple[Any, Any]]:
    visible = {window.scene.session_uid: (window.scene, window.view_layer) for window in _windows()}
    return list(visible.values())


def _windows() -> list[Any]:
    return [window for manager in bpy.data.window_managers for window in manager.windows]


def redraw_viewers() -> None:
    """Show what was composited, in image editors and behind nodes."""
    for window in _windows():
        for area in window.screen.areas:
            space = area.spaces.active
            if (area.type == "IMAGE_EDITOR" and getattr(space.image, "type", "") in COMPOSITED_IMAGES) or (
                area.type == "NODE_EDITOR" and space.show_backdrop
            ):
                area.tag_redraw()


def redraw_node_editors() -> None:
    """Show what the nodes say now."""
    for window in _windows():
        for area in window.screen.areas:
            if area.type == "NODE_EDITOR":
                area.tag_redraw()
