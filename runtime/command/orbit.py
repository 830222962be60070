"""`chiaro orbit`: a person seen from around, and how much of what is seen the plate never saw."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..arrays import AnyFloatArray, Float32Array
from ..camera import Camera
from ..crop import sample_bilinear
from ..encoding import Encoding
from ..errors import SettingsError
from ..gbuffer import GBuffer
from ..light.calmed_light import calmed_map
from ..light.environment import environment_from_map, light_from_file
from ..light.harmonics import rotate_harmonics
from ..light.light import Light
from ..light.surroundings import surroundings_map
from ..orbit import turned_around
from ..output.contact_sheet import write_contact_sheet
from ..output.picture import normal_picture, weight_picture
from ..output.png import Picture, srgb_picture
from ..output.replacing import make_folder
from ..passes import Passes
from ..plate.colour import ColourSpace
from ..relight import RelightRequest
from ..view.head_field import head_field
from ..view.view import view
from ..view.view_camera import head_centre, view_crop_camera, world_from_crop_camera
from .options import parse_frames
from .plate_options import (
    BOX_HELP,
    COLOUR_SPACE_HELP,
    FOCAL_LENGTH_HELP,
    NO_CACHE_HELP,
    PERSON_HELP,
    PLATE_HELP,
    PROVIDER_HELP,
    SENSOR_WIDTH_HELP,
    open_for_work,
    relighter,
)
from .shared import CACHE_HELP, say

SIDE = 512
"""Pixels of each picture, which holds the head and what lies around it."""
HALF_WIDTH_METRES = 0.24
"""Of what a picture shows at the head's centre."""
LARGEST_TURN = 180.0
PAINT = np.array([1.0, 0.35, 0.05], np.float32)
"""Colour of what is painted from the field, over the grey of the surface."""


def orbit(
    plate: Annotated[str, typer.Argument(help=PLATE_HELP)],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The contact sheet (PNG).")] = Path("out/orbit.png"),
    yaw: Annotated[str, typer.Option(help="Turns of the camera to its right, in degrees.")] = "-40,-20,0,20,40",
    tilt: Annotated[float, typer.Option(help="Turn of the camera upwards, in degrees.")] = 0.0,
    hdri: Annotated[Path | None, typer.Option(help="Environment map; the plate's own light by default.")] = None,
    frame: Annotated[str, typer.Option(help="The plate's frame.")] = "all",
    colour_space: Annotated[ColourSpace, typer.Option(help=COLOUR_SPACE_HELP)] = "auto",
    focal_length: Annotated[float, typer.Option(help=FOCAL_LENGTH_HELP)] = 50.0,
    sensor_width: Annotated[float, typer.Option(help=SENSOR_WIDTH_HELP)] = 36.0,
    person: Annotated[int, typer.Option(help=PERSON_HELP)] = 0,
    box: Annotated[str | None, typer.Option(help=BOX_HELP)] = None,
    cache: Annotated[Path | None, typer.Option(help=CACHE_HELP)] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help=NO_CACHE_HELP)] = False,
    provider: Annotated[list[str] | None, typer.Option(help=PROVIDER_HELP)] = None,
) -> None:
    """See the person in a plate from around: relit, what is painted, albedo, normals and confidence, on one sheet."""
    turns = parse_turns(yaw)
    opened = open_for_work(
        plate, frames=frame, colour_space=colour_space, focal_length=focal_length, sensor_width=sensor_width, box=box
    )
    engine = relighter(cache, no_cache, provider)
    with opened.plate:
        first = opened.plate.read(parse_frames(frame, opened.plate.frames)[0])
        encoding = engine.analyse(first, opened.camera, person=person, box=opened.box, plate=opened.plate).encoding
        light = light_from_file(hdri) if hdri else plate_light(encoding, opened.camera)
        head, field = head_centre(encoding.crop, opened.camera), head_field(encoding, providers=provider)
        columns = []
        for turn in turns:
            turned = turned_around(opened.camera, head, yaw=np.deg2rad(turn), pitch=np.deg2rad(tilt))
            camera = close_up(view_crop_camera(encoding.crop, opened.camera, turned, SIDE), head)
            request = RelightRequest(opened.camera, camera, light, person=person, box=opened.box)
            passes = engine.relight(first, request, plate=opened.plate).passes
            seen = view(encoding, opened.camera, camera, size=SIDE, field=lambda: field)
            columns.append(pictures(f"{turn:+.0f}°", passes, seen))
    make_folder(output.resolve().parent)
    cells = [column[row] for row in range(len(columns[0])) for column in columns]
    write_contact_sheet(output, cells, columns=len(turns), cell_width=SIDE * 3 // 4)
    if field is None:
        say("The installed weights hold no field: what the plate never saw is guessed or missing.")
    say(f"The sheet is {output.resolve()}.")


def parse_turns(text: str) -> list[float]:
    """Degrees from "-40,0,40".

    Raises:
        SettingsError: other than numbers from −180 to 180.
    """
    try:
        turns = [float(part) for part in text.split(",")]
    except ValueError:
        turns = []
    if not turns or not all(abs(turn) <= LARGEST_TURN for turn in turns):
        raise SettingsError(f'The turns are "{text}"; degrees from -180 to 180 are expected, such as -40,-20,0,20,40.')
    return turns


def close_up(camera: Camera, head: AnyFloatArray) -> Camera:
    """A camera that looks at the head (3,) with a lens that brings it close."""
    distance = float(np.linalg.norm(camera.world_from_camera[:3, 3] - head))
    focal = camera.width / 2 * distance / HALF_WIDTH_METRES
    return replace(camera, focal_x=focal, focal_y=focal)


def plate_light(encoding: Encoding, camera: Camera) -> Light:
    """The light the plate was shot in, as a world."""
    rotation = world_from_crop_camera(encoding.crop, camera)[:3, :3]
    around = None if encoding.environment is None else surroundings_map(encoding.environment, rotation)
    radiance = calmed_map(rotate_harmonics(encoding.light, rotation), rotation[:, 2], around)
    return Light(environment_from_map(radiance))


def pictures(label: str, passes: Passes, seen: GBuffer) -> list[tuple[str, Picture]]:
    """A column of the sheet.

    Args:
        label: of the camera.
        passes: of the relit person.
        seen: the surface behind them.
    """
    share = np.zeros_like(seen.matte) if seen.painted is None else seen.painted.share
    inside = seen.matte > 0.5
    percent = 100 * float(share[inside].mean()) if inside.any() else 0.0
    matte = passes.matte[..., None]
    return [
        (f"{label} relit", srgb_picture(passes.image)),
        (f"painted {percent:.0f} %", painted_picture(seen, share, passes.camera)),
        ("albedo", srgb_picture(passes.albedo * matte)),
        ("normal", normal_picture(passes.normal, passes.matte)),
        ("confidence", weight_picture(passes.confidence)),
    ]


def painted_picture(seen: GBuffer, share: Float32Array, camera: Camera) -> Picture:
    """The surface in grey, as a lamp beside the camera lights it, and in colour what is painted from the field."""
    towards = seen.camera.world_from_camera[:3, 2].astype(np.float32)
    grey = np.clip(seen.normal @ towards, 0.1, 1.0)[..., None] * np.float32(0.6)
    colour = grey * (1 - share[..., None] * (1 - PAINT)) * seen.matte[..., None]
    # The surface is known on a wider picture around the same middle.
    x, y = np.meshgrid(np.arange(SIDE) + 0.5 - SIDE / 2, np.arange(SIDE) + 0.5 - SIDE / 2)
    scale = seen.camera.focal_x / camera.focal_x
    return srgb_picture(sample_bilinear(colour, np.stack([x, y], axis=-1) * scale + seen.camera.width / 2))
