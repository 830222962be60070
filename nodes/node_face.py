"""What the Relight node shows of itself: what it found, what lights the person, and how far it is."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import Any

from .lamp_switches import draw_lamp_switches
from .shot_status import SHOTS, Progress, ShotStatus
from .status import BOARD, Level
from .translated import translated

LETTER_WIDTH = 6.5
"""Mean width of a letter in the node editor at zoom 1, in the units of Node.width."""

ANALYSE = "chiaro.analyse"
CANCEL = "chiaro.cancel_analysis"
"""Operators of the extension; where it did not bring them (the nodes alone), their buttons are not drawn."""


def draw_face(node: Any, context: Any, layout: Any) -> None:
    """Everything on the node between its sockets."""
    key = node.node_tree.session_uid if node.node_tree else 0
    shot = SHOTS.shot(key)
    if shot is not None:
        _draw_found(node, shot, layout)
    layout.use_property_split = True
    layout.use_property_decorate = False
    layout.prop(node, "plate_camera")
    _draw_light(node, context, layout)
    _draw_person(node, layout)
    layout.prop(node, "turned_views")
    quality = layout.row(align=True)
    quality.use_property_split = False
    quality.prop(node, "quality", expand=True)
    _draw_status(node, key, shot, layout)


@cache
def weights_can_steady() -> bool:
    """Whether the weights hold the network that the switch turns on; without it there is nothing to switch."""
    from ..runtime.network import is_listed
    from ..runtime.temporal.installed import NAME

    return is_listed(NAME)


def time_left(seconds: float | None) -> str:
    """Such as ", 1:05 left"; nothing where nothing can be told."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return translated(", {minutes}:{seconds} left", minutes=minutes, seconds=f"{rest:02d}")


def progress_text(progress: Progress) -> str:
    """One line on a job."""
    if progress.waiting:
        return translated("Waiting to analyse {total} frames", total=progress.total)
    analysing = translated("Analysing {done}/{total}", done=progress.done, total=progress.total)
    return analysing + time_left(progress.seconds_left)


def heads_text(shot: ShotStatus) -> str | None:
    """How many people were found; None before the shot was searched."""
    heads = shot.readiness.most_heads if shot.readiness else None
    if heads is None:
        return None
    if heads == 0:
        return translated("Nobody found")
    return translated("1 person found") if heads == 1 else translated("{heads} people found", heads=heads)


def frames_text(count: int) -> str:
    """So many frames."""
    return translated("1 frame") if count == 1 else translated("{frames} frames", frames=count)


def length_text(shot: ShotStatus) -> str:
    """How many frames the plate has, and its rate where it has one."""
    frames = frames_text(shot.frames)
    return frames if shot.rate is None else translated("{frames} at {rate} fps", frames=frames, rate=shot.rate)


def readiness_text(shot: ShotStatus) -> tuple[str, str] | None:
    """How far the shot is analysed, and an icon; None where nothing is kept on disk."""
    found = shot.readiness
    if found is None or not found.total:
        return None
    if found.done == found.total and not found.problems:
        return translated("Ready: {total} analysed", total=found.total), "CHECKMARK"
    counts = {"ready": found.ready, "total": found.total, "stale": found.stale, "unusable": len(found.problems)}
    if found.done == found.total:
        return translated("{ready}/{total} analysed, {unusable} cannot be", **counts), "ERROR"
    if found.stale:
        return translated("{stale}/{total} changed since analysis", **counts), "FILE_REFRESH"
    return translated("{ready}/{total} analysed", **counts), "TIME"


def _draw_found(node: Any, shot: ShotStatus, layout: Any) -> None:
    column = layout.column(align=True)
    icon = "FILE_MOVIE" if shot.frames > 1 else "FILE_IMAGE"
    for text in (shot.plate, shot.size, length_text(shot)):
        column.label(text=text, icon=icon)
        icon = "BLANK1"
    heads = heads_text(shot)
    if heads and not node.use_box:
        column.label(text=heads, icon="USER")
    if shot.note:
        _draw_sentence(node, column, shot.note, "INFO")


def _draw_light(node: Any, context: Any, layout: Any) -> None:
    row = layout.row(align=True)
    row.use_property_split = False
    row.prop(node, "use_world", toggle=True, icon="WORLD")
    row.prop(node, "use_lamps", toggle=True, icon="LIGHT")
    if node.use_lamps:
        collection = layout.row(align=True)
        collection.prop(node, "lamp_collection", text="Lamps in")
        icon = "DISCLOSURE_TRI_DOWN" if node.show_lamps else "DISCLOSURE_TRI_RIGHT"
        collection.prop(node, "show_lamps", text="", icon=icon, emboss=False)
        if node.show_lamps:
            draw_lamp_switches(node, context.scene, layout)
    sliders = layout.column(align=True)
    sliders.use_property_split = False
    sliders.prop(node, "strength")
    sliders.prop(node, "plate_light", slider=True)
    sliders.prop(node, "own_light_removal")


def _draw_person(node: Any, layout: Any) -> None:
    if weights_can_steady():
        layout.prop(node, "steady")
    layout.prop(node, "use_box")
    if not node.use_box:
        layout.prop(node, "person")
        layout.prop(node, "absence")
        return
    column = layout.column(align=True)
    column.prop(node, "box_clip")
    if node.box_clip is not None:
        column.prop_search(node, "box_track", node.box_clip.tracking, "tracks", icon="TRACKER")
    if node.box_clip is None or not node.box_track:
        column.prop(node, "box_centre")
    column.prop(node, "box_size")
    column.prop(node, "box_roll")


def _draw_status(node: Any, key: int, shot: ShotStatus | None, layout: Any) -> None:
    box = layout.box()
    progress = SHOTS.progress(key)
    if progress is not None:
        _draw_progress(key, progress, box)
    elif shot is not None:
        _draw_readiness(node, key, shot, box)
    evaluated = BOARD.get(key)
    if evaluated is None or (progress is None and evaluated.status.level is Level.READY and shot is not None):
        return
    column = box.column(align=True)
    column.alert = evaluated.status.level is Level.ERROR
    for sentence in evaluated.status.lines:
        _draw_sentence(node, column, sentence, evaluated.status.level.value)


def _draw_progress(key: int, progress: Progress, layout: Any) -> None:
    row = layout.row(align=True)
    row.progress(factor=progress.share, text=progress_text(progress), type="BAR")
    if has_operator(CANCEL):
        row.operator(CANCEL, text="", icon="X").node_key = key


def _draw_readiness(node: Any, key: int, shot: ShotStatus, layout: Any) -> None:
    text = readiness_text(shot)
    if text is None or shot.readiness is None:
        return
    layout.label(text=text[0], icon=text[1])
    if shot.readiness.done < shot.readiness.total and has_operator(ANALYSE):
        layout.operator(ANALYSE, text="Analyse").node_key = key
    for frame, sentence in list(shot.readiness.problems.items())[:1]:
        _draw_sentence(
            node,
            layout.column(align=True),
            translated("Frame {frame}: {sentence}", frame=frame, sentence=sentence),
            "BLANK1",
        )


def _draw_sentence(node: Any, column: Any, sentence: str, icon: str) -> None:
    """A sentence in as many lines as the node's width needs."""
    letters = max(16, int(node.width / LETTER_WIDTH) - 4)
    for line in textwrap.wrap(sentence, letters):
        column.label(text=line, icon=icon)
        icon = "BLANK1"


def has_operator(identifier: str) -> bool:
    """Whether an operator is registered."""
    import bpy

    module, _, name = identifier.partition(".")
    return hasattr(bpy.types, f"{module.upper()}_OT_{name}")
