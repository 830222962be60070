"""One Relight node on one frame: gather, ask the engine, write the images, say what happened."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..runtime.errors import ChiaroError, HeadError
from .analysis_recorder import RECORDER
from .engine import ENGINE
from .fingerprint import fingerprint
from .pass_images import have_pixels, write_failure, write_passes
from .pass_sockets import PASS_SOCKETS
from .plate_shelf import SHELF, LoadedFrame
from .plate_source import PlateSource
from .relight_inputs import Moment, RelightInputs, gather_inputs, make_request, preview_reduction
from .relight_nodes import FoundNode, relight_nodes
from .render_guard import BakeNeededError
from .render_region import render_region
from .status import BOARD, Evaluated, Level, Status

if TYPE_CHECKING:
    from ..runtime.passes import Passes
    from ..runtime.relight import RelightRequest

ALL_PASSES = frozenset(socket.pass_name for socket in PASS_SOCKETS)

LOG = logging.getLogger("chiaro")


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
    except BakeNeededError:
        return False  # The pixels stay until a moment that allows it.
    except ChiaroError as error:
        return fail_node(found, moment.scene, str(error))
    except Exception as error:
        if is_graph_busy(error):
            raise  # Whoever called tries again.
        LOG.exception("Relight failed on frame %d of %s", moment.frame, moment.scene.name)
        return fail_node(
            found, moment.scene, f"Relight met an error of its own ({type(error).__name__}: {error}); see the console."
        )


def is_graph_busy(error: Exception) -> bool:
    """Whether another thread was evaluating the scene, so that Blender refused us the dependency graph."""
    return isinstance(error, RuntimeError) and "Dependency graph update requested" in str(error)


def fail_node(found: FoundNode, scene: Any, message: str) -> bool:
    """Make the frame visibly fail, with a message on the node and on the console.

    Returns:
        Whether pixels were written; the same failure twice writes them once.
    """
    tree, region = found.node.node_tree, render_region(scene)
    before = BOARD.get(found.key)
    failed = Evaluated(f"failed {region}", Status(Level.ERROR, (message,)))
    if before != failed or not have_pixels(tree, region, ALL_PASSES):
        LOG.error("%s, frame %d, %s: %s", scene.name, scene.frame_current, found.node.name, message)
        write_failure(tree, region)
        BOARD.put(found.key, failed)
        return True
    return False


def _evaluate(found: FoundNode, moment: Moment, wanted: frozenset[str]) -> bool:
    inputs = gather_inputs(found, moment)
    tree, region = found.node.node_tree, render_region(moment.scene)
    loaded = SHELF.load(inputs.plate)
    mattes = SHELF.mattes(inputs.matte.file, inputs.matte.channel, loaded) if inputs.matte else None
    request = make_request(inputs, loaded.frame, moment, wanted, mattes)
    final = replace(request, reduction=1, mattes=None)
    within = mattes.identity(loaded.frame.frame) if mattes else None
    signature = fingerprint(loaded.frame.identity, within, final, region, inputs.source.passed, inputs.settings.absence)
    before = BOARD.get(found.key)
    if before and before.serves(signature, request.reduction) and have_pixels(tree, region, wanted):
        return False
    if moment.dragging and not _is_quick(loaded, request):
        return False  # It would stop the window; the final picture follows when the artist rests.
    if moment.coarse_first and (before is None or before.signature != signature) and _is_quick(loaded, request):
        request = replace(request, reduction=preview_reduction(moment.scene))
    passes, messages = _relit(loaded, request, inputs)
    write_passes(tree, passes, region, wanted, request.reduction)
    BOARD.put(found.key, Evaluated(signature, _status(messages, inputs.source), request.reduction))
    return True


def _is_quick(loaded: LoadedFrame, request: RelightRequest) -> bool:
    """Whether a frame waits for no network that takes long."""
    return ENGINE.engine().is_analysed(
        loaded.frame,
        request.plate_camera,
        person=request.person,
        box=request.box,
        plate=loaded.plate,
        steady=request.steady,
        mattes=request.mattes,
    )


def _relit(loaded: LoadedFrame, request: RelightRequest, inputs: RelightInputs) -> tuple[Passes, tuple[str, ...]]:
    """The passes and what to say about them; where nobody is there, the plate if the artist chose so."""
    try:
        result = ENGINE.engine().relight(loaded.frame, request, loaded.plate)
    except HeadError as error:
        _record(loaded, request, inputs, problem=str(error))
        if inputs.settings.absence != "PLATE":
            raise
        from ..runtime.compose.nobody import passes_without_person

        passes = passes_without_person(
            loaded.frame, request.plate_camera, request.render_camera, reduction=request.reduction
        )
        return passes, (f"The plate is shown as it is: {error}",)
    if request.reduction == 1:  # A coarse picture is followed by a final one, and a drag waits for nothing.
        _record(loaded, request, inputs)
    return result.passes, result.messages


def _record(loaded: LoadedFrame, request: RelightRequest, inputs: RelightInputs, problem: str | None = None) -> None:
    """Let the frame count as analysed."""
    RECORDER.take(
        inputs.plate,
        loaded,
        request.plate_camera,
        person=request.person,
        box=request.box,
        matte=inputs.matte,
        problem=problem,
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
