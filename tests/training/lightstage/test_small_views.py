"""Small views hold the truth of large ones, and pictures of them are as reproducible."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.training.assets import AssetError, default_data_folder, environment_files, load_face_model
from chiaro.training.lightstage.camera_degradation import random_camera
from chiaro.training.lightstage.compression import Codec
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.panorama import load_panorama
from chiaro.training.lightstage.person import PersonKind, person_path, save_person
from chiaro.training.lightstage.reduced import HALF, QUARTER, reduced_camera, reduced_view
from chiaro.training.lightstage.small_views import SmallViews, draw_small_view, small_view_path
from chiaro.training.lightstage.stage import People, Stage, make_stage
from chiaro.training.lightstage.stored_view import ENVIRONMENTS, LAMPS, MARGIN, StoredView, load_stored_view

DATA = default_data_folder()


def drawn_view(size: int = 16) -> StoredView:
    """Random numbers in a disc, margin included."""
    random = np.random.default_rng(4)
    row, column = np.mgrid[0:size, 0:size] + 0.5
    pixel = np.flatnonzero(np.hypot(row - size / 2, column - size / 2) < 0.45 * size)
    count, lights = len(pixel), ENVIRONMENTS + LAMPS

    def halves(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float16]]:
        return random.uniform(0.1, 1.0, shape).astype(np.float16)

    return StoredView(
        size=size,
        pixel=pixel.astype(np.int32),
        matte=random.integers(1, 256, count).astype(np.uint8),
        albedo=halves(count, 3),
        normal=halves(count, 3),
        depth=halves(count),
        transport=halves(count, 9),
        parts=random.integers(1, 8, count).astype(np.uint8),
        roughness=random.integers(0, 256, count).astype(np.uint8),
        specular=halves(count),
        radiance=halves(lights, count, 3),
        harmonics=random.normal(size=(lights, 9, 3)).astype(np.float32),
        panorama=np.zeros(ENVIRONMENTS, np.int64),
        panorama_from_camera=np.stack([np.eye(3)] * ENVIRONMENTS),
        lamp_behind=np.zeros(LAMPS, np.bool_),
        rotation=np.eye(3),
        offset=np.array([0.0, 0.0, -1.0]),
        half_width=0.25,
    )


def test_a_reduced_view_holds_means_over_the_matte() -> None:
    view = drawn_view()
    small = reduced_view(view)
    assert (small.size, small.margin, small.reduction) == (8, MARGIN // 2, 4)
    dense = np.zeros((16, 16, 4))
    share = view.matte / 255.0
    dense.reshape(-1, 4)[view.pixel] = np.concatenate(
        [share[:, None], view.radiance[2].astype(float) * share[:, None]], axis=1
    )
    for place, (matte, radiance) in enumerate(zip(small.matte, small.radiance[2], strict=True)):
        row, column = divmod(int(small.pixel[place]), 8)
        block = dense[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].reshape(4, 4)
        assert matte == pytest.approx(255 * block[:, 0].mean(), abs=0.6)
        np.testing.assert_allclose(radiance.astype(float), block[:, 1:].sum(0) / block[:, 0].sum(), rtol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(small.normal.astype(float), axis=1), 1.0, atol=2e-3)


@pytest.mark.parametrize("reduction", [HALF, QUARTER])
def test_a_small_picture_keeps_colours_and_little_of_the_lens(reduction: int) -> None:
    random = np.random.default_rng(1)
    for _ in range(40):
        camera = random_camera(random)
        small = reduced_camera(camera, reduction)
        assert (small.tone, small.tone_amount, small.saturation, small.vignette) == (
            camera.tone, camera.tone_amount, camera.saturation, camera.vignette,
        )  # fmt: skip
        assert (small.codec, small.resolution, small.sharpening) == (Codec.NONE, 1.0, 0.0)
        assert small.noise <= 2.0 / reduction * camera.noise
        assert small.softness <= camera.softness / reduction


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder: Path = tmp_path_factory.mktemp("people")
    model = load_face_model(DATA)
    save_person(build_ict_person(model, 5, 0), person_path(folder, PersonKind.ICT, 5, 0))
    panorama = load_panorama(environment_files(DATA)[0][0])
    return make_stage(model, (panorama,), folder, seed=5, people=People(1), relights=2)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")
def test_pictures_of_small_views_are_drawn_again_alike(stage: Stage) -> None:
    source = SmallViews(stage, 2)
    with pytest.raises(AssetError, match="has not been prepared"):
        source.view(0)
    for index in range(2):
        draw_small_view(stage, index)
    first, again, later = source.view(1), source.view(1), source.view(3)
    assert len(first) == 2
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.plate, other.plate)
        np.testing.assert_array_equal(one.light, other.light)
        assert one.environment is not None
        assert one.environment.shape == (3, 16, 16)
    assert first[0].plate.shape == (3, 64, 64)
    assert not np.array_equal(first[0].plate, first[1].plate)
    assert not np.array_equal(first[0].plate, later[0].plate)
    kept = load_stored_view(small_view_path(stage.folder, 5, 0, QUARTER))
    assert (kept.size, kept.crop_size, kept.margin, kept.reduction) == (72, 64, 4, 4)
    inside = first[0].matte.astype(np.float32) > 0.99
    lengths = np.linalg.norm(first[0].normal.astype(np.float32)[:, inside], axis=0)
    np.testing.assert_allclose(lengths, 1.0, atol=5e-3)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")
def test_a_half_view_is_what_a_quarter_is_made_of(stage: Stage) -> None:
    draw_small_view(stage, 4)
    assert not small_view_path(stage.folder, 5, 4, HALF).exists()
    alone = load_stored_view(small_view_path(stage.folder, 5, 4, QUARTER))
    draw_small_view(stage, 4, half=True)
    half, quarter = (load_stored_view(small_view_path(stage.folder, 5, 4, one)) for one in (HALF, QUARTER))
    assert (half.size, half.crop_size, half.margin, half.reduction) == (144, 128, MARGIN, HALF)
    again = reduced_view(half)
    np.testing.assert_array_equal(again.pixel, quarter.pixel)
    np.testing.assert_array_equal(again.radiance, quarter.radiance)
    np.testing.assert_array_equal(alone.radiance, quarter.radiance)
    draw_small_view(stage, 0, half=True)
    picture = SmallViews(stage, 1, HALF).view(0)[0]
    assert picture.plate.shape == (3, 128, 128)
    assert picture.environment is None
