"""Everything that a Relight node needs of the scene on one frame, and the request to the engine made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..runtime.errors import SceneError
from .animated import is_animated
from .blender_versions import WORKING_SPACE, working_space
from .node_settings import NodeSettings, node_settings
from .plate_file import PlateFile, PlatePixels, plate_of_source
from .plate_source import MatteSource, PlateSource, find_matte, find_plate
from .relight_nodes import FoundNode, evaluated_node
from .scene_camera import camera_from_object, plate_camera_object, plate_grid, render_grid, scene_camera

if TYPE_CHECKING:
    from ..runtime.analysis_record import MatteReference
    from ..runtime.compose.given_matte import MatteChannel
    from ..runtime.light.light import Light
    from ..runtime.mattes import Mattes
    from ..runtime.plate.plate import PlateFrame
    from ..runtime.relight import RelightRequest

PREVIEW_SIDE = 960
"""Pixels along a preview's longer side, at most: a picture of 1920x1080 at half its size each way."""


@dataclass(frozen=True)
class Moment:
    """The frame that is evaluated.

    Attributes:
        scene: the original scene.
        depsgraph: its dependency graph, evaluated on the frame.
        frame: the scene's frame.
        dragging: whether a coarse picture in little time is wanted, as while the artist drags something.
        coarse_first: whether one is wanted of what the node has not shown yet, before the final one.
    """

    scene: Any
    depsgraph: Any
    frame: int
    dragging: bool = False
    coarse_first: bool = False


@dataclass(frozen=True)
class MatteInput:
    """A matte to read.

    Attributes:
        file: of the frame.
        channel: "alpha" or "brightness".
    """

    file: PlateFile | PlatePixels
    channel: MatteChannel

    @property
    def reference(self) -> MatteReference | None:
        """The matte as records of analyses name it; None for pixels that only Blender has."""
        from ..runtime.analysis_record import MatteReference

        if isinstance(self.file, PlatePixels):
            return None
        files = self.file.reference
        return MatteReference(files.path, files.kind, files.colour_space, self.channel, self.file.frame)


@dataclass(frozen=True)
class RelightInputs:
    """What a node is set to, where its plate is, who looks, and what shines.

    Attributes:
        settings: the node's properties.
        source: the plate's node.
        plate: what to read.
        plate_camera: camera object, original.
        render_camera: camera object, original.
        light: the scene's light.
        matte: the artist's own, or None.
    """

    settings: NodeSettings
    source: PlateSource
    plate: PlateFile | PlatePixels
    plate_camera: Any
    render_camera: Any
    light: Light
    matte: MatteInput | None = None


def gather_inputs(found: FoundNode, moment: Moment) -> RelightInputs:
    """Read the scene.

    Raises:
        ChiaroError: something is missing or cannot be used.
    """
    if working_space() != WORKING_SPACE:
        raise SceneError(
            f"The file's working space is {working_space()}; Relight computes in {WORKING_SPACE}: "
            "choose it in the scene's colour management."
        )
    settings = node_settings(evaluated_node(found.tree, found.node, moment.depsgraph), moment.frame)
    source = find_plate(found)
    return RelightInputs(
        settings=settings,
        source=source,
        plate=plate_of_source(source, moment.frame, moment.depsgraph),
        plate_camera=plate_camera_object(settings.plate_camera, moment.scene, moment.depsgraph),
        render_camera=scene_camera(moment.scene),
        light=_light(moment, settings, fades=is_animated(found, "plate_light")),
        matte=matte_input(find_matte(found), moment.frame, moment.depsgraph),
    )


def matte_input(source: MatteSource | None, scene_frame: int, depsgraph: Any) -> MatteInput | None:
    """What to read for a matte's node at a scene frame; None where there is none.

    Raises:
        SceneError: the node holds nothing that can be read.
        PlateError: the frame is outside the file, or its colour space is not known to the runtime.
    """
    if source is None:
        return None
    file = plate_of_source(PlateSource(source.tree, source.node), scene_frame, depsgraph)
    return MatteInput(file, "alpha" if source.is_alpha else "brightness")


def _light(moment: Moment, settings: NodeSettings, *, fades: bool) -> Light:
    """The scene's light; none at all only where the plate's own is kept, or fades to nothing over time.

    Raises:
        SceneError: nothing would ever light the person.
    """
    from .scene_light import light_from_scene

    light = light_from_scene(
        moment.scene,
        moment.depsgraph,
        use_world=settings.use_world,
        use_lamps=settings.use_lamps,
        collection=settings.lamp_collection,
        excluded=settings.excluded_lamps,
    )
    if settings.plate_light > 0 or fades:
        return light
    if settings.use_world and light.environment is None:
        raise SceneError(
            f"The scene {moment.scene.name!r} has no world; add one in the world properties, or switch World off "
            "on the node."
        )
    if light.is_empty:
        raise SceneError(
            "Nothing lights the person: switch World on, add lamps and switch Lamps on, or keep some Plate Light."
        )
    return light


def make_request(
    inputs: RelightInputs,
    frame: PlateFrame,
    moment: Moment,
    wanted: frozenset[str],
    mattes: Mattes | None = None,
) -> RelightRequest:
    """The request to the engine; mixing with the incoming image is left to the compositor.

    Raises:
        CameraError: a camera cannot be used.
    """
    from ..runtime.relight import RelightRequest

    height, width = frame.image.shape[:2]
    shot_on = plate_grid(width, height, frame.pixel_aspect)
    return RelightRequest(
        plate_camera=camera_from_object(inputs.plate_camera, moment.depsgraph, shot_on),
        render_camera=camera_from_object(inputs.render_camera, moment.depsgraph, render_grid(moment.scene)),
        light=inputs.light,
        strength=inputs.settings.strength,
        plate_light=inputs.settings.plate_light,
        own_light_removal=inputs.settings.own_light_removal,
        person=inputs.settings.person,
        box=inputs.settings.head_box(width, height),
        steady=inputs.settings.steady,
        detail=2 if inputs.settings.turned_views == "FINE" else 1,
        wanted=wanted,
        reduction=preview_reduction(moment.scene) if moment.dragging else 1,
        mattes=mattes,
    )


def preview_reduction(scene: Any) -> int:
    """How many times larger a preview's pixels are: its longer side has at most PREVIEW_SIDE of them."""
    grid = render_grid(scene)
    return max(1, -(-max(grid.width, grid.height) // PREVIEW_SIDE))
