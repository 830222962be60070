"""Short sequences: a talking, moving head before a moving camera under changing light, photographed as a clip."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import Float64Array
from ..assets import FaceModel
from .gestures import movement, random_curves
from .light_script import LightScript, random_script
from .motion import HeadMotion, random_motion
from .picture import Photograph, photograph_clip, random_shot
from .sample import Sample, sample_maps, sample_of
from .stage import Moment, Stage
from .talking import TalkingPerson, talking_person
from .view import View, draw_view

SEQUENCE_STREAM = 32452867


@dataclass(frozen=True)
class Take:
    """The frames of a sequence under one script of light.

    Attributes:
        script: of the light.
        samples: (F,) pictures and truth.
        photographs: (F,) the same with lamps, environment and clean radiance.
    """

    script: LightScript
    samples: tuple[Sample, ...]
    photographs: tuple[Photograph, ...]


@dataclass(frozen=True)
class Sequence:
    """A moment that goes on.

    Attributes:
        moment: its first frame.
        motion: of head and camera.
        curves: (G, F) of the face's gestures.
        views: (F,) what the camera sees.
        takes: the same frames under one or more scripts of light: the second take of a moment is what relighting the
            first one must give.
    """

    moment: Moment
    motion: HeadMotion
    curves: Float64Array
    views: tuple[View, ...]
    takes: tuple[Take, ...]


@dataclass(frozen=True)
class Action:
    """What happens in front of the camera.

    Attributes:
        motion: of head and camera.
        curves: (G, F) of the face's gestures.
        talking: the person in each frame.
    """

    motion: HeadMotion
    curves: Float64Array
    talking: TalkingPerson


def random_action(stage: Stage, model: FaceModel, moment: Moment, frames: int, random: np.random.Generator) -> Action:
    """A moment that goes on for some frames."""
    motion, curves = random_motion(moment.pose, frames, random), random_curves(random, frames)
    person = moment.subject.person
    talking = talking_person(person, movement(person, model, stage.folder), curves, int(random.integers(2**62)))
    return Action(motion, curves, talking)


def draw_sequence(stage: Stage, model: FaceModel, index: int, *, frames: int = 16, takes: int = 1) -> Sequence:
    """A sequence by (seed, index), at 25 frames a second.

    Args:
        stage: the stage.
        model: for the expressions of heads.
        index: of the sequence.
        frames: how many.
        takes: scripts of light.
    """
    random = stage.random(index, SEQUENCE_STREAM)
    moment = stage.moment(random)
    action = random_action(stage, model, moment, frames, random)
    views = _views(stage, moment, action.motion, action.talking)
    shot = tuple(_take(stage, moment, action.motion, views, random) for _ in range(takes))
    return Sequence(moment, action.motion, action.curves, views, shot)


def _views(stage: Stage, moment: Moment, motion: HeadMotion, talking: TalkingPerson) -> tuple[View, ...]:
    views = []
    for frame, pose in enumerate(motion.poses):
        subject = replace(moment.subject, person=talking.at(frame))
        views.append(draw_view(subject, pose, stage.size, stage.masks))
    return tuple(views)


def _take(
    stage: Stage, moment: Moment, motion: HeadMotion, views: tuple[View, ...], random: np.random.Generator
) -> Take:
    first, second = stage.light(random, moment), stage.light(random, moment)
    script = random_script(first, second, len(views), random, moment.upright_from_camera)
    shot = random_shot(script.first.background, stage.size, random)
    lights = [script.at(frame).seen_from(motion.camera_from_first[frame]) for frame in range(len(views))]
    photographs = photograph_clip(list(views), lights, shot)
    samples = [
        sample_of(sample_maps(view), photograph.plate, photograph.light, photograph.environment)
        for view, photograph in zip(views, photographs, strict=True)
    ]
    return Take(script, tuple(samples), tuple(photographs))
