"""Shapes of avatars as whole numbers."""

import numpy as np

from chiaro.training.pack.arrays import AnyArray
from chiaro.training.pack.shapes import NOTHING, STEP, packed_shape, unpacked_shape


def shape_arrays(seed: int = 1, vertices: int = 300) -> dict[str, AnyArray]:
    """What a shape's file holds, with the steps that avatars' files have."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, 256, (vertices, 4))
    steps = random.integers(-400, 400, (500, 3))
    return {
        "vertices": random.normal(size=(vertices, 3)).astype(np.float32),
        "joints": random.integers(0, 14, (vertices, 4)).astype(np.uint8),
        "weights": (codes.astype(np.uint8) / np.float32(255.0)).astype(np.float32),
        "joint_positions": random.normal(size=(14, 3)).astype(np.float32),
        "key_names": np.array(["AE_AA", "MouthOpen"]),
        "key_ends": np.array([0, 200, 500]),
        "key_indices": np.sort(random.integers(0, vertices, 500)).astype(np.int32),
        "key_offsets": (steps * 0.1176).astype(np.float16),
        "wig_vertices": random.normal(size=(20, 3)).astype(np.float32),
        "wig_uv": random.uniform(size=(20, 2)).astype(np.float32),
        "wig_triangles": random.integers(0, 20, (12, 3)).astype(np.int32),
    }


def test_positions_are_rounded_and_all_else_is_kept() -> None:
    before = shape_arrays()
    packed = packed_shape(before)
    after = unpacked_shape(packed)
    assert list(after) == list(before)
    assert packed["weights"].dtype == np.uint8
    assert packed["key_offsets"].dtype == np.uint16
    for name, array in before.items():
        assert after[name].dtype == array.dtype
        if name in {"vertices", "wig_vertices"}:
            assert np.abs(after[name] - array).max() < 0.6 * STEP
            assert np.abs(after[name] - array).max() > 0.0
        else:
            np.testing.assert_array_equal(after[name], array)


def test_the_rounding_of_zero_becomes_zero() -> None:
    before = shape_arrays()
    before["key_offsets"][0] = (-6e-8, 2.0 * NOTHING, 3.5)
    after = unpacked_shape(packed_shape(before))
    np.testing.assert_array_equal(after["key_offsets"][0], np.array([0.0, 2.0 * NOTHING, 3.5], np.float16))


def test_weights_that_are_no_bytes_are_kept() -> None:
    before = shape_arrays()
    before["weights"] = np.random.default_rng(2).uniform(size=(300, 4)).astype(np.float32)
    np.testing.assert_array_equal(unpacked_shape(packed_shape(before))["weights"], before["weights"])


def test_a_shape_without_wig() -> None:
    before = shape_arrays()
    before |= {"wig_vertices": np.zeros((0, 3), np.float32), "wig_uv": np.zeros((0, 2), np.float32)}
    after = unpacked_shape(packed_shape(before))
    assert after["wig_vertices"].shape == (0, 3)
    assert after["wig_uv"].shape == (0, 2)
