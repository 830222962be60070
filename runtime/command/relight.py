"""`chiaro relight`: a plate under another light, without Blender."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from ..arrays import Float32Array, Float64Array
from ..encoding import Encoding
from ..errors import LightError, SettingsError
from ..light.environment import environment_from_map, light_from_file, turned_light
from ..light.light import Light
from ..light.scaled import scaled_light
from ..mattes import MatteFiles
from ..orbit import turned_around
from ..output.exr import write_passes_exr
from ..output.movie import write_movie
from ..output.pass_sheet import write_pass_sheet
from ..output.png import write_png
from ..output.replacing import make_folder
from ..passes import Passes
from ..plate.colour import ColourSpace
from ..plate.opening import open_plate
from ..relight import RelightRequest, RelightResult
from ..view.view_camera import head_centre
from .failures import Failures
from .lamps import placed_lamp
from .options import LampOption, Ramp, parse_lamp, parse_ramp
from .plate_options import (
    BOX_HELP,
    COLOUR_SPACE_HELP,
    FOCAL_LENGTH_HELP,
    FRAMES_HELP,
    MATTE_HELP,
    NO_CACHE_HELP,
    PERSON_HELP,
    PLATE_HELP,
    PROVIDER_HELP,
    SENSOR_WIDTH_HELP,
    OpenPlate,
    open_for_work,
    relighter,
)
from .shared import CACHE_HELP, progress_bar, say

RAMP_HELP = "one number, or FROM:TO over the frames"
DEFAULT_FRAME_RATE = 24
DARKNESS = Light(environment_from_map(np.zeros((8, 16, 3), np.float32)))
"""What is left where the plate's light fades with no other."""


@dataclass(frozen=True)
class LightOptions:
    """The light as typed.

    Attributes:
        world: the environment map's light, unturned, at its own exposure.
        rotation: degrees.
        exposure: stops.
        lamps: placed around the head.
    """

    world: Light
    rotation: Ramp
    exposure: Ramp
    lamps: tuple[LampOption, ...]

    def light(self, position: float, opened: OpenPlate, head: Float64Array) -> Light:
        """The light at 0 (first frame) to 1 (last frame)."""
        world = turned_light(self.world, float(np.deg2rad(self.rotation.at(position))))
        world = scaled_light(world, 2.0 ** self.exposure.at(position))
        lamps = tuple(placed_lamp(lamp, opened.camera, head) for lamp in self.lamps)
        light = Light(world.environment, world.lamps + lamps)
        return DARKNESS if light.is_empty else light


@dataclass(frozen=True)
class Step:
    """One picture to make: a plate frame, and where in the animation it is."""

    number: int
    plate_frame: int
    position: float


def relight(
    plate: Annotated[str, typer.Argument(help=PLATE_HELP)],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")] = Path("out"),
    hdri: Annotated[Path | None, typer.Option(help="Environment map (.hdr, .exr), equirectangular.")] = None,
    rotation: Annotated[str, typer.Option(help=f"Turn of the environment in degrees: {RAMP_HELP}.")] = "0",
    exposure: Annotated[str, typer.Option(help=f"Exposure of the environment in stops: {RAMP_HELP}.")] = "0",
    lamp: Annotated[
        list[str] | None,
        typer.Option(
            help='A lamp around the head, such as "area yaw=40 pitch=30 distance=1.5 power=60 size=0.5 '
            'colour=1,0.8,0.6"; sun, point, spot and area; watts, metres, degrees. May be repeated.'
        ),
    ] = None,
    orbit: Annotated[str, typer.Option(help=f"Turn of the camera to its right, in degrees: {RAMP_HELP}.")] = "0",
    tilt: Annotated[str, typer.Option(help=f"Turn of the camera upwards, in degrees: {RAMP_HELP}.")] = "0",
    frames: Annotated[str, typer.Option(help=FRAMES_HELP)] = "all",
    length: Annotated[int, typer.Option(help="Pictures to make of a still plate.")] = 1,
    strength: Annotated[float, typer.Option(help="Factor on the new light.")] = 1.0,
    plate_light: Annotated[
        str,
        typer.Option(
            help="Factor on the light of the shoot, which stays beside the new one: 1 adds the new light to the plate; "
            f"{RAMP_HELP}."
        ),
    ] = "0",
    mix: Annotated[float, typer.Option(help="0 is the plate, 1 the relit plate.")] = 1.0,
    own_light_removal: Annotated[
        float, typer.Option(help="How much of the plate's own shading to remove, 0 to 1.")
    ] = 1.0,
    colour_space: Annotated[ColourSpace, typer.Option(help=COLOUR_SPACE_HELP)] = "auto",
    focal_length: Annotated[float, typer.Option(help=FOCAL_LENGTH_HELP)] = 50.0,
    sensor_width: Annotated[float, typer.Option(help=SENSOR_WIDTH_HELP)] = 36.0,
    person: Annotated[int, typer.Option(help=PERSON_HELP)] = 0,
    box: Annotated[str | None, typer.Option(help=BOX_HELP)] = None,
    detail: Annotated[
        int, typer.Option(help="Of turned views: 1 for 256 pixels across the head, 2 for 512 in thrice the time.")
    ] = 1,
    steady: Annotated[bool, typer.Option(help="Let the last frames steady each, with weights that can.")] = True,
    matte: Annotated[str | None, typer.Option(help=MATTE_HELP)] = None,
    exr: Annotated[bool, typer.Option(help="Write an EXR with all passes per frame.")] = True,
    png: Annotated[bool, typer.Option(help="Write an sRGB picture per frame.")] = True,
    sheet: Annotated[bool, typer.Option(help="Write a contact sheet of the passes of the first frame.")] = True,
    resume: Annotated[bool, typer.Option(help="Leave out frames whose results are already there.")] = False,
    cache: Annotated[Path | None, typer.Option(help=CACHE_HELP)] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help=NO_CACHE_HELP)] = False,
    provider: Annotated[list[str] | None, typer.Option(help=PROVIDER_HELP)] = None,
) -> None:
    """Put the person in a plate under another light, and see them from another camera."""
    kept = parse_ramp(plate_light, "The plate light")
    if hdri is None and not lamp and max(kept.start, kept.end) <= 0 and mix == 1:
        raise LightError(
            "There is no light: give an environment with --hdri, a lamp with --lamp, or keep the plate's with "
            "--plate-light 1."
        )
    opened = open_for_work(
        plate,
        frames=frames,
        colour_space=colour_space,
        focal_length=focal_length,
        sensor_width=sensor_width,
        box=box,
    )
    light = LightOptions(
        light_from_file(hdri) if hdri else Light(),
        parse_ramp(rotation, "The rotation"),
        parse_ramp(exposure, "The exposure"),
        tuple(parse_lamp(text) for text in lamp or ()),
    )
    yaw, pitch = parse_ramp(orbit, "The orbit"), parse_ramp(tilt, "The tilt")
    engine = relighter(cache, no_cache, provider)
    matte_files = open_plate(matte, colour_space="linear") if matte else None
    mattes = MatteFiles(matte_files) if matte_files else None
    steps = plan(opened.frames, length)
    name = Path(plate).name.split(".")[0].rstrip("#_-%0123456789d") or "relit"

    def request(step: Step, encoding: Encoding) -> RelightRequest:
        head = head_centre(encoding.crop, opened.camera)
        camera = turned_around(
            opened.camera, head, yaw=np.deg2rad(yaw.at(step.position)), pitch=np.deg2rad(pitch.at(step.position))
        )
        return RelightRequest(
            opened.camera,
            camera,
            light.light(step.position, opened, head),
            strength=strength,
            plate_light=kept.at(step.position),
            mix=mix,
            own_light_removal=own_light_removal,
            person=person,
            box=opened.box,
            steady=steady,
            detail=detail,
            mattes=mattes,
        )

    results = Results(output, name, exr=exr, png=png, many=len(steps) > 1)
    make_folder(output)
    told: set[str] = set()
    failures = Failures(len(steps))
    with opened.plate, matte_files or nullcontext(), progress_bar() as progress:
        task = progress.add_task("relighting", total=len(steps))
        for step in steps:
            if resume and results.are_there(step.number):
                progress.advance(task)
                continue
            with failures.noted(step.number):
                frame = opened.plate.read(step.plate_frame)
                analysis = engine.analyse(
                    frame,
                    opened.camera,
                    person=person,
                    box=opened.box,
                    plate=opened.plate,
                    steady=steady,
                    mattes=mattes,
                )
                result = engine.relight(frame, request(step, analysis.encoding), plate=opened.plate)
                results.write(step.number, result)
                for message in set(result.messages) - told:
                    say(message)
                told |= set(result.messages)
                if sheet and step is steps[0]:
                    write_pass_sheet(results.sheet, frame.image, result.passes)
            progress.advance(task)
    if png and len(steps) > 1 and not failures:
        rate = opened.plate.frame_rate or DEFAULT_FRAME_RATE
        write_movie(results.movie, [results.png_path(step.number) for step in steps], frame_rate=rate)
    say(f"The results are in {output.resolve()}.")
    failures.raise_if_any("relit")


def plan(frames: list[int], length: int) -> list[Step]:
    """The pictures to make: one per plate frame, or `length` of a still.

    Raises:
        SettingsError: a length for a plate that moves, or none at all.
    """
    if length < 1:
        raise SettingsError(f"The length is {length}; one picture or more is expected.")
    if length > 1 and len(frames) > 1:
        raise SettingsError(f"The length is {length}, but the plate has {len(frames)} frames: leave --length out.")
    pairs = [(number, number) for number in frames] if length == 1 else [(n + 1, frames[0]) for n in range(length)]
    last = max(1, len(pairs) - 1)
    return [Step(number, plate_frame, index / last) for index, (number, plate_frame) in enumerate(pairs)]


@dataclass(frozen=True)
class Results:
    """Where results go: `name.0001.exr` for many frames, `name.exr` for one."""

    folder: Path
    name: str
    exr: bool
    png: bool
    many: bool

    def path(self, number: int, ending: str) -> Path:
        """The file of a frame."""
        counter = f".{number:04d}" if self.many else ""
        return self.folder / f"{self.name}_relit{counter}.{ending}"

    def png_path(self, number: int) -> Path:
        """The picture of a frame."""
        return self.path(number, "png")

    @property
    def sheet(self) -> Path:
        """The contact sheet."""
        return self.folder / f"{self.name}_passes.png"

    @property
    def movie(self) -> Path:
        """The movie of all pictures."""
        return self.folder / f"{self.name}_relit.mp4"

    def are_there(self, number: int) -> bool:
        """Whether a frame is finished."""
        wanted = [ending for ending, on in (("exr", self.exr), ("png", self.png)) if on]
        return all(self.path(number, ending).exists() for ending in wanted)

    def write(self, number: int, result: RelightResult) -> None:
        """Write what is wanted of a frame."""
        if self.exr:
            write_passes_exr(self.path(number, "exr"), result.passes, frame=number)
        if self.png:
            write_png(self.path(number, "png"), picture(result.passes))


def picture(passes: Passes) -> Float32Array:
    """(H, W, 4) the relit image over nothing."""
    return passes.image
