"""Blender's events: renders evaluate the nodes frame by frame, the interface refreshes them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .analysis_recorder import RECORDER
from .blender_versions import BLENDER_5
from .evaluate import evaluate_scene, fail_node, is_graph_busy
from .inner_tree import add_missing_inputs, image_nodes
from .mix_wiring import lacks_mix, wire_for_files
from .pass_images import drop_packed_pixels, forget_buffer
from .plate_shelf import SHELF
from .refresh import cancel_refresh, note_composited, preview_at_once, schedule_refresh
from .relight_inputs import Moment
from .relight_nodes import all_relight_nodes, relight_nodes
from .render_guard import GUARD
from .shot_status import SHOTS
from .status import BOARD

LOG = logging.getLogger("chiaro")

Handler = Callable[..., None]

PLACEHOLDER_LABEL = "Relight (Chiaro)"

ATTEMPTS = 40
PAUSE_SECONDS = 0.05


def lasting(handler: Handler) -> Handler:
    """Keep a handler when another file is loaded."""
    kept: Handler = persistent(handler)
    return kept


@lasting
def evaluate_for_render(scene: Any, _depsgraph: Any = None) -> None:
    """Write this frame's passes before the frame is rendered and composited."""
    if GUARD.busy or not scene.render.use_compositing or not relight_nodes(scene):
        return
    with GUARD.entered():
        _evaluate_with_retries(scene)


def _evaluate_with_retries(scene: Any) -> None:
    """In the interface a render runs beside the main thread, which may hold the dependency graph for a moment."""
    if any(lacks_mix(found) for found in relight_nodes(scene)):
        _fail(scene, "Mix was changed as the render began, too late for this frame; render again.")
        schedule_refresh()
        return
    for _ in range(ATTEMPTS):
        try:
            evaluate_scene(_evaluated_moment(scene))
            return
        except RuntimeError as error:
            if not is_graph_busy(error):
                LOG.exception("Relight failed on frame %d of %s", scene.frame_current, scene.name)
                _fail(scene, f"Relight met an error of its own ({error}); see the console.")
                return
            time.sleep(PAUSE_SECONDS)
    _fail(
        scene,
        "Blender kept evaluating the scene while Relight needed it; "
        "switch on Lock Interface in the Render menu and render again.",
    )


def _evaluated_moment(scene: Any) -> Moment:
    """The scene as keyframes and drivers have it on the frame that is about to render.

    What is animated is tagged first: a value that was changed by hand on the current frame and not keyed stays in the
    interface's graph, but a render does not use it.
    """
    view_layer = scene.view_layers[0]
    view_layer.update()
    for evaluated in view_layer.depsgraph.ids:
        if getattr(evaluated, "animation_data", None) is not None:
            evaluated.original.update_tag(refresh={"TIME"})
    view_layer.update()
    return Moment(scene, view_layer.depsgraph, scene.frame_current)


def _fail(scene: Any, message: str) -> None:
    for found in relight_nodes(scene):
        fail_node(found, scene, message)


@lasting
def refresh_on_frame(scene: Any, _depsgraph: Any = None) -> None:
    """The artist scrubs or plays."""
    if not GUARD.busy:
        schedule_refresh()
        preview_at_once(scene)


@lasting
def after_compositing(_scene: Any, _depsgraph: Any = None) -> None:
    """The viewers may be drawn."""
    note_composited()


@lasting
def refresh_on_change(scene: Any, depsgraph: Any = None) -> None:
    """A lamp, a camera, the world or a node changed."""
    if not GUARD.busy and relight_nodes(scene) and _matters(depsgraph):
        schedule_refresh()
        if BLENDER_5:  # It evaluates once more what a handler tags; Blender 4 runs its compositor from the tree alone.
            preview_at_once(scene)


def _matters(depsgraph: Any) -> bool:
    """Whether anything but our own images changed."""
    if depsgraph is None:
        return True
    ours = {carrier.image for node in all_relight_nodes() for carrier in image_nodes(node.node_tree)}
    return any(update.id.original not in ours for update in depsgraph.updates)


@lasting
def refresh_after_render(_scene: Any, _depsgraph: Any = None) -> None:
    """The images hold the last frame that was rendered; the interface shows another one."""
    if not GUARD.busy:
        schedule_refresh()


@lasting
def forget_after_undo(_scene: Any, _depsgraph: Any = None) -> None:
    """Undo may have put other pixels, or none, into the images."""
    BOARD.forget_pixels()
    schedule_refresh()


@lasting
def keep_pixels_out_of_the_file(*_arguments: Any) -> None:
    """The passes are computed again after loading, so the file does not carry them."""
    wire_for_files()
    packed = [drop_packed_pixels(node.node_tree) for node in all_relight_nodes()]
    if any(packed):
        BOARD.forget_pixels()
    schedule_refresh()


@lasting
def name_placeholders(*_arguments: Any) -> None:
    """Where the extension is missing, Blender draws a node it calls Undefined; a label in the file says which it is."""
    for node in all_relight_nodes():
        node.label = node.label or PLACEHOLDER_LABEL


@lasting
def unname_placeholders(*_arguments: Any) -> None:
    """With the extension the node has its title."""
    for node in all_relight_nodes():
        if node.label == PLACEHOLDER_LABEL:
            node.label = ""


@lasting
def prepare_loaded_file(*_arguments: Any) -> None:
    """Written pixels are not saved with a file: write them again."""
    BOARD.clear()
    SHOTS.clear()
    SHELF.clear()
    RECORDER.forget()
    unname_placeholders()
    prepare_file()


def prepare_file() -> None:
    """Make what the nodes need before any render, on the main thread, where making scenes is safe."""
    if not all_relight_nodes():
        return
    for node in all_relight_nodes():
        add_missing_inputs(node.node_tree)
    wire_for_files()
    from .scene_light import ensure_bake_scene

    ensure_bake_scene()
    schedule_refresh()


def remove_prepared() -> None:
    """Undo `prepare_file`."""
    from .scene_light import remove_bake_scene

    remove_bake_scene()


HANDLERS: tuple[tuple[str, Handler], ...] = (
    ("render_pre", evaluate_for_render),
    ("render_complete", refresh_after_render),
    ("render_cancel", refresh_after_render),
    ("frame_change_post", refresh_on_frame),
    ("composite_post", after_compositing),
    ("composite_cancel", after_compositing),
    ("depsgraph_update_post", refresh_on_change),
    ("undo_post", forget_after_undo),
    ("redo_post", forget_after_undo),
    ("save_pre", keep_pixels_out_of_the_file),
    ("save_pre", name_placeholders),
    ("save_post", unname_placeholders),
    ("load_post", prepare_loaded_file),
)


def register() -> None:
    """Install all handlers."""
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Remove all handlers and what they keep."""
    for name, handler in HANDLERS:
        installed = getattr(bpy.app.handlers, name)
        if handler in installed:
            installed.remove(handler)
    cancel_refresh()
    forget_buffer()
    BOARD.clear()
    SHOTS.clear()
    SHELF.clear()
    RECORDER.forget()
