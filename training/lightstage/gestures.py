"""What a talking face does: gestures, their curves over time, and how they move each vertex of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from ...runtime.arrays import Float32Array, Float64Array
from ..assets import FaceModel
from .avatars.prepare_avatars import atlas_uv
from .avatars.shape import load_shape, load_topology
from .motion import FRAMES_PER_SECOND
from .parts import Part
from .person import Person


class Gesture(IntEnum):
    """A movement of the face."""

    OPEN = 0
    WIDE = 1
    ROUND = 2
    PUCKER = 3
    CLOSED = 4
    SMILE = 5
    BROWS = 6
    BLINK = 7


SPOKEN = (Gesture.OPEN, Gesture.WIDE, Gesture.ROUND, Gesture.PUCKER, Gesture.CLOSED)


def _both(name: str, weight: float) -> dict[str, float]:
    return {f"{name}_L": weight, f"{name}_R": weight}


HEAD_WEIGHTS: Mapping[Gesture, Mapping[str, float]] = {
    Gesture.OPEN: {"jawOpen": 0.5},
    Gesture.WIDE: {"jawOpen": 0.18, **_both("mouthStretch", 0.55), **_both("mouthLowerDown", 0.45)},
    Gesture.ROUND: {"jawOpen": 0.25, "mouthFunnel": 0.7},
    Gesture.PUCKER: {"mouthPucker": 0.8},
    Gesture.CLOSED: {**_both("mouthPress", 0.6), "mouthRollLower": 0.3},
    Gesture.SMILE: {**_both("mouthSmile", 0.6), **_both("cheekSquint", 0.4)},
    Gesture.BROWS: {**_both("browInnerUp", 0.7), **_both("browOuterUp", 0.6)},
    Gesture.BLINK: _both("eyeBlink", 1.0),
}
"""Weights of ICT-FaceKit's expressions."""
AVATAR_WEIGHTS: Mapping[Gesture, Mapping[str, float]] = {
    Gesture.OPEN: {"MouthOpen": 0.6},
    Gesture.WIDE: {"AE_AA": 0.8},
    Gesture.ROUND: {"AO_a": 0.8},
    Gesture.PUCKER: {"UW_U": 0.9},
    Gesture.CLOSED: {"MPB": 0.8},
    Gesture.SMILE: {"LsmileClose": 0.6, "RsmileClose": 0.6},
    Gesture.BROWS: {"LbrowUp": 0.7, "RbrowUp": 0.7},
    Gesture.BLINK: {"LeyeClose": 1.0, "ReyeClose": 1.0},
}
"""Weights of the avatars' shape keys."""

EXACT_CENTIMETRES = 2e-3
FOLLOWED_METRES = 0.03
"""Hair of brows, beards and lashes moves with the skin it grows on; beyond this distance nothing does."""
FOLLOWERS = (int(Part.BROW), int(Part.BEARD), int(Part.LASH), int(Part.HAIR))
LEAST_METRES = 1.5e-4


@dataclass(frozen=True)
class Movement:
    """How gestures move a person.

    Attributes:
        vertices: (D,) int64 the vertices that any gesture moves.
        offsets: (G, D, 3) float32 metres, mesh head frame, at weight 1.
        cast: (D,) bool: whether a vertex has light of its own; hair shares that of the skin.
    """

    vertices: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    offsets: Float32Array
    cast: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def random_curves(random: np.random.Generator, frames: int) -> Float64Array:
    """(G, F) strengths 0..1: syllables at four to six a second with pauses, a smile, brows, blinks.

    A third of the people keep silent: they only blink and change their mien.
    """
    time = np.arange(frames) / FRAMES_PER_SECOND
    curves = np.zeros((len(Gesture), frames))
    talks = random.uniform() < 0.67
    moment = random.uniform(0.0, 0.1)
    while talks and moment < time[-1] + 0.2:
        length = random.uniform(0.13, 0.3)
        gesture = SPOKEN[random.choice(len(SPOKEN), p=[0.34, 0.22, 0.18, 0.1, 0.16])]
        bump = np.exp(-(((time - moment) / (0.45 * length)) ** 2))
        curves[gesture] = np.maximum(curves[gesture], bump * random.uniform(0.45, 1.0))
        moment += length * (3.0 if random.uniform() < 0.12 else 1.0)
    for gesture, seconds in ((Gesture.SMILE, 2.0), (Gesture.BROWS, 1.2)):
        phase = time / seconds + random.uniform()
        curves[gesture] = np.maximum(0.0, np.sin(2.0 * np.pi * phase)) * random.uniform(0.0, 0.8)
    for _ in range(random.poisson(0.5 + 0.35 * time[-1])):
        middle = random.uniform(0.0, max(time[-1], 0.1))
        curves[Gesture.BLINK] = np.maximum(curves[Gesture.BLINK], np.exp(-(((time - middle) / 0.07) ** 4)))
    return np.clip(curves, 0.0, 1.0)


def movement(person: Person, model: FaceModel, folder: Path) -> Movement:
    """How the gestures move a person of either kind.

    Args:
        person: the person.
        model: the morphable head.
        folder: training cache with the avatars' shapes.
    """
    vertices, offsets = _avatar_offsets(person, folder) if person.atlas else _head_offsets(person, model)
    moved = np.linalg.norm(offsets, axis=2).max(axis=0) > LEAST_METRES
    vertices, offsets = vertices[moved], offsets[:, moved]
    hair, carried = _carried(person, vertices, offsets)
    cast = np.r_[np.ones(len(vertices), bool), np.zeros(len(hair), bool)]
    return Movement(np.r_[vertices, hair], np.concatenate([offsets, carried], axis=1).astype(np.float32), cast)


def _head_offsets(
    person: Person, model: FaceModel
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], Float32Array]:
    """Vertices that are the morphable head's own, known by their rest position, and what gestures do to them.

    What the mesh was built with counts: a mouth that is open opens no further than the gesture says.
    """
    distance, nearest = cKDTree(model.vertices).query(person.rest[:, :3])
    known = np.flatnonzero((distance < EXACT_CENTIMETRES) & ~_is_hair(person))
    built = person.expression if len(person.expression) else np.zeros(len(model.expression_names), np.float32)
    offsets = np.zeros((len(Gesture), len(known), 3), np.float32)
    for gesture, weights in HEAD_WEIGHTS.items():
        for name, weight in weights.items():
            index = model.expression_names.index(name)
            change = min(weight, 1.0 - float(built[index]))
            offsets[gesture] += np.float32(0.01 * change) * model.expression[index][nearest[known]].astype(np.float32)
    return known, offsets


def _avatar_offsets(
    person: Person, folder: Path
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], Float32Array]:
    """Vertices of an avatar, known by their place on the atlas, and what its shape keys do to them."""
    shape = load_shape(folder, person.atlas)
    uv = atlas_uv(shape, load_topology(folder))[0]
    distance, nearest = cKDTree(uv).query(person.uv)
    known = np.flatnonzero(distance < 1e-5)
    source = nearest[known]
    rotation, scale = _turned_and_scaled(shape.vertices[source], person.vertices[known], person.vertices)
    offsets = np.zeros((len(Gesture), len(known), 3), np.float32)
    for gesture, weights in AVATAR_WEIGHTS.items():
        moved = np.zeros_like(shape.vertices)
        for name, weight in weights.items():
            if name in shape.keys.names:
                shape.keys.add(moved, name, weight)
        offsets[gesture] = scale * moved[source] @ rotation.T.astype(np.float32)
    return known, offsets


def _turned_and_scaled(source: Float32Array, target: Float32Array, whole: Float32Array) -> tuple[Float64Array, float]:
    """Rotation and scale from an avatar's body to the head frame, fitted on the face (Umeyama 1991)."""
    face = (np.abs(target[:, 1]) < 0.1) & (target[:, 2] > 0.02) if len(whole) else np.ones(len(target), bool)
    a, b = source[face].astype(np.float64), target[face].astype(np.float64)
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    left, values, right = np.linalg.svd(b.T @ a)
    sign = np.diag([1.0, 1.0, np.linalg.det(left @ right)])
    scale = float((values * np.diag(sign)).sum() / max(float((a**2).sum()), 1e-12))
    return left @ sign @ right, scale


def _is_hair(person: Person) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    result = np.zeros(len(person.vertices), bool)
    result[np.unique(person.triangles[np.isin(person.parts, FOLLOWERS)])] = True
    return result


def _carried(
    person: Person, vertices: np.ndarray[tuple[int, ...], np.dtype[np.int64]], offsets: Float32Array
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], Float32Array]:
    """Hair near moving skin, and its offsets: those of the skin around its nearest point, fading with distance."""
    hair = np.setdiff1d(np.flatnonzero(_is_hair(person)), vertices)
    if not len(hair) or not len(vertices):
        return hair[:0], offsets[:, :0]
    distance, nearest = cKDTree(person.vertices[vertices]).query(person.vertices[hair], k=4)
    near = distance[:, 0] < FOLLOWED_METRES
    hair, distance, nearest = hair[near], distance[near], nearest[near]
    weight = 1.0 / (distance + 1e-4)
    weight *= (np.clip((FOLLOWED_METRES - distance[:, :1]) / (0.6 * FOLLOWED_METRES), 0.0, 1.0)) / weight.sum(
        axis=1, keepdims=True
    )
    carried = np.einsum("gnkc,nk->gnc", offsets[:, nearest], weight)
    return hair, carried.astype(np.float32)
