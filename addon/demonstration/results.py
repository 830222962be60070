"""The demonstration's results: EXR with the final channel names, a movie, a contact sheet."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...runtime.camera import Camera, camera_from_lens
from ...runtime.output.exr import write_passes_exr
from ...runtime.output.movie import write_movie
from ...runtime.passes import Passes
from ...runtime.plate.opening import open_plate
from .contact_sheet import write_sheet
from .pass_output import passes_from_layers, read_layers
from .render_in_blender import RenderJob

FRAME_RATE = 24


def collect_results(job: RenderJob) -> Iterator[str]:
    """Write the results from what Blender rendered; yields a line for each."""
    output = Path(job.output)
    cameras = json.loads(job.cameras.read_text(encoding="utf-8"))
    (output / "exr").mkdir(exist_ok=True)
    shown: list[Passes] = []
    numbers = range(1, job.frames + 1)
    for number in numbers:
        layers = read_layers(job.layers / f"passes_{number:04d}.exr")
        passes = passes_from_layers(layers, camera_of_frame(cameras[str(number)]))
        write_passes_exr(output / "exr" / f"relit.{number:04d}.exr", passes, frame=number)
        if number in (1, (1 + job.frames) // 2, job.frames):
            shown.append(passes)
    yield f"passes: {output / 'exr' / 'relit.0001.exr'} to {job.frames:04d}"
    yield f"pictures: {job.pictures / 'relit_0001.png'} to {job.frames:04d}"
    pictures = [job.pictures / f"relit_{number:04d}.png" for number in numbers]
    write_movie(output / "relit.mp4", pictures, frame_rate=FRAME_RATE)
    yield f"movie: {output / 'relit.mp4'}"
    with open_plate(Path(job.plate), kind="still") as plate:
        write_sheet(output / "contact_sheet.png", plate.read(plate.first_frame).image, shown, pictures)
    yield f"contact sheet: {output / 'contact_sheet.png'}"
    yield f"scene: {job.blend}"
    shutil.rmtree(job.layers)


def camera_of_frame(noted: dict[str, Any]) -> Camera:
    """The render camera as Blender noted it."""
    return camera_from_lens(
        noted["width"],
        noted["height"],
        focal_length_mm=noted["focal_length_mm"],
        sensor_width_mm=noted["sensor_width_mm"],
        world_from_camera=np.array(noted["world_from_camera"]),
    )
