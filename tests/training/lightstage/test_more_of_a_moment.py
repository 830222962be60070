"""Further cameras and lights, sequences and stored views of a prepared person."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chiaro.runtime.light.harmonics import rotate_harmonics
from chiaro.training.assets import FaceModel, default_data_folder, environment_files, load_face_model
from chiaro.training.lightstage.dense_landmarks import DENSE_COUNT
from chiaro.training.lightstage.gestures import Gesture, movement
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.moment_set import moment_set, one_light_at_a_time, stage_directions
from chiaro.training.lightstage.panorama import load_panorama
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import PersonKind, person_path, save_person
from chiaro.training.lightstage.pose import camera_points, crop_camera, mesh_rotation, random_pose
from chiaro.training.lightstage.sequence import draw_sequence
from chiaro.training.lightstage.stage import People, Stage, make_stage
from chiaro.training.lightstage.stored_picture import Mixture, looking_aside, mixed_radiance
from chiaro.training.lightstage.stored_view import (
    ENVIRONMENTS,
    LAMPS,
    load_stored_view,
    separate_lights,
    stored_view,
    stored_view_path,
)
from chiaro.training.lightstage.talking import talking_person
from chiaro.training.lightstage.view import View, draw_view, lit
from chiaro.training.lightstage.view_store import (
    StoredSequences,
    StoredViews,
    draw_stored_sequence,
    draw_stored_view,
    stored_moment,
)

DATA = default_data_folder()
pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here"),
]


@pytest.fixture(scope="module")
def model() -> FaceModel:
    return load_face_model(DATA)


@pytest.fixture(scope="module")
def stage(model: FaceModel, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder: Path = tmp_path_factory.mktemp("people")
    save_person(build_ict_person(model, 5, 0), person_path(folder, PersonKind.ICT, 5, 0))
    panorama = load_panorama(environment_files(DATA)[0][0])
    return make_stage(model, (panorama,), folder, seed=5, people=People(1), relights=1)


def _view(stage: Stage, seed: int) -> View:
    random = np.random.default_rng(seed)
    return draw_view(stage.moment(random).subject, random_pose(random), 128, stage.masks)


def test_cameras_of_a_moment_see_one_world_under_one_light(stage: Stage, model: FaceModel) -> None:
    moment = moment_set(stage, model, 3, cameras=3, lights=2)
    assert len(moment.views) == 3
    first = moment.views[0]
    world = rotate_harmonics(first.photographs[1].light, first.truth.camera.world_from_camera[:3, :3])
    for view in moment.views:
        truth = view.truth
        np.testing.assert_allclose(truth.world_from_head, first.truth.world_from_head, atol=1e-6)
        turned = rotate_harmonics(view.photographs[1].light, truth.camera.world_from_camera[:3, :3])
        # Each plate has its own exposure and white balance; the light's shape is the same.
        for channel in range(3):
            a, b = turned[:, channel], world[:, channel]
            np.testing.assert_allclose(a / np.linalg.norm(a), b / np.linalg.norm(b), atol=2e-3)
        assert truth.dense.pixels.shape == (DENSE_COUNT, 2)
        # The surface seen where a visible landmark lies is as far away as the landmark.
        seen = truth.landmarks.visible
        column, row = (truth.landmarks.pixels[seen, axis].astype(int) for axis in (0, 1))
        assert np.median(np.abs(truth.depth[row, column] - truth.landmarks.depth[seen])) < 0.004


def test_depth_of_two_cameras_meets_in_the_world(stage: Stage, model: FaceModel) -> None:
    views = moment_set(stage, model, 4, cameras=2, lights=1).views
    points = []
    for view in views:
        truth = view.truth
        both = views[0].truth.dense.visible & views[1].truth.dense.visible
        rays = truth.camera.directions(truth.dense.pixels[both]) * truth.dense.depth[both][:, None]
        points.append(rays @ truth.camera.world_from_camera[:3, :3].T + truth.camera.world_from_camera[:3, 3])
    assert len(points[0]) > 10
    np.testing.assert_allclose(points[0], points[1], atol=1e-4)


def test_lights_one_at_a_time_add_up(stage: Stage) -> None:
    view = _view(stage, 6)
    directions = stage_directions(8).astype(np.float64)
    alone = one_light_at_a_time(view, directions)
    assert alone.shape == (8, 128, 128, 3)
    # A lamp straight behind the person lights less of what is seen than one at the camera.
    both = one_light_at_a_time(view, np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])).astype(np.float32)
    assert both[0].sum() > 3.0 * both[1].sum()


def test_a_talking_head_is_itself_at_rest_and_opens_its_mouth(stage: Stage, model: FaceModel) -> None:
    person = stage.subject(np.random.default_rng(1)).person
    moves = movement(person, model, stage.folder)
    curves = np.zeros((len(Gesture), 6))
    curves[Gesture.OPEN] = np.linspace(0.0, 1.0, 6)
    talking = talking_person(person, moves, curves, 3)
    rest, wide = talking.at(0), talking.at(5)
    np.testing.assert_allclose(rest.vertices, person.vertices, atol=1e-6)
    np.testing.assert_allclose(rest.transport, person.transport, atol=1e-6)
    np.testing.assert_array_equal(rest.visibility, person.visibility)
    moved = np.linalg.norm(wide.vertices - person.vertices, axis=1)
    assert 0.004 < moved.max() < 0.05
    assert moved[person.vertices[:, 1] > 0.06].max() < 0.002
    np.testing.assert_allclose(np.linalg.norm(wide.normals[moves.vertices], axis=1), 1.0, atol=1e-3)
    changed = np.abs(wide.transport[:, 0] - person.transport[:, 0])
    assert changed.max() > 0.01
    halfway = talking.at(2)
    assert np.abs(halfway.transport - person.transport).max() < np.abs(wide.transport - person.transport).max()


def test_a_sequence_repeats_itself_and_moves(stage: Stage, model: FaceModel) -> None:
    first, again = (draw_sequence(stage, model, 2, frames=3, takes=2) for _ in range(2))
    assert len(first.takes) == 2
    for a, b in zip(first.takes[1].samples, again.takes[1].samples, strict=True):
        np.testing.assert_array_equal(a.plate, b.plate)
        np.testing.assert_array_equal(a.light, b.light)
    one, other = first.takes
    np.testing.assert_array_equal(one.samples[2].albedo, other.samples[2].albedo)
    assert not np.array_equal(one.samples[0].plate, other.samples[0].plate)
    assert not np.array_equal(one.samples[0].head, one.samples[2].head)


def test_the_sum_of_stored_lights_is_the_light_of_their_sum(stage: Stage) -> None:
    random = np.random.default_rng(8)
    view = _view(stage, 7)
    lights = separate_lights(stage.panoramas, np.eye(3), np.random.default_rng(2))
    stored = stored_view(view, view.pose, lights, stage.panoramas)
    environments, lamps = lights.environments, lights.lamps
    colour = random.uniform(0.5, 2.0, 3)
    weights = np.zeros((ENVIRONMENTS + LAMPS, 3), np.float32)
    weights[1], weights[ENVIRONMENTS + 2] = 0.7, colour
    together = environments[1].scaled(0.7)
    chosen = type(lamps)(lamps.direction[2:3], lamps.distance[2:3], lamps.radius[2:3], colour[None])
    together = replace(together, lamps=chosen)
    expected = lit(view, together.on(mesh_rotation(view.pose))).radiance[view.maps.matte > 0]
    summed = mixed_radiance(stored, Mixture(weights, 1))
    assert np.abs(summed - expected).mean() < 0.02 * expected.mean()
    harmonics = together.on(mesh_rotation(view.pose)).harmonics(mesh_rotation(view.pose))
    np.testing.assert_allclose(np.einsum("lkc,lc->kc", stored.harmonics, weights), harmonics, rtol=1e-4, atol=1e-4)


def test_pictures_of_stored_views_hold_the_truth(stage: Stage) -> None:
    for index in range(2):
        draw_stored_view(stage, index)
    source = StoredViews(stage, 2)
    first, again = source.view(5), source.view(5)
    np.testing.assert_array_equal(first[0].plate, again[0].plate)
    stored = load_stored_view(stored_view_path(stage.folder, 5, 0))
    heads = []
    for index in range(12):
        sample = source.view(index)[0]
        inside = sample.matte.astype(np.float32) > 0.99
        normal = sample.normal.astype(np.float32)[:, inside]
        np.testing.assert_allclose(np.linalg.norm(normal, axis=0), 1.0, atol=5e-3)
        rotation = sample.head[:6].reshape(2, 3)
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(2), atol=1e-5)
        heads.append(np.cross(rotation[0], rotation[1]))
        # The pose leads from the person's own points to where the picture shows them.
        person = stored_moment(stage, source.stored(index)).subject.person
        skin = person.vertices[np.unique(person.triangles[person.parts == Part.SKIN])][::7]
        seen = crop_camera(sample.pose, 256, np.eye(3)).project(camera_points(skin, sample.pose))
        inside_crop = (seen > 8).all(axis=1) & (seen < 248).all(axis=1)
        column, row = seen[inside_crop].astype(int).T
        assert (sample.matte[row, column] > 0.5).mean() > 0.97
    # Mirrored pictures look to the other side.
    sideways = np.array(heads)[:, 0]
    assert (sideways > 0).any()
    assert (sideways < 0).any() or np.abs(stored.rotation[0, 2]) < 0.05


def test_a_camera_that_looks_aside_brings_the_place_to_its_middle(stage: Stage) -> None:
    pose = _view(stage, 9).pose
    turn = looking_aside(pose, 6, -4, 256)
    step = pose.tangent / 128
    place = np.array([6 * step, 4 * step, -1.0])
    seen = turn @ place
    np.testing.assert_allclose(seen[:2], 0.0, atol=1e-9)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)


def test_stored_sequences_show_the_same_action_under_new_light(stage: Stage, model: FaceModel) -> None:
    draw_stored_sequence(stage, model, 0, 3)
    source = StoredSequences(stage, 1, 3)
    first, second = source.sequence(4, takes=2)
    again = source.sequence(4, takes=2)
    np.testing.assert_array_equal(first[2].plate, again[0][2].plate)
    assert len(first) == len(second) == 3
    assert not np.array_equal(first[0].plate, second[0].plate)
    assert not np.array_equal(first[0].head, first[2].head)
    # The lights stay where they are while the camera turns: a steady light keeps its strength in every frame.
    strengths = [np.linalg.norm(sample.light, axis=0) for take in (first, second) for sample in take]
    assert np.isfinite(strengths).all()
