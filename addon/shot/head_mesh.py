"""The person's visible surface as a mesh: CG stands before and behind it, and casts shadows on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ...runtime.errors import HeadError, OutputError
from .analysed_shot import active_relight_node
from .frame_walk import FrameWalk, WalkingOperator, shot_frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...runtime.arrays import Float32Array
    from .head_surface import HeadSurface

NAME = "Head Surface"
SUFFIX = ".pc2"
PLATE_UV = "Plate"
"""Name of the UV map by which the plate lies on the mesh."""


class HeadMesh(WalkingOperator):
    """Makes the mesh."""

    bl_idname = "chiaro.head_mesh"
    bl_label = "Head as Mesh"
    bl_description = (
        "Make a mesh of what the plate's camera sees of the person, at true scale and place, ready to catch the "
        "shadows of CG or to hide CG behind the person"
    )
    __annotations__ = {
        "role": bpy.props.EnumProperty(
            name="Use As",
            description="What the mesh is to Cycles",
            items=(
                ("CATCHER", "Shadow Catcher", "Shows nothing but the shadows that CG casts on the person"),
                ("HOLDOUT", "Holdout", "Cuts CG away where it is behind the person"),
                ("PLAIN", "Plain Mesh", "An ordinary mesh"),
            ),
            default="CATCHER",
        ),
        "detail": bpy.props.IntProperty(
            name="Detail",
            description="Points along each side of the square around the head that the network sees",
            default=128,
            min=16,
            max=256,
        ),
        "whole_shot": bpy.props.BoolProperty(
            name="Over the Shot",
            description="Let the mesh follow the person over the scene's range; its positions go to a file",
            default=False,
        ),
        "filepath": bpy.props.StringProperty(
            name="Positions",
            description="The .pc2 file that the positions over the shot are written to",
            subtype="FILE_PATH",
            default="//head_surface.pc2",
        ),
    }

    def frames(self, context: Any) -> Sequence[int]:
        """All frames of the shot, or this one."""
        if self.whole_shot:
            self._cache_file()
        return shot_frames(context.scene, whole_shot=self.whole_shot)

    def finish(self, context: Any, walk: FrameWalk) -> None:
        """Make the mesh, and its movement where there is one."""
        from .head_surface import head_surface

        surfaces = [head_surface(frame, self.detail) for frame in walk.analysed]
        present = [surface.inside.any() for surface in surfaces]
        if not any(present):
            raise HeadError("The matte of the person is empty, so there is no surface; choose another frame.")
        if self.whole_shot:
            numbers = [frame.number for frame in walk.analysed]
            seen = {number: surface for number, surface in zip(numbers, surfaces, strict=True) if surface.inside.any()}
            mesh = self._moving(context.scene, walk.frames, seen)
            _project_plate(mesh, active_relight_node(context).node.plate_camera or context.scene.camera, walk)
        else:
            mesh = self._still(context.scene, surfaces[0])
        mesh.is_shadow_catcher, mesh.is_holdout = self.role == "CATCHER", self.role == "HOLDOUT"
        _select(context, mesh)
        self.report({"INFO"}, f"{mesh.name!r} has {len(mesh.data.polygons)} faces.")

    def _still(self, scene: Any, surface: Any) -> Any:
        from .head_surface import whole_faces

        thing = _mesh_object(scene, *_without_loose(surface.position.reshape(-1, 3), whole_faces(surface)))
        _add_uv(thing.data, surface)
        return thing

    def _moving(self, scene: Any, frames: Sequence[int], seen: Mapping[int, HeadSurface]) -> Any:
        """The whole grid, its outer points drawn onto the person's edge; a Mesh Cache modifier moves it."""
        from .head_surface import grid_faces
        from .point_cache import write_point_cache

        held, samples = next(iter(seen.values())), []
        for number in frames:  # A frame without a head holds the one before.
            held = seen.get(number, held)
            samples.append(held.position.reshape(-1, 3))
        write_point_cache(self._cache_file(), samples, frames[0])
        thing = _mesh_object(scene, samples[0], grid_faces(self.detail))
        modifier = thing.modifiers.new("Positions", "MESH_CACHE")
        modifier.cache_format, modifier.filepath = "PC2", bpy.path.ensure_ext(self.filepath, SUFFIX)
        modifier.frame_start, modifier.interpolation = float(frames[0]), "NONE"
        _hide_where_absent(thing, frames, seen.keys())
        return thing

    def _cache_file(self) -> Path:
        if self.filepath.startswith("//") and not bpy.data.filepath:
            raise OutputError(
                "The file is not saved yet, so there is no place beside it for the positions; save it first."
            )
        return Path(bpy.path.abspath(bpy.path.ensure_ext(self.filepath, SUFFIX)))


def _without_loose(points: Float32Array, faces: NDArray[Any]) -> tuple[Any, Any]:
    """Only the points that a face uses; the faces renumbered."""
    import numpy as np

    used, renumbered = np.unique(faces, return_inverse=True)
    return points[used], renumbered.reshape(faces.shape)


def _mesh_object(scene: Any, points: Any, faces: Any) -> Any:
    mesh = bpy.data.meshes.new(NAME)
    mesh.from_pydata(points.tolist(), [], faces.tolist())
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.update()
    thing = bpy.data.objects.new(NAME, mesh)
    scene.collection.objects.link(thing)
    return thing


def _add_uv(mesh: Any, surface: Any) -> None:
    """The plate projected on the mesh, as a UV map."""
    import numpy as np

    from .head_surface import whole_faces

    layer = mesh.uv_layers.new(name=PLATE_UV)
    corners = surface.plate_uv.reshape(-1, 2)[whole_faces(surface).ravel()]
    layer.data.foreach_set("uv", np.ascontiguousarray(corners, np.float32).ravel())


def _project_plate(thing: Any, camera: Any, walk: FrameWalk) -> None:
    """The plate projected on a mesh that moves: its UV map follows frame by frame."""
    camera_on_plate = walk.analysed[0].camera
    thing.data.uv_layers.new(name=PLATE_UV)
    modifier = thing.modifiers.new("Plate", "UV_PROJECT")
    modifier.uv_layer = PLATE_UV
    modifier.aspect_x, modifier.aspect_y = float(camera_on_plate.width), float(camera_on_plate.height)
    modifier.projectors[0].object = camera


def _hide_where_absent(thing: Any, frames: Sequence[int], present: Set[int]) -> None:
    """Where the person is out of the picture, nothing catches a shadow or hides CG."""
    if all(number in present for number in frames):
        return
    for number in frames:
        thing.hide_render = thing.hide_viewport = number not in present
        for name in ("hide_render", "hide_viewport"):
            thing.keyframe_insert(name, frame=number)


def _select(context: Any, thing: Any) -> None:
    for other in context.view_layer.objects:
        other.select_set(other == thing)
    context.view_layer.objects.active = thing
