"""Numbers of pictures: skin tone, pose, contrast of light, shares and exposure."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.light.harmonics import harmonics_of_distant_light, lambert_transport
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.parts import PartClass
from chiaro.training.lightstage.skin import skin_albedo
from chiaro.training.stage_statistics import (
    EXPOSURE_BINS,
    Measured,
    head_angles,
    individual_typology_angle,
    measured,
    plot,
    summary,
)


def test_lighter_skin_has_the_larger_angle() -> None:
    angles = [individual_typology_angle(skin_albedo(melanin, 0.3)) for melanin in (0.05, 0.4, 0.8, 1.3, 2.0)]
    assert (np.diff(angles) < 0).all()
    assert angles[0] > 41.0
    assert angles[-1] < -30.0


def test_a_known_colour_has_its_known_angle() -> None:
    # sRGB (198, 150, 120) is L* 65.6, b* 22.3: arctan(15.6 / 22.3) = 35°.
    encoded = np.array([198.0, 150.0, 120.0]) / 255.0
    linear = ((encoded + 0.055) / 1.055) ** 2.4
    assert individual_typology_angle(linear) == pytest.approx(35.0, abs=1.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(-80, 80), st.floats(-35, 35), st.floats(-10, 10))
def test_angles_are_read_back_from_the_head_numbers(yaw: float, pitch: float, roll: float) -> None:
    rotation = rotation_yaw_pitch_roll(np.deg2rad(yaw), np.deg2rad(pitch), 0.0)
    head = np.concatenate([rotation[:, 0], rotation[:, 1], np.zeros(3)])
    assert head_angles(head) == pytest.approx((yaw, pitch), abs=1e-6)


def _half_lit(ratio: float) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """A face whose left half looks to one lamp and whose right half to another, `ratio` times as strong."""
    normal = np.zeros((32, 32, 3))
    normal[:, :16, 0], normal[:, 16:, 0] = -1.0, 1.0
    light = harmonics_of_distant_light(np.array([-1.0, 0.0, 0.0]), np.ones(3))
    light += ratio * harmonics_of_distant_light(np.array([1.0, 0.0, 0.0]), np.ones(3))
    parts = np.full((32, 32), int(PartClass.SKIN))
    parts[:8] = int(PartClass.HAIR)
    return {
        "albedo": np.full((3, 32, 32), 0.3),
        "matte": np.ones((32, 32)),
        "transport": lambert_transport(normal).transpose(2, 0, 1),
        "light": light,
        "head": np.array([1.0, 0, 0, 0, 1.0, 0, 0, 0, 0]),
        "parts": parts,
    }


def test_shares_and_contrast_are_those_of_the_picture() -> None:
    maps = _half_lit(4.0)
    numbers = measured(np.full((3, 32, 32), 0.5), maps)
    assert numbers.hair == pytest.approx(0.25)
    assert numbers.face == pytest.approx(0.75)
    # Order-2 harmonics of a lamp, looked at along it and against it.
    shading = np.einsum("khw,k->hw", maps["transport"], maps["light"][:, 1])
    assert numbers.key_to_fill == pytest.approx(np.log2(shading[16, 20] / shading[16, 10]), abs=0.01)
    assert numbers.exposure[EXPOSURE_BINS // 2] == pytest.approx(1.0)
    assert numbers.yaw == pytest.approx(0.0)


def test_a_picture_without_skin_has_no_skin_tone() -> None:
    maps = _half_lit(2.0)
    maps["parts"][:] = int(PartClass.CLOTHING)
    assert np.isnan(measured(np.zeros((3, 32, 32)), maps).skin_tone)


def test_the_table_and_the_plot_hold_every_group(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    groups = {
        name: [
            Measured(*random.normal(size=6), np.full(EXPOSURE_BINS, 1 / EXPOSURE_BINS, np.float32)) for _ in range(9)
        ]
        for name in ("a", "b")
    }
    rows = summary(groups)
    assert rows[-1] == ("pictures", "9", "9")
    assert all(len(row) == 3 for row in rows)
    plot(groups, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000
