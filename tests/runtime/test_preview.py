"""A preview is the same picture on fewer pixels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ball_head import BallPlate, ball_plate, ball_weights

from chiaro.runtime import relight as relight_module
from chiaro.runtime.camera import Camera
from chiaro.runtime.crop import box_reduced, transform_pixels
from chiaro.runtime.errors import SettingsError
from chiaro.runtime.light.light import Light, SunLamp
from chiaro.runtime.orbit import turned_around
from chiaro.runtime.preview import reduced_camera
from chiaro.runtime.relight import Relighter, RelightRequest
from chiaro.runtime.view.view_camera import head_centre

FRONT = Light(lamps=(SunLamp(np.array([0.3, -1.0, 0.2]), np.full(3, np.pi)),))


@pytest.fixture
def relighter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Relighter:
    monkeypatch.setenv("CHIARO_WEIGHTS", str(ball_weights(tmp_path / "weights")))
    return Relighter(cache_folder=tmp_path / "cache")


def request(ball: BallPlate) -> RelightRequest:
    return RelightRequest(ball.camera, ball.camera, FRONT)


@pytest.mark.parametrize("reduction", [2, 3, 4])
def test_a_preview_is_the_result_made_smaller(relighter: Relighter, reduction: int) -> None:
    ball = ball_plate(1280, 960)
    full = relighter.relight(ball.frame, request(ball)).passes
    small = relighter.relight(ball.frame, replace(request(ball), reduction=reduction)).passes
    assert small.image.shape[:2] == (-(-960 // reduction), -(-1280 // reduction))
    expected = box_reduced(full.image, reduction)
    assert np.abs(small.image - expected).mean() < 0.01
    assert np.abs(small.matte - box_reduced(full.matte, reduction)).mean() < 0.01


def test_a_preview_from_another_camera_shows_the_person_at_the_same_place(relighter: Relighter) -> None:
    ball = ball_plate()
    encoding = relighter.analyse(ball.frame, ball.camera).encoding
    camera = turned_around(ball.camera, head_centre(encoding.crop, ball.camera), yaw=0.25, pitch=0.1)
    moved = replace(request(ball), render_camera=camera)
    full = relighter.relight(ball.frame, moved).passes
    small = relighter.relight(ball.frame, replace(moved, reduction=2)).passes
    assert np.abs(small.matte - box_reduced(full.matte, 2)).mean() < 0.01
    both = (small.matte > 0.9) & (box_reduced(full.matte, 2) > 0.9)
    assert np.percentile(np.abs(small.depth - box_reduced(full.depth, 2))[both], 99) < 0.02


def test_a_preview_runs_no_network_once_the_frame_is_analysed(
    relighter: Relighter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = ball_plate()
    relighter.relight(ball.frame, request(ball))
    monkeypatch.setattr(relight_module, "encode", None)
    monkeypatch.setattr(relight_module, "find_heads", None)
    assert relighter.relight(ball.frame, replace(request(ball), reduction=2)).passes.matte.any()


def test_what_is_no_reduction_is_refused() -> None:
    ball = ball_plate()
    with pytest.raises(SettingsError, match="reduction is 0; 1"):
        replace(request(ball), reduction=0)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 8))
def test_a_reduced_camera_sees_the_same_rays(width: int, height: int, reduction: int) -> None:
    camera = Camera(width, height, 1.3 * width, 1.1 * width, 0.52 * width, 0.47 * height)
    pixels = np.array([[0.5, 0.5], [0.3 * width, 0.9 * height]])
    shrunk = transform_pixels(np.diag([1 / reduction, 1 / reduction, 1.0]), pixels)
    assert np.allclose(reduced_camera(camera, reduction).directions(shrunk), camera.directions(pixels))
