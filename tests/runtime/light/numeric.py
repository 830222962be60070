"""Brute-force irradiance, to hold closed forms against."""

import numpy as np
from numpy.typing import NDArray


def unit(*vector: float) -> NDArray[np.float64]:
    """A vector scaled to length one."""
    return np.array(vector) / np.linalg.norm(vector)


def spiral(count: int) -> NDArray[np.float64]:
    """(count, 3) directions spread evenly over the sphere."""
    z = 1.0 - 2.0 * (np.arange(count) + 0.5) / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(count)
    radius = np.sqrt(1.0 - z * z)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), z], axis=1)


def cap_directions(axis: NDArray[np.float64], half_angle: float, count: int) -> NDArray[np.float64]:
    """(count, 3) directions spread evenly over a cone."""
    z = 1.0 - (1.0 - np.cos(half_angle)) * (np.arange(count) + 0.5) / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * np.arange(count)
    radius = np.sqrt(1.0 - z * z)
    side = unit(*np.cross(axis, [0.3, 0.5, 0.81]))
    other = np.cross(axis, side)
    return np.outer(radius * np.cos(turn), side) + np.outer(radius * np.sin(turn), other) + np.outer(z, axis)
