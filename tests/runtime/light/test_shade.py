from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime.light.numeric import unit
from tests.runtime.light.surfaces import (
    BALL_CENTRE,
    BALL_RADIUS,
    gbuffer,
    hit_sphere,
    sphere,
    wall_with_ball,
    wall_with_card,
    with_matte,
)

from chiaro.runtime.box_sum import box_sum
from chiaro.runtime.errors import LightError
from chiaro.runtime.gbuffer import GBuffer, Painted
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.harmonics import CONSTANT, irradiance_from_harmonics
from chiaro.runtime.light.lamps import lamp_irradiance
from chiaro.runtime.light.light import AreaLamp, Environment, Light, PointLamp, SunLamp
from chiaro.runtime.light.shade import ENVIRONMENT_FLOOR, OWN_LIGHT_FLOOR, PAINTED_GLOSS, own_shading, shade
from chiaro.runtime.light.shadows import PREVIEW_SHADOWS, blockers_of, lamp_visibility
from chiaro.runtime.light.surface import lit_surface

WHITE = np.ones(3)
SIDE = SunLamp(unit(0.6, -0.6, 0.3), 2.0 * WHITE)


def uniform(radiance: float = 1.0) -> Environment:
    return environment_from_map(np.full((16, 32, 3), radiance, np.float32))


def coloured() -> Environment:
    return environment_from_map(np.random.default_rng(0).random((16, 32, 3)))


def visibility(buffer: GBuffer, lamp: SunLamp | PointLamp | AreaLamp) -> NDArray[np.float32]:
    """(h, w) what each pixel sees of a lamp."""
    surface = lit_surface(buffer, buffer.matte > 0)
    lit = lamp_irradiance(lamp, surface.position, surface.normal)[:, 0] > 0
    result = np.ones(buffer.depth.shape, np.float32)
    result[surface.lit] = lamp_visibility(blockers_of(buffer), surface, lamp, lit)
    return result


def test_an_open_surface_under_a_uniform_sky_has_its_radiance() -> None:
    buffer = sphere()
    shaded = shade(buffer, Light(uniform(0.8)))
    inside = buffer.matte > 0
    np.testing.assert_allclose(shaded.shading[inside], 0.8, rtol=1e-4)
    assert (shaded.shading[~inside] == 0).all()
    assert (shaded.specular[~inside] == 0).all()
    assert shaded.shading.dtype == shaded.specular.dtype == np.float32


def test_the_environment_is_the_transports_dot_product_with_its_harmonics() -> None:
    buffer, environment = sphere(), coloured()
    inside = buffer.matte > 0
    expected = irradiance_from_harmonics(environment.harmonics, buffer.normal[inside].astype(np.float64)) / np.pi
    np.testing.assert_allclose(shade(buffer, Light(environment)).shading[inside], expected, rtol=1e-4, atol=1e-5)
    halved = replace(buffer, transport=0.5 * buffer.transport)
    np.testing.assert_allclose(shade(halved, Light(environment)).shading[inside], 0.5 * expected, rtol=5e-3, atol=1e-5)


@pytest.mark.parametrize("level", [1e-3, 1.0, 1e12])
def test_what_is_hidden_from_a_part_of_the_sky_is_never_black(level: float) -> None:
    """Nine numbers ring there: they say less than nothing where the light stage shows dim light."""
    buffer = replace(sphere(), own_light=np.zeros((9, 3)))
    inside, harmonics = buffer.matte > 0, np.zeros((9, 3))
    harmonics[0], harmonics[2] = level, 0.9 * level  # from above
    light = Environment(uniform().radiance, harmonics)
    down = buffer.transport.copy()
    down[inside] = [0.1, 0.0, -0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    hidden = replace(buffer, transport=down)
    even = 0.1 * level
    np.testing.assert_allclose(shade(hidden, Light(light)).shading[inside], ENVIRONMENT_FLOOR * even, rtol=1e-4)
    own = own_shading(replace(hidden, own_light=harmonics)).shading[inside]
    np.testing.assert_allclose(own, OWN_LIGHT_FLOOR * even, rtol=1e-4)
    dark = shade(hidden, Light(Environment(uniform().radiance, 0.0 * harmonics)))
    assert not dark.shading.any()
    down[inside, 0] = CONSTANT  # sees all of the sky
    open_surface = shade(replace(buffer, transport=down), Light(light)).shading[inside]
    np.testing.assert_allclose(open_surface, (CONSTANT - 0.18) * level, rtol=1e-3)


def test_a_lamp_on_a_sphere_is_its_irradiance_over_pi() -> None:
    buffer = sphere()
    shaded = shade(buffer, Light(None, (SIDE,)))
    expected = lamp_irradiance(SIDE, buffer.position, buffer.normal) / np.pi * (buffer.matte > 0)[..., None]
    assert np.abs(shaded.shading - expected).mean() < 0.005 * expected.mean()


def test_lights_add_up() -> None:
    buffer, environment = wall_with_ball(), coloured()
    lamp = PointLamp(np.array([0.5, -0.5, 0.5]), np.array([1.0, 0.5, 0.2]), radius=0.05)
    both = shade(buffer, Light(environment, (SIDE, lamp)))
    parts = [shade(buffer, light) for light in (Light(environment), Light(None, (SIDE,)), Light(None, (lamp,)))]
    np.testing.assert_allclose(both.shading, sum(part.shading for part in parts), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(both.specular, sum(part.specular for part in parts), rtol=1e-4, atol=1e-6)


def test_zero_light_is_black() -> None:
    dark = shade(sphere(), Light(uniform(0.0), (SunLamp(unit(0.0, -1.0, 0.0), 0.0 * WHITE),)))
    assert (dark.shading == 0).all()
    assert (dark.specular == 0).all()


def test_no_light_at_all_is_refused() -> None:
    with pytest.raises(LightError, match="neither an environment nor a lamp"):
        shade(sphere(), Light())


def test_light_that_is_not_finite_is_refused() -> None:
    environment = uniform()
    with pytest.raises(LightError, match="NaN or infinite"):
        shade(sphere(), Light(replace(environment, harmonics=np.full((9, 3), np.nan))))
    with pytest.raises(LightError, match="SunLamp is NaN or infinite"):
        shade(sphere(), Light(None, (replace(SIDE, irradiance=np.array([1.0, np.inf, 1.0])),)))
    with pytest.raises(LightError, match=r"\(9, 3\) is expected"):
        shade(sphere(), Light(replace(environment, harmonics=np.zeros((4, 3)))))


def test_an_empty_matte_is_black() -> None:
    buffer = sphere()
    empty = with_matte(buffer, np.zeros(buffer.depth.shape, bool))
    assert (shade(empty, Light(uniform(), (SIDE,))).shading == 0).all()


def test_a_convex_surface_does_not_shadow_itself() -> None:
    buffer = sphere()
    for direction in ((0.9, -0.3, 0.1), (0.0, -0.4, 1.0), (-0.5, -1.0, -0.5), (0.8, 0.6, 0.0)):
        lamp = SunLamp(unit(*direction), WHITE)
        lit = (buffer.matte > 0) & (buffer.normal @ lamp.direction > 0.1)
        assert visibility(buffer, lamp)[lit].min() > 0.98, direction


def test_a_tilted_plane_does_not_shadow_itself_under_a_wide_lamp() -> None:
    origin_depth = np.full((128, 128), 1.4)
    buffer = gbuffer(origin_depth, np.broadcast_to([0.0, -1.0, 0.0], (128, 128, 3)), np.ones((128, 128), bool))
    for angle in (0.0, 0.3, 1.0):
        assert visibility(buffer, SunLamp(unit(1.0, -0.15, 0.0), WHITE, angle)).min() > 0.99


def test_the_shadow_of_a_ball_on_a_wall_is_where_rays_say() -> None:
    buffer = wall_with_ball()
    direction = unit(0.7, -0.6, 0.25)
    wall = np.isclose(buffer.position[..., 1], 0.1, atol=1e-4)
    hit = hit_sphere(
        BALL_CENTRE, BALL_RADIUS, buffer.position.astype(np.float64), np.broadcast_to(direction, buffer.normal.shape)
    )
    expected = np.isfinite(hit) & wall
    found = (visibility(buffer, SunLamp(direction, WHITE)) < 0.5) & wall
    assert expected.sum() > 200
    overlap = (expected & found).sum() / (expected | found).sum()
    assert overlap > 0.75


def test_a_wide_lamp_has_a_soft_shadow_of_the_same_weight() -> None:
    buffer, direction = wall_with_ball(), unit(0.7, -0.6, 0.25)
    hard, soft = (visibility(buffer, SunLamp(direction, WHITE, angle)) for angle in (0.0, 0.5))
    beside_the_ball = (slice(70, 100), slice(0, 48))
    hard, soft = hard[beside_the_ball], soft[beside_the_ball]
    assert hard.min() < 0.1
    assert np.abs(np.diff(soft, axis=1)).max() < 0.5 * np.abs(np.diff(hard, axis=1)).max()
    assert (1 - soft).sum() == pytest.approx((1 - hard).sum(), rel=0.4)


def test_a_lamp_between_the_surface_and_a_blocker_is_seen() -> None:
    buffer = wall_with_ball()
    before = PointLamp(np.array([0.1, 0.06, 0.0]), WHITE)
    beyond = PointLamp(np.array([0.6, -0.4, 0.0]), WHITE)
    # This pixel on the wall, left of the ball, looks past it towards the far lamp.
    row, column = 64, 40
    assert visibility(buffer, beyond)[row, column] < 0.1
    near = PointLamp(buffer.position[row, column].astype(np.float64) + np.array([0.02, -0.02, 0.0]), WHITE)
    assert visibility(buffer, near)[row, column] > 0.9
    assert visibility(buffer, before).shape == buffer.depth.shape


def test_thin_things_far_before_a_wall_do_not_shadow_it() -> None:
    grazing = SunLamp(unit(0.35, -1.0, 0.0), WHITE)
    near = visibility(wall_with_card(0.06), grazing)
    far = visibility(wall_with_card(0.8), grazing)
    assert (near < 0.5).sum() > 200
    assert (far < 0.5).sum() == 0


def test_what_is_outside_the_matte_throws_no_shadow() -> None:
    buffer = wall_with_ball()
    ball = buffer.depth < 1.46
    without = with_matte(buffer, ~ball)
    assert visibility(without, SunLamp(unit(0.7, -0.6, 0.25), WHITE))[~ball].min() > 0.95


def test_a_previews_shadows_are_about_the_same() -> None:
    buffer, direction = wall_with_ball(), unit(0.7, -0.6, 0.25)
    for angle in (0.0, 0.2):
        light = Light(None, (SunLamp(direction, WHITE, angle),))
        final = shade(buffer, light).shading[..., 0]
        preview = shade(buffer, light, PREVIEW_SHADOWS).shading[..., 0]
        assert np.abs(preview - final).mean() < 0.05 * final.mean()
        assert preview[70:100, :48].min() < 0.1 * final.max(), "there is a shadow"


def test_points_of_little_matte_are_left_out_and_the_others_are_lit_as_ever() -> None:
    buffer = sphere()
    soft = replace(buffer, matte=np.where(buffer.position[..., 0] > 0, buffer.matte, buffer.matte * np.float32(0.2)))
    light = Light(uniform(), (SIDE,))
    whole, part = shade(soft, light), shade(soft, light, least_matte=0.3)
    inside = soft.matte > 0.3
    np.testing.assert_array_equal(part.shading[inside], whole.shading[inside])
    np.testing.assert_array_equal(part.specular[inside], whole.specular[inside])
    assert whole.shading[~inside].any()
    assert not part.shading[~inside].any()


def test_a_lamp_without_shadow_throws_none() -> None:
    buffer = wall_with_ball()
    assert visibility(buffer, SunLamp(unit(0.7, -0.6, 0.25), WHITE, casts_shadow=False)).min() == 1.0


def test_a_lamps_highlight_lies_where_it_mirrors() -> None:
    buffer = replace(sphere(), roughness=np.full((128, 128), 0.25, np.float32))
    lamp = SunLamp(unit(0.5, -0.8, 0.4), WHITE)
    specular = shade(buffer, Light(None, (lamp,))).specular[..., 0]
    row, column = np.unravel_index(specular.argmax(), specular.shape)
    half = unit(*(lamp.direction + np.array([0.0, -1.0, 0.0])))
    np.testing.assert_allclose(buffer.normal[row, column], half, atol=0.08)


def test_a_larger_lamp_has_a_wider_weaker_highlight_of_the_same_light() -> None:
    buffer = replace(sphere(), roughness=np.full((128, 128), 0.3, np.float32))
    small, large = (
        shade(buffer, Light(None, (SunLamp(unit(0.3, -0.9, 0.3), WHITE, angle),))).specular[..., 0]
        for angle in (0.0, 0.4)
    )
    assert large.max() < 0.7 * small.max()
    assert large.sum() == pytest.approx(small.sum(), rel=0.25)


def test_occluded_points_reflect_less_of_the_environment() -> None:
    buffer = sphere()
    hidden = replace(buffer, transport=0.2 * buffer.transport)
    inside = buffer.matte > 0
    open_specular = shade(buffer, Light(uniform())).specular[inside]
    assert (shade(hidden, Light(uniform())).specular[inside] < 0.6 * open_specular).all()


def test_own_shading_is_shading_by_the_own_light() -> None:
    environment = coloured()
    buffer = replace(sphere(), own_light=environment.harmonics)
    own, relit = own_shading(buffer), shade(buffer, Light(environment))
    np.testing.assert_allclose(own.shading, relit.shading, rtol=1e-4, atol=1e-6)
    inside = buffer.matte > 0
    assert own.specular[inside].mean() == pytest.approx(relit.specular[inside].mean(), rel=0.1)


def test_own_reflection_of_a_uniform_light_is_that_of_a_uniform_environment() -> None:
    buffer = replace(sphere(), own_light=uniform().harmonics)
    np.testing.assert_allclose(own_shading(buffer).specular, shade(buffer, Light(uniform())).specular, atol=1e-4)


def test_what_is_painted_mirrors_little_and_is_lit_as_all_else() -> None:
    plain = sphere()
    share = np.where(np.arange(plain.depth.shape[1]) < 64, np.float32(1), np.float32(0)) * plain.matte
    painted = replace(plain, painted=Painted(share, share, share), own_light=coloured().harmonics)
    for seen, other in (
        (shade(plain, Light(coloured(), (SIDE,))), shade(painted, Light(coloured(), (SIDE,)))),
        (own_shading(replace(painted, painted=None)), own_shading(painted)),
    ):
        assert (seen.shading == other.shading).all()
        factor = np.where(share > 0, PAINTED_GLOSS, 1.0)[..., None]
        np.testing.assert_allclose(other.specular, seen.specular * factor, rtol=1e-5, atol=1e-7)


def test_depth_as_smooth_as_a_networks_throws_more_of_the_shadow_of_the_true_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    true = wall_with_ball()
    radius = 4
    smooth = box_sum(box_sum(true.depth[None], radius), radius)[0] / (2 * radius + 1) ** 4
    border = 4 * radius
    smooth[:border], smooth[-border:] = true.depth[:border], true.depth[-border:]
    smooth[:, :border], smooth[:, -border:] = true.depth[:, :border], true.depth[:, -border:]
    origin = true.camera.world_from_camera[:3, 3].astype(np.float32)
    blurred = replace(true, depth=smooth, position=origin + (true.position - origin) * (smooth / true.depth)[..., None])
    area = (1.0 - visibility(true, SIDE)).sum()
    raised = (1.0 - visibility(blurred, SIDE)).sum()
    monkeypatch.setattr("chiaro.runtime.light.shadows.RELIEF", 1.0)
    plain = (1.0 - visibility(blurred, SIDE)).sum()
    assert plain < 0.9 * area
    assert plain + 0.25 * (area - plain) < raised < 1.05 * area
