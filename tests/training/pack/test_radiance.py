"""Environment maps keep their suns."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.runtime.arrays import Float32Array
from chiaro.training.assets import read_image
from chiaro.training.lightstage.panorama import load_panorama
from chiaro.training.pack.radiance import BRIGHTEST, packed_radiance, unpack_radiance, write_radiance


def sky(sun: float) -> Float32Array:
    """(256, 512, 3) a gradient with a disc of a given radiance."""
    row, column = np.mgrid[0:256, 0:512].astype(np.float32)
    radiance = np.repeat((0.2 + row / 256.0)[..., None], 3, -1) * np.array([0.8, 1.0, 1.3], np.float32)
    radiance[np.hypot(row - 90.0, column - 200.0) < 3.0] = np.array([1.0, 0.8, 0.6]) * sun
    return radiance.astype(np.float32)


def test_light_and_sun_come_back(tmp_path: Path) -> None:
    write_radiance(sky(20_000.0), tmp_path / "before.hdr", "float")
    content = packed_radiance(tmp_path / "before.hdr")
    unpack_radiance(content, tmp_path / "after.hdr")
    assert packed_radiance(tmp_path / "before.hdr") == content
    assert len(content) < 256 * 512 * 6 / 10
    before, after = (load_panorama(tmp_path / f"{name}.hdr").environment for name in ("before", "after"))
    assert len(before.suns.distance) == len(after.suns.distance) == 1
    np.testing.assert_allclose(after.suns.irradiance, before.suns.irradiance, rtol=0.02)
    np.testing.assert_allclose(after.suns.direction, before.suns.direction, atol=2e-3)
    np.testing.assert_allclose(after.levels[-1], before.levels[-1], rtol=0.05)


def test_what_half_floats_cannot_say_is_clipped_where_the_stage_clips(tmp_path: Path) -> None:
    write_radiance(sky(220_000.0), tmp_path / "before.hdr", "float")
    unpack_radiance(packed_radiance(tmp_path / "before.hdr"), tmp_path / "after.hdr")
    found = read_image(tmp_path / "after.hdr")
    assert np.isfinite(found).all()
    assert found[90, 200, 0] == pytest.approx(BRIGHTEST, rel=0.03)
