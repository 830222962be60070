"""A random person built from the avatars: mixed face, expression, gaze, turned head, and ray-cast light transport."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ....runtime.arrays import Float32Array
from ..head_mesh import Mesh, merged
from ..parts import Part
from ..person import Person
from ..transport import Cutout, vertex_transport
from .atlas import Region, load_atlas
from .dressing import Dress, LitMesh, Wearer, painted_depth, random_dress, with_strands
from .expression import following_lids, random_avatar_expression, random_gaze
from .layout import EAR_CANAL_UV, LANDMARK_UV, SurfacePoints, surface_points
from .posing import joint_motions, random_arms, random_turn, skinned_vertices, turn_rotations, wig_weights
from .prepare_avatars import FRAYED_FROM, atlas_uv, avatar_names
from .shape import AvatarShape, load_rest, load_shape, load_topology
from .topology import MESHES, PART_OF_CHART, BytesArray, Chart, IntArray, Topology, seam_normals
from .variation import Mixture, mixed, random_mixture

HELD_OUT_FIRST = 90_000
"""People from this index on are built from the held-out avatars."""
HELD_OUT_AVATARS = 4
"""The last ones in alphabetical order."""
CUT_BELOW = 0.62
"""Metres below the ear canals at which a person ends."""
WIG_SHARE = 0.6
"""How often an avatar with a wig wears it; else hair is grown."""
PAINTED_FROM = 0.3
"""Centimetres inside grown hair from which on skin is painted with its colour."""
EYEBALLS = (MESHES.index("h_L_eye"), MESHES.index("h_R_eye"))
CUT_OUT = 2
"""`Person.triangle_texture` of triangles that alpha cuts out."""
STREAM = 15485863


@dataclass(frozen=True)
class AvatarModel:
    """All that people are built from.

    Attributes:
        folder: cache that `prepare_avatars` filled.
        names: of the avatars, in alphabetical order.
        topology: the shared mesh.
        landmarks: the 68 landmarks on it.
        ears: the two ear canals on it.
        rest: (V, 3) its coordinates on the morphable head, centimetres.
    """

    folder: Path
    names: tuple[str, ...]
    topology: Topology
    landmarks: SurfacePoints
    ears: SurfacePoints
    rest: Float32Array


@lru_cache(maxsize=2)
def load_avatar_model(folder: Path) -> AvatarModel:
    """Read what `chiaro-train prepare-avatars` wrote; kept for this process.

    Raises:
        AssetError: when it has not been run.
    """
    names = tuple(avatar_names(folder))
    topology = load_topology(folder)
    return AvatarModel(
        folder,
        names,
        topology,
        surface_points(topology, LANDMARK_UV),
        surface_points(topology, EAR_CANAL_UV),
        load_rest(folder),
    )


def avatars_of(model: AvatarModel, index: int) -> tuple[str, ...]:
    """Names of the avatars that a person of this index may be built from."""
    return model.names[-HELD_OUT_AVATARS:] if index >= HELD_OUT_FIRST else model.names[:-HELD_OUT_AVATARS]


@dataclass(frozen=True)
class PosedAvatar:
    """An avatar's surfaces in the head frame.

    Attributes:
        body: (V, 3) float32 metres, the shared mesh.
        wig: (W, 3) float32 metres.
        eye_rest: (V, 3) float32: ten times the direction from the eyeball's centre in its own axes; zero elsewhere.
        landmarks: (68, 3) float32 metres.
    """

    body: Float32Array
    wig: Float32Array
    eye_rest: Float32Array
    landmarks: Float32Array


def sphere_centre(points: Float32Array) -> Float32Array:
    """(3,) centre of the sphere through points (N, 3), by linear least squares."""
    middle = points.mean(axis=0)
    near = (points - middle).astype(np.float64)
    design = np.c_[2.0 * near, np.ones(len(near))]
    solution = np.linalg.lstsq(design, (near**2).sum(axis=1), rcond=None)[0]
    result: Float32Array = (solution[:3] + middle).astype(np.float32)
    return result


def _turned_eyes(vertices: Float32Array, topology: Topology, gaze: tuple[float, float]) -> Float32Array:
    """Turn the eyeballs in `vertices` in place; returns their rest directions."""
    yaw, pitch = gaze
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    turn = (about_y @ about_x).astype(np.float32)
    rest = np.zeros_like(vertices)
    for mesh in ("h_L_eye", "h_R_eye"):
        chosen = topology.mesh == MESHES.index(mesh)
        centre = sphere_centre(vertices[chosen])
        arm = vertices[chosen] - centre
        rest[chosen] = 10.0 * arm / np.linalg.norm(arm, axis=1, keepdims=True)
        vertices[chosen] = arm @ turn.T + centre
    return rest


def posed_avatar(
    model: AvatarModel,
    mixture: Mixture,
    weights: dict[str, float],
    gaze: tuple[float, float],
    rotations: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> PosedAvatar:
    """Shape, expression, gaze and pose.

    Args:
        model: the avatars.
        mixture: whose face.
        weights: of shape keys.
        gaze: radians to the person's left and up, against the head.
        rotations: of joints by name (see `posing.joint_motions`).
    """
    base = mixture.shapes[0]
    vertices, joints, wig = mixed(mixture, model.topology, weights)
    rest = _turned_eyes(vertices, model.topology, gaze)
    motions = joint_motions(joints, rotations)
    body = skinned_vertices(vertices, base.joints, base.weights, motions)
    hair = skinned_vertices(wig, *wig_weights(wig, joints), motions)
    # The frame is that of a face at rest: jaws that open do not move it, nor does a turned head.
    origin = model.ears.on(body).mean(axis=0)
    body, hair = body - origin, hair - origin
    return PosedAvatar(body, hair, rest, model.landmarks.on(body))


def triangle_parts(model: AvatarModel, shape: AvatarShape) -> BytesArray:
    """(T,) `Part` of the shared mesh's triangles on an avatar: by chart, and by what its atlas shows in the middle."""
    topology = model.topology
    parts = np.array([PART_OF_CHART[Chart(c)] for c in range(len(Chart))], np.uint8)[topology.charts]
    classes = load_atlas(model.folder, shape.name).classes
    middle = atlas_uv(shape, topology)[0][topology.triangles].mean(axis=1)
    height, width = classes.shape
    row = np.clip((middle[:, 1] * height).astype(int), 0, height - 1)
    column = np.clip((middle[:, 0] * width).astype(int), 0, width - 1)
    region = np.asarray(classes[row, column])
    skin = parts == Part.SKIN
    parts[skin & np.isin(region, (Region.ROOTED, Region.BEARD))] = Part.SCALP
    parts[skin & (region == Region.CLOTHING)] = Part.BODY
    parts[(parts == Part.TEETH) & (region != Region.TEETH)] = Part.MOUTH
    return parts


def wig_weld(shape: AvatarShape) -> IntArray:
    """(W,) vertices of a wig that lie at one place carry one number."""
    _, flat = np.unique(np.round(shape.wig.vertices * 1e5).astype(np.int64), axis=0, return_inverse=True)
    result: IntArray = flat.reshape(-1).astype(np.int32)
    return result


@dataclass(frozen=True)
class _Surface:
    """A mesh with texture coordinates.

    Attributes:
        mesh: the mesh.
        uv: (V, 2) of the atlas.
        textured: (T,) uint8 as `Person.triangle_texture`.
        fourth: (V,) the fourth rest coordinate: centimetres inside the hairy scalp.
    """

    mesh: Mesh
    uv: Float32Array
    textured: BytesArray
    fourth: Float32Array


def _body(model: AvatarModel, shape: AvatarShape, posed: PosedAvatar, dress: Dress) -> _Surface:
    """The shared mesh; eyes, and the scalp under grown hair, have the materials of procedural people."""
    topology = model.topology
    triangles, parts = topology.triangles, triangle_parts(model, shape)
    eyes = np.isin(topology.mesh, EYEBALLS)
    textured = np.where(eyes[triangles[:, 0]], 0, 1).astype(np.uint8)
    rest = np.where(eyes[:, None], posed.eye_rest, model.rest)
    fourth = painted_depth(model.rest, dress)
    painted = (fourth[triangles] > PAINTED_FROM).all(axis=1) & (topology.charts == Chart.HEAD)
    textured[painted], parts[painted] = 0, Part.SCALP
    normals = seam_normals(posed.body, triangles, topology.weld)
    return _Surface(Mesh(posed.body, normals, rest, triangles, parts), atlas_uv(shape, topology)[0], textured, fourth)


def _with_wig(surface: _Surface, model: AvatarModel, shape: AvatarShape, posed: PosedAvatar) -> _Surface:
    normals = seam_normals(posed.wig, shape.wig.triangles, wig_weld(shape))
    parts = np.full(len(shape.wig.triangles), Part.HAIR, np.uint8)
    frayed = shape.wig.uv[shape.wig.triangles, 1].max(axis=1) > FRAYED_FROM
    hair = Mesh(posed.wig, normals, np.zeros_like(posed.wig), shape.wig.triangles, parts)
    return _Surface(
        merged([surface.mesh, hair]),
        np.concatenate([surface.uv, atlas_uv(shape, model.topology)[1]]),
        np.concatenate([surface.textured, np.where(frayed, CUT_OUT, 1).astype(np.uint8)]),
        np.concatenate([surface.fourth, np.zeros(len(posed.wig), np.float32)]),
    )


def _cut(surface: _Surface) -> _Surface:
    """Without what lies below the chest."""
    mesh = surface.mesh
    kept = (mesh.vertices[mesh.triangles, 1] > -CUT_BELOW).any(axis=1)
    used, flat = np.unique(mesh.triangles[kept], return_inverse=True)
    return _Surface(
        Mesh(
            np.ascontiguousarray(mesh.vertices[used]),
            mesh.normals[used],
            mesh.rest[used],
            flat.reshape(-1, 3).astype(np.int32),
            mesh.parts[kept],
        ),
        surface.uv[used],
        surface.textured[kept],
        surface.fourth[used],
    )


def build_avatar_person(model: AvatarModel, seed: int, index: int) -> Person:
    """A random textured person; the same for the same (seed, index).

    Args:
        model: the avatars.
        seed: of all people.
        index: of this one; from HELD_OUT_FIRST on only held-out avatars are used.
    """
    random = np.random.default_rng((seed, STREAM, index))
    names = avatars_of(model, index)
    return _random_person(model, names[int(random.integers(len(names)))], names, random)


def build_named_person(model: AvatarModel, name: str, seed: int, index: int) -> Person:
    """As `build_avatar_person`, with the head, hair and clothes of a given avatar."""
    held_out = name in model.names[-HELD_OUT_AVATARS:]
    names = avatars_of(model, HELD_OUT_FIRST if held_out else 0)
    return _random_person(model, name, names, np.random.default_rng((seed, STREAM, index)))


def _random_person(model: AvatarModel, base: str, names: tuple[str, ...], random: np.random.Generator) -> Person:
    others = [load_shape(model.folder, name) for name in names if name != base]
    shape = load_shape(model.folder, base)
    mixture = random_mixture(shape, others, random)
    gaze, turn = random_gaze(random), random_turn(random)
    weights = following_lids(random_avatar_expression(random), gaze)
    posed = posed_avatar(model, mixture, weights, gaze, {**random_arms(random), **turn_rotations(turn)})
    wigged = len(shape.wig.vertices) > 0 and random.uniform() < WIG_SHARE
    dress = random_dress(_wearer(model, base, posed, turn, wigged=wigged), random)
    surface = _body(model, shape, posed, dress)
    if wigged:
        surface = _with_wig(surface, model, shape, posed)
    return _lit_person(model, _cut(surface), dress, base, posed.landmarks)


def has_hair(model: AvatarModel, name: str) -> bool:
    """Whether hair is painted on the head of an avatar."""
    classes = load_atlas(model.folder, name).classes
    return bool((classes[: len(classes) // 4] == Region.ROOTED).mean() > 0.01)


def _wearer(
    model: AvatarModel,
    name: str,
    posed: PosedAvatar,
    turn: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    *,
    wigged: bool,
) -> Wearer:
    """The head, for what grows and sits on it."""
    topology = model.topology
    triangles = topology.triangles[np.isin(topology.charts, (Chart.HEAD, Chart.EAR))]
    used, flat = np.unique(triangles, return_inverse=True)
    local = flat.reshape(-1, 3).astype(np.int32)
    # Ears are pieces of the layout of their own: their seams count as one surface here.
    normals = seam_normals(posed.body, topology.triangles, topology.weld)[used]
    parts = np.full(len(local), Part.SKIN, np.uint8)
    eyes = [sphere_centre(posed.body[topology.mesh == MESHES.index(eye)]) for eye in ("h_L_eye", "h_R_eye")]
    return Wearer(
        head=Mesh(posed.body[used], normals, model.rest[used], local, parts),
        landmarks=posed.landmarks,
        eyes=(eyes[0].astype(np.float64), eyes[1].astype(np.float64)),
        torso_from_head=turn,
        bald=not wigged and not has_hair(model, name),
        bearded="_M_" in name,
        wigged=wigged,
    )


def _cutout(model: AvatarModel, surface: _Surface, whole: Mesh, atlas: str) -> Cutout | None:
    """The frayed ends of a wig, which cover only part of themselves; None where there is no wig."""
    cut = np.zeros(len(whole.triangles), bool)
    cut[: len(surface.textured)] = surface.textured == CUT_OUT
    if not cut.any():
        return None
    uv = np.zeros((len(whole.vertices), 2), np.float32)
    uv[: len(surface.uv)] = surface.uv
    return Cutout(uv, cut, np.ascontiguousarray(load_atlas(model.folder, atlas).colour[..., 3]))


def _lit_person(model: AvatarModel, surface: _Surface, dress: Dress, atlas: str, landmarks: Float32Array) -> Person:
    """Everything together with its light transport."""
    bodies = [growth.body for growth in dress.growths if growth.body is not None]
    whole = merged([surface.mesh, *dress.pieces, *bodies])
    transport, visibility = vertex_transport(whole, _cutout(model, surface, whole, atlas))
    fourth = np.zeros(len(whole.vertices), np.float32)
    fourth[: len(surface.fourth)] = surface.fourth
    lit = LitMesh(whole, transport.astype(np.float32), visibility, fourth)
    for growth in dress.growths:
        lit = with_strands(lit, growth)
    mesh = lit.mesh
    uv = np.zeros((len(mesh.vertices), 2), np.float32)
    uv[: len(surface.uv)] = surface.uv
    textured = np.zeros(len(mesh.triangles), np.uint8)
    textured[: len(surface.textured)] = surface.textured
    return Person(
        vertices=mesh.vertices,
        normals=mesh.normals,
        rest=np.c_[mesh.rest, lit.fourth].astype(np.float32),
        transport=lit.transport,
        visibility=lit.visibility,
        triangles=mesh.triangles,
        parts=mesh.parts,
        neckline=0,
        uv=uv,
        atlas=atlas,
        landmarks=landmarks,
        triangle_texture=textured,
    )
