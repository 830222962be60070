"""One Relight node on one frame: gather, ask the engine, write the images, say what happened."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..runtime.errors import ChiaroError, SceneError
from .blender_versions import WORKING_SPACE, working_space
from .engine import ENGINE
from .fingerprint import fingerprint
from .node_settings import NodeSettings, node_settings
from .pass_images import has_pixels_of_size, write_failure, write_passes
from .pass_sockets import PASS_SOCKETS
from .plate_file import PlateFile, PlatePixels, plate_of_source
from .plate_shelf import SHELF, LoadedFrame
from .plate_source import PlateSource, find_plate
from .relight_nodes import FoundNode, evaluated_node, relight_nodes
from .scene_camera import PixelGrid, camera_from_object, plate_camera_object, plate_grid, render_grid, scene_camera
from .status import BOARD, Evaluated, Level, Status

if TYPE_CHECKING:
    from ..runtime.light.light import Light

ALL_PASSES = frozenset(socket.pass_name for socket in PASS_SOCKETS)

LOG = logging.getLogger("chiaro")


@dataclass(frozen=True)
class Moment:
    """The frame that is evaluated.

    Attributes:
        scene: the original scene.
        depsgraph: its dependency graph, evaluated on the frame.
        frame: the scene's frame.
    """

    scene: Any
    depsgraph: Any
    frame: int


@dataclass(frozen=True)
class _Inputs:
    """Everything a result is made from."""

    settings: NodeSettings
    source: PlateSource
    plate: PlateFile | PlatePixels
    plate_camera: Any
    render_camera: Any
    grid: PixelGrid
    light: Light
    wanted: frozenset[str]


def evaluate_scene(moment: Moment) -> bool:
    """Bring the images of all Relight nodes of a scene to a frame.

    Returns:
        Whether any pixel was written.
    """
    written = [evaluate_node(found, moment) for found in relight_nodes(moment.scene)]
    return any(written)


def evaluate_node(found: FoundNode, moment: Moment) -> bool:
    """Bring one node's images to a frame; an error fills them with a colour that nobody takes for a result.

    Returns:
        Whether pixels were written.
    """
    wanted = _wanted_passes(found)
    if not wanted:
        BOARD.put(found.key, Evaluated(None, Status(Level.NOTE, ("No output is wired, so nothing is computed.",))))
        return False
    try:
        return _evaluate(found, moment, wanted)
    except ChiaroError as error:
        return fail_node(found, moment.scene, str(error))
    except Exception as error:
        if "Dependency graph update requested" in str(error):
            raise  # Another thread is evaluating the scene; whoever called tries again.
        LOG.exception("Relight failed on frame %d of %s", moment.frame, moment.scene.name)
        return fail_node(
            found, moment.scene, f"Relight met an error of its own ({type(error).__name__}: {error}); see the console."
        )


def fail_node(found: FoundNode, scene: Any, message: str) -> bool:
    """Make the frame visibly fail, with a message on the node and on the console.

    Returns:
        Whether pixels were written; the same failure twice writes them once.
    """
    grid = render_grid(scene)
    tree = found.node.node_tree
    before = BOARD.get(found.key)
    failed = Evaluated(f"failed {grid}", Status(Level.ERROR, (message,)))
    if before != failed or not has_pixels_of_size(tree, grid.width, grid.height, ALL_PASSES):
        LOG.error("%s, frame %d, %s: %s", scene.name, scene.frame_current, found.node.name, message)
        write_failure(tree, grid.width, grid.height)
        BOARD.put(found.key, failed)
        return True
    return False


def _evaluate(found: FoundNode, moment: Moment, wanted: frozenset[str]) -> bool:
    inputs = _gather(found, moment, wanted)
    tree = found.node.node_tree
    loaded = SHELF.load(inputs.plate)
    request = _request(inputs, loaded, moment)
    signature = fingerprint(loaded.frame.identity, request)
    before = BOARD.get(found.key)
    if (
        before
        and before.signature == signature
        and has_pixels_of_size(tree, inputs.grid.width, inputs.grid.height, wanted)
    ):
        return False
    result = ENGINE.engine().relight(loaded.frame, request, loaded.plate)
    write_passes(tree, result.passes, wanted)
    BOARD.put(found.key, Evaluated(signature, _status(result.messages, inputs.source)))
    return True


def _gather(found: FoundNode, moment: Moment, wanted: frozenset[str]) -> _Inputs:
    if working_space() != WORKING_SPACE:
        raise SceneError(
            f"The file's working space is {working_space()}; Relight computes in {WORKING_SPACE}: "
            "choose it in the scene's colour management."
        )
    settings = node_settings(evaluated_node(found.tree, found.node, moment.depsgraph))
    source = find_plate(found)
    return _Inputs(
        settings=settings,
        source=source,
        plate=plate_of_source(source, moment.frame, moment.depsgraph),
        plate_camera=plate_camera_object(settings.plate_camera, moment.scene, moment.depsgraph),
        render_camera=scene_camera(moment.scene),
        grid=render_grid(moment.scene),
        light=_light(moment, settings),
        wanted=wanted,
    )


def _light(moment: Moment, settings: NodeSettings) -> Light:
    from .scene_light import light_from_scene

    light = light_from_scene(
        moment.scene,
        moment.depsgraph,
        use_world=settings.use_world,
        use_lamps=settings.use_lamps,
        collection=settings.lamp_collection,
    )
    if settings.use_world and light.environment is None:
        raise SceneError(
            f"The scene {moment.scene.name!r} has no world; add one in the world properties, or switch World off "
            "on the node."
        )
    if light.environment is None and not light.lamps:
        raise SceneError("Nothing lights the person: switch World on, or add lamps and switch Lamps on.")
    return light


def _request(inputs: _Inputs, loaded: LoadedFrame, moment: Moment) -> Any:
    from ..runtime.relight import RelightRequest

    height, width = loaded.frame.image.shape[:2]
    shot_on = plate_grid(width, height, loaded.frame.pixel_aspect)
    return RelightRequest(
        plate_camera=camera_from_object(inputs.plate_camera, moment.depsgraph, shot_on),
        render_camera=camera_from_object(inputs.render_camera, moment.depsgraph, inputs.grid),
        light=inputs.light,
        strength=inputs.settings.strength,
        own_light_removal=inputs.settings.own_light_removal,
        person=inputs.settings.person,
        box=inputs.settings.head_box(width, height),
        wanted=inputs.wanted,
    )


def _wanted_passes(found: FoundNode) -> frozenset[str]:
    linked = {socket.name for socket in found.node.outputs if socket.is_linked}
    return frozenset(socket.pass_name for socket in PASS_SOCKETS if socket.name in linked)


def _status(messages: tuple[str, ...], source: PlateSource) -> Status:
    lines = list(messages)
    if source.passed:
        lines.append(f"The plate is read from {source.node.name!r}, without the effect of {', '.join(source.passed)}.")
    if lines:
        return Status(Level.NOTE, tuple(lines))
    return Status(Level.READY, ("Relit.",))
