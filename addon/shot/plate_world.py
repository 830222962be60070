"""The light the plate was shot in, as a World: CG in the scene is then lit like the plate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy

from .frame_walk import FrameWalk, WalkingOperator, shot_frames
from .world_image import background, world_of_map

if TYPE_CHECKING:
    from ...runtime.arrays import Float32Array, Float64Array

NAME = "Plate Light"
NOTICEABLE_CHANGE = 1.06
"""Brightest ÷ darkest frame (a twelfth of a stop) from which the intensity is keyed; less is the estimate's noise."""


class PlateWorld(WalkingOperator):
    """Makes the world."""

    bl_idname = "chiaro.plate_world"
    bl_label = "World from Plate Light"
    bl_description = (
        "Estimate the light the plate was shot in from the person's face and make it the scene's world, at the "
        "plate's exposure: a grey ball beside the person is then lit as the person is. Order 2 harmonics, so it is "
        "soft: add a lamp where the plate shows hard shadows"
    )
    __annotations__ = {
        "whole_shot": bpy.props.BoolProperty(
            name="Over the Shot",
            description="Average the light over the scene's range, and key its intensity where that changes; "
            "off takes this frame alone",
            default=True,
        ),
        "smoothing": bpy.props.IntProperty(
            name="Smoothing",
            description="Frames to each side that the intensity is averaged over",
            default=4,
            min=0,
            soft_max=24,
        ),
    }

    def frames(self, context: Any) -> Sequence[int]:
        """All frames of the shot, or this one."""
        return shot_frames(context.scene, whole_shot=self.whole_shot)

    def finish(self, context: Any, walk: FrameWalk) -> None:
        """Make the world and the scene's."""
        import numpy as np

        from ...runtime.light.calmed_light import calmed_map

        lights = [frame.light for frame in walk.analysed]
        mean, intensities = light_over_time(lights, self.smoothing)
        towards_camera = np.mean([frame.world_from_crop[:3, 2] for frame in walk.analysed], axis=0)
        towards_camera /= max(float(np.linalg.norm(towards_camera)), 1e-6)
        surroundings = mean_surroundings([frame.surroundings for frame in walk.analysed])
        world = world_of_map(NAME, calmed_map(mean, towards_camera, surroundings))
        if max(intensities) > NOTICEABLE_CHANGE * min(intensities):
            _key_intensity(world, [frame.number for frame in walk.analysed], intensities)
            self.report({"INFO"}, "The world holds the plate's light; its intensity is keyed over the shot.")
        else:
            self.report({"INFO"}, "The world holds the plate's light; its intensity does not change over the shot.")
        if context.scene.world is not None:
            context.scene.world.use_fake_user = True  # The artist's own world stays in the file.
        context.scene.world = world


def light_over_time(lights: Sequence[Float64Array], smoothing: int) -> tuple[Float64Array, list[float]]:
    """The mean light of a shot, and how bright each frame is against it.

    Args:
        lights: (9, 3) harmonics each, world axes.
        smoothing: frames to each side that the brightness is averaged over.

    Returns:
        (9, 3) the frames' mean at intensity one; an intensity per frame, with mean one.
    """
    import numpy as np

    stacked = np.stack(lights)
    level = np.maximum(stacked[:, 0].mean(axis=-1), 1e-9)  # The constant harmonic is the mean radiance from all around.
    padded = np.pad(level, smoothing, mode="edge")
    window = np.ones(2 * smoothing + 1) / (2 * smoothing + 1)
    steady = np.convolve(padded, window, mode="valid")
    # Each frame is brought to the same brightness first, so that a dark frame's direction counts as much.
    mean = (stacked / level[:, None, None]).mean(axis=0) * steady.mean()
    return mean, [float(value) for value in steady / steady.mean()]


def mean_surroundings(maps: Sequence[Float32Array | None]) -> Float32Array | None:
    """(h, w, 3) the mean of (h, w, 3) maps, each at the same brightness; None where a frame has none."""
    import numpy as np

    known = [radiance for radiance in maps if radiance is not None]
    if len(known) < len(maps):
        return None
    level = [max(float(radiance.mean()), 1e-9) for radiance in known]
    mean: Float32Array = np.mean([radiance / factor for radiance, factor in zip(known, level, strict=True)], axis=0)
    return mean


def _key_intensity(world: Any, frames: Sequence[int], intensities: Sequence[float]) -> None:
    strength = background(world).inputs["Strength"]
    for frame, intensity in zip(frames, intensities, strict=True):
        strength.default_value = intensity
        strength.keyframe_insert("default_value", frame=frame)
