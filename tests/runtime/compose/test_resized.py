"""Passes at another pixel size."""

import numpy as np
import pytest

from chiaro.runtime.camera import Camera
from chiaro.runtime.compose.resized import resized_passes
from chiaro.runtime.passes import ALL_PASSES, Passes


def person(width: int = 64, height: int = 48) -> Passes:
    """An even person on the left half, nothing on the right."""
    matte = np.zeros((height, width), np.float32)
    matte[:, : width // 2] = 1
    colour = np.array([0.2, 0.5, 0.8], np.float32)
    inside = matte[..., None] * colour
    image = np.concatenate([np.broadcast_to(colour, (height, width, 3)), np.ones((height, width, 1))], axis=-1)
    return Passes(
        camera=Camera(width, height, 100.0, 100.0, width / 2, height / 2),
        image=image.astype(np.float32),
        albedo=inside,
        shading=inside,
        specular=inside,
        depth=np.where(matte > 0, 2.0, 1e10).astype(np.float32),
        normal=inside,
        position=inside,
        matte=matte,
        confidence=matte,
    )


@pytest.mark.parametrize("size", [(128, 96), (32, 24), (50, 37), (64, 20)])
def test_every_pass_takes_the_size(size: tuple[int, int]) -> None:
    width, height = size
    resized = resized_passes(person(), width, height, ALL_PASSES)
    for name in ALL_PASSES:
        assert getattr(resized, name).shape[:2] == (height, width), name
        assert getattr(resized, name).dtype == np.float32, name
    assert (resized.camera.width, resized.camera.height) == size
    np.testing.assert_allclose(resized.image[..., :3], np.broadcast_to([0.2, 0.5, 0.8], (height, width, 3)), atol=1e-3)


def test_the_persons_edge_stays_as_bright_as_the_person() -> None:
    resized = resized_passes(person(), 50, 37, ALL_PASSES)
    for name in ("albedo", "shading", "specular"):
        covered = getattr(resized, name)[resized.matte > 0.01]
        np.testing.assert_allclose(covered, np.broadcast_to([0.2, 0.5, 0.8], covered.shape), atol=1e-2)


def test_depth_is_never_a_mixture() -> None:
    depth = resized_passes(person(), 51, 37, ALL_PASSES).depth
    assert set(np.unique(depth).tolist()) == {2.0, float(np.float32(1e10))}


def test_a_pass_nobody_wants_is_zero_and_the_same_size_is_the_same_object() -> None:
    passes = person()
    assert resized_passes(passes, 64, 48, ALL_PASSES) is passes
    assert not resized_passes(passes, 32, 24, frozenset({"image"})).normal.any()


def test_transparent_surroundings_do_not_darken_the_picture() -> None:
    passes = person()
    image = passes.image.copy()
    image[..., 3] = passes.matte
    image[..., :3] *= passes.matte[..., None]
    resized = resized_passes(Passes(**{**vars(passes), "image": image}), 37, 29, ALL_PASSES).image
    there = resized[..., 3] > 0.01
    np.testing.assert_allclose(resized[there][:, :3], np.broadcast_to([0.2, 0.5, 0.8], (there.sum(), 3)), atol=1e-2)
