"""Light on balls against closed forms and brute force."""

from dataclasses import replace

import numpy as np
import pytest
from tests.training.lightstage.ball_person import RADIUS, ball_mesh, person_of
from tests.training.lightstage.test_surface_maps import SIZE, drawn

from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.head_mesh import merged
from chiaro.training.lightstage.illumination import Illumination, Lamps, split_environment
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.shading import shade_surface


def soft_boxes(seed: int) -> np.ndarray:  # type: ignore[type-arg]  # (32, 64, 3)
    """Three lights, none of them compact, in a dim room."""
    random = np.random.default_rng(seed)
    directions = map_directions(32, 64)
    radiance = np.full((32, 64, 3), 0.1)
    for _ in range(3):
        centre = random.normal(size=3)
        lobe = np.exp((directions @ (centre / np.linalg.norm(centre)) - 1.0) / random.uniform(0.05, 0.25))
        radiance = radiance + lobe[..., None] * random.uniform(0.5, 4.0, 3)
    return radiance.astype(np.float32)


DARK = np.zeros((6, 32, 64, 3), np.float32)
PANORAMA_FROM_HEAD = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def sun(direction: tuple[float, float, float], radius: float = 0.004, distance: float = np.inf) -> Lamps:
    towards = np.array([direction]) / np.linalg.norm(direction)
    return Lamps(towards, np.array([distance]), np.array([radius]), np.array([[3.0, 2.0, 1.0]]))


def lit_by(lamps: Lamps) -> Illumination:
    return Illumination(DARK, PANORAMA_FROM_HEAD, lamps)


@pytest.fixture(scope="module")
def ball() -> Person:
    return person_of(ball_mesh((0.0, 0.0, 0.0), RADIUS))


def test_a_sun_lights_a_ball_by_the_cosine(ball: Person) -> None:
    maps = drawn(ball)
    lamps = sun((0.6, 0.3, 0.7))
    picture = shade_surface(ball, maps, lit_by(lamps), softness=0.0)
    inside = maps.matte == 1.0
    cosine = np.maximum(maps.normal @ lamps.direction[0], 0.0)
    expected = cosine[..., None] * lamps.irradiance[0] / np.pi
    assert np.abs(picture.shading - expected)[inside].max() < 0.05
    assert np.abs(picture.shading - expected)[inside].mean() < 0.004
    np.testing.assert_allclose(picture.diffuse[inside], (maps.albedo * picture.shading)[inside], atol=2e-3)


def test_a_near_lamp_falls_off_with_the_square_of_distance(ball: Person) -> None:
    maps = drawn(ball)
    near = shade_surface(ball, maps, lit_by(sun((0.0, 0.0, 1.0), distance=0.5)), softness=0.0)
    middle = SIZE // 2
    # Irradiance is stated at the head's origin, half a metre away; the ball's front lies 0.4 m from the lamp.
    assert near.shading[middle, middle, 0] == pytest.approx(3.0 / np.pi * (0.5 / 0.4) ** 2, rel=0.01)


def test_a_uniform_sky_lights_an_open_ball_evenly(ball: Person) -> None:
    maps = drawn(ball)
    sky = split_environment(np.full((64, 128, 3), 0.7, np.float32))
    picture = shade_surface(ball, maps, Illumination(sky.levels, PANORAMA_FROM_HEAD, sky.suns), softness=0.0)
    np.testing.assert_allclose(picture.shading[maps.matte > 0], 0.7, atol=3e-3)


def test_an_environment_lights_a_ball_as_the_integral_says(ball: Person) -> None:
    maps = drawn(ball)
    radiance = soft_boxes(3)
    levels = split_environment(radiance).levels
    turn = PANORAMA_FROM_HEAD @ rotation_yaw_pitch_roll(0.7, 0.2, 0.1)
    picture = shade_surface(ball, maps, Illumination(levels, turn, Lamps.none()), softness=0.0)
    directions = (map_directions(32, 64) @ turn).reshape(-1, 3)
    energy = (levels[0] * solid_angles(32, 64)[..., None]).reshape(-1, 3)
    inside = maps.matte == 1.0
    expected = np.maximum(maps.normal[inside] @ directions.T, 0.0) @ energy / np.pi
    assert np.abs(picture.shading[inside] - expected).max() < 0.02 * expected.max()


def test_light_adds_up(ball: Person) -> None:
    two = person_of(merged([ball_mesh((0, 0, 0), RADIUS), ball_mesh((0.07, 0.05, 0.12), 0.03, Part.HAIR)]))
    maps = drawn(two)
    sky = split_environment(soft_boxes(4)).levels
    first, second = sun((1.0, 0.5, 1.0)), sun((-1.0, 0.2, 0.3), 0.3, 0.8)
    parts = [
        Illumination(sky, PANORAMA_FROM_HEAD, Lamps.none()), lit_by(first), lit_by(second),
    ]  # fmt: skip
    whole = shade_surface(two, maps, Illumination(sky, PANORAMA_FROM_HEAD, first.joined(second)))
    summed = np.sum([shade_surface(two, maps, light).radiance for light in parts], axis=0)
    # The one bounce is clipped at nothing, lamp by lamp or all together.
    assert np.abs(whole.radiance - summed).max() < 0.02 * summed.max()
    brighter = shade_surface(two, maps, Illumination(sky, PANORAMA_FROM_HEAD, first.joined(second)).scaled(2.0))
    np.testing.assert_allclose(brighter.radiance, 2.0 * whole.radiance, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("radius", "tolerance"), [(0.004, 0.06), (0.1, 0.1), (0.5, 0.2)])
def test_a_ball_casts_its_shadow(radius: float, tolerance: float) -> None:
    """A small ball before a large one, lit from the front: lit where the ray to the lamp passes it."""
    blocker = ball_mesh((0.0, 0.0, 0.17), 0.03, Part.HAIR)
    person = person_of(merged([ball_mesh((0, 0, 0), RADIUS, rows=60), blocker]))
    towards = np.array([0.5, 0.0, 1.0]) / np.linalg.norm([0.5, 0.0, 1.0])
    maps = drawn(person)
    samples = maps.samples
    picture = shade_surface(person, maps, lit_by(sun((0.5, 0.0, 1.0), radius)), softness=0.0)
    points = maps.position - np.array([0.0, 0.0, -1.0])
    on_ball = (maps.matte == 1.0) & (np.linalg.norm(points, axis=-1) < 1.02 * RADIUS)
    # The share of a disc of directions around the lamp that passes the blocker.
    random = np.random.default_rng(5)
    turn, reach = random.uniform(0, 2 * np.pi, 200), np.sqrt(random.uniform(0, 1, 200)) * np.tan(radius)
    side = np.cross(towards, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    rays = (
        towards + (np.cos(turn) * reach)[:, None] * side + (np.sin(turn) * reach)[:, None] * np.array([0.0, 1.0, 0.0])
    )
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    to_blocker = np.array([0.0, 0.0, 0.17]) - points[on_ball]
    along = to_blocker @ rays.T
    miss = np.sqrt(np.maximum((to_blocker**2).sum(axis=1)[:, None] - along**2, 0.0))
    lit = ((miss > 0.03) | (along < 0.0)).mean(axis=1)
    cosine = np.maximum(maps.normal[on_ball] @ towards, 0.0)
    expected = lit * cosine * 3.0 / np.pi
    facing = cosine > 0.3
    error = np.abs(picture.shading[on_ball][:, 0] - expected)[facing]
    assert (expected[facing] < 0.02).any() or radius > 0.3
    assert error.mean() < tolerance * 3.0 / np.pi * 0.5
    assert len(samples.pixel) > 1000


def test_wide_lamps_do_not_reach_into_closed_places() -> None:
    """A ball inside a shell that is open only to the camera stays dark under a lamp behind it."""
    shell = ball_mesh((0.0, 0.0, 0.0), RADIUS, rows=60)
    front = shell.vertices[shell.triangles].mean(axis=1)[:, 2] > 0.085
    open_shell = replace(shell, triangles=shell.triangles[~front], parts=shell.parts[~front])
    person = person_of(merged([open_shell, ball_mesh((0.0, 0.0, 0.0), 0.03, Part.HAIR)]))
    maps = drawn(person)
    picture = shade_surface(person, maps, lit_by(sun((0.4, 0.1, -1.0), 0.25)), softness=0.0)
    points = np.linalg.norm(maps.position - np.array([0.0, 0.0, -1.0]), axis=-1)
    # Not its limb, whose pixels show the shell too.
    inner = (maps.matte == 1.0) & (points < 0.03)
    assert inner.sum() > 20
    assert picture.shading[inner].max() < 0.05


def test_softness_is_an_option_and_keeps_light(ball: Person) -> None:
    maps = drawn(ball)
    light = lit_by(sun((1.0, 0.0, 0.2)))
    hard, soft = (shade_surface(ball, maps, light, softness=softness) for softness in (0.0, 6.0))
    assert np.abs(soft.shading - hard.shading).max() > 0.01
    assert soft.diffuse.sum() == pytest.approx(hard.diffuse.sum(), rel=0.02)
    # Beyond the terminator red reaches further than blue.
    dark = (maps.normal @ np.array([1.0, 0.0, 0.2]) < -0.01) & (maps.matte == 1.0)
    reached = soft.shading[dark].sum(axis=0) / np.array([3.0, 2.0, 1.0])
    assert reached[0] > reached[1] > reached[2]


def test_gloss_scales_highlights_alone(ball: Person) -> None:
    maps = drawn(ball)
    light = lit_by(sun((0.3, 0.2, 1.0)))
    plain, doubled = shade_surface(ball, maps, light), shade_surface(ball, maps, light, gloss=2.0)
    np.testing.assert_array_equal(plain.diffuse, doubled.diffuse)
    np.testing.assert_allclose(doubled.specular, 2.0 * plain.specular, rtol=1e-5)
    assert plain.specular.max() > 0.0


def test_glass_dims_what_is_behind_and_mirrors_lamps() -> None:
    bare = person_of(ball_mesh((0.0, 0.0, 0.0), RADIUS))
    lens = ball_mesh((0.0, 0.0, 0.15), 0.03, Part.LENS)
    glazed = person_of(merged([ball_mesh((0.0, 0.0, 0.0), RADIUS), lens]))
    light = lit_by(sun((0.1, 0.1, 1.0)))
    without, through = (shade_surface(p, drawn(p), light, softness=0.0) for p in (bare, glazed))
    middle = SIZE // 2
    ratio = through.diffuse[middle, middle] / without.diffuse[middle, middle]
    assert ((ratio > 0.85) & (ratio < 0.97)).all()
    assert (through.specular - without.specular).max() > 0.1


@pytest.mark.parametrize("radius", [0.01, 0.045, 0.1, 0.3, 0.5])
def test_a_lamp_of_any_size_gives_an_open_surface_the_same_light(ball: Person, radius: float) -> None:
    maps = drawn(ball)
    random = np.random.default_rng(6)
    for _ in range(4):
        lamps = sun((random.normal(), random.normal(), abs(random.normal()) + 1.0), radius)
        picture = shade_surface(ball, maps, lit_by(lamps), softness=0.0)
        facing = (maps.normal @ lamps.direction[0] > 0.75) & (maps.matte == 1.0)
        expected = (maps.normal @ lamps.direction[0])[facing] * 3.0 / np.pi
        np.testing.assert_allclose(picture.shading[facing][:, 0], expected, rtol=0.03)
