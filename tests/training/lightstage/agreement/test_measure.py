"""Numbers of a comparison on renderings whose differences are known."""

from dataclasses import replace

import numpy as np
import pytest

from chiaro.training.lightstage.agreement.measure import compare, matte_iou, mean_agreement, normal_angles, psnr
from chiaro.training.lightstage.agreement.scene import Rendering
from chiaro.training.lightstage.agreement.sheet import scene_row
from chiaro.training.lightstage.parts import PartClass

SIZE = 16


def _rendering() -> Rendering:
    random = np.random.default_rng(1)
    normal = random.normal(size=(SIZE, SIZE, 3))
    matte = np.zeros((SIZE, SIZE), np.float32)
    matte[2:-2, 2:-2] = 1.0
    return Rendering(
        diffuse=random.uniform(0.1, 0.6, (SIZE, SIZE, 3)).astype(np.float32),
        specular=random.uniform(0.0, 0.2, (SIZE, SIZE, 3)).astype(np.float32),
        albedo=random.uniform(0.1, 0.9, (SIZE, SIZE, 3)).astype(np.float32),
        normal=(normal / np.linalg.norm(normal, axis=-1, keepdims=True)).astype(np.float32),
        depth=random.uniform(1.0, 1.2, (SIZE, SIZE)).astype(np.float32),
        matte=matte,
    )


def _parts() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    parts = np.full((SIZE, SIZE), PartClass.SKIN, np.uint8)
    parts[:, SIZE // 2 :] = PartClass.HAIR
    return parts


def test_known_differences_come_out() -> None:
    theirs = _rendering()
    ours = replace(theirs, diffuse=theirs.diffuse + np.float32(0.01), depth=theirs.depth + np.float32(0.002))
    halves = (theirs.diffuse + np.float32(0.03), theirs.diffuse - np.float32(0.03))
    result = compare(ours, theirs, halves, _parts())
    assert result.psnr == pytest.approx(40.0, abs=1e-3)
    assert result.face_psnr == pytest.approx(40.0, abs=1e-3)
    assert result.hair_psnr == pytest.approx(40.0, abs=1e-3)
    assert result.converged_psnr == pytest.approx(50.0, abs=1e-3), "never more than 10 dB better than measured"
    assert result.noise_psnr == pytest.approx(-20.0 * np.log10(0.03), abs=1e-2)
    assert result.depth_millimetres == pytest.approx(2.0, abs=1e-3)
    assert result.normal_degrees == pytest.approx(0.0, abs=1e-3)
    assert result.matte_iou == pytest.approx(1.0)
    inside = theirs.diffuse[theirs.matte > 0.5].mean()
    assert result.bias == pytest.approx(1.0 + 0.01 / inside, rel=1e-4)


def test_the_noise_of_the_path_tracer_is_taken_off() -> None:
    random, still = np.random.default_rng(4), _rendering()
    noise = [random.normal(size=still.diffuse.shape).astype(np.float32) * np.float32(0.02) for _ in range(2)]
    halves = (still.diffuse + noise[0], still.diffuse + noise[1])
    theirs = replace(still, diffuse=0.5 * (halves[0] + halves[1]))
    ours = replace(still, diffuse=still.diffuse + np.float32(0.02))
    result = compare(ours, theirs, halves, _parts())
    assert result.psnr < 33.0
    assert result.converged_psnr == pytest.approx(-20.0 * np.log10(0.02), abs=0.8)


def test_radiance_beyond_white_counts_only_unclipped() -> None:
    theirs = _rendering()
    theirs.diffuse[8, 8] = 3.0
    ours = replace(theirs, diffuse=theirs.diffuse.copy())
    ours.diffuse[8, 8] = 5.0
    result = compare(ours, theirs, (theirs.diffuse, theirs.diffuse), _parts())
    assert result.psnr > 100.0
    assert result.unclipped_psnr == pytest.approx(-10.0 * np.log10(4.0 / (SIZE - 4) ** 2), abs=1e-3)


def test_only_what_both_cover_is_compared() -> None:
    theirs = _rendering()
    ours = replace(theirs, diffuse=theirs.diffuse.copy(), matte=theirs.matte.copy())
    ours.diffuse[2] = 0.9
    ours.matte[2, 2:-2] = 0.4
    result = compare(ours, theirs, (theirs.diffuse, theirs.diffuse), _parts())
    assert result.psnr > 100.0
    assert result.matte_iou == pytest.approx((12 * 12 - 12 * 0.6) / (12 * 12))


@pytest.mark.parametrize("degrees", [0.01, 1.0, 60.0, 179.0])
def test_angles_between_normals(degrees: float) -> None:
    angle = np.radians(degrees)
    turned = np.array([[np.sin(angle), 0.0, np.cos(angle)]], np.float32)
    assert normal_angles(np.array([[0, 0, 1]], np.float32), turned)[0] == pytest.approx(degrees, rel=1e-3)


def test_soft_mattes_overlap_by_their_minima() -> None:
    first, second = np.array([[1.0, 0.5, 0.0]], np.float32), np.array([[1.0, 0.25, 0.25]], np.float32)
    assert matte_iou(first, second) == pytest.approx(1.25 / 1.75)
    assert matte_iou(first * 0, second * 0) == 1.0


def test_a_scene_without_hair_does_not_spoil_the_mean() -> None:
    theirs = _rendering()
    ours = replace(theirs, diffuse=theirs.diffuse + np.float32(0.1))
    halves = (theirs.diffuse, theirs.diffuse)
    bald = compare(ours, theirs, halves, np.full((SIZE, SIZE), PartClass.SKIN, np.uint8))
    haired = compare(ours, theirs, halves, _parts())
    assert np.isnan(bald.hair_psnr)
    mean = mean_agreement([bald, haired])
    assert mean.hair_psnr == pytest.approx(haired.hair_psnr)
    assert mean.psnr == pytest.approx(0.5 * (bald.psnr + haired.psnr))
    assert np.isnan(psnr(np.zeros((0, 3)), np.zeros((0, 3))))


def test_a_row_shows_no_difference_as_grey() -> None:
    theirs = _rendering()
    row = scene_row(theirs, theirs)
    assert row.shape == (SIZE, 11 * SIZE, 3)
    np.testing.assert_allclose(row[8, 2 * SIZE + 8], 0.5)
    np.testing.assert_array_equal(row[:, 8 * SIZE :], 0.0)
    brighter = scene_row(replace(theirs, diffuse=theirs.diffuse + np.float32(0.05)), theirs)
    np.testing.assert_allclose(brighter[8, 2 * SIZE + 8], 0.6, atol=1e-5)
