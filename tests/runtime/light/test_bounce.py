"""Light of lamps that comes back from the person's own surface: where, how much, and of which colour."""

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.light.numeric import unit
from tests.runtime.light.surfaces import SIZE, sphere, wall_with_ball

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.light.bounce import RETURNED, bounced, hidden_share
from chiaro.runtime.light.light import Light, SunLamp
from chiaro.runtime.light.shade import shade

SIDE = SunLamp(unit(0.6, -0.6, 0.3), np.array([2.0, 1.0, 0.5]))


def half_hidden(buffer: GBuffer, hidden: float = 0.5) -> GBuffer:
    """As if something hid a share of the sky of every point, and gave back what transport says it does."""
    return replace(buffer, transport=buffer.transport * np.float32(1.0 - hidden * (1.0 - RETURNED)))


def even(buffer: GBuffer, radiance: float = 1.0) -> Float32Array:
    return np.full((*buffer.depth.shape, 3), radiance, np.float32)


def test_a_convex_surface_gets_nothing_back() -> None:
    assert np.abs(bounced(sphere(), even(sphere()))).max() < 1e-6


def test_what_hides_the_sky_shines_with_the_mean_of_what_is_around() -> None:
    buffer = half_hidden(wall_with_ball())
    assert hidden_share(buffer.transport) == pytest.approx(np.full((SIZE, SIZE), 0.5), abs=1e-4)
    np.testing.assert_allclose(bounced(buffer, even(buffer)), 0.5 * 0.5, rtol=1e-3)


def test_light_comes_from_near_by_in_the_colour_of_the_surface_there() -> None:
    buffer = half_hidden(wall_with_ball())
    albedo = buffer.albedo.copy()
    albedo[:, : SIZE // 2] = (0.8, 0.1, 0.1)
    direct = even(buffer)
    direct[:, SIZE // 2 :] = 0.0
    found = bounced(replace(buffer, albedo=albedo), direct)
    beside, far = found[SIZE // 2, SIZE // 2 + 4], found[SIZE // 2, -1]
    assert beside[0] == pytest.approx(8.0 * beside[1], rel=1e-3)
    assert 0.1 < beside[0] < 0.25
    assert far[0] < 0.05 * beside[0]


def test_it_is_linear_in_the_light_and_none_where_there_is_nobody() -> None:
    buffer = half_hidden(sphere())
    random = np.random.default_rng(3)
    first, second = (random.random((SIZE, SIZE, 3), np.float32) for _ in range(2))
    both = bounced(buffer, first + 2 * second)
    np.testing.assert_allclose(both, bounced(buffer, first) + 2 * bounced(buffer, second), rtol=1e-4, atol=1e-6)
    assert (both[buffer.matte == 0] == 0.0).all()
    nobody = replace(buffer, matte=np.zeros_like(buffer.matte))
    assert (bounced(nobody, first) == 0.0).all()


@pytest.mark.parametrize("size", [97, 128])
def test_pictures_of_any_size_are_gathered(size: int) -> None:
    buffer = half_hidden(wall_with_ball())
    cut = {name: getattr(buffer, name)[:size, :size] for name in ("albedo", "matte", "depth", "transport")}
    found = bounced(replace(buffer, **cut), even(buffer)[:size, :size])
    assert found.shape == (size, size, 3)
    np.testing.assert_allclose(found, 0.25, rtol=1e-3)


def test_a_shadow_is_not_black_where_the_surface_is_hollow() -> None:
    buffer = half_hidden(wall_with_ball(), 0.4)
    lit = shade(buffer, Light(lamps=(SIDE,))).shading
    plain = shade(wall_with_ball(), Light(lamps=(SIDE,))).shading
    shadow = (plain == 0.0).all(axis=-1)
    assert shadow.sum() > 200
    assert lit[shadow].min() > 0.003
    np.testing.assert_allclose(lit[shadow][:, 0], 2.0 * lit[shadow][:, 1], rtol=1e-3)
