"""Lamps on pixels that hold many normals, or dents, against the same summed up normal by normal."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.runtime.light.numeric import unit
from tests.runtime.light.surfaces import SIZE, gbuffer, sphere

from chiaro.runtime.gbuffer import GBuffer
from chiaro.runtime.light.harmonics import basis, lambert_transport
from chiaro.runtime.light.lamp_response import (
    LEAST_OPEN,
    openness_towards,
    scattered_factor,
    softened_visibility,
)
from chiaro.runtime.light.lamps import lamp_factor
from chiaro.runtime.light.light import AreaLamp, Lamp, Light, PointLamp, SpotLamp, SunLamp
from chiaro.runtime.light.shade import shade
from chiaro.runtime.light.specular import lamp_specular
from chiaro.runtime.light.surface import Surface, lit_surface

WHITE = np.ones(3)


def cone(half_angle: float, count: int = 4000) -> NDArray[np.float64]:
    """(count, 3) normals that fill a cone around −y evenly."""
    random = np.random.default_rng(0)
    along = random.uniform(np.cos(half_angle), 1.0, count)
    turn = random.uniform(0.0, 2.0 * np.pi, count)
    across = np.sqrt(1.0 - along * along)
    return np.stack([across * np.cos(turn), -along, across * np.sin(turn)], axis=1)


def strands(half_angle: float) -> Surface:
    """A wall that faces the camera, in each of whose pixels normals fill a cone."""
    wall = np.broadcast_to([0.0, -1.0, 0.0], (SIZE, SIZE, 3))
    flat = gbuffer(np.full((SIZE, SIZE), 1.4), wall, np.ones((SIZE, SIZE), bool))
    transport = np.broadcast_to(lambert_transport(cone(half_angle)).mean(axis=0), (SIZE, SIZE, 9))
    rough = replace(flat, transport=transport.astype(np.float32))
    return lit_surface(rough, rough.matte > 0)


def lamps(direction: NDArray[np.float64]) -> list[Lamp]:
    """A lamp of each kind in a direction from the middle of the wall, a metre away."""
    side = unit(*np.cross(direction, [0.3, 0.5, 0.8]))
    return [
        SunLamp(direction, 2.0 * WHITE),
        PointLamp(direction, WHITE, radius=0.02),
        SpotLamp(direction, -direction, WHITE, cone_angle=1.2, blend=0.2, radius=0.02),
        AreaLamp(direction, 0.05 * side, 0.1 * np.cross(direction, side), WHITE),
    ]


def answer(lamp: Lamp, surface: Surface) -> NDArray[np.float32]:
    return scattered_factor(lamp, surface, lamp_factor(lamp, surface.position, surface.normal))


@pytest.mark.parametrize("angle", [0.0, 40.0, 75.0, 100.0, 125.0])
@pytest.mark.parametrize("half_angle", [30.0, 60.0, 80.0])
def test_strands_answer_as_the_mean_of_their_normals(angle: float, half_angle: float) -> None:
    surface = strands(np.deg2rad(half_angle))
    direction = np.array([np.sin(np.deg2rad(angle)), -np.cos(np.deg2rad(angle)), 0.0])
    expected = np.maximum(cone(np.deg2rad(half_angle)) @ direction, 0.0).mean()
    found = answer(SunLamp(direction, WHITE), surface)
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_every_kind_of_lamp_reaches_strands() -> None:
    surface = strands(np.deg2rad(60.0))
    middle = np.argmin((surface.position**2).sum(axis=1))
    normals = cone(np.deg2rad(60.0)).astype(np.float32)
    there = np.repeat(surface.position[middle : middle + 1], len(normals), axis=0)
    for lamp in lamps(unit(0.8, -0.3, 0.2)):
        expected = lamp_factor(lamp, there, normals).mean()
        assert answer(lamp, surface)[middle] == pytest.approx(expected, rel=0.05), type(lamp).__name__


def test_smooth_open_surfaces_answer_as_they_always_did() -> None:
    buffer = sphere()
    surface = lit_surface(buffer, buffer.matte > 0)
    for lamp in lamps(unit(0.6, -0.6, 0.3)):
        plain = lamp_factor(lamp, surface.position, surface.normal)
        np.testing.assert_allclose(answer(lamp, surface), plain, atol=1e-5 * float(plain.max()))
        np.testing.assert_allclose(openness_towards(lamp, surface), 1.0, atol=1e-3)


@pytest.mark.parametrize("share", [0.9, 0.5, 0.1])
def test_what_fine_dents_hide_of_the_sky_they_hide_of_a_lamp(share: float) -> None:
    buffer = sphere()
    surface = lit_surface(replace(buffer, transport=np.float32(share) * buffer.transport), buffer.matte > 0)
    for lamp in lamps(unit(0.3, -0.9, 0.2)):
        facing = (
            lamp_factor(lamp, surface.position, surface.normal)
            > 0.7 * lamp_factor(lamp, surface.position, surface.normal).max()
        )
        found = openness_towards(lamp, surface)[facing]
        np.testing.assert_allclose(found, max(share, LEAST_OPEN), atol=0.04)


def test_only_lamps_that_a_dent_hides_are_dimmed() -> None:
    """A wall with something on its left: the transport knows, and the depth map does not."""
    hidden = cone(np.deg2rad(80.0), 20_000)
    from_left = hidden[hidden[:, 0] < 0.0]
    wall = strands(np.deg2rad(1.0))
    dark = (lambert_transport(np.array([0.0, -1.0, 0.0])) - _seen_from_a_wall(from_left)).astype(np.float32)
    surface = replace(wall, transport=np.broadcast_to(dark, wall.transport.shape))
    left, right = (openness_towards(SunLamp(unit(x, -1.0, 0.0), WHITE), surface)[0] for x in (-0.7, 0.7))
    assert left < 0.6
    assert right > 0.85


def _seen_from_a_wall(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """(9,) the part of a wall's transport that arrives from directions, of which 20,000 fill the cone."""
    solid_angle = 2.0 * np.pi * (1.0 - np.cos(np.deg2rad(80.0))) / 20_000
    cosine = np.maximum(-directions[:, 1], 0.0)
    part: NDArray[np.float64] = (basis(directions) * cosine[:, None]).sum(axis=0) * solid_angle / np.pi
    return part


def test_shadows_run_together_among_strands_and_have_edges_of_a_pixel_on_skin() -> None:
    edge = np.zeros((SIZE, SIZE), np.float32)
    edge[:, SIZE // 2 :] = 1.0
    for half_angle, sharp in ((1.0, True), (70.0, False)):
        surface = strands(np.deg2rad(half_angle))
        found = surface.on_pixels(softened_visibility(edge[surface.lit], surface))
        np.testing.assert_array_equal(found[:, : SIZE // 4], 0.0)
        np.testing.assert_array_equal(found[:, -SIZE // 4 :], 1.0)
        assert (np.diff(found[SIZE // 2]) > 0).sum() == (3 if sharp else 5)


def test_hair_is_lit_from_behind_and_dimmer_from_the_front() -> None:
    def lit(buffer: GBuffer, direction: NDArray[np.float64]) -> float:
        shaded = shade(buffer, Light(None, (SunLamp(direction, WHITE, casts_shadow=False),)))
        return float(shaded.shading[buffer.matte > 0].mean())

    skin = sphere()
    rough = np.float32([1.0, *[0.65] * 3, *[0.65**3] * 5])
    hair = replace(skin, transport=skin.transport * rough)
    assert lit(hair, unit(0.0, -1.0, 0.2)) < 0.85 * lit(skin, unit(0.0, -1.0, 0.2))
    assert lit(hair, unit(0.5, 0.8, 0.4)) > 1.3 * lit(skin, unit(0.5, 0.8, 0.4))


def test_strands_have_a_wider_highlight() -> None:
    smooth, rough = strands(np.deg2rad(1.0)), strands(np.deg2rad(50.0))
    assert smooth.cosine_view.min() > 0.9
    angles = np.deg2rad([0.0, 70.0])
    peak, tail = (
        [
            lamp_specular(
                surface, SunLamp(unit(np.sin(angle), -np.cos(angle), 0.0), WHITE), np.ones(SIZE * SIZE, np.float32)
            )[SIZE * SIZE // 2 + SIZE // 2]
            for surface in (smooth, rough)
        ]
        for angle in angles
    )
    assert peak[1] < 0.9 * peak[0]
    assert tail[1] > 1.1 * tail[0]
