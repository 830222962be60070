from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.runtime.light.numeric import unit

from chiaro.runtime.errors import LightError
from chiaro.runtime.light.environment import (
    environment_from_file,
    environment_from_map,
    light_from_map,
    read_environment_map,
    turned_light,
)
from chiaro.runtime.light.equirectangular import map_coordinates, map_directions, solid_angles, turned_map
from chiaro.runtime.light.harmonics import evaluate_harmonics, irradiance_from_harmonics, project_environment
from chiaro.runtime.light.lamps import lamp_irradiance
from chiaro.runtime.light.light import Light, PointLamp, SunLamp
from chiaro.runtime.light.scaled import scaled_light


def noise_map(height: int = 16, width: int = 32) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((height, width, 3), dtype=np.float32)


def write(path: Path, pixels: NDArray[np.float32]) -> Path:
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "float")
    buffer = OpenImageIO.ImageBuf(spec)
    buffer.set_pixels(buffer.roi, np.ascontiguousarray(pixels))
    assert buffer.write(str(path)), buffer.geterror()
    return path


def test_the_layout_is_blenders() -> None:
    directions = map_directions(512, 1024)
    np.testing.assert_allclose(directions[0, 3], (0.0, 0.0, 1.0), atol=5e-3)
    np.testing.assert_allclose(directions[256, 512], (1.0, 0.0, 0.0), atol=5e-3)
    np.testing.assert_allclose(directions[256, 768], (0.0, -1.0, 0.0), atol=5e-3)


def test_directions_and_coordinates_are_inverse() -> None:
    u, v = map_coordinates(map_directions(8, 16))
    np.testing.assert_allclose(u[3] * 16, np.arange(16) + 0.5, atol=1e-9)
    np.testing.assert_allclose(v[:, 5] * 8, np.arange(8) + 0.5, atol=1e-9)


def test_a_quarter_turn_moves_a_map_by_a_quarter_of_its_width() -> None:
    radiance = noise_map()
    np.testing.assert_array_equal(turned_map(radiance, np.pi / 2), np.roll(radiance, 8, axis=1))
    np.testing.assert_allclose(
        turned_map(turned_map(radiance, 0.4), 2 * np.pi - 0.4).mean(), radiance.mean(), rtol=1e-5
    )


@settings(deadline=None)
@given(rotation=st.floats(-7.0, 7.0))
def test_map_and_harmonics_turn_together(rotation: float) -> None:
    environment = environment_from_map(noise_map(), rotation_z=rotation)
    np.testing.assert_allclose(
        environment.harmonics, project_environment(environment.radiance.astype(np.float64)), atol=0.03
    )


def test_rotation_looks_the_map_up_at_the_turned_direction() -> None:
    # The Mapping node turns the vector by the angle, then the texture is read.
    source = np.random.default_rng(1).normal(size=(9, 3))
    radiance = evaluate_harmonics(source, map_directions(128, 256))
    angle = 0.7
    turned = environment_from_map(radiance, rotation_z=angle)
    direction = unit(0.3, -0.5, 0.2)
    cosine, sine = np.cos(angle), np.sin(angle)
    looked_up = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]]) @ direction
    np.testing.assert_allclose(
        evaluate_harmonics(turned.harmonics, direction[None]), evaluate_harmonics(source, looked_up[None]), atol=2e-3
    )


def test_strength_and_exposure_multiply() -> None:
    plain = environment_from_map(noise_map())
    bright = environment_from_map(noise_map(), strength=3.0, exposure=1.0)
    np.testing.assert_allclose(bright.harmonics, 6.0 * plain.harmonics)
    np.testing.assert_allclose(bright.radiance, 6.0 * plain.radiance, rtol=1e-6)
    np.testing.assert_array_equal(environment_from_map(noise_map(), strength=0.0).harmonics, 0.0)


def test_large_maps_are_reduced_and_keep_their_light() -> None:
    radiance = noise_map(1024, 2048)
    environment = environment_from_map(radiance)
    assert environment.radiance.shape == (512, 1024, 3)
    np.testing.assert_allclose(environment.harmonics, project_environment(radiance))


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write(tmp_path / "map.exr", noise_map())
    np.testing.assert_array_equal(read_environment_map(path), noise_map())
    np.testing.assert_allclose(environment_from_file(path).harmonics, project_environment(noise_map()))
    hdr = read_environment_map(write(tmp_path / "map.hdr", noise_map()))
    np.testing.assert_allclose(hdr, noise_map(), atol=0.01)


def test_bad_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LightError, match="does not exist"):
        read_environment_map(tmp_path / "nothing.hdr")
    (tmp_path / "text.hdr").write_text("no image")
    with pytest.raises(LightError, match="cannot be read"):
        read_environment_map(tmp_path / "text.hdr")
    with pytest.raises(LightError, match=r"1 channel\(s\)"):
        read_environment_map(write(tmp_path / "grey.exr", noise_map()[..., :1]))
    whole = write(tmp_path / "whole.exr", noise_map(64, 128)).read_bytes()
    (tmp_path / "cut.exr").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LightError, match=r"damaged|cannot be read"):
        read_environment_map(tmp_path / "cut.exr")
    broken = noise_map()
    broken[2, 3] = np.inf
    with pytest.raises(LightError, match="NaN or infinite"):
        read_environment_map(write(tmp_path / "inf.exr", broken))


def test_bad_settings_are_refused_with_a_sentence() -> None:
    for values in ({"strength": -1.0}, {"strength": np.nan}, {"exposure": np.inf}, {"exposure": 1e6}):
        with pytest.raises(LightError, match="strength is"):
            environment_from_map(noise_map(), **values)
        with pytest.raises(LightError, match="strength is"):
            light_from_map(noise_map(), **values)
    with pytest.raises(LightError, match="rotation is nan"):
        environment_from_map(noise_map(), rotation_z=np.nan)


def sunny_map(row: int = 80, column: int = 300, radiance: float = 4e4) -> NDArray[np.float32]:
    """A sky of 0.3 with a sun of one pixel, of 1.7 square degrees' brightness."""
    sky = np.full((256, 512, 3), 0.3, np.float32)
    sky[row, column] = np.array([1.0, 0.8, 0.5], np.float32) * radiance
    return sky


def test_a_sun_becomes_a_lamp_of_its_light_and_leaves_the_sky() -> None:
    light = light_from_map(sunny_map())
    (sun,) = light.lamps
    assert isinstance(sun, SunLamp)
    omega = solid_angles(256, 512)[80, 0]
    np.testing.assert_allclose(sun.irradiance, (np.array([1.0, 0.8, 0.5]) * 4e4 - 0.3) * omega, rtol=1e-5)
    np.testing.assert_allclose(sun.direction, map_directions(256, 512)[80, 300], atol=1e-6)
    assert light.environment is not None
    np.testing.assert_allclose(light.environment.radiance, 0.3, rtol=1e-6)


@pytest.mark.parametrize("column", [0, 255, 511])
def test_a_sun_on_the_seam_or_near_a_pole_is_found_whole(column: int) -> None:
    for row in (4, 80, 251):
        radiance = sunny_map(row, column)
        light = light_from_map(radiance)
        (sun,) = light.lamps
        np.testing.assert_allclose(
            sun.irradiance, (radiance[row, column] - 0.3) * solid_angles(256, 512)[row, 0], rtol=0.02
        )


def test_a_softbox_is_a_lamp_of_its_size() -> None:
    axis, half = unit(0.6, -0.3, 0.5), np.radians(4.0)
    inside = map_directions(256, 512) @ axis > np.cos(half)
    radiance = np.where(inside[..., None], 60.0, 0.1).astype(np.float32).repeat(3, axis=2)
    (lamp,) = light_from_map(radiance).lamps
    assert isinstance(lamp, SunLamp)
    assert lamp.angle == pytest.approx(2.0 * half, rel=0.05)
    np.testing.assert_allclose(lamp.direction, axis, atol=0.01)


def test_maps_without_a_compact_source_stay_whole() -> None:
    for radiance in (noise_map(64, 128), np.full((32, 64, 3), 2.0, np.float32), np.zeros((32, 64, 3), np.float32)):
        light = light_from_map(radiance)
        assert light.lamps == ()
        assert light.environment is not None
        np.testing.assert_array_equal(light.environment.radiance, radiance)


def test_splitting_keeps_the_irradiance_and_beats_the_harmonics() -> None:
    radiance = sunny_map()
    directions = map_directions(256, 512).reshape(-1, 3)
    weighted = (radiance * solid_angles(256, 512)[..., None]).reshape(-1, 3)
    normals = map_directions(8, 16).reshape(-1, 3)
    exact = np.maximum(normals @ directions.T, 0.0) @ weighted
    light = light_from_map(radiance)
    assert light.environment is not None
    points = np.zeros(normals.shape, np.float32)
    split = irradiance_from_harmonics(light.environment.harmonics, normals) + sum(
        lamp_irradiance(lamp, points, normals) for lamp in light.lamps
    )
    whole = irradiance_from_harmonics(project_environment(radiance), normals)
    assert np.abs(split - exact).mean() < 0.002 * exact.mean()
    assert np.abs(whole - exact).mean() > 0.03 * exact.mean()


def test_light_turns_with_its_sun() -> None:
    turned = light_from_map(sunny_map(), rotation_z=0.9, strength=2.0)
    expected = light_from_map(turned_map(sunny_map(), np.round(0.9 / (2 * np.pi) * 512) * 2 * np.pi / 512))
    sun, other = turned.lamps[0], expected.lamps[0]
    assert isinstance(sun, SunLamp)
    assert isinstance(other, SunLamp)
    np.testing.assert_allclose(sun.direction, other.direction, atol=0.01)
    np.testing.assert_allclose(sun.irradiance, 2.0 * other.irradiance, rtol=1e-5)
    placed = Light(turned.environment, (PointLamp(np.zeros(3), np.ones(3)),))
    with pytest.raises(LightError, match="PointLamp does not turn"):
        turned_light(placed, 0.1)
    assert turned_light(placed, 0.0) is placed


def test_scaled_light_scales_everything() -> None:
    light = light_from_map(sunny_map())
    twice = scaled_light(light, 2.0)
    assert twice.environment is not None
    assert light.environment is not None
    np.testing.assert_allclose(twice.environment.harmonics, 2.0 * light.environment.harmonics)
    np.testing.assert_allclose(twice.environment.radiance, 2.0 * light.environment.radiance)
    np.testing.assert_allclose(twice.lamps[0].irradiance, 2.0 * light.lamps[0].irradiance)
