"""How large the networks are and how long the product takes with them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .product import THREADS, Contestant, PreparedPlate
from .real_frames import portrait_camera

RUNS = 9
RENDER_YAW = 20.0


@dataclass(frozen=True)
class Taken:
    """Time of one step.

    Attributes:
        shortest: of some runs, seconds on the clock.
        processor: mean seconds of processor time, over the threads: what the step takes alone on as many idle cores.
    """

    shortest: float
    processor: float


def taken(action: Callable[[], object]) -> Taken:
    """Time an action, after one run that does not count."""
    action()
    clock, start = [], time.process_time()
    for _ in range(RUNS):
        before = time.perf_counter()
        action()
        clock.append(time.perf_counter() - before)
    return Taken(min(clock), (time.process_time() - start) / RUNS / THREADS)


def measured_times(plate: PreparedPlate, contestant: Contestant) -> dict[str, float]:
    """Milliseconds of an encoding and of a view from a new camera, and megabytes of weights."""
    box, camera = plate.encoding.box, portrait_camera(plate, RENDER_YAW)
    encoded = taken(lambda: contestant.plain.encode(plate.plate, plate.camera, box))
    network = taken(lambda: contestant.portrait.run(plate=np.zeros((1, 5, 256, 256), np.float32)))
    rendered = taken(lambda: plate.seen_from(camera))
    fresh = taken(lambda: replace(plate, encoding=replace(plate.encoding)).seen_from(camera))
    fields = taken(lambda: _field_from_nothing(plate))
    return {
        "weights": weights_bytes(contestant) / 1e6,
        "encode": 1e3 * encoded.shortest,
        "encode, processor": 1e3 * encoded.processor,
        "encode, network alone": 1e3 * network.shortest,
        "render": 1e3 * rendered.shortest,
        "render, processor": 1e3 * rendered.processor,
        "render, first": 1e3 * fresh.shortest,
        **({"field": 1e3 * fields.shortest} if contestant.field else {}),
    }


def _field_from_nothing(plate: PreparedPlate) -> None:
    """Make a frame's field and its grid anew, where it has one."""
    field = replace(plate).field
    if field is not None:
        _ = field.grid


def weights_bytes(contestant: Contestant) -> int:
    """Size of all files that a folder's manifest names."""
    manifest = json.loads((contestant.folder / "manifest.json").read_text())
    return sum((contestant.folder / entry["file"]).stat().st_size for entry in manifest.values())
