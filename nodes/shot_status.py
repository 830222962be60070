"""What is known of each node's shot: the plate, its people, how far it is analysed. Lives with the session only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..runtime.errors import ChiaroError
from .engine import ENGINE
from .relight_inputs import Moment
from .relight_nodes import FoundNode, relight_nodes
from .shot_frames import Shot, shot_frames

if TYPE_CHECKING:
    from ..runtime.analysis_record import Readiness


@dataclass(frozen=True)
class Progress:
    """How far a node's job is.

    Attributes:
        done: frames.
        total: frames.
        share: 0..1, steps within frames counted.
        seconds_left: None where nothing can be told yet.
        waiting: whether other jobs go first.
    """

    done: int
    total: int
    share: float
    seconds_left: float | None = None
    waiting: bool = False


@dataclass(frozen=True)
class ShotStatus:
    """What a node has found.

    Attributes:
        plate: the plate's name.
        width: its pixels.
        height: its pixels.
        frames: how many it has.
        frame_rate: frames per second of a movie, else None.
        readiness: how far it is analysed; None where nothing is kept on disk.
        note: a sentence the artist should know, or None.
    """

    plate: str
    width: int
    height: int
    frames: int
    frame_rate: float | None
    readiness: Readiness | None
    note: str | None = None

    @property
    def size(self) -> str:
        """Its pixels, for people."""
        return f"{self.width}×{self.height}"

    @property
    def rate(self) -> str | None:
        """Its frames per second, for people; None where it has no rate of its own."""
        return _rate(self.frame_rate) if self.frame_rate else None


class ShotBoard:
    """What was seen of the shots, and the jobs at work, by the node's key."""

    def __init__(self) -> None:
        self._shots: dict[int, ShotStatus] = {}
        self._progress: dict[int, Progress] = {}

    def shot(self, key: int) -> ShotStatus | None:
        """What is known of a node's shot."""
        return self._shots.get(key)

    def put(self, key: int, shot: ShotStatus | None) -> None:
        """Remember what was found; None where there is no plate."""
        if shot is None:
            self._shots.pop(key, None)
        else:
            self._shots[key] = shot

    def progress(self, key: int) -> Progress | None:
        """How far the node's job is; None where none waits or runs."""
        return self._progress.get(key)

    def show_progress(self, progress: Mapping[int, Progress]) -> None:
        """The jobs that wait or run, all of them."""
        self._progress = dict(progress)

    def clear(self) -> None:
        """Another file."""
        self._shots.clear()
        self._progress.clear()


SHOTS = ShotBoard()


def look_at_shots(scene: Any, depsgraph: Any) -> None:
    """Find out about all shots of a scene. Reads the cache's folder; for moments of rest."""
    for found in relight_nodes(scene):
        SHOTS.put(found.key, _shot_status(found, Moment(scene, depsgraph, scene.frame_current)))


def _shot_status(found: FoundNode, moment: Moment) -> ShotStatus | None:
    try:
        shot = shot_frames(found, moment)
        found_ready = shot_readiness(shot)
    except ChiaroError:
        return None  # The node says so already.
    plate = shot.loaded.plate
    if plate is None:
        return None
    height, width = shot.loaded.frame.image.shape[:2]
    return ShotStatus(
        plate=plate.path.name,
        width=width,
        height=height,
        frames=len(plate.frames),
        frame_rate=float(plate.frame_rate) if plate.frame_rate else None,
        readiness=found_ready,
        note=rate_note(plate.frame_rate, moment.scene),
    )


def shot_readiness(shot: Shot) -> Readiness | None:
    """How far a shot is analysed; None where no cache folder is in use.

    Raises:
        WeightsError: the networks are not installed.
    """
    from ..runtime.analysis_record import AnalysisRecord, readiness
    from ..runtime.cache import EncodingCache
    from ..runtime.relight import DEFAULT_CACHE_LIMIT_BYTES, networks_in_use

    settings = ENGINE.settings
    if settings.cache_folder is None or not shot.requests:
        return None
    record = AnalysisRecord(settings.cache_folder, shot.requests[0].plate)
    cache = EncodingCache(settings.cache_folder, settings.cache_limit_bytes or DEFAULT_CACHE_LIMIT_BYTES)
    return readiness(shot.requests, record.frames(), cache.encoding_keys(), networks_in_use())


def _rate(rate: float) -> str:
    return f"{rate:.3f}".rstrip("0").rstrip(".")


def rate_note(frame_rate: Any, scene: Any) -> str | None:
    """A plate of another rate than the scene runs too fast or too slowly, as Blender goes through it frame by frame.

    Returns:
        A sentence, or None where the rates agree or the plate has none.
    """
    if not frame_rate:
        return None
    scene_rate = scene.render.fps / scene.render.fps_base
    if abs(float(frame_rate) - scene_rate) < 0.002 * scene_rate:
        return None
    return (
        f"The plate runs at {_rate(float(frame_rate))} frames per second, the scene at {_rate(scene_rate)}; "
        "set the scene's frame rate to the plate's."
    )
