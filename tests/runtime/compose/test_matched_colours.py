"""Painted colours become the plate's: those of the person that the plate shows nearby, and of nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from tests.runtime.compose.conftest import make_stage

from chiaro.runtime.arrays import BoolArray, Float32Array
from chiaro.runtime.compose.matched_colours import matched_colours
from chiaro.runtime.compose.projection import ProjectedPlate
from chiaro.runtime.gbuffer import GBuffer, Painted

SIZE = 256
NETWORK, PLATE = np.float32(0.2), np.array([0.4, 0.3, 0.1], np.float32)


def _surface(plate_pixels: Float32Array, painted: BoolArray) -> GBuffer:
    """A surface everywhere, of which some is painted."""
    share = painted.astype(np.float32)
    return replace(
        make_stage(320, 180).gbuffer,
        confidence=1 - share,
        matte=np.ones((SIZE, SIZE), np.float32),
        plate_pixels=np.where(painted[..., None], np.float32(np.nan), plate_pixels),
        painted=Painted(share, share, share),
    )


def _plate(person: BoolArray) -> ProjectedPlate:
    """A plate in which the person has one colour, and there is nothing elsewhere."""
    matte = person.astype(np.float32)
    return ProjectedPlate(0, 0, 1, PLATE[:, None, None] * matte, matte, None, None, None, None)


@pytest.mark.parametrize("beyond", [0, 100])
def test_what_the_plate_does_not_show_of_the_person_has_no_colours(beyond: int) -> None:
    """Rows of the surface that lie where the plate has no person, or below the plate altogether."""
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    person = np.zeros((SIZE - beyond, SIZE), np.bool_)
    person[:120] = True
    painted = np.zeros((SIZE, SIZE), np.bool_)
    painted[:, 200:] = True
    gbuffer = _surface(np.stack([x, y], axis=-1).astype(np.float32), painted)
    plate = _plate(person)
    network = np.full((3, SIZE, SIZE), NETWORK, np.float32)
    matched = matched_colours(network, gbuffer, ~painted, plate, plate.brightest_albedo)
    np.testing.assert_allclose(matched[:, painted].T, np.broadcast_to(PLATE, (painted.sum(), 3)), rtol=0.02)
    np.testing.assert_array_equal(matched[:, ~painted], network[:, ~painted])


def test_an_edge_tells_of_what_is_beside_it_and_the_whole_person_of_the_rest() -> None:
    """The plate is dark along the edge of what is painted, and as bright as the network elsewhere."""
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    painted = x > 140
    bright = np.where(x > 120, np.float32(0.5), np.float32(1)) * NETWORK
    matte = np.ones((SIZE, SIZE), np.float32)
    plate = ProjectedPlate(0, 0, 1, np.stack([bright] * 3).astype(np.float32), matte, None, None, None, None)
    gbuffer = _surface(np.stack([x, y], axis=-1).astype(np.float32), painted)
    network = np.full((3, SIZE, SIZE), NETWORK, np.float32)
    matched = matched_colours(network, gbuffer, ~painted, plate, plate.brightest_albedo)
    across = matched[0, 128] / NETWORK
    assert across[143] < 0.8
    assert across[250] > 0.9
    assert (np.diff(across[145:]) > -0.01).all()
