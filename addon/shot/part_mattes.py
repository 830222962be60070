"""Mattes of skin, hair, clothing and so on, written as Cryptomatte files and wired to Blender's Cryptomatte node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from ...nodes.relight_nodes import FoundNode
from ...runtime.errors import OutputError
from .analysed_shot import AnalysedFrame, active_relight_node
from .frame_walk import FrameWalk, WalkingOperator, shot_frames

FILE_NAME = "parts_"
COLOURS = (
    (0.80, 0.47, 0.33),
    (0.80, 0.10, 0.20),
    (0.90, 0.75, 0.10),
    (0.95, 0.95, 0.95),
    (0.35, 0.05, 0.10),
    (0.10, 0.30, 0.75),
    (0.15, 0.55, 0.25),
    (0.55, 0.30, 0.70),
)
"""Preview colour of each part, in the order of `runtime.parts.PARTS`; told apart by brightness too."""

DISTANCE = 340


class PartMattes(WalkingOperator):
    """Writes the mattes."""

    bl_idname = "chiaro.part_mattes"
    bl_label = "Part Mattes"
    bl_description = (
        "Write mattes of the person's skin, lips, brows, eyes, mouth, hair and clothing as Cryptomatte files, and add "
        "a Cryptomatte node to pick them with"
    )
    __annotations__ = {
        "directory": bpy.props.StringProperty(
            name="Folder",
            description="Folder of the files; // stands for the folder of the .blend file",
            subtype="DIR_PATH",
            default="//relight/",
        ),
        "whole_shot": bpy.props.BoolProperty(
            name="Over the Shot", description="Write every frame of the scene's range, not only this one", default=True
        ),
    }

    def invoke(self, context: Any, event: Any) -> set[str]:
        """A file that was never saved has no folder beside it: ask for one."""
        if self.directory.startswith("//") and not bpy.data.filepath:
            self.properties.directory = ""
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        result: set[str] = super().invoke(context, event)
        return result

    def frames(self, context: Any) -> Sequence[int]:
        """All frames of the shot, or this one."""
        self._folder()
        return shot_frames(context.scene, whole_shot=self.whole_shot)

    def visited(self, frame: AnalysedFrame) -> None:
        """Write a frame's mattes."""
        import numpy as np

        from ...runtime.compose.part_mattes import plate_parts
        from ...runtime.output.cryptomatte import write_cryptomatte
        from ...runtime.parts import PARTS

        coverage = plate_parts(frame.plate.image, frame.encoding)
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{FILE_NAME}{frame.number:04d}.exr"
        write_cryptomatte(path, coverage, PARTS, np.array(COLOURS, np.float32), frame=frame.number)

    def finish(self, context: Any, walk: FrameWalk) -> None:
        """Wire the files to a Cryptomatte node."""
        numbers = [frame.number for frame in walk.analysed]
        found = active_relight_node(context)
        node = _cryptomatte_node(found, self._folder() / f"{FILE_NAME}{numbers[0]:04d}.exr", numbers)
        self.report({"INFO"}, f"Wrote mattes of {len(numbers)} frames; pick a part in the node {node.name!r}.")

    def _folder(self) -> Path:
        if not self.directory or (self.directory.startswith("//") and not bpy.data.filepath):
            raise OutputError(
                "The file is not saved yet, so there is no folder beside it for the mattes; save it first, or choose "
                "a folder."
            )
        return Path(bpy.path.abspath(self.directory))


def _cryptomatte_node(found: FoundNode, path: Path, numbers: Sequence[int]) -> Any:
    """A Cryptomatte node that shows the files."""
    image = bpy.data.images.load(str(path), check_existing=True)
    node = found.tree.nodes.new("CompositorNodeCryptomatteV2")
    node.source = "IMAGE"
    node.image = image
    if len(numbers) > 1:
        image.source = "SEQUENCE"
        node.frame_start, node.frame_offset = numbers[0], numbers[0] - 1
        node.frame_duration = numbers[-1] - numbers[0] + 1
        node.use_auto_refresh = True
    node.matte_id = "skin"
    node.location = (found.node.location.x + DISTANCE, found.node.location.y + 320)
    plate = found.node.inputs["Image"].links
    if plate:
        found.tree.links.new(plate[0].from_socket, node.inputs["Image"])
    return node
