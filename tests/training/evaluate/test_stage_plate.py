"""A ball on the stage as a plate of the product: cameras, light and motion agree with closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from chiaro.runtime.crop import crop_around
from chiaro.runtime.light.harmonics import project_environment, rotate_harmonics
from chiaro.runtime.light.light import Light
from chiaro.runtime.orbit import looking_along_y
from chiaro.runtime.view.view_camera import head_centre
from chiaro.training.evaluate.held_out import FIRM, hard_lamp, relit_truth
from chiaro.training.evaluate.motion_truth import true_motion
from chiaro.training.evaluate.picture_measures import psnr, shown
from chiaro.training.evaluate.product import PreparedPlate, harmonics_light
from chiaro.training.evaluate.sequences import _repeats
from chiaro.training.evaluate.stage_plate import (
    moved_camera,
    moved_from_plate,
    product_light,
    product_scale,
    square_camera,
    stage_plate,
)
from chiaro.training.evaluate.true_encoding import true_encoding
from chiaro.training.lightstage.appearance import random_appearance
from chiaro.training.lightstage.illumination import Lamps, split_environment
from chiaro.training.lightstage.lights import SceneLight
from chiaro.training.lightstage.panorama import PANORAMA_FROM_UPRIGHT, Panorama
from chiaro.training.lightstage.pose import Pose
from chiaro.training.lightstage.view import Subject, View, draw_view

from ..lightstage.ball_person import RADIUS, ball_mesh, person_of

SIZE = 256
POSE = Pose(np.eye(3), np.array([0.01, -0.02, -1.5]), 0.2, False)


@pytest.fixture(scope="module")
def ball() -> View:
    return _view(POSE)


def _view(pose: Pose) -> View:
    person = person_of(ball_mesh((0.0, 0.0, 0.0), RADIUS))
    subject = Subject(person, None, random_appearance(np.random.default_rng(5)), 0.0)
    return draw_view(subject, pose, SIZE, np.zeros((4, 4, 4), np.float32))


def _sky(level: float) -> SceneLight:
    radiance = np.full((32, 64, 3), level, np.float32)
    radiance[:16] *= 3.0
    panorama = Panorama("sky", radiance.astype(np.float16), split_environment(radiance))
    return SceneLight(panorama.environment, PANORAMA_FROM_UPRIGHT, Lamps.none(), panorama)


def test_the_products_crop_is_the_stages_picture() -> None:
    plate = stage_plate(np.zeros((SIZE, SIZE, 3), np.float32), POSE, (10, 200, 5, 250))
    assert plate.image.shape == (191, 246, 3)
    crop = crop_around(plate.box, plate.camera)
    np.testing.assert_allclose(crop.plate_from_crop, [[1, 0, -5], [0, 1, -10], [0, 0, 1]], atol=1e-9)
    assert crop.camera.focal_x == pytest.approx(square_camera(POSE, SIZE).focal_x)
    assert crop.head_distance == pytest.approx(1.5 * product_scale(POSE))
    marked = np.ones((191, 246), np.float32)
    assert plate.on_square(marked).sum() == plate.recorded.sum() == 191 * 246
    assert head_centre(crop, plate.camera)[1] == pytest.approx(crop.head_distance)


def test_a_camera_carried_around_the_head_keeps_the_head_in_its_place() -> None:
    moved = moved_camera(POSE, SIZE, np.deg2rad(20.0))
    head = looking_along_y()[:3, :3] @ (POSE.offset * product_scale(POSE))
    before = square_camera(POSE, SIZE)
    for camera in (before, moved):
        local = camera.camera_from_world[:3, :3] @ head + camera.camera_from_world[:3, 3]
        np.testing.assert_allclose(local, POSE.offset * product_scale(POSE), atol=1e-9)
    # To its right: the head turns to the image's left.
    turn = moved_from_plate(POSE, SIZE, np.deg2rad(20.0))
    np.testing.assert_allclose(turn @ [0.0, 0.0, 1.0], [-np.sin(np.deg2rad(20.0)), 0.0, np.cos(np.deg2rad(20.0))])


def test_a_lamp_of_the_stage_is_a_sun_of_the_product() -> None:
    light = product_light(hard_lamp(np.random.default_rng(6)))
    assert light.environment is None
    (sun,) = light.lamps
    towards = looking_along_y()[:3, :3].T @ sun.direction
    assert towards[2] > 0.0
    assert towards[1] > 0.0
    np.testing.assert_allclose(sun.irradiance, np.pi)


def test_a_near_lamp_is_refused() -> None:
    lamps = Lamps(np.array([[0.0, 0.0, 1.0]]), np.array([2.0]), np.array([0.01]), np.ones((1, 3)))
    with pytest.raises(ValueError, match="distant lamps"):
        product_light(replace(_sky(1.0), lamps=lamps))


def test_a_sky_of_the_stage_stands_upright_in_the_products_world() -> None:
    environment = product_light(_sky(1.0)).environment
    assert environment is not None
    np.testing.assert_allclose(environment.harmonics, project_environment(environment.radiance), atol=0.05)
    assert environment.radiance[4].mean() > 2.0 * environment.radiance[28].mean()
    assert harmonics_light(environment.harmonics).environment is not None


def test_perfect_maps_relight_a_ball_as_the_stage_does(ball: View) -> None:
    own = relit_truth(ball, _sky(0.5), np.full((SIZE, SIZE, 3), 0.2, np.float32))
    matte = ball.maps.matte[..., None]
    plate = stage_plate(own.radiance * matte + np.float32(0.1) * (1 - matte), POSE, (0, SIZE - 1, 0, SIZE - 1))
    assert own.light.environment is not None
    turned = rotate_harmonics(own.light.environment.harmonics, looking_along_y()[:3, :3].T)
    ready = PreparedPlate(plate.image, plate.camera, true_encoding(plate, ball, turned))
    inside = ball.maps.matte > FIRM
    back = plate.on_square(ready.under(own.light).image[..., :3])
    assert psnr(shown(back, own.radiance, inside), shown(own.radiance, own.radiance, inside), inside) > 30.0
    lamp = relit_truth(ball, hard_lamp(np.random.default_rng(7)), own.radiance)
    truth = shown(lamp.radiance, lamp.radiance, inside)
    (sun,) = lamp.light.lamps
    mirrored = replace(sun, direction=sun.direction * [-1.0, 1.0, 1.0])
    relit, wrong = (
        shown(plate.on_square(ready.under(light).image[..., :3]), lamp.radiance, inside)
        for light in (lamp.light, Light(None, (mirrored,)))
    )
    # Light spreads under the ball's skin: dark pixels beyond the terminator are what is left of the error.
    assert psnr(relit, truth, inside) > max(20.0, psnr(wrong, truth, inside) + 6.0)


def test_a_ball_that_is_shifted_moves_by_that_much(ball: View) -> None:
    shift = 0.012
    motion = true_motion(ball, _view(replace(POSE, offset=POSE.offset + np.array([shift, 0.0, 0.0]))))
    assert motion.visible.sum() > 0.8 * (ball.maps.matte > FIRM).sum()
    focal = SIZE / 2 / POSE.tangent
    depth = ball.maps.depth[motion.visible]
    np.testing.assert_allclose(motion.pixels[motion.visible][:, 0], focal * shift / depth, atol=0.1)
    np.testing.assert_allclose(motion.pixels[motion.visible][:, 1], 0.0, atol=1e-3)


def test_a_point_that_turns_away_is_hidden(ball: View) -> None:
    turned = replace(POSE, rotation=moved_from_plate(POSE, SIZE, np.deg2rad(-60.0)))
    motion = true_motion(ball, _view(turned))
    columns = np.flatnonzero((ball.maps.matte > FIRM).any(axis=0))
    left, right = motion.visible[:, columns[:12]].mean(), motion.visible[:, columns[-12:]].mean()
    assert min(left, right) == 0.0
    assert max(left, right) > 0.0


def test_repeated_lines_are_what_no_camera_recorded() -> None:
    lines = np.random.default_rng(8).uniform(size=(20, 7, 3))
    assert _repeats(lines) == (0, 19)
    lines[15:] = lines[14]
    lines[:3] = lines[3]
    assert _repeats(lines) == (3, 14)
    assert _repeats(np.zeros((20, 7))) == (0, 19)
