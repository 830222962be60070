"""The whole road on a plate whose truth is known, and what is kept when only a light or a camera moves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.ball_head import BallPlate, ball_plate, ball_weights

from chiaro.runtime import relight as relight_module
from chiaro.runtime.compose.given_matte import GivenMatte
from chiaro.runtime.errors import HeadError, LightError, PlateError, SettingsError, WeightsError
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.light import Light, SunLamp
from chiaro.runtime.mattes import OneMatte
from chiaro.runtime.orbit import turned_around
from chiaro.runtime.relight import Relighter, RelightRequest
from chiaro.runtime.view.view_camera import head_centre

FRONT = Light(lamps=(SunLamp(np.array([0.0, -1.0, 0.0]), np.full(3, np.pi)),))
UNIFORM = Light(environment=environment_from_map(np.ones((16, 32, 3), dtype=np.float32)))


@pytest.fixture
def relighter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Relighter:
    monkeypatch.setenv("CHIARO_WEIGHTS", str(ball_weights(tmp_path / "weights")))
    return Relighter(cache_folder=tmp_path / "cache")


def request(ball: BallPlate, light: Light = FRONT) -> RelightRequest:
    return RelightRequest(ball.camera, ball.camera, light)


def test_the_ball_is_found_and_lit_from_the_front(relighter: Relighter) -> None:
    ball = ball_plate()
    passes = relighter.relight(ball.frame, request(ball)).passes
    centre = passes.shading[240, 320]
    assert centre == pytest.approx(np.ones(3), rel=0.1)
    assert passes.normal[240, 320] == pytest.approx([0, -1, 0], abs=0.1)
    side = passes.shading[240, 320 + 60]
    assert 0.3 < side[0] < 0.85


def test_beyond_the_matte_the_plate_is_untouched(relighter: Relighter) -> None:
    ball = ball_plate()
    passes = relighter.relight(ball.frame, request(ball)).passes
    outside = passes.matte == 0
    assert outside.mean() > 0.5
    assert (passes.image[..., :3][outside] == ball.frame.image[outside]).all()


def test_a_moved_light_runs_no_network(relighter: Relighter, monkeypatch: pytest.MonkeyPatch) -> None:
    ball = ball_plate()
    relighter.relight(ball.frame, request(ball))
    monkeypatch.setattr(relight_module, "encode", None)
    monkeypatch.setattr(relight_module, "find_heads", None)
    monkeypatch.setattr(relight_module, "view", None)
    moved = relighter.relight(ball.frame, request(ball, UNIFORM))
    assert moved.passes.shading[240, 320] == pytest.approx(np.ones(3), rel=0.05)


def test_another_session_takes_the_encoding_from_disk(
    relighter: Relighter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = ball_plate()
    first = relighter.relight(ball.frame, request(ball)).passes
    monkeypatch.setattr(relight_module, "encode", None)
    second = Relighter(cache_folder=tmp_path / "cache").relight(ball.frame, request(ball)).passes
    assert np.abs(first.image - second.image).max() < 0.01


def test_a_moved_camera_moves_the_person(relighter: Relighter) -> None:
    ball = ball_plate()
    encoding = relighter.analyse(ball.frame, ball.camera).encoding
    camera = turned_around(ball.camera, head_centre(encoding.crop, ball.camera), yaw=0.2, pitch=0.0)
    passes = relighter.relight(ball.frame, replace(request(ball, UNIFORM), render_camera=camera)).passes
    assert passes.image[0, 0].tolist() == [0, 0, 0, 0]
    assert passes.confidence[240, 320] > 0.5
    assert passes.matte[240, 320] == pytest.approx(1, abs=0.05)


def test_a_turned_view_of_more_detail_shows_the_same_person_and_the_plates_own_view_does_not_change(
    relighter: Relighter,
) -> None:
    ball = ball_plate()
    encoding = relighter.analyse(ball.frame, ball.camera).encoding
    camera = turned_around(ball.camera, head_centre(encoding.crop, ball.camera), yaw=0.3, pitch=0.0)
    turned = replace(request(ball, UNIFORM), render_camera=camera)
    coarse, fine = (relighter.relight(ball.frame, replace(turned, detail=detail)).passes for detail in (1, 2))
    assert not np.array_equal(fine.matte, coarse.matte)
    assert fine.matte.sum() == pytest.approx(coarse.matte.sum(), rel=0.03)
    both = (fine.matte > 0.9) & (coarse.matte > 0.9)
    assert np.abs(fine.image - coarse.image)[both].mean() < 0.02
    own = [relighter.relight(ball.frame, replace(request(ball), detail=detail)).passes.image for detail in (1, 2)]
    np.testing.assert_array_equal(*own)


def test_a_box_overrides_the_locator(relighter: Relighter) -> None:
    ball = ball_plate()
    grey = replace(ball.frame, image=np.full_like(ball.frame.image, 0.2), identity="grey")
    with pytest.raises(HeadError, match="No head was found"):
        relighter.relight(grey, request(ball))
    boxed = relighter.relight(grey, replace(request(ball), box=ball.box))
    assert boxed.encoding.box == ball.box


def test_mix_and_strength(relighter: Relighter) -> None:
    ball = ball_plate()
    plain = relighter.relight(ball.frame, replace(request(ball), mix=0.0)).passes
    assert np.abs(plain.image[..., :3] - ball.frame.image).max() < 1e-5
    single = relighter.relight(ball.frame, request(ball)).passes
    double = relighter.relight(ball.frame, replace(request(ball), strength=2.0)).passes
    assert double.shading[240, 320] == pytest.approx(2 * single.shading[240, 320], rel=1e-3)


def test_mixing_with_the_plate_is_mixing_with_its_light(relighter: Relighter) -> None:
    ball = ball_plate()
    mixed = relighter.relight(ball.frame, replace(request(ball), mix=0.25)).passes.image
    added = relighter.relight(ball.frame, replace(request(ball), strength=0.25, plate_light=0.75)).passes.image
    relit = relighter.relight(ball.frame, request(ball)).passes.image[..., :3]
    assert np.array_equal(mixed, added)
    assert np.abs(mixed[..., :3] - (0.25 * relit + 0.75 * ball.frame.image)).max() < 1e-5


def test_the_plates_own_light_needs_no_other(relighter: Relighter) -> None:
    ball = ball_plate()
    alone = relighter.relight(ball.frame, replace(request(ball, Light()), plate_light=1.0))
    assert alone.passes.image[..., :3].tobytes() == ball.frame.image.tobytes()
    assert alone.messages == ()
    with pytest.raises(LightError, match="There is no light"):
        relighter.relight(ball.frame, request(ball, Light()))


def test_a_light_that_fades_to_nothing_is_told_and_black(relighter: Relighter) -> None:
    ball = ball_plate()
    dark = Light(environment_from_map(np.zeros((16, 32, 3), dtype=np.float32)))
    for changed in (replace(request(ball), light=dark), replace(request(ball), strength=0.0)):
        result = relighter.relight(ball.frame, changed)
        assert result.messages[-1].startswith("No light reaches the person on this frame")
        assert np.abs(result.passes.image[240, 320, :3]).max() < 1e-6  # what is left is rounding
    assert relighter.relight(ball.frame, request(ball)).messages == ()


def test_a_camera_that_looks_away_is_told(relighter: Relighter) -> None:
    ball = ball_plate()
    away = replace(ball.camera, world_from_camera=ball.camera.world_from_camera @ np.diag([-1.0, 1.0, -1.0, 1.0]))
    result = relighter.relight(ball.frame, replace(request(ball), render_camera=away))
    assert result.messages[-1].startswith("The render camera does not see the person")
    assert not result.passes.image.any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"strength": -1.0}, "strength is -1"),
        ({"plate_light": -0.5}, "plate light is -0.5"),
        ({"plate_light": float("inf")}, "plate light is inf"),
        ({"mix": 1.5}, "mix is 1.5"),
        ({"own_light_removal": float("nan")}, "own-light removal is nan"),
        ({"wanted": frozenset({"beauty"})}, "There is no pass beauty"),
        ({"detail": 3}, "detail of turned views is 3"),
    ],
)
def test_settings_out_of_range(change: dict[str, object], sentence: str) -> None:
    ball = ball_plate()
    with pytest.raises(SettingsError, match=sentence):
        RelightRequest(ball.camera, ball.camera, FRONT, **change)  # type: ignore[arg-type]  # wrong on purpose


def test_missing_weights_are_told(relighter: Relighter, tmp_path: Path) -> None:
    (tmp_path / "weights" / "locator.onnx").unlink()
    (tmp_path / "weights" / "manifest.json").unlink()
    ball = ball_plate()
    with pytest.raises(WeightsError):
        relighter.relight(ball.frame, request(ball))


def test_identical_results_whatever_came_before(relighter: Relighter) -> None:
    ball = ball_plate()
    first = relighter.relight(ball.frame, request(ball)).passes.image
    relighter.relight(ball.frame, request(ball, UNIFORM))
    assert (relighter.relight(ball.frame, request(ball)).passes.image == first).all()


def test_another_session_takes_the_heads_from_disk(
    relighter: Relighter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = ball_plate()
    heads = relighter.find_heads(ball.frame)
    monkeypatch.setattr(relight_module, "find_heads", None)
    assert Relighter(cache_folder=tmp_path / "cache").find_heads(ball.frame) == heads
    with pytest.raises(TypeError):
        Relighter(cache_folder=tmp_path / "elsewhere").find_heads(ball.frame)


def test_what_is_analysed_is_known_without_a_network(
    relighter: Relighter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ball = ball_plate()
    assert not relighter.is_analysed(ball.frame, ball.camera)
    relighter.analyse(ball.frame, ball.camera)
    monkeypatch.setattr(relight_module, "encode", None)
    monkeypatch.setattr(relight_module, "find_heads", None)
    assert relighter.is_analysed(ball.frame, ball.camera)
    assert Relighter(cache_folder=tmp_path / "cache").is_analysed(ball.frame, ball.camera), "from disk too"
    assert not relighter.is_analysed(ball.frame, replace(ball.camera, focal_x=999.0, focal_y=999.0)), "another lens"
    assert not relighter.is_analysed(ball.frame, ball.camera, box=replace(ball.box, centre_x=300.0))
    assert relighter.is_analysed(ball.frame, ball.camera, person=4), "that there is no such person is known"


def test_the_artists_matte_takes_the_networks_place(relighter: Relighter) -> None:
    ball = ball_plate()
    free = relighter.relight(ball.frame, request(ball)).passes
    values = np.zeros(ball.frame.image.shape[:2], np.float32)
    values[:, 320:] = free.matte[:, 320:] > 0.5
    held = replace(request(ball), mattes=OneMatte(GivenMatte(values, "right half")))
    passes = relighter.relight(ball.frame, held).passes
    assert not passes.matte[:, :320].any()
    assert (passes.matte[200:280, 330:380] == values[200:280, 330:380]).all()
    assert (passes.image[:, :320, :3] == ball.frame.image[:, :320]).all()
    again = relighter.relight(ball.frame, request(ball)).passes
    np.testing.assert_array_equal(again.matte, free.matte)  # what was kept of one is not shown for the other
    preview = relighter.relight(ball.frame, replace(held, reduction=2)).passes
    assert not preview.matte[:, :158].any()
    assert preview.matte[100:140, 165:190].all()


def test_a_matte_that_misses_the_person_is_told(relighter: Relighter) -> None:
    ball = ball_plate()
    nothing = GivenMatte(np.zeros(ball.frame.image.shape[:2], np.float32), "nothing")
    result = relighter.relight(ball.frame, replace(request(ball), mattes=OneMatte(nothing)))
    assert "The given matte holds nothing of the person who was found" in result.messages[0]
    assert (result.passes.image[..., :3] == ball.frame.image).all()
    other = GivenMatte(np.ones((10, 20), np.float32), "other")
    with pytest.raises(PlateError, match="The matte is 20x10 pixels and the plate 640x480"):
        relighter.relight(ball.frame, replace(request(ball), mattes=OneMatte(other)))
