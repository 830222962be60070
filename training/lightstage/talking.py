"""A person in the frames of a shot: the mesh follows its gestures exactly, light transport is cast at key frames.

Between key frames transport is interpolated, and the bits of visibility change one after another in a fixed random
order, so that shadows move without jumps.
"""

from dataclasses import dataclass, replace

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from ...runtime.arrays import Float32Array, Float64Array
from ...runtime.light.harmonics import basis, lambert_transport
from .gestures import FOLLOWERS, Movement
from .head_mesh import vertex_normals
from .parts import Part
from .person import BytesArray, Person
from .transport import BOUNCE_ALBEDO, DIRECTIONS, sphere_directions

KEY_SPACING = 4
"""Frames between two casts."""
_TRANSPARENT = (*FOLLOWERS, int(Part.LENS))
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class _Cast:
    """Light at the vertices that move and have light of their own.

    Attributes:
        transport: (D, 9) mesh axes.
        visible: (D, 128) bool.
    """

    transport: Float32Array
    visible: BoolArray


def _cast(person: Person, vertices: Float32Array, normals: Float32Array, chosen: np.ndarray) -> _Cast:  # type: ignore[type-arg]  # indices
    """Cast rays from chosen vertices of a moved mesh; hair and lenses let them pass (see `talking_person`)."""
    solid = ~np.isin(person.parts, _TRANSPARENT) & (person.triangle_texture != 2)
    triangles = np.ascontiguousarray(person.triangles[solid])
    scene = rtcore_scene.EmbreeScene()
    TriangleMesh(scene, np.ascontiguousarray(vertices), triangles)
    directions = sphere_directions()
    harmonics, weight = basis(directions), np.float32(4.0 / DIRECTIONS)
    arriving = person.transport[triangles].mean(axis=1)
    normal = normals[chosen]
    origins = vertices[chosen] + normal * np.float32(8e-4)
    total, visible = lambert_transport(normal).astype(np.float32), np.zeros((len(chosen), DIRECTIONS), bool)
    for d, direction in enumerate(directions):
        cosine = normal @ direction
        facing = np.flatnonzero(cosine > 0.0)
        starts = np.ascontiguousarray(origins[facing] + direction * np.float32(5e-4))
        hit = scene.run(starts, np.ascontiguousarray(np.broadcast_to(direction, starts.shape)))
        visible[facing, d] = hit < 0
        blocked = hit >= 0
        share = (weight * cosine[facing[blocked]])[:, None]
        total[facing[blocked]] += share * (BOUNCE_ALBEDO * arriving[hit[blocked]] - harmonics[d])
    return _Cast(total, visible)


@dataclass(frozen=True)
class TalkingPerson:
    """A person with what a shot makes of it.

    Attributes:
        person: at rest.
        movement: of its gestures.
        curves: (G, F) strength of each gesture in each frame.
        keys: changes of light against the rest at every KEY_SPACING-th frame and the last.
        order: (D, 128) uint8, when in the course between two keys a bit of visibility changes.
    """

    person: Person
    movement: Movement
    curves: Float64Array
    keys: tuple[_Cast, ...]
    order: BytesArray

    def at(self, frame: int) -> Person:
        """The person in a frame."""
        vertices, normals = _moved(self.person, self.movement, self.curves[:, frame])
        lower = min(frame // KEY_SPACING, len(self.keys) - 1)
        upper = min(lower + 1, len(self.keys) - 1)
        part = (frame - lower * KEY_SPACING) / KEY_SPACING
        first, second = self.keys[lower], self.keys[upper]
        chosen = self.movement.vertices[self.movement.cast]
        transport, visibility = self.person.transport.copy(), self.person.visibility.copy()
        transport[chosen] += first.transport + np.float32(part) * (second.transport - first.transport)
        changed = np.where(self.order < int(256 * part), second.visible, first.visible)
        visibility[chosen] ^= np.packbits(changed, axis=1)
        return replace(self.person, vertices=vertices, normals=normals, transport=transport, visibility=visibility)


def _moved(person: Person, movement: Movement, strengths: Float64Array) -> tuple[Float32Array, Float32Array]:
    """Vertices and normals under gestures."""
    vertices = person.vertices.copy()
    vertices[movement.vertices] += np.einsum("g,gdc->dc", strengths.astype(np.float32), movement.offsets)
    touched = np.zeros(len(vertices), bool)
    touched[movement.vertices] = True
    triangles = person.triangles[touched[person.triangles].any(axis=1)]
    used, flat = np.unique(triangles, return_inverse=True)
    local = flat.reshape(triangles.shape).astype(np.int32)
    change = vertex_normals(vertices[used], local) - vertex_normals(person.vertices[used], local)
    inner = touched[used]
    normals = person.normals.copy()
    normals[used[inner]] += change[inner]
    normals[used[inner]] /= np.maximum(np.linalg.norm(normals[used[inner]], axis=1, keepdims=True), 1e-6)
    return vertices, normals


def talking_person(person: Person, movement: Movement, curves: Float64Array, state: int) -> TalkingPerson:
    """Cast the key frames.

    Casts see neither hair nor lenses; what is kept of them is the difference to the same cast at rest, which is added
    to the person's full transport. So a face that does not move keeps its light exactly.

    Args:
        person: at rest.
        movement: of its gestures.
        curves: (G, F) strengths.
        state: seed of the order in which bits change.
    """
    chosen = movement.vertices[movement.cast]
    rest = _cast(person, *_moved(person, movement, np.zeros(len(curves))), chosen)
    frames = curves.shape[1]
    times = [min(t, frames - 1) for t in range(0, frames - 1 + KEY_SPACING, KEY_SPACING)]
    keys = []
    for time in times:
        cast = _cast(person, *_moved(person, movement, curves[:, time]), chosen)
        keys.append(_Cast(cast.transport - rest.transport, cast.visible ^ rest.visible))
    order = np.random.default_rng(state).integers(0, 256, (len(chosen), DIRECTIONS), dtype=np.uint8)
    return TalkingPerson(person, movement, curves, tuple(keys), order)
