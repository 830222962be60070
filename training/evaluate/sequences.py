"""Rendered sequences of held-out people: how steady the relit frames are, and how right."""

from collections.abc import Sequence as Several
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...runtime.arrays import BoolArray, Float32Array
from ...runtime.errors import HeadError
from ...runtime.light.light import Light
from ...runtime.plate.colour import linear_from_srgb
from ..assets import FaceModel
from ..benchmark import FIRST_SEQUENCE
from ..lightstage.picture import Photograph
from ..lightstage.pose import mesh_rotation
from ..lightstage.sequence import Take, draw_sequence
from ..lightstage.stage import Stage
from ..lightstage.view import View, lit
from .held_out import EVALUATION_STREAM, FIRM, held_out_environment, mean_luminance
from .motion_truth import Motion, true_motion
from .picture_measures import psnr, shown, warping_error
from .product import Encoder, PreparedPlate
from .stage_plate import StagePlate, product_light, stage_plate

Numbers = dict[str, float]


@dataclass(frozen=True)
class HeldOutSequence:
    """Frames of a moment that goes on, and the same frames under one new light that stands still in the world.

    Attributes:
        views: (F,) of each frame.
        plates: (F,) photographed under the sequence's own, changing light, at one exposure.
        lights: (F,) the new light, in the product's world of each frame.
        truths: (F,) (h, w, 3) linear radiance under it.
        motions: (F - 1,).
    """

    views: tuple[View, ...]
    plates: tuple[StagePlate, ...]
    lights: tuple[Light, ...]
    truths: tuple[Float32Array, ...]
    motions: tuple[Motion, ...]

    def inside(self, frame: int) -> BoolArray:
        """(h, w) firmly the person, and recorded."""
        return (self.views[frame].maps.matte > FIRM) & self.plates[frame].recorded


def held_out_sequence(stage: Stage, model: FaceModel, number: int, frames: int) -> HeldOutSequence:
    """A sequence of the benchmark by its number.

    Args:
        stage: `benchmark_stage`.
        model: for expressions.
        number: from 0.
        frames: how many; the benchmark's own are 12 long.
    """
    sequence = draw_sequence(stage, model, FIRST_SEQUENCE + number, frames=frames)
    take, views = sequence.takes[0], sequence.views
    plates = _plates(take, views)
    random = np.random.default_rng((stage.seed, EVALUATION_STREAM, FIRST_SEQUENCE + number))
    light = held_out_environment(stage, random, sequence.moment.upright_from_camera)
    first = plates[0].on_square(plates[0].image)
    inside = (views[0].maps.matte > FIRM) & plates[0].recorded
    level = mean_luminance(first, inside)
    level /= max(mean_luminance(lit(views[0], light.on(mesh_rotation(views[0].pose))).radiance, inside), 1e-6)
    lights = [light.scaled(level).seen_from(turn) for turn in sequence.motion.camera_from_first]
    truths = [lit(view, one.on(mesh_rotation(view.pose))).radiance for view, one in zip(views, lights, strict=True)]
    motions = [true_motion(here, after) for here, after in pairwise(views)]
    return HeldOutSequence(views, plates, tuple(map(product_light, lights)), tuple(truths), tuple(motions))


def _plates(take: Take, views: Several[View]) -> tuple[StagePlate, ...]:
    """The frames as linear plates: the gain that each was shown to a network with is taken out again."""
    plates, reference = [], None
    for frame, (view, photograph) in enumerate(zip(views, take.photographs, strict=True)):
        true = take.script.at(frame)
        # Green alone: the white balance, which the whole shot shares, would weigh channels differently.
        gain = float(photograph.light[0, 1]) / max(float(true.on(np.eye(3)).head_harmonics[0, 1]), 1e-12)
        reference = gain if reference is None else reference
        linear = linear_from_srgb(photograph.plate.astype(np.float32).transpose(1, 2, 0)) * (reference / gain)
        plates.append(stage_plate(linear.astype(np.float32), view.pose, recorded_edges(photograph)))
    return tuple(plates)


def recorded_edges(photograph: Photograph) -> tuple[int, int, int, int]:
    """First and last row, first and last column that the camera recorded: beyond, the last of them is repeated."""
    top, bottom = _repeats(photograph.plate.transpose(1, 0, 2))
    left, right = _repeats(photograph.plate.transpose(2, 0, 1))
    return top, bottom, left, right


def _repeats(lines: np.ndarray) -> tuple[int, int]:  # type: ignore[type-arg]  # any number
    """First and last of the lines (n, ...) that are not mere copies of their inner neighbour, four at least."""
    same = (lines[1:] == lines[:-1]).reshape(len(lines) - 1, -1).all(axis=1)
    first = int(np.argmin(same)) if not same.all() else 0
    last = len(lines) - 1 - (int(np.argmin(same[::-1])) if not same.all() else 0)
    return (first, last) if last - first >= 4 else (0, len(lines) - 1)


def relit_frames(sequence: HeldOutSequence, encoder: Encoder) -> list[Float32Array]:
    """(F,) of (h, w, 3) linear: the sequence under its new light.

    Raises:
        HeadError: a head is turned too far for the product.
    """
    encoder.begin()
    pictures = []
    for plate, light in zip(sequence.plates, sequence.lights, strict=True):
        encoding = encoder.encode(plate.image, plate.camera, plate.box)
        ready = PreparedPlate(plate.image, plate.camera, encoding)
        pictures.append(plate.on_square(ready.under(light, wanted=frozenset({"image"})).image[..., :3]))
    return pictures


def steadiness(sequence: HeldOutSequence, pictures: Several[Float32Array]) -> Numbers:
    """Numbers of relit frames.

    Args:
        sequence: the truth.
        pictures: (F,) of (h, w, 3) linear.

    Returns:
        "warping error"; "warping error of the error", in which what moves rightly cancels; and "lighting error", the
        mean RMSE of the frames against the truth.
    """
    inside = sequence.inside(0)
    shown_pictures = [shown(picture, sequence.truths[0], inside) for picture in pictures]
    truths = [shown(picture, sequence.truths[0], inside) for picture in sequence.truths]
    motions = [motion.pixels for motion in sequence.motions]
    visible = [
        motion.visible & sequence.plates[frame].recorded & sequence.plates[frame + 1].recorded
        for frame, motion in enumerate(sequence.motions)
    ]
    differences = [ours - theirs for ours, theirs in zip(shown_pictures, truths, strict=True)]
    decibels = [
        psnr(ours, theirs, sequence.inside(frame))
        for frame, (ours, theirs) in enumerate(zip(shown_pictures, truths, strict=True))
    ]
    return {
        "warping error": warping_error(shown_pictures, motions, visible),
        "warping error of the error": warping_error(differences, motions, visible),
        "lighting error": float(np.mean([10.0 ** (-value / 20.0) for value in decibels])),
    }


def measured_sequence(sequence: HeldOutSequence, encoder: Encoder) -> Numbers | None:
    """Steadiness of what an encoder makes of a sequence; None where the product refuses a head."""
    try:
        return steadiness(sequence, relit_frames(sequence, encoder))
    except HeadError:
        return None
