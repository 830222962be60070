"""What the engine knows about the person on a frame of the shot, placed in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...nodes.analysis_recorder import RECORDER
from ...nodes.engine import ENGINE
from ...nodes.node_settings import node_settings
from ...nodes.plate_file import plate_of_source
from ...nodes.plate_shelf import SHELF
from ...nodes.plate_source import find_matte, find_plate
from ...nodes.relight_inputs import Moment, matte_input
from ...nodes.relight_nodes import FoundNode, evaluated_node, relight_nodes
from ...nodes.scene_camera import camera_from_object, plate_camera_object, plate_grid
from ...runtime.errors import HeadError, SceneError

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array, Float64Array
    from ...runtime.camera import Camera
    from ...runtime.encoding import Encoding
    from ...runtime.plate.plate import PlateFrame


@dataclass(frozen=True)
class AnalysedFrame:
    """The person on one frame.

    Attributes:
        number: the scene's frame.
        plate: the plate frame.
        camera: the plate's camera in the world, at the plate's size.
        encoding: what the network knows about the frame.
    """

    number: int
    plate: PlateFrame
    camera: Camera
    encoding: Encoding

    @property
    def world_from_crop(self) -> Float64Array:
        """(4, 4) pose of the crop's camera."""
        from ...runtime.view.view_camera import world_from_crop_camera

        return world_from_crop_camera(self.encoding.crop, self.camera)

    @property
    def world_from_head(self) -> Float64Array:
        """(4, 4) head pose, metres: x to the person's left, y up, z out of the face, origin between the ears."""
        pose: Float64Array = self.world_from_crop @ self.encoding.crop_camera_from_head
        return pose

    @property
    def light(self) -> Float64Array:
        """(9, 3) harmonics of the plate's own light, radiance, world axes, in the plate's exposure."""
        from ...runtime.light.harmonics import rotate_harmonics

        return rotate_harmonics(self.encoding.light, self.world_from_crop[:3, :3])

    @property
    def surroundings(self) -> Float32Array | None:
        """(64, 128, 3) radiance around the person, world axes; None of a network that gives harmonics only."""
        from ...runtime.light.surroundings import surroundings_map

        if self.encoding.environment is None:
            return None
        return surroundings_map(self.encoding.environment, self.world_from_crop[:3, :3])


def relight_node_of(scene: Any, tree: Any | None = None) -> FoundNode:
    """The Relight node an operator means: the active one of the tree on show, else the scene's first.

    Raises:
        SceneError: the scene has none.
    """
    found = relight_nodes(scene)
    if not found:
        raise SceneError(
            f"The scene {scene.name!r} has no Relight node; run Relight Plate first, or add the node in the compositor."
        )
    active = tree.nodes.active if tree is not None else None
    return next((entry for entry in found if active is not None and entry.node == active), found[0])


def active_relight_node(context: Any) -> FoundNode:
    """`relight_node_of` the context's scene and editor."""
    space = context.space_data
    tree = space.edit_tree if space is not None and space.type == "NODE_EDITOR" else None
    return relight_node_of(context.scene, tree)


def current_moment(context: Any) -> Moment:
    """The scene as it is evaluated now."""
    context.view_layer.update()
    return Moment(context.scene, context.view_layer.depsgraph, context.scene.frame_current)


def analyse_frame(found: FoundNode, moment: Moment) -> AnalysedFrame:
    """Read the plate on a frame and analyse it; quick where it is in the cache.

    Raises:
        ChiaroError: there is no plate, no camera, or no usable head.
    """
    settings = node_settings(evaluated_node(found.tree, found.node, moment.depsgraph), moment.frame)
    plate = plate_of_source(find_plate(found), moment.frame, moment.depsgraph)
    loaded = SHELF.load(plate)
    height, width = loaded.frame.image.shape[:2]
    chosen = plate_camera_object(settings.plate_camera, moment.scene, moment.depsgraph)
    camera = camera_from_object(chosen, moment.depsgraph, plate_grid(width, height, loaded.frame.pixel_aspect))
    person, box = settings.person, settings.head_box(width, height)
    matte = matte_input(find_matte(found), moment.frame, moment.depsgraph)
    mattes = SHELF.mattes(matte.file, matte.channel, loaded) if matte else None
    try:
        analysis = ENGINE.engine().analyse(
            loaded.frame, camera, person=person, box=box, plate=loaded.plate, mattes=mattes
        )
    except HeadError as error:
        RECORDER.take(plate, loaded, camera, person=person, box=box, matte=matte, problem=str(error))
        raise
    RECORDER.take(plate, loaded, camera, person=person, box=box, matte=matte)
    return AnalysedFrame(moment.frame, loaded.frame, camera, analysis.encoding)
