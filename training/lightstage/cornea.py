"""The cornea that bulges from an eyeball drawn as one sphere: where lamps and windows mirror in eyes."""

import numba
import numpy as np

from ...runtime.arrays import Float32Array

EYE_RADIUS = 12.0
CORNEA_RADIUS = 7.8
LIMBUS_RADIUS = 5.9
"""Millimetres, of the mean adult eye (Atchison and Smith, "Optics of the Human Eye", 2000)."""


@numba.njit(cache=True, fastmath=True)
def corneal_normal(rest: Float32Array, mesh_from_eye: Float32Array, normal: Float32Array) -> None:
    """Replace the normal of an eyeball drawn as one sphere by that of the cornea which bulges from it.

    Where a point stands at angle θ from the optical axis, the cornea's smaller sphere through the limbus has the
    normal asin(R sin θ / r): wider, so a window mirrors in it small and near the pupil. The step back at the limbus
    is smoothed, which leaves the ring of wet light around the iris.

    Args:
        rest: direction from the eyeball's centre in the eye's own axes, optical axis +z; any length.
        mesh_from_eye: (3, 3).
        normal: (3,) mesh axes, replaced.
    """
    across = np.sqrt(rest[0] ** 2 + rest[1] ** 2)
    length = np.sqrt(across**2 + rest[2] ** 2) + 1e-9
    limbus = LIMBUS_RADIUS / EYE_RADIUS
    sine = across / length
    if rest[2] <= 0.0 or sine >= 1.3 * limbus or across < 1e-6:
        return
    bulged = min(EYE_RADIUS * min(sine, limbus) / CORNEA_RADIUS, 1.0)
    past = min(1.0, max(0.0, (sine / limbus - 0.95) / 0.35))
    past = past * past * (3.0 - 2.0 * past)
    tilted = bulged + (sine - bulged) * past
    forward = np.sqrt(max(0.0, 1.0 - tilted * tilted))
    ex, ey = rest[0] / across * tilted, rest[1] / across * tilted
    for k in range(3):
        normal[k] = mesh_from_eye[k, 0] * ex + mesh_from_eye[k, 1] * ey + mesh_from_eye[k, 2] * forward
