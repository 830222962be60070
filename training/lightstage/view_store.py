"""Views and sequences drawn ahead of training, and sources that make pictures and clips from them."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ..assets import FaceModel
from .sample import Sample
from .sequence import random_action
from .stage import Moment, Stage
from .stored_environments import (
    load_environments,
    save_environments,
    separate_environments,
    stored_environments_path,
)
from .stored_picture import random_mixtures, stored_clip, stored_picture
from .stored_view import (
    MARGIN,
    load_stored_view,
    save_stored_view,
    separate_lights,
    stored_frame_path,
    stored_view,
    stored_view_path,
    widened,
)
from .view import draw_view

STORE_STREAM, PICTURE_STREAM, EPOCH_STREAM = 86028157, 122949829, 141650963
STORE_SEQUENCE_STREAM, CLIP_STREAM = 160481219, 179424691


class ViewSource(Protocol):
    """What training draws from: a stage, or stored views."""

    def view(self, index: int) -> list[Sample]:
        """The pictures of one view: the same for the same index."""
        ...


def random_stored_moment(stage: Stage, random: np.random.Generator) -> Moment:
    """A random moment whose person is not mirrored: half of the pictures made of it are."""
    moment = stage.moment(random)
    return replace(moment, pose=replace(moment.pose, mirrored=False))


def draw_stored_environments(stage: Stage, index: int) -> None:
    """Draw what surrounds the person of a stored view, light by light, unless it is there."""
    path = stored_environments_path(stage.folder, stage.seed, index)
    if path.exists():
        return
    random = stage.random(index, STORE_STREAM)
    moment = random_stored_moment(stage, random)
    save_environments(separate_environments(separate_lights(stage.panoramas, moment.upright_from_camera, random)), path)


def stored_moment(stage: Stage, index: int) -> Moment:
    """Who stands where in a stored view, for truth that is not kept with it (points of the person's volume)."""
    return random_stored_moment(stage, stage.random(index, STORE_STREAM))


def draw_stored_view(stage: Stage, index: int) -> None:
    """Draw a view by (seed, index) into the cache, unless it is there."""
    path = stored_view_path(stage.folder, stage.seed, index)
    if path.exists():
        return
    random = stage.random(index, STORE_STREAM)
    moment = random_stored_moment(stage, random)
    pose = moment.pose
    wide = widened(pose, stage.size)
    view = draw_view(moment.subject, wide, stage.size + 2 * MARGIN, stage.masks)
    lights = separate_lights(stage.panoramas, moment.upright_from_camera, random)
    save_stored_view(stored_view(view, pose, lights, stage.panoramas), path)


def draw_stored_sequence(stage: Stage, model: FaceModel, index: int, frames: int) -> None:
    """Draw the frames of a sequence by (seed, index) into the cache, unless they are there."""
    paths = [stored_frame_path(stage.folder, stage.seed, index, frame) for frame in range(frames)]
    if all(path.exists() for path in paths):
        return
    random = stage.random(index, STORE_SEQUENCE_STREAM)
    moment = random_stored_moment(stage, random)
    action = random_action(stage, model, moment, frames, random)
    lights = separate_lights(stage.panoramas, moment.upright_from_camera, random)
    for frame, path in enumerate(paths):
        pose = action.motion.poses[frame]
        subject = replace(moment.subject, person=action.talking.at(frame))
        view = draw_view(subject, widened(pose, stage.size), stage.size + 2 * MARGIN, stage.masks)
        turned = lights.seen_from(action.motion.camera_from_first[frame])
        save_stored_view(stored_view(view, pose, turned, stage.panoramas), path)


@dataclass(frozen=True)
class StoredSequences:
    """Stored sequences under ever new light.

    Attributes:
        stage: they were drawn on.
        count: of sequences.
        frames: of each.
    """

    stage: Stage
    count: int
    frames: int

    def sequence(self, index: int, *, takes: int = 1) -> list[list[Sample]]:
        """Takes of one sequence, each a list of frames under its own light: (seed, index) decides everything."""
        epoch, place = divmod(index, self.count)
        order = np.random.default_rng((self.stage.seed, EPOCH_STREAM, epoch, self.frames)).permutation(self.count)
        chosen, folder, seed = int(order[place]), self.stage.folder, self.stage.seed
        views = [load_stored_view(stored_frame_path(folder, seed, chosen, frame)) for frame in range(self.frames)]
        random = self.stage.random(index, CLIP_STREAM)
        return [
            stored_clip(self.stage, views, random_mixtures(views[0], self.frames, random), random) for _ in range(takes)
        ]


@dataclass(frozen=True)
class StoredViews:
    """A stage whose pictures are made from stored views: each epoch shows every view once, in another order.

    Attributes:
        stage: the views were drawn on.
        count: of views.
    """

    stage: Stage
    count: int

    def stored(self, index: int) -> int:
        """Which stored view the pictures of `index` are made from."""
        epoch, place = divmod(index, self.count)
        order = np.random.default_rng((self.stage.seed, EPOCH_STREAM, epoch)).permutation(self.count)
        return int(order[place])

    def view(self, index: int) -> list[Sample]:
        """Pictures of one view under new light: (seed, index) decides everything."""
        folder, seed, stored = self.stage.folder, self.stage.seed, self.stored(index)
        view = load_stored_view(stored_view_path(folder, seed, stored))
        environments = load_environments(stored_environments_path(folder, seed, stored))
        random = self.stage.random(index, PICTURE_STREAM)
        return [stored_picture(self.stage, view, random, environments) for _ in range(self.stage.relights)]
