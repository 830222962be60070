"""One click for a File Output of all passes: wired, named, and finished into the channel names of the conventions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy

from ...nodes.blender_versions import add_multilayer_output, output_file_start
from ...nodes.pass_sockets import PASS_SOCKETS
from ...runtime.errors import OutputError
from .analysed_shot import active_relight_node
from .frame_walk import reporting_errors

MARK = "chiaro_passes"
"""Custom property of our File Output nodes: their files get the final channel names and the camera."""

RELIT_LAYER = "Relight"
FILE_NAME = "relight_####"
"""Without the hashes Blender 5 leaves the frame number out when it renders a still."""
HASHES = re.compile(r"#+(?=[^#]*$)")
DISTANCE = 340


class PassOutput(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Adds the File Output node."""

    bl_idname = "chiaro.pass_output"
    bl_label = "Output All Passes"
    bl_description = (
        "Wire every output of the Relight node to a multilayer EXR per frame, with the channel names compositors "
        "expect (Relight.R, Depth.Z, Normal.X …) and the camera in the header"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's way
    __annotations__ = {
        "directory": bpy.props.StringProperty(
            name="Folder",
            description="Folder of the files; // stands for the folder of the .blend file",
            subtype="DIR_PATH",
            default="//relight/",
        ),
    }

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """A file that was never saved has no folder beside it: ask for one."""
        if self.directory.startswith("//") and not bpy.data.filepath:
            self.properties.directory = ""
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        return self.execute(context)

    def execute(self, context: Any) -> set[str]:
        """Add the node."""
        return reporting_errors(self, lambda: self._add(context))

    def _add(self, context: Any) -> set[str]:
        found = active_relight_node(context)
        if not self.directory or (self.directory.startswith("//") and not bpy.data.filepath):
            raise OutputError(
                "The file is not saved yet, so there is no folder beside it for the passes; save it first, or choose "
                "a folder."
            )
        sockets = {layer_name(socket.name): found.node.outputs[socket.name] for socket in PASS_SOCKETS}
        node = add_multilayer_output(found.tree, Path(self.directory), FILE_NAME, sockets)
        node[MARK] = True
        node.label = "All Passes"
        node.location = (found.node.location.x + DISTANCE, found.node.location.y - 400)
        node.width = 220
        self.report({"INFO"}, f"Every frame that is rendered is written to {self.directory}{FILE_NAME}.exr.")
        return {"FINISHED"}


def layer_name(socket: str) -> str:
    """The EXR layer of an output: the relit image is called Relight, the others as their sockets."""
    return RELIT_LAYER if socket == "Image" else socket


def pass_file(node: Any, frame: int) -> Path:
    """The file that one of our File Output nodes writes on a frame."""
    start = Path(bpy.path.abspath(output_file_start(node)))
    name = start.name if "#" in start.name else f"{start.name}####"
    numbered = HASHES.sub(lambda hashes: f"{frame:0{len(hashes[0])}d}", name)
    return start.with_name(f"{numbered}.exr")


def pass_output_nodes(tree: Any) -> list[Any]:
    """Our File Output nodes in a tree."""
    return [
        node for node in tree.nodes if node.bl_idname == "CompositorNodeOutputFile" and MARK in node and not node.mute
    ]
