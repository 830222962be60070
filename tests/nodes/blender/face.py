"""What the node shows of itself: words and icons for every state, at its default width."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import render_frame, stage

from chiaro.nodes.node_face import LETTER_WIDTH, draw_face, heads_text, length_text, progress_text, readiness_text
from chiaro.nodes.relight_node import RelightNode
from chiaro.nodes.shot_status import SHOTS, Progress, ShotStatus
from chiaro.nodes.status import BOARD, Evaluated, Level, Status
from chiaro.runtime.analysis_record import Readiness


@dataclass
class Drawn:
    """Stands for a layout: remembers what is drawn into it and into its parts."""

    labels: list[tuple[str, str]] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    properties: list[str] = field(default_factory=list)
    bars: list[str] = field(default_factory=list)
    alert: bool = False

    def label(self, *, text: str, icon: str = "NONE") -> None:
        """A line."""
        self.labels.append((text, icon))
        if self.alert:
            self.alerts.append(text)

    def prop(self, owner: Any, name: str, **_look: Any) -> None:
        """A field; Blender itself would only complain on the console of one that is not there."""
        assert name in owner.bl_rna.properties, name
        self.properties.append(name)

    def prop_search(self, owner: Any, name: str, *_where: Any, **_look: Any) -> None:
        """A field with a list."""
        self.prop(owner, name)

    def progress(self, *, factor: float, text: str, type: str) -> None:  # noqa: A002 - Blender's word
        """A bar."""
        assert 0.0 <= factor <= 1.0
        assert type == "BAR"
        self.bars.append(text)

    def operator(self, *_arguments: Any, **_look: Any) -> Any:
        """A button."""
        return SimpleNamespace()

    def row(self, **_look: Any) -> "Drawn":
        """A part of it, which here writes to the same lists."""
        return Drawn(self.labels, self.alerts, self.properties, self.bars)

    column = box = row


def _shot(readiness: Readiness | None = None, **changed: Any) -> ShotStatus:
    given = {"plate": "shot.####.exr", "width": 1920, "height": 1080, "frames": 120, "frame_rate": None}
    return ShotStatus(**{**given, **changed}, readiness=readiness)


def check_every_state_has_its_own_words_and_icon(folder: Path) -> None:
    del folder
    states = {
        "120 analysed": Readiness(120, 120, 0, {}, 1),
        "43/120 analysed": Readiness(120, 43, 0, {}, 1),
        "7/120 changed since analysis": Readiness(120, 113, 7, {}, 1),
        "118/120 analysed, 2 cannot be": Readiness(120, 118, 0, {5: "No head.", 6: "No head."}, 1),
    }
    said = [readiness_text(_shot(state)) for state in states.values()]
    found = [entry for entry in said if entry]
    assert [text.removeprefix("Ready: ") for text, _ in found] == list(states)
    icons = {icon for _, icon in found} | {"MOD_MASK"} | {level.value for level in Level if level is not Level.ERROR}
    assert len({icon for _, icon in found}) == len(states), "told apart without colours"
    known = set(bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys())
    assert icons <= known, icons - known
    assert readiness_text(_shot(None)) is None


def check_progress_is_frames_and_time_left(folder: Path) -> None:
    del folder
    assert progress_text(Progress(43, 120, 0.4, seconds_left=65.2)) == "Analysing 43/120, 1:05 left"
    assert progress_text(Progress(0, 120, 0.0)) == "Analysing 0/120"
    assert progress_text(Progress(0, 120, 0.0, waiting=True)) == "Waiting to analyse 120 frames"


def check_people_and_frames_are_counted_in_words(folder: Path) -> None:
    del folder
    texts = [heads_text(_shot(Readiness(1, 1, 0, {}, heads))) for heads in (None, 0, 1, 2)]
    assert texts == [None, "Nobody found", "1 person found", "2 people found"]
    assert length_text(_shot(frames=1)) == "1 frame"
    assert length_text(_shot(frame_rate=24000 / 1001)) == "120 frames at 23.976 fps"


def _face(node: Any) -> Drawn:
    drawn = Drawn()
    draw_face(node, bpy.context, drawn)
    return drawn


def check_the_face_draws_what_is_known(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    key = staged.relight.node_tree.session_uid
    assert _face(staged.relight).labels == []
    render_frame(staged.scene, folder / "frame.exr")
    assert _face(staged.relight).labels == [("Relit.", "CHECKMARK")]
    SHOTS.put(key, _shot(Readiness(120, 43, 0, {}, 2)))
    labels = _face(staged.relight).labels
    assert ("shot.####.exr", "FILE_MOVIE") in labels
    assert ("2 people found", "USER") in labels
    assert labels[-1] == ("43/120 analysed", "TIME"), "what was relit goes without saying"
    SHOTS.show_progress({key: Progress(43, 120, 0.4, 65.0)})
    assert _face(staged.relight).bars == ["Analysing 43/120, 1:05 left"]
    staged.relight.use_box = staged.relight.show_lamps = True
    assert {"box_size", "box_clip", "plate_camera", "quality", "lamp_collection"} <= set(
        _face(staged.relight).properties
    )
    SHOTS.clear()


def check_errors_are_marked_and_broken_into_lines_that_fit(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    sentence = "No head was found in the plate (1920x1080 pixels); a face turned up to 60 degrees is expected."
    BOARD.put(staged.relight.node_tree.session_uid, Evaluated(None, Status(Level.ERROR, (sentence,))))
    drawn = _face(staged.relight)
    assert " ".join(drawn.alerts) == sentence
    assert [icon for _, icon in drawn.labels] == ["ERROR"] + ["BLANK1"] * (len(drawn.alerts) - 1)
    assert max(len(line) for line in drawn.alerts) * LETTER_WIDTH < RelightNode.bl_width_default


def check_blender_asks_the_node_nothing_from_another_thread(folder: Path) -> None:
    # The compositor asks for a node's title from its own thread. A Python method that answers would race with the main
    # thread for the count of Blender's calls into Python; from then on each says "Python context internal state bug".
    del folder
    assert not {"draw_label", "update", "socket_value_update"} & set(vars(RelightNode))
