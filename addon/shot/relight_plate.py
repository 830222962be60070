"""Relight Plate: from a plate to a shot that is ready to be lit, in one step that Ctrl-Z takes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ...nodes.blender_versions import compositor_tree, ensure_compositor_tree, ensure_render_output
from ...nodes.relight_inputs import Moment
from ...nodes.relight_nodes import RELIGHT_NODE, FoundNode
from ...runtime.errors import HeadError, SceneError
from .analysed_shot import AnalysedFrame, analyse_frame
from .frame_walk import reporting_errors
from .head_empty import ensure_head_empty, place_empty
from .neutral_world import ensure_neutral_world, is_plain, level_neutral_world
from .plate_choice import Lens, PlateFacts, is_clip, load_plate, plate_facts, plate_in_editor
from .shot_scene import add_plate_camera, follow_scene, match_scene, show_plate_unchanged, stand_head_at_origin

COLUMN, ROW = 320, 260
"""Distance of nodes from one another."""


class RelightPlate(bpy.types.Operator):  # type: ignore[misc]  # bpy ships no types
    """Sets a shot up around a plate."""

    bl_idname = "chiaro.relight_plate"
    bl_label = "Relight Plate"
    bl_description = (
        "Set the shot up around a plate with a person in it: a camera that matches, the plate wired to a Relight "
        "node, light from the world, and an Empty on the head at true scale"
    )
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender's way
    __annotations__ = {
        "filepath": bpy.props.StringProperty(
            name="Plate", description="A still, a movie, or one frame of an image sequence", subtype="FILE_PATH"
        ),
        "image": bpy.props.StringProperty(
            name="Image", description="Name of an image that is open already", options={"HIDDEN", "SKIP_SAVE"}
        ),
        "clip": bpy.props.StringProperty(
            name="Clip", description="Name of a movie clip that is open already", options={"HIDDEN", "SKIP_SAVE"}
        ),
        "match_scene": bpy.props.BoolProperty(
            name="Match Scene",
            description="Give the scene the plate's size, frame range and frame rate, and the view transform Standard "
            "where the plate is a finished picture (sRGB), so that it looks as it is",
            default=True,
        ),
        "camera": bpy.props.EnumProperty(
            name="Camera",
            description="The camera that stands where the plate was shot from",
            items=(
                ("NEW", "New", "Make a camera with the plate's lens, looking at the head at a standing height"),
                ("SCENE", "Scene's", "Take the scene's camera, matchmoved or placed by you"),
            ),
            default="NEW",
        ),
        "focal_length": bpy.props.FloatProperty(
            name="Focal Length",
            description="Of the new camera, in millimetres on a 36 mm wide sensor; "
            "0 takes the plate's own where its file tells it, else 50",
            default=0.0,
            min=0.0,
            soft_max=200.0,
            step=100,
        ),
        "world": bpy.props.EnumProperty(
            name="World",
            description="The light to begin with",
            items=(
                ("AUTO", "Automatic", "Keep the scene's world where it shows an image or a sky, else a neutral studio"),
                ("KEEP", "Keep", "Keep the scene's world as it is"),
                ("NEUTRAL", "Neutral", "A soft grey studio with a window on each side of the camera"),
            ),
            default="AUTO",
        ),
        "filter_image": bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"}),
        "filter_movie": bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"}),
        "filter_folder": bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"}),
    }

    def invoke(self, context: Any, _event: Any) -> set[str]:
        """Take the plate that the editor shows; ask for a file where it shows none."""
        plate = None if self.filepath else plate_in_editor(context)
        if plate is not None:
            setattr(self.properties, "clip" if is_clip(plate) else "image", plate.name)
            return self.execute(context)
        if self.filepath:
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: Any) -> None:
        """Only what an artist chooses."""
        layout = self.layout
        layout.use_property_split = True
        for name in ("match_scene", "camera", "focal_length", "world"):
            layout.prop(self, name)

    def execute(self, context: Any) -> set[str]:
        """Set the shot up."""
        return reporting_errors(self, lambda: self._set_up(context))

    def _set_up(self, context: Any) -> set[str]:
        scene = context.scene
        plate = self._plate()
        facts = plate_facts(plate)
        if self.match_scene:
            match_scene(scene, facts)
            show_plate_unchanged(scene, plate)
        camera = self._camera(scene, plate, facts)
        wants_neutral = self.world == "NEUTRAL" or (self.world == "AUTO" and is_plain(scene.world))
        new_studio = wants_neutral and ensure_neutral_world(scene)
        found = add_relight_node(scene, plate, facts, camera)
        context.view_layer.update()
        show_in_editor(context)
        analysed = self._analyse(context, found)
        if analysed is not None:
            self._place_head(context, camera, analysed)
            if new_studio:
                level_neutral_world(scene.world, analysed.encoding)
        return {"FINISHED"}

    def _plate(self) -> Any:
        """The plate by name or by file; a wrong name is an error of a script, and says so."""
        for name, collection in ((self.clip, bpy.data.movieclips), (self.image, bpy.data.images)):
            if name and name in collection:
                return collection[name]
        if self.clip or self.image:
            raise SceneError(f"The file has no plate named {self.clip or self.image!r}; open it first.")
        if not self.filepath:
            raise SceneError("No plate was chosen; choose a still, a movie or a frame of a sequence.")
        return load_plate(Path(bpy.path.abspath(self.filepath)))

    def _camera(self, scene: Any, plate: Any, facts: PlateFacts) -> Any:
        if self.camera == "SCENE":
            if scene.camera is None:
                raise SceneError(f"The scene {scene.name!r} has no camera; add one, or let Relight Plate make it.")
            return scene.camera
        lens = Lens(self.focal_length) if self.focal_length > 0 else facts.lens or Lens()
        return add_plate_camera(scene, facts, lens, plate)

    def _analyse(self, context: Any, found: FoundNode) -> AnalysedFrame | None:
        """The person on this frame; a plate that shows none here is set up all the same."""
        moment = Moment(context.scene, context.view_layer.depsgraph, context.scene.frame_current)
        try:
            return analyse_frame(found, moment)
        except HeadError as error:
            self.report({"WARNING"}, f"The shot is set up, but there is no Empty on the head: {error}")
            return None

    def _place_head(self, context: Any, camera: Any, analysed: AnalysedFrame) -> None:
        if self.camera == "NEW":
            stand_head_at_origin(camera, analysed.world_from_head[:3, 3])
            context.view_layer.update()
        moved = analysed.camera.with_pose(_pose(camera))
        here = AnalysedFrame(analysed.number, analysed.plate, moved, analysed.encoding)
        place_empty(ensure_head_empty(context.scene), here.world_from_head)
        distance = analysed.encoding.crop.head_distance
        self.report({"INFO"}, f"The shot is set up: the head is {distance:.2f} m from the camera.")


def _pose(camera: Any) -> Any:
    import numpy as np

    return np.array(camera.matrix_world.normalized(), dtype=np.float64)


def add_relight_node(scene: Any, plate: Any, facts: PlateFacts, camera: Any) -> FoundNode:
    """Wire plate → Relight → viewer, and to the render output where nothing is wired to it yet."""
    had_tree = compositor_tree(scene) is not None
    tree = ensure_compositor_tree(scene)
    left, top = _free_place(tree) if had_tree else (0.0, 0.0)
    source = _plate_node(tree, plate, facts)
    relight = tree.nodes.new(RELIGHT_NODE)
    relight.plate_camera = camera
    source.location, relight.location = (left, top), (left + COLUMN, top)
    tree.links.new(source.outputs["Image"], relight.inputs["Image"])
    output = ensure_render_output(tree)
    if not output.is_linked or _shows_only_render_layers(output):
        output.node.location = (left + 2 * COLUMN, top)
        tree.links.new(relight.outputs["Image"], output)
    viewer = next((node for node in tree.nodes if node.bl_idname == "CompositorNodeViewer"), None)
    if viewer is None:
        viewer = tree.nodes.new("CompositorNodeViewer")
        viewer.location = (left + 2 * COLUMN, top - ROW)
    tree.links.new(relight.outputs["Image"], viewer.inputs["Image"])
    for node in tree.nodes:
        node.select = node == relight
    tree.nodes.active = relight
    scene.render.use_compositing = True
    return FoundNode(tree, relight)


def _free_place(tree: Any) -> tuple[float, float]:
    """Left and top of a place below all nodes."""
    placed = [node for node in tree.nodes if node.parent is None]
    if not placed:
        return 0.0, 0.0
    lowest = min(node.location.y - max(node.dimensions.y, ROW) for node in placed)
    return min(node.location.x for node in placed), lowest - 40.0


def _shows_only_render_layers(output: Any) -> bool:
    """Whether the output is wired as Blender's own default has it: the render layers and nothing else."""
    return bool(output.links[0].from_node.bl_idname == "CompositorNodeRLayers")


def _plate_node(tree: Any, plate: Any, facts: PlateFacts) -> Any:
    if is_clip(plate):
        node = tree.nodes.new("CompositorNodeMovieClip")
        node.clip = plate
        return node
    node = tree.nodes.new("CompositorNodeImage")
    node.image = plate
    follow_scene(node, facts)
    return node


def show_in_editor(context: Any) -> None:
    """Let the compositor show the tree and the picture behind it, where the operator was called from one."""
    space = context.space_data
    if space is None or space.type != "NODE_EDITOR" or space.tree_type != "CompositorNodeTree":
        return
    tree = compositor_tree(context.scene)
    if space.node_tree != tree:
        try:
            space.node_tree = tree
        except (AttributeError, TypeError):
            return  # Blender 4 shows the scene's own tree and takes no other.
    space.show_backdrop = True
