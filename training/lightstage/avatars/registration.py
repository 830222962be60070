"""Where points of the avatars' mesh lie on the morphable head: what grows or sits on one then fits the other."""

import numpy as np
from scipy.interpolate import RBFInterpolator

from ....runtime.arrays import Float32Array, Float64Array
from ...assets import FaceModel
from ..head_mesh import tragion
from .layout import EAR_CANAL_UV, LANDMARK_UV, surface_points
from .shape import AvatarShape, mean_vertices
from .topology import Chart, Topology

FIRM_LANDMARKS = (8, *range(17, 68))
"""Those that both meshes place alike: the outline of the jaw is drawn by other rules on either."""
SKULL = np.array([[0.0, 0.14, -0.085], [0.0, 0.06, -0.17], [0.07, 0.10, -0.085], [-0.07, 0.10, -0.085]])
"""Points around the skull, metres from the middle of the eyes, that hold the map outside the face."""


def similarity(source: Float64Array, target: Float64Array) -> tuple[float, Float64Array, Float64Array]:
    """Scale, rotation (3, 3) and shift (3,) that take points (N, 3) to others best (Umeyama 1991)."""
    a, b = source.mean(axis=0), target.mean(axis=0)
    left, values, right = np.linalg.svd((target - b).T @ (source - a))
    sign = np.diag([1.0, 1.0, np.linalg.det(left @ right)])
    rotation = left @ sign @ right
    scale = float((values * np.diag(sign)).sum() / ((source - a) ** 2).sum())
    return scale, rotation, b - scale * rotation @ a


def face_model_coordinates(model: FaceModel, topology: Topology, shapes: list[AvatarShape]) -> Float32Array:
    """(V, 3) centimetres on the morphable head's neutral mean, of head and ears; zero for the rest of the body.

    The mean avatar is laid over the mean head by a similarity, then bent by a thin-plate spline (Bookstein 1989)
    through landmarks and ear canals; around the skull it keeps the similarity.

    Args:
        model: the morphable head.
        topology: the shared mesh.
        shapes: the avatars.
    """
    mean = mean_vertices(shapes).astype(np.float32)
    firm = list(FIRM_LANDMARKS)
    ears = surface_points(topology, EAR_CANAL_UV).on(mean).astype(np.float64)
    known = np.concatenate([surface_points(topology, LANDMARK_UV).on(mean)[firm], ears])
    wanted = np.concatenate(
        [model.vertices[model.landmarks][firm], model.vertices[[tragion(model, s) for s in (1, -1)]]]
    )
    scale, rotation, shift = similarity(known.astype(np.float64), wanted.astype(np.float64))
    skull = scale * SKULL @ rotation.T + shift
    bend = RBFInterpolator(
        np.concatenate([known, SKULL]), np.concatenate([wanted, skull]), kernel="thin_plate_spline", smoothing=1e-4
    )
    chosen = np.unique(topology.triangles[(topology.charts == Chart.HEAD) | (topology.charts == Chart.EAR)])
    rest = np.zeros_like(mean)
    rest[chosen] = bend(mean[chosen])
    return rest
