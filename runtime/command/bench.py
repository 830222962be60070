"""`chiaro bench`: how long each stage takes on this machine."""

import platform
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..arrays import Float32Array
from ..camera import camera_from_lens
from ..crop import box_reduced, sample_bilinear
from ..encode import encode
from ..errors import SettingsError
from ..light.environment import environment_from_map
from ..light.light import Environment, Light
from ..network import available_providers, load_network
from ..orbit import looking_along_y, turned_around
from ..plate.opening import open_plate
from ..plate.plate import PlateFrame
from ..relight import Relighter, RelightRequest
from ..stopwatch import Stopwatch
from ..view.view_camera import head_centre
from .lamps import placed_lamp
from .options import parse_lamp
from .plate_options import PROVIDER_HELP

SIZES = {"512x512": (512, 512), "1080p": (1920, 1080), "2160p": (3840, 2160)}
STAGES = ("locate", "encode", "view", "light", "compose")


def bench(
    plate: Annotated[
        Path | None, typer.Argument(help="A still with one person; scikit-image's astronaut by default.")
    ] = None,
    runs: Annotated[int, typer.Option(help="Runs of which the median is taken.")] = 7,
    provider: Annotated[list[str] | None, typer.Option(help=PROVIDER_HELP)] = None,
    blender: Annotated[
        bool, typer.Option(help="Also measure what Blender adds, where its module bpy is installed.")
    ] = True,
) -> None:
    """Measure every stage at 512x512, 1080p and 2160p; prints medians in milliseconds."""
    with open_plate(plate or astronaut()) as opened:
        picture = opened.read(opened.first_frame).image
    typer.echo(
        f"{platform.processor() or platform.machine()}, providers {', '.join(available_providers())}, {runs} runs"
    )
    typer.echo(f"{'plate':<10}" + "".join(f"{name:>12}" for name in (*STAGES, "whole frame", "light moved")))
    for name, (width, height) in SIZES.items():
        medians = measure(fitted(picture, width, height), runs, provider)
        typer.echo(f"{name:<10}" + "".join(f"{1000 * value:>9.1f} ms" for value in medians))
    if blender:
        typer.echo("")
        subprocess.run([sys.executable, "-m", "chiaro.addon.measure_overhead"], check=False)


def astronaut() -> Path:
    """The portrait that scikit-image carries (NASA, public domain).

    Raises:
        SettingsError: scikit-image is not installed.
    """
    try:
        import skimage  # type: ignore[import-untyped, unused-ignore]  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise SettingsError("scikit-image is not installed: install it, or name a portrait to measure with.") from error
    return Path(skimage.__file__).parent / "data" / "astronaut.png"


def fitted(picture: Float32Array, width: int, height: int) -> Float32Array:
    """The picture enlarged to a plate's height, in the middle of a grey plate."""
    scale = height / picture.shape[0]
    inner = min(width, round(picture.shape[1] * scale))
    x, y = np.meshgrid(np.arange(inner) + 0.5, np.arange(height) + 0.5)
    enlarged = sample_bilinear(box_reduced(picture, max(1, int(1 / scale))), np.stack([x, y], axis=-1) / scale)
    plate = np.full((height, width, 3), 0.18, dtype=np.float32)
    left = (width - inner) // 2
    plate[:, left : left + inner] = enlarged
    return plate


def sky_and_ground() -> Environment:
    """A small environment: bright above, dark below, a warm side."""
    radiance = np.full((64, 128, 3), 0.1, dtype=np.float32)
    radiance[:32] = (0.6, 0.8, 1.2)
    radiance[20:40, 20:40] = (8.0, 5.0, 3.0)
    return environment_from_map(radiance)


def measure(image: Float32Array, runs: int, provider: list[str] | None) -> list[float]:
    """Median seconds: each stage of a fresh frame, the whole fresh frame, and a frame where only a light moved."""
    frame = PlateFrame(image=image, alpha=None, frame=1, pixel_aspect=1.0, identity="bench")
    camera = camera_from_lens(image.shape[1], image.shape[0], world_from_camera=looking_along_y())
    portrait = load_network("portrait", providers=provider)
    warm = Relighter(providers=provider)
    box = warm.choose(frame).box
    encoding = encode(image, camera, box, portrait)
    head = head_centre(encoding.crop, camera)
    lamp = placed_lamp(parse_lamp("area yaw=40 pitch=30"), camera, head)
    request = RelightRequest(camera, turned_around(camera, head, yaw=0.1, pitch=0.0), Light(sky_and_ground(), (lamp,)))
    by_stage: dict[str, list[float]] = {stage: [] for stage in STAGES}
    whole, light_moved = [], []
    for run in range(runs):
        engine = Relighter(providers=provider)
        fresh = replace(frame, identity=f"bench {run}")
        whole.append(seconds(partial(engine.relight, fresh, request)))
        result = Relighter(providers=provider).relight(fresh, request)
        for stage in STAGES:
            by_stage[stage].append(result.seconds.get(stage, 0.0))
        moved = replace(request, light=Light(sky_and_ground()))
        light_moved.append(seconds(partial(engine.relight, fresh, moved)))
    return [statistics.median(values) for values in (*by_stage.values(), whole, light_moved)]


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    stopwatch = Stopwatch()
    with stopwatch.stage("action"):
        action()
    return stopwatch.seconds["action"]
