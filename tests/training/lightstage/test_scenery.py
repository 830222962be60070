"""Backgrounds made of shapes."""

from dataclasses import replace

import numpy as np
import pytest

from chiaro.training.lightstage.panorama import Panorama
from chiaro.training.lightstage.picture import Backdrop
from chiaro.training.lightstage.scenery import BLOB, ELLIPSE, RECTANGLE, TWIG, Shape, _painted, random_scenery

SIZE = 64
PLAIN = Shape(
    kind=RECTANGLE,
    x=0.5,
    y=0.5,
    half_width=0.25,
    half_height=0.125,
    angle=0.0,
    colour=np.array([1.0, 2.0, 3.0]),
    slope=np.zeros(2),
)


def painted(*shapes: Shape) -> np.ndarray:
    """Shapes over black."""
    return _painted(np.zeros((SIZE, SIZE, 3), np.float32), np.array([shape.numbers for shape in shapes]))


@pytest.mark.parametrize(
    ("kind", "area"), [(RECTANGLE, 0.5 * 0.25), (ELLIPSE, np.pi * 0.25 * 0.125), (TWIG, 0.5 * 0.25)]
)
@pytest.mark.parametrize("angle", [0.0, 0.6, np.pi / 2])
def test_a_shape_covers_its_area_in_its_colour(kind: int, area: float, angle: float) -> None:
    """However it is turned; its middle has its colour, a corner of the picture none."""
    image = painted(replace(PLAIN, kind=kind, angle=angle))
    np.testing.assert_allclose(image[..., 0].mean(), area, rtol=0.03)
    np.testing.assert_allclose(image[SIZE // 2, SIZE // 2], [1, 2, 3])
    assert not image[0, 0].any()


def test_the_last_shape_lies_on_top() -> None:
    """Where two cover a pixel, the later one is seen."""
    image = painted(PLAIN, replace(PLAIN, colour=np.full(3, 5.0), half_width=0.1))
    np.testing.assert_allclose(image[SIZE // 2, SIZE // 2], 5)
    np.testing.assert_allclose(image[SIZE // 2, SIZE // 2 + 10], [1, 2, 3])


def test_folds_run_across_and_panes_both_ways() -> None:
    """Stripes change a row and not a column; bars between panes change both."""
    folds = painted(replace(PLAIN, stripes=20.0, depth=0.5))[24:40, 20:44, 0]
    assert np.ptp(folds, axis=1).min() > 0.3
    assert np.ptp(folds, axis=0).max() < 1e-6
    panes = painted(replace(PLAIN, half_height=0.25, stripes=10.0, depth=0.5, panes=True))[20:44, 20:44, 0]
    assert np.ptp(panes, axis=1).max() == np.ptp(panes, axis=0).max() == pytest.approx(0.5)


def test_a_wavy_outline_is_no_ellipse_and_a_bent_twig_leaves_its_line() -> None:
    """What `bend` does."""
    assert np.abs(painted(replace(PLAIN, kind=BLOB, bend=1.0)) - painted(replace(PLAIN, kind=ELLIPSE))).max() > 0.5
    straight = painted(replace(PLAIN, kind=TWIG, half_height=0.02))
    bent = painted(replace(PLAIN, kind=TWIG, half_height=0.02, bend=0.5))
    assert np.flatnonzero(straight.any(axis=(1, 2))).size < 5 < np.flatnonzero(bent.any(axis=(1, 2))).size


def test_sceneries_are_told_by_their_seed_and_have_edges_and_light() -> None:
    """The same seed draws the same; over many, most have edges, many something brighter than a white wall."""
    np.testing.assert_array_equal(*(random_scenery(np.random.default_rng(3), SIZE) for _ in range(2)))
    images = [random_scenery(np.random.default_rng(seed), SIZE) for seed in range(40)]
    assert all(np.isfinite(image).all() and image.min() >= 0 for image in images)
    assert np.mean([image.std() > 0.05 for image in images]) > 0.8
    assert np.mean([image.max() > 1.5 for image in images]) > 0.3


@pytest.mark.parametrize("size", [64, 256, 272, 520])
def test_any_size_is_filled(size: int) -> None:
    """Also beyond that of the noise."""
    image = random_scenery(np.random.default_rng(1), size)
    assert image.shape == (size, size, 3)


def test_a_backdrop_draws_scenery_where_it_is_asked_to() -> None:
    """Frames of a shot agree, from wherever they are seen."""
    dark = np.zeros((4, 8, 3), np.float16)
    backdrop = Backdrop(7, Panorama("dark", dark, None), scenery=True)  # type: ignore[arg-type]  # it is not asked
    first = backdrop.drawn(np.eye(3), 0.3, SIZE)
    np.testing.assert_array_equal(first, backdrop.drawn(-np.eye(3), 0.4, SIZE))
    np.testing.assert_array_equal(first, random_scenery(np.random.default_rng(7), SIZE))
