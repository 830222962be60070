"""Random scenes: people, poses, colours and light exactly as the stage draws them for training."""

from dataclasses import replace

import numpy as np

from ..picture import MIDDLE_EXPOSURE, Exposure, view_exposure
from ..pose import mesh_rotation
from ..stage import Stage
from ..view import draw_view
from .scene import Scene

SCENE_STREAM = 60013
"""Keeps the random numbers of these scenes apart from those of the stage's views."""


def random_scene(stage: Stage, index: int) -> Scene:
    """A scene; the same for the same stage and index.

    Only the exposure is not random: an under-exposed picture would agree too well.
    """
    random = stage.random(index, SCENE_STREAM)
    moment = stage.moment(random)
    subject, pose = replace(moment.subject, gloss=1.0), moment.pose
    matrix = mesh_rotation(pose)
    light = stage.light(random, moment)
    view = draw_view(subject, pose, stage.size, stage.masks)
    middle = Exposure(MIDDLE_EXPOSURE, 0.0, np.ones(3), 1.0)
    factor = view_exposure(middle, view, light.on(matrix).harmonics(matrix))
    kind = subject.person.atlas or "head"
    return Scene(
        name=f"{index:02d} {kind}",
        subject=subject,
        masks=stage.masks,
        pose=pose,
        light=light.scaled(factor).on(matrix),
        size=stage.size,
    )
