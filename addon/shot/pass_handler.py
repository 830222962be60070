"""After each rendered frame: the files of our File Output nodes get their final channel names and the camera."""

from __future__ import annotations

import logging
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ...nodes.blender_versions import compositor_tree
from ...nodes.render_region import render_region
from ...nodes.scene_camera import camera_from_object, render_grid
from ...runtime.errors import ChiaroError
from .pass_output import pass_file, pass_output_nodes

LOG = logging.getLogger("chiaro")


@persistent  # type: ignore[untyped-decorator]  # bpy ships no types
def finish_passes(scene: Any, _depsgraph: Any = None) -> None:
    """Rewrite this frame's pass files."""
    tree = compositor_tree(scene)
    nodes = pass_output_nodes(tree) if tree is not None and scene.render.use_compositing else []
    for node in nodes:
        try:
            _finish(scene, node)
        except (ChiaroError, RuntimeError) as error:
            # A render must not stop for a file's names: the file stays as Blender wrote it, and the console says so.
            LOG.error("%s, frame %d, %s: %s", scene.name, scene.frame_current, node.name, error)


def _finish(scene: Any, node: Any) -> None:
    path = pass_file(node, scene.frame_current)
    if not path.exists() or scene.camera is None:
        return
    from .pass_channels import finish_pass_file

    region = render_region(scene)
    camera = camera_from_object(scene.camera, scene.view_layers[0].depsgraph, render_grid(scene))
    finish_pass_file(path, camera, scene.frame_current, left=region.left, top=region.top)


def add_handler() -> None:
    """Install."""
    bpy.app.handlers.render_post.append(finish_passes)


def remove_handler() -> None:
    """Remove."""
    if finish_passes in bpy.app.handlers.render_post:
        bpy.app.handlers.render_post.remove(finish_passes)
