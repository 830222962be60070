"""Eyes are bent over a ball and made wet; nothing else is touched."""

import numpy as np
import pytest
from numpy.typing import NDArray

from chiaro.runtime.eyes import BALL, EYE_METRES, WET_EYE, WET_MOUTH, rounded_normals, wet_roughness
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES

SIZE = 256
PIXEL = 2 * CROP_HALF_WIDTH_METRES / SIZE
CENTRES = ((110.5, 120.5), (142.5, 121.5))


def two_eyes() -> NDArray[np.float32]:
    """(h, w) one where an eye is: ellipses of 12 by 6 pixels."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] + 0.0
    return np.max([((x - cx) / 6) ** 2 + ((y - cy) / 3) ** 2 <= 1 for cx, cy in CENTRES], axis=0).astype(np.float32)


def facing(x: float = 0.0, y: float = 0.0) -> NDArray[np.float32]:
    normal = np.array([x, y, np.sqrt(1 - x * x - y * y)], np.float32)
    return np.broadcast_to(normal, (SIZE, SIZE, 3)).copy()


def test_each_eye_is_a_ball_around_its_own_middle() -> None:
    eyes = two_eyes()
    found = rounded_normals(facing(0.1, -0.2), eyes)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1.0, atol=1e-5)
    for cx, cy in CENTRES:
        column, row = round(cx + 3.5), round(cy - 0.5)
        x = 0.1 + (column - cx) * PIXEL / EYE_METRES
        y = -0.2 - (row - cy) * PIXEL / EYE_METRES
        mixed = BALL * np.array([x, y, np.sqrt(1 - x * x - y * y)]) + (1 - BALL) * np.array([0.1, -0.2, np.sqrt(0.95)])
        np.testing.assert_allclose(found[row, column], mixed / np.linalg.norm(mixed), atol=0.01)
        assert found[row - 2, round(cx - 0.5), 1] > 0.0


def test_all_else_keeps_its_normal() -> None:
    eyes, normal = two_eyes(), facing(0.3, 0.3)
    found = rounded_normals(normal, eyes)
    np.testing.assert_array_equal(found[eyes == 0], normal[eyes == 0])
    assert np.abs(found - normal)[eyes == 1].max() > 0.1
    assert rounded_normals(normal, np.zeros_like(eyes)) is normal


@pytest.mark.parametrize("turn", [0.0, 0.6, 0.9])
def test_normals_stay_unit_and_in_front_on_turned_heads(turn: float) -> None:
    found = rounded_normals(facing(turn, 0.0), two_eyes())
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 1.0, atol=1e-5)
    assert found[..., 2].min() > 0.2


def test_a_doubtful_eye_is_bent_less() -> None:
    eyes, normal = two_eyes(), facing()
    sure, doubtful, no = (np.abs(rounded_normals(normal, share * eyes) - normal).max() for share in (1.0, 0.5, 0.25))
    assert sure > doubtful > no == 0.0


def test_eyes_and_mouth_are_wet_and_nothing_gets_duller() -> None:
    nothing = np.zeros((2, 3), np.float32)
    eyes, mouth, roughness = nothing.copy(), nothing.copy(), np.full((2, 3), 0.5, np.float32)
    eyes[0, 0], mouth[0, 1], eyes[0, 2], eyes[1, 0] = 1.0, 1.0, 0.5, 1.0
    roughness[1, 0] = 0.1
    found = wet_roughness(roughness, eyes, mouth)
    expected = [[WET_EYE, WET_MOUTH, 0.5 * (0.5 + WET_EYE)], [0.1, 0.5, 0.5]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
