"""How the light changes over a shot: not at all, from one light to another, turning around, or with a moving lamp."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from ...runtime.arrays import Float64Array
from .body import rotation_yaw_pitch_roll
from .lights import SceneLight, mixed
from .motion import smooth_path


class Change(StrEnum):
    """What the light does."""

    STEADY = "steady"
    MIXING = "mixing"
    """Between two lights, the share drawn from Beta(0.5, 0.5) as NVPR draws its triplets."""
    SWITCHING = "switching"
    """From one light to another between two frames."""
    TURNING = "turning"
    """The person on a turntable, or a light carried around them."""
    SWAYING = "swaying"
    """Lamps that move."""


@dataclass(frozen=True)
class LightScript:
    """The light of every frame of a shot, in the axes of the first frame's camera.

    Attributes:
        change: what it does.
        first: light at share 1.
        second: light at share 0.
        share: (F,) of the first light.
        turn: (F,) radians about the vertical.
        sway: (F, 2) radians that lamps are moved by, sideways and up.
        upright_from_camera: (3, 3) of the first camera.
    """

    change: Change
    first: SceneLight
    second: SceneLight
    share: Float64Array
    turn: Float64Array
    sway: Float64Array
    upright_from_camera: Float64Array

    def at(self, frame: int) -> SceneLight:
        """The light of a frame, axes of the first frame's camera."""
        share = float(self.share[frame])
        light = self.first if share >= 1.0 else mixed(self.first, self.second, share)
        if self.sway[frame].any():
            sideways, upwards = self.sway[frame]
            light = replace(light, lamps=light.lamps.turned(rotation_yaw_pitch_roll(sideways, upwards, 0.0)))
        if self.turn[frame]:
            upright = rotation_yaw_pitch_roll(float(self.turn[frame]), 0.0, 0.0)
            light = light.seen_from(self.upright_from_camera.T @ upright @ self.upright_from_camera)
        return light


def random_script(
    first: SceneLight,
    second: SceneLight,
    frames: int,
    random: np.random.Generator,
    upright_from_camera: Float64Array,
) -> LightScript:
    """A script that begins with any mixture of two lights.

    Args:
        first: axes of the first frame's camera.
        second: another, brought to about the first's strength so that a change shows in its kind and not its level.
        frames: how many.
        random: generator.
        upright_from_camera: (3, 3).
    """
    change = Change(str(random.choice([c.value for c in Change], p=[0.3, 0.28, 0.07, 0.2, 0.15])))
    share, turn, sway = np.ones(frames), np.zeros(frames), np.zeros((frames, 2))
    if change is Change.MIXING:
        ends = random.beta(0.5, 0.5, 2)
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, frames))
        share = ends[0] + (ends[1] - ends[0]) * ramp
    elif change is Change.SWITCHING:
        share = np.where(np.arange(frames) < random.integers(1, max(2, frames)), 1.0, float(random.beta(0.5, 0.5)))
    elif change is Change.TURNING:
        turn = np.deg2rad(random.choice([-1, 1]) * random.uniform(30.0, 160.0)) * np.linspace(0.0, 1.0, frames)
    elif change is Change.SWAYING:
        sway = np.stack([smooth_path(random, frames, 1.5) * 0.35, smooth_path(random, frames, 1.5) * 0.2], axis=1)
    return LightScript(change, first, _level_with(second, first), share, turn, sway, upright_from_camera)


def _level_with(light: SceneLight, other: SceneLight) -> SceneLight:
    """A light scaled so that its mean radiance is the other's."""

    def level(one: SceneLight) -> float:
        return float(np.abs(one.on(np.eye(3)).head_harmonics[0]).mean())

    return light.scaled(level(other) / max(level(light), 1e-6))
