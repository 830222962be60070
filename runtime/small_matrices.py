"""Inverses and determinants of matrices of three or four rows, without LAPACK.

numpy hands even these to a library that wakes all its threads, and where other work keeps the processor busy, as a
render does, an inverse then takes milliseconds in place of microseconds.
"""

import numpy as np

from .arrays import AnyFloatArray, Float64Array


def determinant(matrix: AnyFloatArray) -> float:
    """Of a (3, 3) matrix."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return float(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))


def inverse(matrix: AnyFloatArray) -> Float64Array:
    """Of a (3, 3) matrix, by its adjugate.

    Raises:
        ZeroDivisionError: it has none.
    """
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    first, second, third = e * i - f * h, f * g - d * i, d * h - e * g
    scale = 1.0 / (a * first + b * second + c * third)
    result: Float64Array = scale * np.array(
        [
            [first, c * h - b * i, b * f - c * e],
            [second, a * i - c * g, c * d - a * f],
            [third, b * g - a * h, a * e - b * d],
        ]
    )
    return result


def inverse_pose(pose: AnyFloatArray) -> Float64Array:
    """Of a (4, 4) rigid transform: the rotation's transpose, and the way back."""
    rotation = pose[:3, :3]
    result = np.eye(4)
    result[:3, :3] = rotation.T
    result[:3, 3] = -(rotation.T @ pose[:3, 3])
    return result
