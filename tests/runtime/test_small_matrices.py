"""Small matrices are turned round as LAPACK turns them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytic_head import turn

from chiaro.runtime.small_matrices import determinant, inverse, inverse_pose


@given(st.integers(0, 10_000))
def test_inverse_and_determinant_are_those_of_lapack(seed: int) -> None:
    matrix = np.random.default_rng(seed).normal(size=(3, 3))
    assert determinant(matrix) == pytest.approx(float(np.linalg.det(matrix)), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(inverse(matrix) @ matrix, np.eye(3), atol=1e-8 * np.linalg.cond(matrix))


@given(st.floats(-3, 3), st.floats(-1.5, 1.5), st.floats(-3, 3), st.integers(0, 1000))
def test_a_pose_and_its_inverse_are_nothing(yaw: float, pitch: float, roll: float, seed: int) -> None:
    pose = np.eye(4)
    pose[:3, :3] = turn(1, yaw) @ turn(0, pitch) @ turn(2, roll)
    pose[:3, 3] = np.random.default_rng(seed).normal(size=3)
    np.testing.assert_allclose(inverse_pose(pose) @ pose, np.eye(4), atol=1e-12)


def test_a_flat_matrix_has_no_inverse() -> None:
    with pytest.raises(ZeroDivisionError):
        inverse(np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 0.0, 1.0]]))
