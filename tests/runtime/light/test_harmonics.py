import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.errors import LightError
from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.runtime.light.harmonics import (
    basis,
    evaluate_harmonics,
    harmonics_of_distant_light,
    harmonics_rotation,
    irradiance_from_harmonics,
    lambert_transport,
    project_environment,
    rotate_harmonics,
    shade_transport,
)


def random_rotation(seed: int) -> np.ndarray:
    matrix, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def random_directions(seed: int, count: int = 64) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_signs_are_positive_along_the_axes_and_their_bisectors() -> None:
    values = basis(np.eye(3))
    assert values[1, 1] > 0  # harmonic 1 is y
    assert values[2, 2] > 0  # harmonic 2 is z
    assert values[0, 3] > 0  # harmonic 3 is x
    diagonal = np.sqrt(0.5)
    assert basis(np.array([diagonal, diagonal, 0.0]))[4] > 0
    assert basis(np.array([0.0, diagonal, diagonal]))[5] > 0
    assert values[2, 6] > 0
    assert basis(np.array([diagonal, 0.0, diagonal]))[7] > 0
    assert values[0, 8] > 0


def test_basis_is_orthonormal_over_the_sphere() -> None:
    values = basis(map_directions(256, 512))
    weights = np.broadcast_to(solid_angles(256, 512), (256, 512))
    gram = np.einsum("hwi,hwj,hw->ij", values, values, weights)
    np.testing.assert_allclose(gram, np.eye(9), atol=1e-4)


def test_solid_angles_fill_the_sphere() -> None:
    assert solid_angles(7, 12).sum() * 12 == pytest.approx(4 * np.pi)


def test_projection_finds_the_coefficients_of_a_band_limited_map() -> None:
    expected = np.random.default_rng(1).normal(size=(9, 3))
    radiance = evaluate_harmonics(expected, map_directions(512, 1024))
    np.testing.assert_allclose(project_environment(radiance), expected, atol=5e-5)


def test_projection_of_a_constant_map_is_exact_at_any_size() -> None:
    coefficients = project_environment(np.full((3, 5, 3), 2.0))
    np.testing.assert_allclose(coefficients[0], 2.0 * np.sqrt(4 * np.pi))
    np.testing.assert_allclose(coefficients[1:], 0.0, atol=1e-12)


def test_projection_of_one_bright_pixel_is_a_light_from_its_direction() -> None:
    height, width, row, column = 64, 128, 20, 90
    radiance = np.zeros((height, width, 3))
    radiance[row, column] = 1.0
    expected = harmonics_of_distant_light(
        map_directions(height, width)[row, column], solid_angles(height, width)[row] * np.ones(3)
    )
    np.testing.assert_allclose(project_environment(radiance), expected, atol=3e-3 * expected.max())


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_turned_function_has_the_value_of_the_original_where_it_came_from(seed: int) -> None:
    rotation, directions = random_rotation(seed), random_directions(seed)
    original = np.random.default_rng(seed).normal(size=(9, 3))
    turned = rotate_harmonics(original, rotation)
    np.testing.assert_allclose(
        evaluate_harmonics(turned, directions @ rotation.T), evaluate_harmonics(original, directions), atol=1e-10
    )


@settings(deadline=None)
@given(first=st.integers(0, 1000), second=st.integers(0, 1000))
def test_rotations_compose_and_are_orthogonal(first: int, second: int) -> None:
    a, b = random_rotation(first), random_rotation(second)
    np.testing.assert_allclose(harmonics_rotation(a @ b), harmonics_rotation(a) @ harmonics_rotation(b), atol=1e-10)
    np.testing.assert_allclose(harmonics_rotation(a) @ harmonics_rotation(a).T, np.eye(9), atol=1e-10)


def test_a_scaling_matrix_is_refused() -> None:
    with pytest.raises(LightError, match="3x3 rotation is expected"):
        rotate_harmonics(np.zeros((9, 3)), 2.0 * np.eye(3))


def test_unshadowed_surface_under_uniform_light_leaves_that_radiance() -> None:
    harmonics = project_environment(np.full((8, 16, 3), 0.7))
    shading = shade_transport(lambert_transport(random_directions(3)).astype(np.float32), harmonics)
    np.testing.assert_allclose(shading, 0.7, rtol=1e-5)


def test_irradiance_is_pi_times_unshadowed_shading() -> None:
    harmonics = np.random.default_rng(5).normal(size=(9, 3))
    normals = random_directions(5)
    np.testing.assert_allclose(
        irradiance_from_harmonics(harmonics, normals), np.pi * lambert_transport(normals) @ harmonics, rtol=1e-10
    )


def test_irradiance_of_linear_radiance_is_the_analytic_integral() -> None:
    # ∫ max(n·l, 0) (1 + l_z) dl = π + (2π/3) n_z
    radiance = np.repeat(1.0 + map_directions(256, 512)[..., 2:], 3, axis=-1)
    normals = random_directions(6)
    expected = np.pi + 2 * np.pi / 3 * normals[:, 2]
    actual = irradiance_from_harmonics(project_environment(radiance), normals)[:, 0]
    np.testing.assert_allclose(actual, expected, rtol=1e-4)


@pytest.mark.parametrize("bad", [np.zeros((4, 8)), np.zeros((4, 8, 4)), np.zeros((0, 8, 3))])
def test_what_is_no_map_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(LightError, match=r"\(height, width, 3\) is expected"):
        project_environment(bad)


def test_nan_in_a_map_is_refused() -> None:
    radiance = np.ones((4, 8, 3))
    radiance[1, 2, 0] = np.nan
    with pytest.raises(LightError, match="NaN or infinite"):
        project_environment(radiance)
