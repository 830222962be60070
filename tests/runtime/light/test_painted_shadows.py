"""Specks of shadow on what is painted are filled, broad shadows and what the plate saw stay as they are."""

import numpy as np

from chiaro.runtime.gbuffer import Painted
from chiaro.runtime.light.painted_shadows import SPECK, without_specks

SIDE = 256
LIT = np.ones((SIDE, SIDE), np.bool_)
LIT[:, :20] = False


def filtered(image: np.ndarray, share: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]  # float32
    result = np.ones_like(image)
    result[LIT] = without_specks(image[LIT], LIT, Painted(share, share, share))
    return result


def test_specks_go_where_it_is_painted_and_only_there() -> None:
    image = np.ones((SIDE, SIDE), np.float32)
    image[50 : 50 + 2 * SPECK, 60:62] = 0.0
    image[50 : 50 + 2 * SPECK, 160:162] = 0.0
    image[90:94, 20:23] = 0.2  # at the outline, beyond which nothing is lit
    share = np.zeros_like(image)
    share[:, :128] = 1.0
    found = filtered(image, share)
    assert (found[:, :128] == 1.0).all()
    np.testing.assert_array_equal(found[:, 128:], image[:, 128:])


def test_broad_shadows_keep_their_edges() -> None:
    image = np.ones((SIDE, SIDE), np.float32)
    image[40:120, 60:140] = 0.1
    np.testing.assert_allclose(filtered(image, np.ones_like(image)), image, atol=1e-6)


def test_half_painted_is_half_filled_and_nothing_darkens() -> None:
    image = np.random.default_rng(0).random((SIDE, SIDE)).astype(np.float32)
    half = filtered(image, np.full_like(image, 0.5))
    whole = filtered(image, np.ones_like(image))
    np.testing.assert_allclose(half[LIT], 0.5 * (image + whole)[LIT], atol=1e-6)
    assert (whole >= image)[LIT].all()


def test_where_nothing_is_painted_nothing_is_touched() -> None:
    visibility = np.random.default_rng(1).random(int(LIT.sum())).astype(np.float32)
    assert without_specks(visibility, LIT, None) is visibility
