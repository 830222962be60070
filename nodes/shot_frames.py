"""The plate frames that a Relight node needs over the scene's frame range, each with its head box and lens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bpy

from ..runtime.errors import PlateError, SceneError
from .blender_versions import animation_curves
from .node_settings import NodeSettings, box_centre, node_settings
from .plate_file import PlateFile, plate_of_source
from .plate_shelf import SHELF, LoadedFrame
from .plate_source import MatteSource, PlateSource, find_matte, find_plate
from .relight_inputs import Moment, matte_input
from .relight_nodes import FoundNode, evaluated_node
from .scene_camera import camera_from_object, plate_camera_object, plate_grid

if TYPE_CHECKING:
    from ..runtime.analysis_record import FrameRequest, MatteReference
    from ..runtime.camera import Camera

FRAMES_TRIED = 4
"""Of a sequence with holes, how many frames are tried before it is given up."""


@dataclass(frozen=True)
class Shot:
    """A node's plate over the scene's frames.

    Attributes:
        requests: one per plate frame, ascending; the same frame shown twice (held, cyclic) is one.
        loaded: a frame of the plate, as an example.
    """

    requests: tuple[FrameRequest, ...]
    loaded: LoadedFrame


def shot_frames(found: FoundNode, moment: Moment) -> Shot:
    """Every frame that renders of the scene will need.

    Args:
        found: the node.
        moment: any frame of the scene; the scene is not taken to others. Boxes and lenses that are keyed are read off
            their curves, those that are driven are taken as they are now: a frame that turns out otherwise is analysed
            when it is rendered.

    Raises:
        ChiaroError: there is no plate, or nothing of it can be read.
    """
    source = find_plate(found)
    frames = _plate_frames(source, moment)
    loaded = _example(list(frames), source, moment)
    settings_at = _SettingsOverTime(found, moment)
    camera_at = _LensOverTime(settings_at.now, loaded, moment)
    matte, requests = find_matte(found), {}
    for plate, scene_frame in frames.items():
        request = _request(plate, settings_at.at(scene_frame), camera_at.at(scene_frame))
        requests[plate.frame] = replace(request, matte=_matte_reference(matte, scene_frame, moment))
    return Shot(tuple(requests[frame] for frame in sorted(requests)), loaded)


def _plate_frames(source: PlateSource, moment: Moment) -> dict[PlateFile, int]:
    """Each plate frame with the first frame of the scene that shows it."""
    frames: dict[PlateFile, int] = {}
    for scene_frame in range(moment.scene.frame_start, moment.scene.frame_end + 1):
        plate = plate_of_source(source, scene_frame, moment.depsgraph)
        if not isinstance(plate, PlateFile):
            raise SceneError(
                f"The image {plate.image.name!r} exists in Blender only, where no other process can read it; "
                "it is analysed when it is rendered: save it to a file to have that done beforehand."
            )
        frames.setdefault(plate, scene_frame)
    return frames


def _example(frames: list[PlateFile], source: PlateSource, moment: Moment) -> LoadedFrame:
    shown = plate_of_source(source, moment.frame, moment.depsgraph)
    problem: PlateError | None = None
    for plate in [shown, *frames[:FRAMES_TRIED]]:
        try:
            return SHELF.load(plate)
        except PlateError as error:
            problem = problem or error
    raise problem or PlateError("The plate has no frames in the scene's frame range; check both.")


def _request(plate: PlateFile, settings: NodeSettings, camera: Camera) -> FrameRequest:
    from ..runtime.analysis_record import FrameRequest

    return FrameRequest(
        plate=plate.reference,
        frame=plate.frame,
        camera=camera,
        person=settings.person,
        box=settings.head_box(camera.width, camera.height),
    )


def _matte_reference(source: MatteSource | None, scene_frame: int, moment: Moment) -> MatteReference | None:
    given = matte_input(source, scene_frame, moment.depsgraph)
    if given is None or isinstance(given.file, PlateFile):
        return given.reference if given else None
    raise SceneError(
        f"The matte {given.file.image.name!r} exists in Blender only, where no other process can read it; frames are "
        "analysed in it when they are rendered: save it to a file to have that done beforehand."
    )


class _SettingsOverTime:
    """A node's settings at the frames of the scene, with what is keyed read off its curves."""

    def __init__(self, found: FoundNode, moment: Moment) -> None:
        self._node = evaluated_node(found.tree, found.node, moment.depsgraph)
        start = f'nodes["{bpy.utils.escape_identifier(found.node.name)}"].'
        self._curves = {
            (curve.data_path.removeprefix(start), curve.array_index): curve
            for curve in animation_curves(found.tree)
            if curve.data_path.startswith(start)
        }
        self.now = node_settings(self._node, moment.frame)

    def at(self, scene_frame: int) -> NodeSettings:
        """The settings at a frame; where the track of the box has no marker there, as they are now."""
        given = tuple(self._value("box_centre", scene_frame, index) for index in range(2))
        try:
            centre = box_centre(self._node, (given[0], given[1]), scene_frame)
        except SceneError:
            centre = self.now.box_centre
        return replace(
            self.now,
            box_centre=centre,
            box_size=self._value("box_size", scene_frame),
            box_roll=self._value("box_roll", scene_frame),
            person=int(self._value("person", scene_frame)),
            use_box=bool(self._value("use_box", scene_frame)),
        )

    def _value(self, name: str, scene_frame: int, index: int = 0) -> float:
        curve = self._curves.get((name, index))
        if curve is not None:
            return float(curve.evaluate(scene_frame))
        value = getattr(self._node, name)
        return float(value[index] if name == "box_centre" else value)


class _LensOverTime:
    """The plate camera's lens at the frames of the scene; a keyed focal length (a zoom) is read off its curve."""

    def __init__(self, settings: NodeSettings, loaded: LoadedFrame, moment: Moment) -> None:
        height, width = loaded.frame.image.shape[:2]
        shot_on = plate_grid(width, height, loaded.frame.pixel_aspect)
        camera_object = plate_camera_object(settings.plate_camera, moment.scene, moment.depsgraph)
        self._camera = camera_from_object(camera_object, moment.depsgraph, shot_on)
        self._lens = camera_object.evaluated_get(moment.depsgraph).data.lens
        self._zoom = next((curve for curve in animation_curves(camera_object.data) if curve.data_path == "lens"), None)

    def at(self, scene_frame: int) -> Camera:
        """The camera at a frame, wherever it stands."""
        if self._zoom is None:
            return self._camera
        longer = float(self._zoom.evaluate(scene_frame)) / self._lens
        return replace(self._camera, focal_x=self._camera.focal_x * longer, focal_y=self._camera.focal_y * longer)
