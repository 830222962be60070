"""Textures and crops as compressed pictures."""

import numpy as np
from scipy.ndimage import gaussian_filter

from chiaro.training.pack.arrays import BytesArray
from chiaro.training.pack.pictures import (
    packed_classes,
    packed_colour,
    packed_frames,
    packed_normal,
    unpacked_classes,
    unpacked_colour,
    unpacked_frames,
    unpacked_normal,
)


def smooth(seed: int, *shape: int) -> BytesArray:
    """A picture of broad spots."""
    noise = np.random.default_rng(seed).normal(size=shape)
    field = gaussian_filter(noise, (6, 6, 0)[: len(shape)])
    field = (field - field.min()) / np.ptp(field)
    return (field * 255.0).astype(np.uint8)


def test_colours_are_near_and_alpha_is_exact_where_nothing_covers_too() -> None:
    colour = smooth(1, 96, 144, 4)
    colour[:30, :, 3] = 0
    found = unpacked_colour(packed_colour(colour))
    np.testing.assert_array_equal(found[..., 3], colour[..., 3])
    assert np.abs(found[..., :3].astype(int) - colour[..., :3]).mean() < 3.0
    assert np.abs(found[:30, :, :3].astype(int) - colour[:30, :, :3]).mean() < 3.0


def test_normals_keep_their_components_apart() -> None:
    normal = smooth(2, 80, 128, 3)
    found = unpacked_normal(packed_normal(normal))
    assert found.shape == normal.shape
    assert np.abs(found.astype(int) - normal).reshape(-1, 3).mean(axis=0).max() < 1.5


def test_classes_are_exact() -> None:
    classes = np.random.default_rng(3).integers(0, 40, (50, 70)).astype(np.uint8)
    np.testing.assert_array_equal(unpacked_classes(packed_classes(classes)), classes)


def test_frames_come_back_in_their_order() -> None:
    colour = np.stack([smooth(seed, 64, 64, 3) for seed in range(5)])
    found = unpacked_frames(packed_frames(colour), "RGB")
    distances = np.abs(found[:, None].astype(int) - colour[None]).mean(axis=(2, 3, 4))
    np.testing.assert_array_equal(distances.argmin(axis=1), np.arange(5))
    assert np.diag(distances).max() < 4.0
    matte = colour[..., 0]
    assert np.abs(unpacked_frames(packed_frames(matte), "L").astype(int) - matte).mean() < 2.0
