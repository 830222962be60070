"""The head as an Empty: its place, its turn and its true scale, keyed over the shot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy

from .analysed_shot import AnalysedFrame
from .frame_walk import FrameWalk, WalkingOperator, shot_frames

if TYPE_CHECKING:
    from ...runtime.arrays import Float64Array

NAME = "Head"
MARK = "chiaro_head"
"""Custom property that tells our Empty from others, whatever it is called."""

ARROW_METRES = 0.12


def head_empty(scene: Any) -> Any | None:
    """The scene's head Empty, or None."""
    return next((thing for thing in scene.objects if MARK in thing), None)


def ensure_head_empty(scene: Any) -> Any:
    """The scene's head Empty, made where there is none."""
    empty = head_empty(scene)
    if empty is None:
        empty = bpy.data.objects.new(NAME, None)
        empty.empty_display_type, empty.empty_display_size = "ARROWS", ARROW_METRES
        empty.show_name = True
        empty[MARK] = True
        empty.rotation_mode = "QUATERNION"
        scene.collection.objects.link(empty)
    return empty


def place_empty(empty: Any, world_from_head: Float64Array) -> None:
    """Put the Empty onto the head."""
    from mathutils import Matrix

    location, rotation, _ = Matrix(world_from_head.tolist()).decompose()
    empty.location, empty.rotation_quaternion = location, rotation


def key_empty(empty: Any, frames: Sequence[int], poses: Sequence[Float64Array]) -> None:
    """Keyframe the Empty: one key per frame, quaternions of one sign so that none turns the long way."""
    from mathutils import Matrix

    empty.animation_data_clear()
    before = None
    for frame, pose in zip(frames, poses, strict=True):
        location, rotation, _ = Matrix(pose.tolist()).decompose()
        if before is not None and before.dot(rotation) < 0:
            rotation.negate()
        empty.location, empty.rotation_quaternion, before = location, rotation, rotation
        empty.keyframe_insert("location", frame=frame)
        empty.keyframe_insert("rotation_quaternion", frame=frame)


def steady_poses(poses: Sequence[Float64Array], radius: int) -> list[Float64Array]:
    """Poses averaged over the frames around each, with binomial weights.

    Rotations are averaged as matrices and brought back to the nearest rotation by their polar decomposition
    (Moakher 2002, "Means and averaging in the group of rotations", section 3.1).

    Args:
        poses: (4, 4) each.
        radius: frames to each side; 0 leaves them as they are.
    """
    import numpy as np

    if radius < 1 or len(poses) < 2:
        return list(poses)
    weights = np.array([1.0])
    for _ in range(2 * radius):
        weights = np.convolve(weights, [0.5, 0.5])
    stacked = np.stack(poses)
    steady = []
    for index in range(len(poses)):
        reach = min(radius, index, len(poses) - 1 - index)  # Even to both sides, so that the ends do not lag.
        window = weights[radius - reach : radius + reach + 1]
        mean = np.tensordot(window / window.sum(), stacked[index - reach : index + reach + 1], axes=1)
        left, _, right = np.linalg.svd(mean[:3, :3])
        rotation = left @ right
        if np.linalg.det(rotation) < 0:
            rotation = left @ np.diag([1.0, 1.0, -1.0]) @ right
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = rotation, mean[:3, 3]
        steady.append(pose)
    return steady


def head_poses(analysed: Sequence[AnalysedFrame], radius: int = 0) -> list[Float64Array]:
    """The head's pose on each frame, steadied."""
    return steady_poses([frame.world_from_head for frame in analysed], radius)


class HeadEmpty(WalkingOperator):
    """Puts an Empty on the head, keyed over the shot."""

    bl_idname = "chiaro.head_empty"
    bl_label = "Head as Empty"
    bl_description = (
        "Put an Empty on the person's head, at true scale and turning with it: x to the person's left, y up, z out "
        "of the face. Parent glasses, hats or lamps to it"
    )
    __annotations__ = {
        "whole_shot": bpy.props.BoolProperty(
            name="Over the Shot",
            description="Key the Empty on every frame of the scene's range, not only place it on this one",
            default=True,
        ),
        "smoothing": bpy.props.IntProperty(
            name="Smoothing",
            description="Frames to each side that the pose is averaged over; 0 keeps each frame's own",
            default=2,
            min=0,
            soft_max=12,
        ),
    }

    def frames(self, context: Any) -> Sequence[int]:
        """All frames of the shot, or this one."""
        return shot_frames(context.scene, whole_shot=self.whole_shot)

    def finish(self, context: Any, walk: FrameWalk) -> None:
        """Place or key the Empty."""
        empty = ensure_head_empty(context.scene)
        poses = head_poses(walk.analysed, self.smoothing)
        if len(poses) > 1:
            key_empty(empty, [frame.number for frame in walk.analysed], poses)
            context.scene.frame_set(context.scene.frame_current)
        else:
            place_empty(empty, poses[0])
        self.report({"INFO"}, f"{empty.name!r} is on the head on {len(poses)} frames.")
