"""How far points lie from a head's skin."""

import numpy as np
from scipy.spatial import ConvexHull, cKDTree

from ...runtime.arrays import AnyFloatArray, Float32Array
from .head_mesh import Mesh
from .parts import Part

REACH = 0.06
"""Metres beyond which distances are cut off."""


class SkinDistance:
    """Signed distance to the head's skin and the neutral mean's coordinates of the nearest skin point."""

    def __init__(self, head: Mesh) -> None:
        skin = np.unique(head.triangles[head.parts == Part.SKIN])
        # Ears are thin: which side of them a point lies on says nothing about the head.
        x, y, z = np.abs(head.rest[skin, 0]), head.rest[skin, 1], head.rest[skin, 2]
        skin = skin[~((x > 7.7) & (y < 6.5) & (z < 2.2))]
        self.points, self.normals, self.rest = head.vertices[skin], head.normals[skin], head.rest[skin]
        self.tree = cKDTree(self.points)
        self.hull = ConvexHull(self.points[::9]).equations.astype(np.float32)

    def __call__(self, points: Float32Array) -> tuple[Float32Array, Float32Array]:
        """(N,) signed distance in metres and (N, 3) rest coordinates in centimetres of (N, 3) points."""
        distance, index = self.tree.query(points, k=1, distance_upper_bound=REACH)
        far = index == len(self.points)
        distance, index = np.where(far, REACH, distance), np.where(far, 0, index)
        side = np.einsum("ij,ij->i", points - self.points[index], self.normals[index])
        # Near the surface the distance to the tangent plane is the smoother measure. Far from it the nearest normal
        # can look anywhere (behind the ears, under the chin), but outside the convex hull is outside.
        signed = np.where(distance < 0.012, side, np.sign(side) * distance)
        doubtful = np.flatnonzero(far | (side < 0.0))
        beyond = (points[doubtful] @ self.hull[:, :3].T + self.hull[:, 3]).max(axis=1) > 0.001
        signed[doubtful] = np.where(beyond, distance[doubtful], np.where(far[doubtful], -REACH, signed[doubtful]))
        return signed.astype(np.float32), self.rest[index]

    def nearest(self, points: AnyFloatArray) -> tuple[AnyFloatArray, AnyFloatArray]:
        """(N,) signed distance in metres and (N, 3) normals of the nearest skin of (N, 3) points near the head."""
        distance, index = self.tree.query(points, k=1)
        side = np.einsum("ij,ij->i", points - self.points[index], self.normals[index])
        return np.where(distance < 0.012, side, np.sign(side) * distance), self.normals[index].astype(np.float64)
