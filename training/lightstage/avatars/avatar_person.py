"""A random person built from the avatars: mixed face, expression, gaze, turned head, and ray-cast light transport."""

import numpy as np

from ....runtime.arrays import Float32Array
from ..grown_mesh import bare, with_ribbons
from ..head_mesh import Mesh
from ..parts import Part
from ..person import Person
from ..transport import Cutout, vertex_transport
from .atlas import Region, load_atlas
from .avatar_model import HELD_OUT_AVATARS, HELD_OUT_FIRST, AvatarModel, avatars_of, load_avatar_model
from .avatar_surface import CUT_OUT, Surface, body_surface, cut_below_the_chest, with_wig
from .dressing import Dress, Wearer, random_dress
from .expression import following_lids, random_avatar_expression, random_gaze
from .posed_avatar import PosedAvatar, posed_avatar, sphere_centre
from .posing import random_arms, random_turn, turn_rotations
from .shape import load_shape
from .topology import MESHES, Chart, seam_normals
from .variation import random_mixture

__all__ = [
    "HELD_OUT_FIRST",
    "AvatarModel",
    "avatars_of",
    "build_avatar_person",
    "build_named_person",
    "has_hair",
    "load_avatar_model",
]

WIG_SHARE = 0.6
"""How often an avatar with a wig wears it; else hair is grown."""
STREAM = 15485863


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
    surface = body_surface(model, shape, posed, dress)
    if wigged:
        surface = with_wig(surface, model, shape, posed)
    return _lit_person(model, cut_below_the_chest(surface), dress, base, posed.landmarks)


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


def _cutout(model: AvatarModel, surface: Surface, whole: Mesh, atlas: str) -> Cutout | None:
    """The frayed ends of a wig, which cover only part of themselves; None where there is no wig."""
    cut = np.zeros(len(whole.triangles), bool)
    cut[: len(surface.textured)] = surface.textured == CUT_OUT
    if not cut.any():
        return None
    uv = np.zeros((len(whole.vertices), 2), np.float32)
    uv[: len(surface.uv)] = surface.uv
    return Cutout(uv, cut, np.ascontiguousarray(load_atlas(model.folder, atlas).colour[..., 3]))


def _lit_person(model: AvatarModel, surface: Surface, dress: Dress, atlas: str, landmarks: Float32Array) -> Person:
    """Everything together with its light transport."""
    bodies = [growth.body for growth in dress.growths if growth.body is not None]
    grown = bare([surface.mesh, *dress.pieces, *bodies], surface.fourth)
    for growth in dress.growths:
        grown = with_ribbons(grown, growth)
    mesh = grown.mesh
    transport, visibility = vertex_transport(mesh, _cutout(model, surface, mesh, atlas), grown.sources)
    uv = np.zeros((len(mesh.vertices), 2), np.float32)
    uv[: len(surface.uv)] = surface.uv
    textured = np.zeros(len(mesh.triangles), np.uint8)
    textured[: len(surface.textured)] = surface.textured
    return Person(
        vertices=mesh.vertices,
        normals=mesh.normals,
        rest=np.c_[mesh.rest, grown.fourth].astype(np.float32),
        transport=transport.astype(np.float32),
        visibility=visibility,
        triangles=mesh.triangles,
        parts=mesh.parts,
        neckline=0,
        uv=uv,
        atlas=atlas,
        landmarks=landmarks,
        triangle_texture=textured,
    )
