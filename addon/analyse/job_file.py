"""What the worker is to do, as a JSON file from Blender to the worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...runtime.analysis_record import FrameRequest, MatteReference, PlateReference
from ...runtime.camera import Camera
from ...runtime.head import HeadBox


@dataclass(frozen=True)
class JobDescription:
    """The frames of one plate for one Relight node.

    Attributes:
        cache_folder: gets the encodings.
        cache_limit_bytes: size the folder is kept under.
        providers: what the networks run on; None chooses automatically.
        requests: the frames, ascending.
    """

    cache_folder: str
    cache_limit_bytes: int
    providers: Sequence[str] | None
    requests: Sequence[FrameRequest]


def write_job(job: JobDescription, path: Path) -> None:
    """Write a job for the worker."""
    stored = {
        "cache_folder": job.cache_folder,
        "cache_limit_bytes": job.cache_limit_bytes,
        "providers": job.providers,
        "requests": [_request_to_json(request) for request in job.requests],
    }
    path.write_text(json.dumps(stored), encoding="utf-8")


def read_job(path: Path) -> JobDescription:
    """Read what `write_job` wrote."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    requests = [_request_from_json(request) for request in stored.pop("requests")]
    return JobDescription(requests=requests, **stored)


def _request_to_json(request: FrameRequest) -> dict[str, Any]:
    return {
        "plate": asdict(request.plate),
        "frame": request.frame,
        "person": request.person,
        "box": asdict(request.box) if request.box else None,
        "lens": request.camera.intrinsics,
        "matte": asdict(request.matte) if request.matte else None,
    }


def _request_from_json(stored: dict[str, Any]) -> FrameRequest:
    return FrameRequest(
        plate=PlateReference(**stored["plate"]),
        frame=stored["frame"],
        camera=Camera(*stored["lens"]),
        person=stored["person"],
        box=HeadBox(**stored["box"]) if stored["box"] else None,
        matte=MatteReference(**stored["matte"]) if stored["matte"] else None,
    )
