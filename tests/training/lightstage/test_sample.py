"""A prepared person and a picture of it, with the assets."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.training.assets import default_data_folder, environment_files, load_face_model
from chiaro.training.contact_sheets import COLUMNS, write_contact_sheets
from chiaro.training.lightstage.avatars.avatar_person import HELD_OUT_FIRST
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.panorama import load_panorama
from chiaro.training.lightstage.parts import Part, PartClass
from chiaro.training.lightstage.person import PersonKind, load_person, person_path, save_person
from chiaro.training.lightstage.prepare import HELD_OUT_AVATARS, HELD_OUT_HEADS, everyone
from chiaro.training.lightstage.stage import People, Stage, make_stage

DATA = default_data_folder()
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here"),
]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("people")
    model = load_face_model(DATA)
    for index in range(2):
        save_person(build_ict_person(model, 5, index), person_path(folder, PersonKind.ICT, 5, index))
    panorama = load_panorama(environment_files(DATA)[0][0])
    return make_stage(model, (panorama,), folder, seed=5, people=People(2))


def test_a_person_is_the_same_for_the_same_seed(stage: Stage, tmp_path: Path) -> None:
    again = build_ict_person(load_face_model(DATA), 5, 0)
    stored = load_person(person_path(stage.folder, PersonKind.ICT, 5, 0))
    np.testing.assert_array_equal(again.vertices, stored.vertices)
    np.testing.assert_allclose(again.transport, stored.transport, atol=2e-3)


def test_the_head_stands_in_its_frame(stage: Stage) -> None:
    person = load_person(person_path(stage.folder, PersonKind.ICT, 5, 0))
    eyes = person.vertices[np.unique(person.triangles[person.parts == Part.EYE])]
    left, right = eyes[eyes[:, 0] > 0], eyes[eyes[:, 0] < 0]
    assert abs(len(left) - len(right)) < 10
    # Eyes lie in front of the ear canals by some eight centimetres, above them by one or two.
    assert 0.05 < eyes[:, 2].mean() < 0.09
    assert -0.01 < eyes[:, 1].mean() < 0.04
    assert np.abs(person.transport[:, 0]).max() < 1.3 * 0.2821


def test_a_view_is_the_same_for_the_same_index(stage: Stage) -> None:
    first, again = stage.view(3), stage.view(3)
    for a, b in zip(first, again, strict=True):
        for name in ("plate", "albedo", "transport", "light", "head"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert not np.array_equal(first[0].plate, first[1].plate)
    np.testing.assert_array_equal(first[0].albedo, first[1].albedo)


def test_truth_agrees_with_itself(stage: Stage) -> None:
    for index in range(4):
        for sample in stage.view(index):
            inside = sample.matte.astype(np.float32) > 0.99
            assert 0.1 < inside.mean() < 0.8
            normal = sample.normal.astype(np.float32)[:, inside]
            np.testing.assert_allclose(np.linalg.norm(normal, axis=0), 1.0, atol=5e-3)
            assert (normal[2] > -0.35).mean() > 0.99
            transport = sample.transport.astype(np.float32)[:, inside]
            unshadowed = lambert_transport(normal.T).T
            # Occlusion only takes away from the mean, but for the bounce.
            assert (transport[0] < unshadowed[0] * 1.1).mean() > 0.99
            open_sky = transport[0] > 0.97 * unshadowed[0]
            assert np.abs(transport - unshadowed)[:, open_sky].mean() < 0.02
            background = sample.matte == 0
            assert (sample.parts[background] == PartClass.BACKGROUND).all()
            assert (sample.parts[inside] != PartClass.BACKGROUND).all()
            depth = sample.depth.astype(np.float32)[inside]
            assert -1.3 < depth.min() < depth.max() < 1.5
            rotation = sample.head[:6].reshape(2, 3)
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(2), atol=1e-5)


def test_brighter_shading_means_a_brighter_picture(stage: Stage) -> None:
    """Where the rendered shading is high, the plate is bright: light, transport and picture share their axes."""
    agreements = []
    for index in range(6):
        for sample in stage.view(index):
            skin = (sample.parts == PartClass.SKIN) & (sample.matte > 0.99)
            shading = np.einsum("khw,kc->chw", sample.transport.astype(np.float32), sample.light)[1][skin]
            plate = sample.plate.astype(np.float32)[1][skin]
            agreements.append(np.corrcoef(np.sqrt(np.maximum(shading, 0)), plate)[0, 1])
    assert np.median(agreements) > 0.6


def test_contact_sheets_show_the_same_people_in_the_same_places(stage: Stage, tmp_path: Path) -> None:
    paths = write_contact_sheets(stage, range(3), tmp_path, 32)
    names = {path.stem for path in paths}
    assert {"plate", "albedo", "normal", "depth", "matte", "parts", "landmarks", "environment"} <= names
    pictures = {path.stem: np.asarray(Image.open(path), np.float32) for path in paths}
    assert {picture.shape for picture in pictures.values()} == {(32, 32 * COLUMNS, 3)}
    matte, parts = pictures["matte"][..., 0] > 250, pictures["parts"].max(axis=2) > 0
    assert parts[matte].mean() > 0.99
    assert not pictures["albedo"][pictures["matte"][..., 0] == 0].any()
    assert not pictures["plate"][:, 3 * 32 :].any()


def test_people_of_both_kinds_are_drawn_as_often_as_asked() -> None:
    people = People(heads=10, avatars=5, avatar_share=0.3, first=90_000)
    drawn = [people.drawn(np.random.default_rng(seed)) for seed in range(600)]
    assert 0.2 < np.mean([kind is PersonKind.AVATAR for kind, _ in drawn]) < 0.4
    assert {index for kind, index in drawn if kind is PersonKind.AVATAR} == set(range(90_000, 90_005))
    assert all(
        kind is PersonKind.AVATAR for kind, _ in (People(0, 5).drawn(np.random.default_rng(s)) for s in range(9))
    )
    assert all(kind is PersonKind.ICT for kind, _ in (People(5).drawn(np.random.default_rng(s)) for s in range(9)))


def test_the_evaluations_people_are_prepared_too() -> None:
    jobs = everyone(3, 2)
    assert jobs[:5] == [
        (PersonKind.ICT, 0),
        (PersonKind.ICT, 1),
        (PersonKind.ICT, 2),
        (PersonKind.AVATAR, 0),
        (PersonKind.AVATAR, 1),
    ]
    held_out = jobs[5:]
    assert len(held_out) == HELD_OUT_HEADS + HELD_OUT_AVATARS
    assert min(index for _, index in held_out) == HELD_OUT_FIRST
    assert all(kind is PersonKind.ICT for kind, _ in everyone(3, 0))
    assert everyone(3, 2, held_out=False) == jobs[:5]
