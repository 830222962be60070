"""People built from real avatars; five files are converted."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.training.assets import AssetError, default_data_folder
from chiaro.training.lightstage.avatars.atlas import CLASS_MASK, Region, load_atlas
from chiaro.training.lightstage.avatars.avatar_person import (
    HELD_OUT_FIRST,
    AvatarModel,
    avatars_of,
    build_avatar_person,
    build_named_person,
    load_avatar_model,
)
from chiaro.training.lightstage.avatars.expression import random_avatar_expression
from chiaro.training.lightstage.avatars.prepare_avatars import avatar_names, prepare_avatars
from chiaro.training.lightstage.avatars.shape import load_shape
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person

DATA = default_data_folder()
CHOSEN = ("AIAN_M_2", "Asian_F_1", "MENA_M_3", "White_F_1", "X_MENA_F_1")
needs_avatars = pytest.mark.skipif(
    DATA is None or not (DATA / "avatars").is_dir(), reason="the asset folder with the avatars is not there"
)
pytestmark = [pytest.mark.data, pytest.mark.slow, needs_avatars]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> AvatarModel:
    assert DATA is not None
    data, cache = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("cache")
    (data / "avatars").mkdir()
    (data / "ict_facekit").symlink_to(DATA / "ict_facekit")
    for name in CHOSEN:
        (data / "avatars" / f"{name}_Casual.glb").symlink_to(DATA / "avatars" / f"{name}_Casual.glb")
    assert tuple(prepare_avatars(data, cache)) == CHOSEN
    return load_avatar_model(cache)


@pytest.fixture(scope="module")
def person(model: AvatarModel) -> Person:
    return build_named_person(model, "White_F_1", 1, 4)


def test_what_is_converted_is_left_alone(model: AvatarModel) -> None:
    paths = sorted((model.folder / "avatars").iterdir())
    before = [path.stat().st_mtime_ns for path in paths if path.suffix in (".npy", ".npz")]
    data = next(path for path in model.folder.parent.glob("data*/avatars")).parent
    assert tuple(prepare_avatars(data, model.folder)) == CHOSEN
    assert [path.stat().st_mtime_ns for path in paths if path.suffix in (".npy", ".npz")] == before


def test_the_same_numbers_make_the_same_person(model: AvatarModel) -> None:
    first, again = (build_avatar_person(model, 3, 11) for _ in range(2))
    for name in ("vertices", "transport", "visibility", "uv", "landmarks", "parts"):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert first.atlas == again.atlas


def test_evaluation_has_avatars_of_its_own(model: AvatarModel) -> None:
    training, held_out = avatars_of(model, 0), avatars_of(model, HELD_OUT_FIRST)
    assert held_out == CHOSEN[-4:]
    assert not set(training) & set(held_out)
    assert build_avatar_person(model, 1, HELD_OUT_FIRST + 2).atlas in held_out


def test_a_person_stands_in_the_head_frame_at_true_scale(person: Person) -> None:
    eyes = [person.vertices[_eye(person, side)].mean(axis=0) for side in (1.0, -1.0)]
    assert 0.055 < np.linalg.norm(eyes[0] - eyes[1]) < 0.070
    middle = 0.5 * (eyes[0] + eyes[1])
    assert 0.05 < middle[2] < 0.11
    assert 0.005 < middle[1] < 0.045
    assert abs(middle[0]) < 0.004
    low, high = person.vertices.min(axis=0), person.vertices.max(axis=0)
    assert -0.75 < low[1] < -0.55
    assert 0.1 < high[1] < 0.2
    assert high[0] - low[0] > 0.35


def _eye(person: Person, side: float) -> np.ndarray:  # type: ignore[type-arg]  # indices
    ball = (person.parts == Part.EYE) & (person.triangle_texture == 0)
    vertices = np.unique(person.triangles[ball])
    kept: np.ndarray = vertices[(person.vertices[vertices, 0] * side > 0)]  # type: ignore[type-arg]  # indices
    return kept


def test_landmarks_lie_on_the_skin_and_in_order(person: Person) -> None:
    points = person.landmarks
    skin = person.vertices[np.unique(person.triangles[np.isin(person.parts, (Part.SKIN, Part.SCALP))])]
    distance = np.linalg.norm(skin[None] - points[:, None], axis=2).min(axis=1)
    assert distance.max() < 0.006
    assert (np.diff(points[1:16, 0]) > 0).all()
    assert points[30, 2] == points[:, 2].max()
    assert points[8, 1] < points[57, 1] < points[51, 1] < points[33, 1] < points[27, 1]
    assert points[36, 0] < points[39, 0] < points[42, 0] < points[45, 0]
    mirrored = points[[16, 45, 54, 26]] * [-1, 1, 1]
    assert np.abs(mirrored - points[[0, 36, 48, 17]]).max() < 0.02


def test_light_is_that_of_a_head(person: Person) -> None:
    assert np.isfinite(person.transport).all()
    np.testing.assert_allclose(np.linalg.norm(person.normals, axis=1), 1.0, atol=1e-3)
    open_sky = person.transport[:, 0] / 0.2820948
    nose = int(np.argmin(np.linalg.norm(person.vertices - person.landmarks[30], axis=1)))
    mouth = np.unique(person.triangles[person.parts == Part.TEETH])
    assert open_sky[nose] > 0.75
    assert np.median(open_sky[mouth]) < 0.5 * open_sky[nose]


def test_every_texture_coordinate_finds_its_region(model: AvatarModel) -> None:
    for name in CHOSEN:
        atlas, person = load_atlas(model.folder, name), build_named_person(model, name, 2, 7)
        textured = person.triangles[person.triangle_texture > 0]
        uv = person.uv[textured].mean(axis=1)
        height, width = atlas.classes.shape
        region = atlas.classes[(uv[:, 1] * height).astype(int), (uv[:, 0] * width).astype(int)]
        assert atlas.colour.shape == (height, width, 4)
        assert atlas.normal.shape == (height, width, 3)
        assert (region & CLASS_MASK > 0).all()
        worn = person.parts[person.triangle_texture > 0] == Part.HAIR
        assert (region[worn] == Region.HAIR).all()
        assert not (region[~worn] == Region.HAIR).any()


def test_tips_of_wigs_let_light_pass(model: AvatarModel) -> None:
    people = [build_named_person(model, "White_F_1", 1, index) for index in range(6)]
    worn = [person for person in people if (person.triangle_texture == 2).any()]
    grown = [person for person in people if not (person.triangle_texture == 2).any()]
    assert worn
    assert grown
    assert (worn[0].parts[worn[0].triangle_texture == 2] == Part.HAIR).all()
    strands = (grown[0].parts == Part.HAIR) & (grown[0].triangle_texture == 0)
    scalp = (grown[0].parts == Part.SCALP) & (grown[0].triangle_texture == 0)
    assert strands.any() or scalp.any()


def test_regions_know_bald_heads_beards_and_clothes(model: AvatarModel) -> None:
    share = {
        name: {region: float((load_atlas(model.folder, name).classes == region).mean()) for region in Region}
        for name in CHOSEN
    }
    assert share["White_F_1"][Region.ROOTED] == 0.0
    assert share["Asian_F_1"][Region.ROOTED] > 0.05
    assert share["MENA_M_3"][Region.BEARD] > 0.01 > share["Asian_F_1"][Region.BEARD]
    for name in CHOSEN:
        assert share[name][Region.LIPS] > 0.001
        assert share[name][Region.CLOTHING] > 0.1


def test_every_expression_is_known_to_every_avatar(model: AvatarModel) -> None:
    keys = set(load_shape(model.folder, CHOSEN[0]).keys.names)
    for name in CHOSEN[1:]:
        assert set(load_shape(model.folder, name).keys.names) == keys
    for seed in range(300):
        assert set(random_avatar_expression(np.random.default_rng(seed))) <= keys


def test_a_blink_closes_the_eyes(model: AvatarModel) -> None:
    shape = load_shape(model.folder, "White_F_1")
    closed = shape.vertices.copy()
    for side in "LR":
        shape.keys.add(closed, side + "eyeClose", 1.0)
    rest, shut = model.landmarks.on(shape.vertices), model.landmarks.on(closed)
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        assert shut[upper, 1] - shut[lower, 1] < 0.35 * (rest[upper, 1] - rest[lower, 1])


def test_what_is_missing_is_said(tmp_path: Path, model: AvatarModel) -> None:
    with pytest.raises(AssetError, match="prepare-avatars"):
        avatar_names(tmp_path)
    with pytest.raises(AssetError, match="prepare-avatars"):
        load_atlas(tmp_path, "nobody")
    with pytest.raises(AssetError, match="avatars was not found"):
        next(prepare_avatars(tmp_path, tmp_path))
    with pytest.raises(AssetError, match="has no shape key grin"):
        load_shape(model.folder, "White_F_1").keys.add(np.zeros((1, 3), np.float32), "grin", 1.0)
