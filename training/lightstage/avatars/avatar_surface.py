"""The surfaces of a posed avatar: which triangle is made of what, and where its textures lie."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import Float32Array
from ..head_mesh import Mesh, merged
from ..parts import Part
from .atlas import Region, load_atlas
from .avatar_model import AvatarModel
from .dressing import Dress, painted_depth
from .posed_avatar import PosedAvatar
from .prepare_avatars import FRAYED_FROM, atlas_uv
from .shape import AvatarShape
from .topology import MESHES, PART_OF_CHART, BytesArray, Chart, IntArray, seam_normals

CUT_BELOW = 0.62
"""Metres below the ear canals at which a person ends."""
PAINTED_FROM = 0.3
"""Centimetres inside grown hair from which on skin is painted with its colour."""
EYEBALLS = (MESHES.index("h_L_eye"), MESHES.index("h_R_eye"))
CUT_OUT = 2
"""`Person.triangle_texture` of triangles that alpha cuts out."""


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
class Surface:
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


def body_surface(model: AvatarModel, shape: AvatarShape, posed: PosedAvatar, dress: Dress) -> Surface:
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
    return Surface(Mesh(posed.body, normals, rest, triangles, parts), atlas_uv(shape, topology)[0], textured, fourth)


def with_wig(surface: Surface, model: AvatarModel, shape: AvatarShape, posed: PosedAvatar) -> Surface:
    """A surface with the wig of its avatar, whose frayed ends are cut out by alpha."""
    normals = seam_normals(posed.wig, shape.wig.triangles, wig_weld(shape))
    parts = np.full(len(shape.wig.triangles), Part.HAIR, np.uint8)
    frayed = shape.wig.uv[shape.wig.triangles, 1].max(axis=1) > FRAYED_FROM
    hair = Mesh(posed.wig, normals, np.zeros_like(posed.wig), shape.wig.triangles, parts)
    return Surface(
        merged([surface.mesh, hair]),
        np.concatenate([surface.uv, atlas_uv(shape, model.topology)[1]]),
        np.concatenate([surface.textured, np.where(frayed, CUT_OUT, 1).astype(np.uint8)]),
        np.concatenate([surface.fourth, np.zeros(len(posed.wig), np.float32)]),
    )


def cut_below_the_chest(surface: Surface) -> Surface:
    """Without what lies below the chest."""
    mesh = surface.mesh
    kept = (mesh.vertices[mesh.triangles, 1] > -CUT_BELOW).any(axis=1)
    used, flat = np.unique(mesh.triangles[kept], return_inverse=True)
    return Surface(
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
