"""Real spherical harmonics up to order l = 2: basis, projection of environment maps, rotation, irradiance.

Convention: orthonormal, index l² + l + m, every constant positive (no Condon–Shortley sign), so that with a unit
direction (x, y, z) the nine functions are proportional to

    1,  y, z, x,  xy, yz, 3z² − 1, xz, x² − y²

Equations: Ramamoorthi and Hanrahan, "An Efficient Representation for Irradiance Environment Maps" (SIGGRAPH 2001),
eq. 3.
"""

import numpy as np

from ..arrays import AnyFloatArray, Float32Array, Float64Array
from ..errors import LightError
from ..small_matrices import determinant
from .equirectangular import require_map

HARMONICS = 9

CONSTANT = 0.5 * np.sqrt(1.0 / np.pi)
LINEAR = 0.5 * np.sqrt(3.0 / np.pi)
QUADRATIC = 0.5 * np.sqrt(15.0 / np.pi)
ZONAL = 0.25 * np.sqrt(5.0 / np.pi)

COSINE_LOBE = np.array([np.pi, *[2.0 * np.pi / 3.0] * 3, *[np.pi / 4.0] * 5])
"""(9,) A_l of each harmonic: what convolution with the clamped cosine multiplies it by (eq. 8 of the paper)."""


def basis(directions: AnyFloatArray) -> AnyFloatArray:
    """The nine basis functions.

    Args:
        directions: (..., 3) unit vectors.

    Returns:
        (..., 9) in the precision of the directions.
    """
    x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
    result = np.empty((*directions.shape[:-1], HARMONICS), directions.dtype)
    result[..., 0] = CONSTANT
    result[..., 1] = LINEAR * y
    result[..., 2] = LINEAR * z
    result[..., 3] = LINEAR * x
    result[..., 4] = QUADRATIC * x * y
    result[..., 5] = QUADRATIC * y * z
    result[..., 6] = ZONAL * (3.0 * z * z - 1.0)
    result[..., 7] = QUADRATIC * x * z
    result[..., 8] = 0.5 * QUADRATIC * (x * x - y * y)
    return result


def evaluate_harmonics(coefficients: AnyFloatArray, directions: AnyFloatArray) -> AnyFloatArray:
    """The function that coefficients (9, ...) stand for, at unit directions (..., 3): (*directions, *channels)."""
    return np.tensordot(basis(directions), coefficients.astype(directions.dtype, copy=False), axes=1)


def project_environment(radiance: AnyFloatArray) -> Float64Array:
    """Spherical harmonics of an equirectangular map, exact for a map that is constant over each pixel.

    The basis functions are products of a function of the azimuth and one of the polar angle, so their integrals over
    a pixel's solid angle are closed forms, and the projection is two small matrix products.

    Args:
        radiance: (H, W, C) map in world axes, Blender's layout (row 0 is +Z, u = 0.5 looks to +X, u grows towards −Y).

    Returns:
        (9, C) coefficients.

    Raises:
        LightError: when the array is no map or holds numbers that are not finite.
    """
    require_map(radiance)
    height, width = radiance.shape[:2]
    cosine, sine, cosine_double, sine_double, one = _azimuth_integrals(width)
    polar = _polar_integrals(height)
    azimuth = np.stack([one, sine, one, cosine, sine_double, sine, one, cosine, cosine_double])
    by_row = np.einsum("kw,hwc->khc", azimuth[[0, 1, 3, 4, 8]].astype(radiance.dtype), radiance, optimize=True)
    by_row = by_row[[0, 1, 0, 2, 3, 1, 0, 2, 4]].astype(np.float64)
    coefficients: Float64Array = np.einsum("kh,khc->kc", polar, by_row)
    return coefficients


def _azimuth_integrals(width: int) -> Float64Array:
    """(5, W) integrals of cos φ, sin φ, cos 2φ, sin 2φ and 1 over each column; φ falls from π to −π along u."""
    edges = np.pi - 2.0 * np.pi * np.arange(width + 1) / width
    left, right = edges[:-1], edges[1:]
    return np.stack(
        [
            np.sin(left) - np.sin(right),
            np.cos(right) - np.cos(left),
            0.5 * (np.sin(2.0 * left) - np.sin(2.0 * right)),
            0.5 * (np.cos(2.0 * right) - np.cos(2.0 * left)),
            left - right,
        ]
    )


def _polar_integrals(height: int) -> Float64Array:
    """(9, H) integrals of each basis function's polar part times sin θ over each row."""
    edges = np.pi * np.arange(height + 1) / height
    z, s = np.cos(edges), np.sin(edges)
    constant = -CONSTANT * z
    linear_zonal = -LINEAR * z * z / 2.0
    linear_sectoral = LINEAR * (edges - s * z) / 2.0
    quadratic_tesseral = QUADRATIC * s**3 / 3.0
    quadratic_zonal = -ZONAL * (z**3 - z)
    quadratic_sectoral = -QUADRATIC * (z - z**3 / 3.0)
    antiderivatives = np.stack(
        [
            constant,
            linear_sectoral,
            linear_zonal,
            linear_sectoral,
            0.5 * quadratic_sectoral,
            quadratic_tesseral,
            quadratic_zonal,
            quadratic_tesseral,
            0.5 * quadratic_sectoral,
        ]
    )
    return np.diff(antiderivatives, axis=1)


_QUADRATIC_FORMS = np.array(
    [
        [[0.0, 0.5, 0.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.5], [0.0, 0.5, 0.0]],
        [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 2.0]],
        [[0.0, 0.0, 0.5], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]],
        [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 0.0]],
    ]
)
"""Traceless symmetric matrices M with Y_2m(d) ∝ dᵀ M d."""

_QUADRATIC_FORMS /= np.linalg.norm(_QUADRATIC_FORMS, axis=(1, 2), keepdims=True)


def harmonics_rotation(rotation: AnyFloatArray) -> Float64Array:
    """The matrix that turns harmonics: block diagonal, orthogonal.

    Order 1 turns as a vector; order 2 turns as the traceless symmetric matrix of its quadratic form, M ↦ R M Rᵀ.

    Args:
        rotation: (3, 3) `target_from_source`.

    Returns:
        (9, 9) D with D · coefficients_source = coefficients_target; for maps (h, w, 9) use `map @ D.T`.

    Raises:
        LightError: when the matrix is no rotation.
    """
    rotation = np.asarray(rotation, dtype=np.float64)
    if (
        rotation.shape != (3, 3)
        or not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-4)
        or determinant(rotation) < 0
    ):
        raise LightError(
            f"Harmonics cannot be turned by a matrix of shape {rotation.shape} that scales, shears or mirrors; "
            "a 3x3 rotation is expected: take it from a transform without scale."
        )
    result = np.zeros((HARMONICS, HARMONICS))
    result[0, 0] = 1.0
    order = [1, 2, 0]  # harmonics 1, 2, 3 are y, z, x
    result[1:4, 1:4] = rotation[np.ix_(order, order)]
    turned = rotation @ _QUADRATIC_FORMS @ rotation.T
    result[4:, 4:] = np.einsum("mij,nij->mn", _QUADRATIC_FORMS, turned)
    return result


def rotate_harmonics(coefficients: AnyFloatArray, rotation: AnyFloatArray) -> Float64Array:
    """Turn a function given by harmonics: with d' = R d, turned(d') = original(d).

    Args:
        coefficients: (9, ...) in the source axes.
        rotation: (3, 3) `target_from_source`; to express camera-space light in the world, `world_from_camera`.

    Returns:
        (9, ...) coefficients in the target axes.
    """
    return np.tensordot(harmonics_rotation(rotation), coefficients, axes=1)


def lambert_transport(normals: AnyFloatArray) -> AnyFloatArray:
    """Transport of an unshadowed diffuse surface: A_l/π · Y_k(n).

    Args:
        normals: (..., 3) unit normals.

    Returns:
        (..., 9) in the axes and the precision of the normals; its dot product with a light's harmonics is the
        radiance that leaves a white surface.
    """
    return basis(normals) * (COSINE_LOBE / np.pi).astype(normals.dtype)


def irradiance_from_harmonics(coefficients: AnyFloatArray, normals: AnyFloatArray) -> AnyFloatArray:
    """Irradiance on surfaces under an unoccluded light given by its harmonics.

    Args:
        coefficients: (9, C) radiance harmonics in the normals' axes.
        normals: (..., 3) unit normals.

    Returns:
        (..., C); a strong light beside darkness can make it a little negative opposite to the light.
    """
    weighted = coefficients * COSINE_LOBE[:, None]
    return evaluate_harmonics(weighted, normals)


def harmonics_of_distant_light(direction: AnyFloatArray, irradiance: AnyFloatArray) -> Float64Array:
    """Harmonics of light from one direction.

    Args:
        direction: (3,) unit vector towards the light.
        irradiance: (C,) on a surface that faces it.

    Returns:
        (9, C) radiance harmonics.
    """
    return np.outer(basis(np.asarray(direction, dtype=np.float64)), np.asarray(irradiance, dtype=np.float64))


def shade_transport(transport: Float32Array, coefficients: AnyFloatArray) -> Float32Array:
    """Radiance (..., C) that leaves a white surface with transport (..., 9) under light (9, C)."""
    shading: Float32Array = transport @ coefficients.astype(np.float32)
    return shading
