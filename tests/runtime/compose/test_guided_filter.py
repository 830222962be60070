"""The guided filter against its definition, written out window by window."""

import numpy as np
import pytest

from chiaro.runtime.arrays import Float32Array, Float64Array
from chiaro.runtime.compose.guided_filter import guide_statistics, guided_coefficients, guided_filter


def random_image(*shape: int, seed: int = 0) -> Float32Array:
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def by_definition(
    guide: Float32Array, image: Float32Array, radius: int, epsilon: float, weight: Float32Array
) -> Float64Array:
    """He et al. 2010, eq. 14, 15 and the average over windows, with weighted means."""
    height, width, channels = guide.shape
    slope, offset = np.zeros((height, width, channels)), np.zeros((height, width))

    def around(y: int, x: int) -> tuple[slice, slice]:
        return slice(max(y - radius, 0), y + radius + 1), slice(max(x - radius, 0), x + radius + 1)

    for y in range(height):
        for x in range(width):
            w = weight[around(y, x)].ravel().astype(np.float64)
            w /= w.sum()
            g = guide[around(y, x)].reshape(-1, channels).astype(np.float64)
            p = image[around(y, x)].ravel().astype(np.float64)
            covariance = (g * w[:, None]).T @ g - np.outer(w @ g, w @ g) + epsilon * np.eye(channels)
            slope[y, x] = np.linalg.solve(covariance, (w * p) @ g - (w @ p) * (w @ g))
            offset[y, x] = w @ p - slope[y, x] @ (w @ g)
    result = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            w = weight[around(y, x)]
            mean_slope = (slope[around(y, x)] * w[..., None]).sum(axis=(0, 1)) / w.sum()
            result[y, x] = mean_slope @ guide[y, x] + (offset[around(y, x)] * w).sum() / w.sum()
    return result


@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_what_the_paper_says(channels: int) -> None:
    guide, image, weight = random_image(9, 11, channels), random_image(9, 11, seed=1), random_image(9, 11, seed=2)
    found = guided_filter(np.moveaxis(guide, -1, 0), image[None], radius=2, epsilon=0.02, weight=weight)[0]
    assert found == pytest.approx(by_definition(guide, image, 2, 0.02, weight), abs=2e-4)


def test_an_edge_of_the_guide_sharpens_a_blurred_image() -> None:
    guide = np.repeat((np.arange(40) >= 20).astype(np.float32)[None], 30, axis=0)
    blurred = np.clip((np.arange(40) - 16) / 8, 0, 1).astype(np.float32)
    image = np.repeat(blurred[None], 30, axis=0)[None]
    sharp = guided_filter(guide[None], image, radius=6, epsilon=1e-4)[0, 15]
    assert sharp[21] - sharp[18] > 1.6 * (blurred[21] - blurred[18])


def test_texture_below_epsilon_is_not_copied() -> None:
    texture = 0.5 + 0.02 * (random_image(40, 40) - 0.5)
    image = np.repeat(np.linspace(0, 1, 40, dtype=np.float32)[None, None], 40, axis=1)
    filtered = guided_filter(texture[None].astype(np.float32), image, radius=4, epsilon=0.01)
    assert np.abs(np.diff(filtered[0, 5:-5, 5:-5], axis=0)).max() < 2e-3


def test_it_is_linear_in_the_image() -> None:
    statistics = guide_statistics(random_image(1, 20, 20), radius=3, epsilon=0.01)
    first, second = random_image(3, 20, 20, seed=1), random_image(3, 20, 20, seed=2)
    one, two = guided_coefficients(statistics, first), guided_coefficients(statistics, second)
    both = guided_coefficients(statistics, first + 2 * second)
    assert both.slope == pytest.approx(one.slope + 2 * two.slope, abs=1e-4)
    assert both.offset == pytest.approx(one.offset + 2 * two.offset, abs=1e-4)
