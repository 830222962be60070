"""Options about the plate that relight and analyse share."""

from dataclasses import dataclass
from pathlib import Path

from ..camera import Camera, camera_from_lens
from ..head import HeadBox
from ..orbit import looking_along_y
from ..plate.colour import ColourSpace
from ..plate.opening import open_plate
from ..plate.plate import Plate
from ..relight import Relighter
from .options import parse_box, parse_frames
from .shared import default_cache_folder

PLATE_HELP = "Photograph, image sequence (plate.####.exr, plate.%04d.exr, or one of its files) or movie."
FRAMES_HELP = "Frames of the plate: all, 7, 1-24, 1-100x10."
COLOUR_SPACE_HELP = "auto, srgb, rec709, linear or acescg."
FOCAL_LENGTH_HELP = "Focal length of the plate's camera in millimetres."
SENSOR_WIDTH_HELP = "The longer side of the sensor in millimetres."
PERSON_HELP = "Which person, if there are several: 0 is the largest head, 1 the next."
BOX_HELP = (
    "The head's box in plate pixels, X,Y,HALF[,ROLL]: the point between the ears, half the side of a square 0.5 m wide."
)
MATTE_HELP = (
    "The person's matte in place of the network's: a picture, sequence or movie of the plate's size; its alpha where "
    "it has one, else its brightness as stored. The plate itself, if that is keyed."
)
PROVIDER_HELP = (
    "What the networks run on: cpu, cuda, directml, coreml; the fastest there is by default. May be repeated."
)
NO_CACHE_HELP = "Keep nothing on disk."


@dataclass(frozen=True)
class OpenPlate:
    """A plate that is open, with its camera and the frames to work on."""

    plate: Plate
    camera: Camera
    frames: list[int]
    box: HeadBox | None


def open_for_work(
    path: str, *, frames: str, colour_space: ColourSpace, focal_length: float, sensor_width: float, box: str | None
) -> OpenPlate:
    """Open the plate that the options describe; its camera stands at the origin and looks along +Y."""
    plate = open_plate(path, colour_space=colour_space)
    camera = camera_from_lens(
        plate.width,
        plate.height,
        focal_length_mm=focal_length,
        sensor_width_mm=sensor_width,
        world_from_camera=looking_along_y(),
    )
    numbers = parse_frames(frames, plate.frames)
    return OpenPlate(plate, camera, numbers, parse_box(box) if box else None)


def relighter(cache: Path | None, no_cache: bool, provider: list[str] | None) -> Relighter:
    """A relighter with the cache and the providers that the options name."""
    folder = None if no_cache else cache or default_cache_folder()
    return Relighter(cache_folder=folder, providers=provider)
