"""How heads, cameras and lamps move: smooth random paths over the frames of a shot."""

from dataclasses import dataclass, replace

import numpy as np

from ...runtime.arrays import Float64Array
from .body import rotation_yaw_pitch_roll
from .pose import Pose

FRAMES_PER_SECOND = 25.0


def smooth_path(random: np.random.Generator, frames: int, seconds: float) -> Float64Array:
    """(frames,) a smooth random curve of unit deviation, 0 at the first frame; `seconds` is its typical swing.

    A sum of four sines: nothing jumps, nothing repeats within a shot.
    """
    time = np.arange(frames) / FRAMES_PER_SECOND
    total = np.zeros(frames)
    for _ in range(4):
        period = seconds * np.exp(random.normal() * 0.4)
        total += np.sin(2.0 * np.pi * (time / period + random.uniform())) / np.sqrt(2.0)
    result: Float64Array = total - total[0]
    return result


@dataclass(frozen=True)
class HeadMotion:
    """Where the head and the camera are in each frame, against the first frame's camera.

    Attributes:
        poses: of the head against each frame's crop camera.
        camera_from_first: (F, 3, 3) rotations: the crop camera turns with the head's place and with the plate's camera.
    """

    poses: tuple[Pose, ...]
    camera_from_first: Float64Array


@dataclass(frozen=True)
class _Swings:
    """Amplitudes of one shot: degrees, and shares of the crop's half width."""

    yaw: float
    pitch: float
    roll: float
    orbit: float
    tilt: float
    dolly: float
    jitter: float


def _random_swings(random: np.random.Generator) -> _Swings:
    """Still sitters, lively talkers, moving cameras."""
    lively = np.exp(random.normal() * 0.6)
    moving = random.uniform() < 0.45
    return _Swings(
        yaw=4.5 * lively,
        pitch=2.8 * lively,
        roll=2.0 * lively,
        orbit=float(random.uniform(3.0, 14.0)) if moving else 0.4,
        tilt=float(random.uniform(1.0, 5.0)) if moving else 0.3,
        dolly=float(random.uniform(0.02, 0.12)) if moving else 0.01,
        jitter=float(random.uniform(0.002, 0.015)),
    )


def random_motion(pose: Pose, frames: int, random: np.random.Generator) -> HeadMotion:
    """A head that nods, turns and leans before a still or moving camera; the crop follows as a tracker does.

    Args:
        pose: of the first frame.
        frames: how many.
        random: generator.
    """
    swings, paths = _random_swings(random), {}
    for name, seconds in (
        ("yaw", 2.4), ("pitch", 1.7), ("roll", 2.8), ("orbit", 4.0), ("tilt", 4.0), ("dolly", 3.0),
        ("x", 0.7), ("y", 0.7),
    ):  # fmt: skip
        paths[name] = smooth_path(random, frames, seconds)
    yaw, pitch, roll = (np.deg2rad(getattr(swings, name)) * paths[name] for name in ("yaw", "pitch", "roll"))
    orbit, tilt = (np.deg2rad(getattr(swings, name)) * paths[name] for name in ("orbit", "tilt"))
    poses, cameras = [], np.zeros((frames, 3, 3))
    for frame in range(frames):
        cameras[frame] = rotation_yaw_pitch_roll(-orbit[frame], -tilt[frame], 0.0)
        nod = rotation_yaw_pitch_roll(yaw[frame], pitch[frame], roll[frame])
        offset = pose.offset.copy()
        offset[:2] += swings.jitter * pose.half_width * np.array([paths["x"][frame], paths["y"][frame]])
        # A dolly changes the perspective; the crop keeps the head's size, as the tracker's box does.
        offset[2] *= np.exp(swings.dolly * paths["dolly"][frame])
        poses.append(replace(pose, rotation=cameras[frame] @ pose.rotation @ nod, offset=offset))
    return HeadMotion(tuple(poses), cameras)
