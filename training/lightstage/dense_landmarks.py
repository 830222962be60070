"""The same points on every face, many more than 68: spread over the morphable head and found again on any person."""

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from ...runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ..assets import FaceModel
from .parts import Part
from .person import Person

DENSE_COUNT = 512
SKIN_VERTICES = 11248
"""The first vertices of ICT-FaceKit are its skin."""
EXACT_CENTIMETRES = 2e-3
_SKIN = (int(Part.SKIN), int(Part.SCALP))


def spread_points(points: AnyFloatArray, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """(count,) indices of points far from one another: the farthest next point, again and again."""
    chosen = np.zeros(count, np.int64)
    distance = np.linalg.norm(points - points[0], axis=1)
    for index in range(1, count):
        chosen[index] = int(np.argmax(distance))
        distance = np.minimum(distance, np.linalg.norm(points - points[chosen[index]], axis=1))
    return chosen


def template_points(model: FaceModel) -> Float64Array:
    """(DENSE_COUNT, 3) points on the face and ears of the neutral mean, centimetres."""
    skin = model.vertices[:SKIN_VERTICES].astype(np.float64)
    face = skin[(skin[:, 2] > -2.0) & (skin[:, 1] > -9.0) & (skin[:, 1] < 11.0)]
    return face[spread_points(face, DENSE_COUNT)]


def dense_landmarks(person: Person, model: FaceModel, template: Float64Array) -> Float32Array:
    """(DENSE_COUNT, 3) metres, mesh head frame.

    On a person built from the morphable head they are its own vertices. On others the head's mean is bent onto the
    person's 68 landmarks (a thin-plate spline, Bookstein 1989) and each point moved to the nearest vertex of skin.

    Args:
        person: the person.
        model: the morphable head.
        template: from `template_points`.
    """
    skin = np.unique(person.triangles[np.isin(person.parts, _SKIN)])
    vertices: Float32Array = person.vertices[skin]
    distance, nearest = cKDTree(person.rest[skin, :3]).query(template)
    if float(np.quantile(distance, 0.9)) >= EXACT_CENTIMETRES:
        known = model.vertices[model.landmarks]
        bend = RBFInterpolator(known, person.landmarks, kernel="thin_plate_spline", smoothing=0.01)
        _, nearest = cKDTree(vertices).query(bend(template))
    points: Float32Array = vertices[nearest]
    return points
