"""People of the morphable head: hair on the scalp and off the face, accessories where they belong."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from chiaro.runtime.arrays import AnyFloatArray, Float32Array
from chiaro.training.assets import FaceModel, default_data_folder, load_face_model
from chiaro.training.lightstage.accessories.glasses import glasses_meshes
from chiaro.training.lightstage.accessories.hands import hand_mesh
from chiaro.training.lightstage.accessories.headwear import random_headwear
from chiaro.training.lightstage.accessories.jewellery import ear_lobes
from chiaro.training.lightstage.body import Torso, bend_neck, random_torso, with_neck_of
from chiaro.training.lightstage.facial_hair import beard_density, beard_hair, brow_density, random_facial_hair
from chiaro.training.lightstage.hair_growth import head_hair, scalp_distance
from chiaro.training.lightstage.hair_styles import STYLE_SHARES, random_hair_style
from chiaro.training.lightstage.head_mesh import LEFT_EYE, RIGHT_EYE, Mesh, ear_points, head_mesh, posed_vertices
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.skin_distance import SkinDistance

DATA = default_data_folder()
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here"),
]


@dataclass(frozen=True)
class _MeanHead:
    """The neutral mean on a torso that is not turned."""

    model: FaceModel
    vertices: Float32Array
    head: Mesh
    skin: SkinDistance
    torso: Torso


@pytest.fixture(scope="module")
def mean() -> _MeanHead:
    model = load_face_model(DATA)
    vertices = posed_vertices(model, np.zeros(100), {}, (0.0, 0.0))
    torso = with_neck_of(random_torso(np.random.default_rng(0)), vertices)
    torso = replace(torso, torso_from_head=np.eye(3))
    bent = bend_neck(vertices, torso)
    head = head_mesh(model, bent)
    return _MeanHead(model, bent, head, SkinDistance(head), torso)


def test_styles_come_as_often_as_they_should_and_hang_together() -> None:
    styles = [random_hair_style(np.random.default_rng(seed)) for seed in range(400)]
    assert {style.style for style in styles} == set(STYLE_SHARES)
    for style in styles:
        assert 2 <= style.steps <= 24
        assert 0.0 <= style.gather <= 1.0
        assert bool(style.tie) == (style.style == "tied")


def test_the_scalp_is_over_the_brow_and_not_on_the_face() -> None:
    style = next(s for s in map(random_hair_style, map(np.random.default_rng, range(99))) if s.style == "crop")
    style = replace(style, recession=0.0, crown_bald=0.0)
    points = np.array([[0.0, 13.0, 0.0], [0.0, 5.0, -9.0], [0.0, 3.0, 10.0], [3.0, 8.0, 9.0], [0.0, -8.0, 9.0]])
    assert (scalp_distance(points, style, np.zeros(5)) > 0).tolist() == [True, True, False, False, False]


def test_brows_and_beards_grow_where_the_landmarks_say(mean: _MeanHead) -> None:
    model = mean.model
    rest = model.vertices[:11248]
    facial = replace(
        random_facial_hair(np.random.default_rng(0)), beard="full", brow_lift=0.0, brow_width=1.0, beard_top=0.0
    )
    landmarks = model.vertices[model.landmarks]
    dense = rest[brow_density(rest, landmarks, facial) > 0.5]
    assert 5.0 < dense[:, 1].min() < dense[:, 1].max() < 7.2
    assert (dense[:, 0] > 0).any()
    assert (dense[:, 0] < 0).any()
    bearded = rest[beard_density(rest, facial, np.zeros(len(rest))) > 0.5]
    assert bearded[:, 1].max() < 3.5
    lips = landmarks[48:60]
    assert beard_density(lips, facial, np.zeros(12)).max() < 0.6


def _share_inside(paths: AnyFloatArray, skin: SkinDistance) -> float:
    distance, _ = skin.nearest(paths[:, 1:].reshape(-1, 3))
    return float((distance < -0.004).mean())


@pytest.mark.parametrize("name", [name for name in STYLE_SHARES if name != "bald"])
def test_hair_stays_outside_the_head_and_off_the_face(name: str, mean: _MeanHead) -> None:
    bent, head, skin, torso = mean.vertices, mean.head, mean.skin, mean.torso
    style = next(s for s in map(random_hair_style, map(np.random.default_rng, range(2000))) if s.style == name)
    style = replace(style, fringe=0.0)
    strands = head_hair(style, head, skin, torso, np.random.default_rng(1), None)
    assert strands is not None
    assert np.isfinite(strands.paths).all()
    assert _share_inside(strands.paths, skin) < 0.05
    step = np.linalg.norm(np.diff(strands.paths, axis=1), axis=2)
    assert step.max() < 0.1
    eyes = 0.5 * (bent[LEFT_EYE].mean(axis=0) + bent[RIGHT_EYE].mean(axis=0))
    before = np.abs(strands.paths - eyes - np.array([0.0, -0.02, 0.04])) < np.array([0.035, 0.03, 0.05])
    assert before.all(axis=2).any(axis=1).mean() < 0.06


def test_beards_stay_outside_the_head(mean: _MeanHead) -> None:
    head, skin = mean.head, mean.skin
    facial = replace(random_facial_hair(np.random.default_rng(0)), beard="full", beard_length=0.06, beard_curl=0.0)
    strands = beard_hair(head, skin, facial, np.random.default_rng(1))
    assert strands is not None
    assert _share_inside(strands.paths, skin) < 0.04


def test_glasses_sit_before_the_eyes_and_reach_the_ears(mean: _MeanHead) -> None:
    bent, head = mean.vertices, mean.head
    eyes = (bent[LEFT_EYE].mean(axis=0), bent[RIGHT_EYE].mean(axis=0))
    ears = (ear_points(head, 1.0).mean(axis=0), ear_points(head, -1.0).mean(axis=0))
    for seed in range(8):
        (mesh,) = glasses_meshes(eyes, ears, np.random.default_rng(seed))
        lens = mesh.vertices[np.unique(mesh.triangles[np.isin(mesh.parts, (Part.LENS, Part.DARK_LENS))])]
        if len(lens):
            assert lens[:, 2].min() > eyes[0][2] + 0.005
            centre = lens[lens[:, 0] > 0].mean(axis=0)
            assert np.abs(centre[:2] - eyes[0][:2]).max() < 0.02
        assert mesh.vertices[:, 2].min() < ears[0][2] + 0.01
        assert np.abs(mesh.vertices[:, 0]).max() < 0.1


def test_a_hand_touches_the_head_and_does_not_enter_it(mean: _MeanHead) -> None:
    model, bent, skin = mean.model, mean.vertices, mean.skin
    for seed in range(4):
        hand = hand_mesh(bent[model.landmarks], skin, np.random.default_rng(seed))
        assert hand is not None
        near = hand.vertices[hand.vertices[:, 1] > -0.12]
        distance, _ = skin.nearest(near)
        assert distance.min() > -0.006
        assert distance.min() < 0.01
        assert (hand.parts == Part.HAND).all()


def test_headwear_covers_the_crown_and_leaves_the_face(mean: _MeanHead) -> None:
    bent, skin, torso = mean.vertices, mean.skin, mean.torso
    eyes = 0.5 * (bent[LEFT_EYE].mean(axis=0) + bent[RIGHT_EYE].mean(axis=0))
    for seed in range(12):
        worn = random_headwear(skin, torso, np.random.default_rng(seed))
        points = np.concatenate([piece.vertices for piece in worn.pieces])
        assert points[:, 1].max() > 0.05
        before = np.abs(points - eyes - np.array([0.0, -0.02, 0.05])) < np.array([0.04, 0.04, 0.04])
        assert not before.all(axis=1).any()


def test_ears_are_found_on_both_sides_and_lobes_at_their_lower_end(mean: _MeanHead) -> None:
    head = mean.head
    left, right = ear_points(head, 1.0), ear_points(head, -1.0)
    assert abs(len(left) - len(right)) < 0.1 * len(left)
    np.testing.assert_allclose(left.mean(axis=0) * [-1, 1, 1], right.mean(axis=0), atol=2e-3)
    for lobe, ear in zip(ear_lobes(head), (left, right), strict=True):
        assert lobe[1] < ear[:, 1].mean() - 0.01


def test_people_are_whole() -> None:
    model = load_face_model(DATA)
    for index in range(3):
        person = build_ict_person(model, 11, index)
        for field in (person.vertices, person.normals, person.rest, person.transport):
            assert np.isfinite(field).all()
        assert np.abs(person.vertices).max() < 0.8
        np.testing.assert_allclose(np.linalg.norm(person.normals, axis=1), 1.0, atol=0.05)
        assert person.triangles.max() == len(person.vertices) - 1
        assert {Part.SKIN, Part.EYE, Part.TEETH, Part.BODY} <= set(np.unique(person.parts).tolist())
        skin = person.vertices[np.unique(person.triangles[np.isin(person.parts, (Part.SKIN, Part.SCALP))])]
        gap = np.linalg.norm(person.landmarks[:, None] - skin[None], axis=2).min(axis=1)
        assert gap.max() < 1e-5
