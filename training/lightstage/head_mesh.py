"""Random heads: ICT-FaceKit identities and expressions, with eyes that look somewhere, in the head frame."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import Float32Array, Float64Array
from ..assets import FaceModel
from .head_shape import HeadShape, reshaped, surface_relief
from .parts import Part

PART_RANGES = (
    (0, 11248, Part.SKIN),
    (11248, 13294, Part.MOUTH),
    (13294, 14062, Part.SOCKET),
    (14062, 17039, Part.MOUTH),
    (17039, 21451, Part.TEETH),
    (21451, 22221, Part.EYE),
    (23021, 23791, Part.EYE),
)
"""Vertex ranges that are drawn: skin, mouth and eye sockets, gums and tongue, teeth, left and right eyeball."""

SKIN_VERTICES = slice(0, 11248)
LEFT_EYE, RIGHT_EYE = slice(21451, 22221), slice(23021, 23791)
LEFT_IRIS, RIGHT_IRIS = slice(22221, 23021), slice(23791, 24591)
TRAGION_TEMPLATE = np.array([7.35, 1.7, 1.0])
"""Where the left ear canal lies in the neutral mean, centimetres; the nearest skin vertex is used on both sides."""


@dataclass(frozen=True)
class Mesh:
    """Triangles with what a material needs to know at each vertex.

    Attributes:
        vertices: (V, 3) float32 metres, head frame.
        normals: (V, 3) float32 unit.
        rest: (V, 3) float32 surface coordinates for procedural colour, centimetres; their meaning depends on the part.
        triangles: (T, 3) int32.
        parts: (T,) uint8, `Part` of each triangle.
    """

    vertices: Float32Array
    normals: Float32Array
    rest: Float32Array
    triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    parts: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def triangulated(
    faces: np.ndarray[tuple[int, ...], np.dtype[np.int32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """Quads with −1 padding as triangles."""
    quads = faces[faces[:, 3] >= 0]
    result: np.ndarray[tuple[int, ...], np.dtype[np.int32]] = np.concatenate(
        [faces[:, :3], quads[:, [0, 2, 3]]]
    ).astype(np.int32)
    return result


def vertex_normals(vertices: Float32Array, triangles: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> Float32Array:
    """Area-weighted unit normals (V, 3)."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    total = np.zeros((len(vertices), 3))
    for i in range(3):
        for axis in range(3):
            total[:, axis] += np.bincount(triangles[:, i], face[:, axis], len(vertices))
    length = np.linalg.norm(total, axis=1, keepdims=True)
    result: Float32Array = (total / np.maximum(length, 1e-12)).astype(np.float32)
    return result


def merged(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    offsets = np.cumsum([0] + [len(m.vertices) for m in meshes[:-1]])
    return Mesh(
        vertices=np.concatenate([m.vertices for m in meshes]),
        normals=np.concatenate([m.normals for m in meshes]),
        rest=np.concatenate([m.rest for m in meshes]),
        triangles=np.concatenate([m.triangles + o for m, o in zip(meshes, offsets, strict=True)]).astype(np.int32),
        parts=np.concatenate([m.parts for m in meshes]),
    )


def random_identity(random: np.random.Generator, modes: int = 100) -> Float64Array:
    """(modes,) identity weights: N(0, 1), now and then up to 1.5 times as far out; the first modes further."""
    spread = random.choice([0.8, 1.0, 1.0, 1.2, 1.35, 1.5]) * np.where(np.arange(modes) < 8, 1.15, 1.0)
    result: Float64Array = np.clip(random.normal(size=modes) * spread, -3.2, 3.2)
    return result


def _pair(weights: dict[str, float], name: str, value: float, random: np.random.Generator) -> None:
    """Set the left and right weight of an expression, nearly the same."""
    for side in "LR":
        weights[f"{name}_{side}"] = float(np.clip(value + random.normal() * 0.06, 0.0, 1.0))


def _smile(weights: dict[str, float], random: np.random.Generator) -> None:
    strength = random.uniform(0.3, 1.0)
    _pair(weights, "mouthSmile", strength, random)
    _pair(weights, "cheekSquint", 0.7 * strength, random)
    _pair(weights, "eyeSquint", 0.4 * strength * random.uniform(), random)
    _pair(weights, "mouthUpperUp", random.uniform(0.0, 0.5) * strength, random)
    _pair(weights, "mouthDimple", random.uniform(0.0, 0.4), random)
    weights["jawOpen"] = random.choice([0.0, 0.08, 0.2]) * strength


def _speech(weights: dict[str, float], random: np.random.Generator) -> None:
    weights["jawOpen"] = random.uniform(0.02, 0.5)
    shape = random.choice(["mouthFunnel", "mouthPucker", "wide", "closed"])
    if shape == "wide":
        _pair(weights, "mouthStretch", random.uniform(0.0, 0.6), random)
        _pair(weights, "mouthLowerDown", random.uniform(0.0, 0.7), random)
    elif shape == "closed":
        weights["mouthClose"] = weights["jawOpen"] * 0.9
        _pair(weights, "mouthPress", random.uniform(0.0, 0.6), random)
    else:
        weights[str(shape)] = random.uniform(0.2, 0.9)


def _emotion(weights: dict[str, float], random: np.random.Generator) -> None:
    kind = random.integers(4)
    if kind == 0:
        _pair(weights, "browDown", random.uniform(0.3, 1.0), random)
        _pair(weights, "noseSneer", random.uniform(0.0, 0.7), random)
    elif kind == 1:
        _pair(weights, "browInnerUp", random.uniform(0.3, 1.0), random)
        _pair(weights, "mouthFrown", random.uniform(0.0, 0.8), random)
    elif kind == 2:
        _pair(weights, "browOuterUp", random.uniform(0.3, 1.0), random)
        _pair(weights, "browInnerUp", random.uniform(0.3, 1.0), random)
        _pair(weights, "eyeWide", random.uniform(0.2, 0.9), random)
        weights["jawOpen"] = random.uniform(0.0, 0.6)
    else:
        name = str(random.choice(["cheekPuff_L", "jawLeft", "jawRight", "mouthLeft", "mouthRight", "jawForward"]))
        weights[name] = random.uniform(0.2, 0.8)


def random_expression(random: np.random.Generator) -> dict[str, float]:
    """Expression weights in combinations that faces make: rest, smiles, speech, emotions, blinks."""
    weights: dict[str, float] = {}
    kind = random.uniform()
    if kind < 0.32:
        _smile(weights, random)
    elif kind < 0.66:
        _speech(weights, random)
    elif kind < 0.85:
        _emotion(weights, random)
    blink = random.uniform()
    if blink < 0.08:
        _pair(weights, "eyeBlink", random.uniform(0.8, 1.0), random)
    elif blink < 0.4:
        _pair(weights, "eyeBlink", random.uniform(0.0, 0.3), random)
    return weights


def gaze_expression(yaw: float, pitch: float) -> dict[str, float]:
    """What the lids do when the eyes look `yaw` to the person's left and `pitch` up, radians."""
    sideways, vertical = abs(yaw) / 0.6, abs(pitch) / 0.5
    weights = {"eyeLookOut_L" if yaw > 0 else "eyeLookIn_L": sideways}
    weights["eyeLookIn_R" if yaw > 0 else "eyeLookOut_R"] = sideways
    for side in "LR":
        weights[("eyeLookUp_" if pitch > 0 else "eyeLookDown_") + side] = vertical
    return {name: min(1.0, value) for name, value in weights.items()}


def _turned_eye(eye: Float32Array, yaw: float, pitch: float) -> Float32Array:
    """An eyeball turned about the centre of its sphere."""
    design = np.c_[2.0 * eye, np.ones(len(eye))]
    centre = np.linalg.lstsq(design, (eye**2).sum(axis=1), rcond=None)[0][:3]
    cos_yaw, sin_yaw, cos_pitch, sin_pitch = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    turn_yaw = np.array([[cos_yaw, 0, sin_yaw], [0, 1, 0], [-sin_yaw, 0, cos_yaw]])
    turn_pitch = np.array([[1, 0, 0], [0, cos_pitch, sin_pitch], [0, -sin_pitch, cos_pitch]])
    result: Float32Array = ((eye - centre) @ (turn_yaw @ turn_pitch).T + centre).astype(np.float32)
    return result


def _eye_rest(template: Float32Array, eye: slice) -> Float32Array:
    """Direction of each eyeball vertex from the eyeball's centre (optical axis = +z), times ten."""
    points = template[eye]
    centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
    direction = points - centre
    result: Float32Array = (10.0 * direction / np.linalg.norm(direction, axis=1, keepdims=True)).astype(np.float32)
    return result


def posed_vertices(
    model: FaceModel,
    identity: Float64Array,
    expression: dict[str, float],
    gaze: tuple[float, float],
    shape: HeadShape | None = None,
) -> Float32Array:
    """(V, 3) metres in the head frame: origin midway between the ear canals.

    Args:
        model: the morphable head.
        identity: (modes,) weights.
        expression: weights by name.
        gaze: yaw to the person's left and pitch up, radians.
        shape: what is added to the identity.
    """
    vertices = model.vertices + np.tensordot(identity.astype(np.float32), model.identity.astype(np.float32), axes=1)
    neutral = vertices
    for name, weight in expression.items():
        vertices = vertices + np.float32(weight) * model.expression[model.expression_names.index(name)]
    vertices = np.array(vertices, dtype=np.float32)
    for eye in (LEFT_EYE, RIGHT_EYE):
        vertices[eye] = _turned_eye(vertices[eye], *gaze)
    if shape is not None:
        neutral, vertices = (reshaped(points, model.vertices, shape) for points in (neutral, vertices))
        vertices[SKIN_VERTICES] += _relief(model, vertices, shape)
    origin = 0.5 * (neutral[tragion(model, 1.0)] + neutral[tragion(model, -1.0)])
    result: Float32Array = ((vertices - origin) * 0.01).astype(np.float32)
    return result


def _relief(model: FaceModel, vertices: Float32Array, shape: HeadShape) -> Float32Array:
    """(11248, 3) centimetres by which folds and fat displace the skin."""
    faces = triangulated(model.faces)
    skin = faces[faces.max(axis=1) < SKIN_VERTICES.stop]
    normals = vertex_normals(vertices[SKIN_VERTICES], skin)
    relief = surface_relief(model.vertices[SKIN_VERTICES], shape)
    result: Float32Array = (normals * relief[:, None]).astype(np.float32)
    return result


def tragion(model: FaceModel, side: float) -> int:
    """Index of the skin vertex at the ear canal; side is +1 for the person's left, −1 for the right."""
    target = TRAGION_TEMPLATE * np.array([side, 1.0, 1.0])
    return int(np.argmin(np.linalg.norm(model.vertices[:11248] - target, axis=1)))


def head_mesh(model: FaceModel, vertices: Float32Array) -> Mesh:
    """The drawn parts of the model as one mesh.

    Args:
        model: the morphable head.
        vertices: (V, 3) posed vertices, metres, head frame.

    Returns:
        The mesh; `rest` is the neutral mean's position in centimetres, or ten times the eyeball direction for eyes.
    """
    triangles = triangulated(model.faces)
    rest = model.vertices.copy()
    for eye in (LEFT_EYE, RIGHT_EYE):
        rest[eye] = _eye_rest(model.vertices, eye)
    part_of_vertex = np.full(len(model.vertices), 255, np.uint8)
    for first, last, part in PART_RANGES:
        part_of_vertex[first:last] = part
    kept = triangles[part_of_vertex[triangles[:, 0]] != 255]
    used, flat = np.unique(kept, return_inverse=True)
    local = flat.reshape(kept.shape).astype(np.int32)
    return Mesh(
        vertices=vertices[used],
        normals=vertex_normals(vertices[used], local),
        rest=rest[used],
        triangles=local,
        parts=part_of_vertex[kept[:, 0]],
    )


def ear_points(head: Mesh, side: float) -> Float32Array:
    """(N, 3) skin vertices of one ear; side is +1 for the person's left, −1 for the right."""
    x, y, z = side * head.rest[:, 0], head.rest[:, 1], head.rest[:, 2]
    skin = np.zeros(len(head.rest), bool)
    skin[head.triangles[(head.parts == Part.SKIN) | (head.parts == Part.SCALP)]] = True
    return head.vertices[skin & (x > 7.6) & (y < 6.0) & (y > -1.5) & (z < 2.2) & (z > -3.0)]
