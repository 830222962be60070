"""What is painted takes the plate's colours from what is like it, and not from what only lies beside it."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest
from tests.runtime.light.surfaces import SIZE, wall_with_ball

from chiaro.runtime.arrays import AnyFloatArray, Float32Array
from chiaro.runtime.compose.matched_albedo import matched_albedo
from chiaro.runtime.compose.projection import ProjectedPlate
from chiaro.runtime.gbuffer import GBuffer, Painted

HAIR, SKIN, PAINTED = slice(0, 48), slice(48, 104), slice(104, SIZE)
HAIR_ALBEDO, SKIN_ALBEDO = (0.10, 0.07, 0.05), (0.50, 0.35, 0.25)
HAIR_RATIO, SKIN_RATIO = 2.0, 0.5


@dataclass(frozen=True)
class EvenPlate:
    """A delit plate that is (3, h, w) on the view's own pixels."""

    brightest_albedo: Float32Array

    def at(self, pixels: AnyFloatArray) -> "EvenPlate":
        column, row = np.floor(pixels).astype(int).T
        return EvenPlate(self.brightest_albedo[:, row, column])

    def of(self, _image: Float32Array) -> Float32Array:
        return self.brightest_albedo


def banded() -> tuple[GBuffer, ProjectedPlate]:
    """Hair above, skin below it, and at the bottom, beside the skin, what is painted and looks like hair."""
    buffer = wall_with_ball()
    albedo = np.empty((SIZE, SIZE, 3), np.float32)
    albedo[:] = HAIR_ALBEDO
    albedo[SKIN] = SKIN_ALBEDO
    ratio = np.ones((SIZE, 1, 1), np.float32)
    ratio[HAIR], ratio[SKIN] = HAIR_RATIO, SKIN_RATIO
    share = np.zeros((SIZE, SIZE), np.float32)
    share[PAINTED] = 1.0
    rows, columns = np.mgrid[:SIZE, :SIZE]
    pixels = np.stack([columns, rows], axis=-1).astype(np.float32) + np.float32(0.5)
    pixels[PAINTED] = np.nan
    # All of it lies in one plane, fifteen centimetres high: hair is no further from what is painted than hair is.
    position = buffer.position * np.float32(0.3)
    painted = replace(
        buffer, albedo=albedo, position=position, plate_pixels=pixels, painted=Painted(share, share),
        confidence=np.where(share > 0, np.float32(0), np.float32(1)),
    )  # fmt: skip
    plate = EvenPlate(np.ascontiguousarray((albedo * ratio).transpose(2, 0, 1)))
    return painted, cast(ProjectedPlate, plate)


def test_hair_is_painted_as_hair_although_skin_is_nearer() -> None:
    buffer, plate = banded()
    seen = np.isfinite(buffer.plate_pixels[..., 0])
    matched = matched_albedo(buffer, seen, plate)
    assert matched[:, PAINTED].mean(axis=(1, 2)) == pytest.approx(HAIR_RATIO * np.array(HAIR_ALBEDO), rel=0.1)
    np.testing.assert_array_equal(matched[:, : PAINTED.start], buffer.albedo.transpose(2, 0, 1)[:, : PAINTED.start])


def test_without_paint_the_nearest_colours_go_on() -> None:
    buffer, plate = banded()
    unpainted = replace(buffer, painted=None)
    matched = matched_albedo(unpainted, np.isfinite(buffer.plate_pixels[..., 0]), plate)
    assert matched[0, PAINTED.start + 2].mean() == pytest.approx(SKIN_RATIO * HAIR_ALBEDO[0], rel=0.1)
