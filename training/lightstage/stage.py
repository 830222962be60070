"""The stage: prepared people and environments, and the pictures drawn from them by (seed, index)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.crop import CROP_SIZE
from ..assets import AssetError, FaceModel
from .appearance import random_appearance
from .avatars.atlas import load_atlas
from .lights import SceneLight, random_lean, random_light
from .panorama import Panorama
from .person import PersonKind, load_person, person_path
from .picture import Photograph, photograph_clip, random_shot
from .pose import Pose, random_pose
from .sample import Sample, sample_maps, sample_of
from .skin import facial_masks
from .view import Subject, View, draw_view

VIEW_STREAM = 104729
"""Keeps the random numbers of views apart from those of people and networks."""


@dataclass(frozen=True)
class People:
    """Who may step on the stage.

    Attributes:
        heads: how many people with ICT-FaceKit heads, from `first` on.
        avatars: how many textured people, from `first` on.
        avatar_share: how often a textured one is drawn where both kinds are there.
        first: index of the first of either kind.
    """

    heads: int
    avatars: int = 0
    avatar_share: float = 0.45
    first: int = 0

    def drawn(self, random: np.random.Generator) -> tuple[PersonKind, int]:
        """Kind and index of a random person."""
        textured = random.uniform() < self.avatar_share
        if self.avatars and (textured or not self.heads):
            return PersonKind.AVATAR, self.first + int(random.integers(self.avatars))
        return PersonKind.ICT, self.first + int(random.integers(self.heads))


@dataclass(frozen=True)
class Moment:
    """A person before the first camera.

    Attributes:
        subject: who it is.
        pose: of the head against the camera.
        upright_from_camera: (3, 3) rotation to axes with y up.
    """

    subject: Subject
    pose: Pose
    upright_from_camera: Float64Array


@dataclass(frozen=True)
class Drawn:
    """A view and its pictures.

    Attributes:
        moment: who stands where.
        view: what the camera sees.
        photographs: under one light each.
    """

    moment: Moment
    view: View
    photographs: tuple[Photograph, ...]


@dataclass(frozen=True)
class Stage:
    """Everything that samples are drawn from.

    Attributes:
        folder: prepared people, and the textures of avatars.
        seed: of the people and the samples.
        people: who is used.
        panoramas: environments.
        masks: `skin.facial_masks`.
        relights: pictures drawn from each view of a person, under as many lights.
        size: pixels.
    """

    folder: Path
    seed: int
    people: People
    panoramas: tuple[Panorama, ...]
    masks: Float32Array
    relights: int = 2
    size: int = CROP_SIZE

    def __post_init__(self) -> None:
        """Refuse a stage without environments or people."""
        count = self.people.heads + self.people.avatars
        if not self.panoramas or count < 1:
            raise AssetError(
                f"The stage has {len(self.panoramas)} environments and {count} people; "
                "at least one of each is needed: run `chiaro-train prepare` and check the hdri folder."
            )

    def random(self, index: int, stream: int = VIEW_STREAM) -> np.random.Generator:
        """The random numbers of one view."""
        return np.random.default_rng((self.seed, stream, index))

    def subject(self, random: np.random.Generator) -> Subject:
        """A random person with a random appearance."""
        kind, index = self.people.drawn(random)
        file = person_path(self.folder, kind, self.seed, index)
        person = load_person(file)
        atlas = load_atlas(self.folder, person.atlas) if person.atlas else None
        return Subject(person, atlas, random_appearance(random), float(random.uniform(0.5, 1.6)), file)

    def moment(self, random: np.random.Generator) -> Moment:
        """A random person somewhere before a camera."""
        return Moment(self.subject(random), random_pose(random), random_lean(random))

    def light(self, random: np.random.Generator, moment: Moment) -> SceneLight:
        """A random light on a moment, in its camera's axes."""
        return random_light(self.panoramas, random, moment.upright_from_camera)

    def drawn(self, index: int) -> Drawn:
        """One view with its pictures: (seed, index) decides everything."""
        random = self.random(index)
        moment = self.moment(random)
        view, photographs = draw_view(moment.subject, moment.pose, self.size, self.masks), []
        for _ in range(self.relights):
            light = self.light(random, moment)
            photographs += photograph_clip([view], [light], random_shot(light.background, self.size, random))
        return Drawn(moment, view, tuple(photographs))

    def view(self, index: int) -> list[Sample]:
        """The pictures of one view as the portrait network is taught them."""
        drawn = self.drawn(index)
        maps = sample_maps(drawn.view)
        return [sample_of(maps, shown.plate, shown.light, shown.environment) for shown in drawn.photographs]


def make_stage(
    model: FaceModel,
    panoramas: tuple[Panorama, ...],
    folder: Path,
    *,
    seed: int,
    people: People,
    relights: int = 2,
) -> Stage:
    """A stage with the model's facial masks."""
    return Stage(folder, seed, people, panoramas, facial_masks(model), relights)
