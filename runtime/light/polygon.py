"""Irradiance from a flat polygon of uniform radiance, clipped by the surface's horizon."""

import numpy as np

from ..arrays import Float32Array


def polygon_form_factor(corners: Float32Array, normals: Float32Array) -> Float32Array:
    """Irradiance divided by radiance, exactly.

    Lambert's formula: half the sum over the edges of the angle an edge subtends times the cosine between the normal
    and the plane through the edge and the point (Baum et al., "Improving Radiosity Solutions Through the Use of
    Analytically Determined Form-Factors", 1989, eq. 2). Edges are cut at the horizon, and the piece of horizon between
    the two cuts closes the polygon again.

    Args:
        corners: (k, n, 3) corners of a convex polygon, relative to each of n points, counter-clockwise as seen from
            the lit side.
        normals: (n, 3) unit normals.

    Returns:
        (n,) at least zero.
    """
    height = np.einsum("knc,nc->kn", corners, normals)
    total = np.zeros(height.shape[1], np.float32)
    entry = np.zeros_like(normals)
    leaving = np.zeros_like(normals)
    cut = np.zeros(height.shape[1], bool)
    for index in range(len(corners)):
        following = (index + 1) % len(corners)
        start, end = corners[index], corners[following]
        start_height, end_height = height[index], height[following]
        start_up, end_up = start_height >= 0, end_height >= 0
        crosses = start_up != end_up
        if crosses.any():
            fraction = np.where(crosses, start_height / np.where(crosses, start_height - end_height, 1), 0)
            crossing = start + fraction[:, None].astype(np.float32) * (end - start)
            rises, sets = (crosses & end_up)[:, None], (crosses & start_up)[:, None]
            entry = np.where(rises, crossing, entry)
            leaving = np.where(sets, crossing, leaving)
            cut |= crosses
            start, end = np.where(rises, crossing, start), np.where(sets, crossing, end)
        total += np.where(start_up | end_up, _edge(start, end, normals), 0)
    if cut.any():
        total[cut] += _edge(leaving[cut], entry[cut], normals[cut])
    return np.maximum(total, 0)


def _edge(start: Float32Array, end: Float32Array, normals: Float32Array) -> Float32Array:
    """(n,) half the angle of an edge times the cosine of its plane's normal."""
    cross = np.cross(start, end)
    sine = np.sqrt(np.einsum("nc,nc->n", cross, cross))
    angle = np.arctan2(sine, np.einsum("nc,nc->n", start, end))
    projected = np.einsum("nc,nc->n", cross, normals)
    result: Float32Array = 0.5 * angle * projected / np.maximum(sine, np.float32(1e-20))
    return result
