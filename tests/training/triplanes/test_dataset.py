"""Batches of the portrait model, from a prepared person to a step of training."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.triplanes.test_model import SMALL

from chiaro.runtime.errors import SettingsError
from chiaro.runtime.light.harmonics import basis
from chiaro.training.assets import AssetError, default_data_folder, environment_files, load_face_model
from chiaro.training.checkpoint import TrainingState, save_checkpoint
from chiaro.training.configuration import RunConfiguration
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.panorama import load_panorama, panorama_directions
from chiaro.training.lightstage.person import PersonKind, person_path, save_person
from chiaro.training.lightstage.stage import People, Stage, make_stage
from chiaro.training.lightstage.stored_points import draw_stored_points, load_stored_points, stored_points_path
from chiaro.training.lightstage.view_store import StoredViews, draw_stored_environments, draw_stored_view
from chiaro.training.lightstage.volume.prepare_volumes import prepare_volume
from chiaro.training.optimiser import make_optimiser
from chiaro.training.portrait.network import PortraitNetwork, PortraitSize
from chiaro.training.triplanes.beginning import INHERITED, begin_with
from chiaro.training.triplanes.dataset import POINTS, MomentBatches
from chiaro.training.triplanes.model import TriplaneModel
from chiaro.training.triplanes.objective import total_loss
from chiaro.training.triplanes.train import new_model, train_triplanes

DATA = default_data_folder()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> StoredViews:
    if DATA is None:
        pytest.skip("the asset folder (CHIARO_DATA) is not here")
    folder: Path = tmp_path_factory.mktemp("people")
    model, file = load_face_model(DATA), person_path(folder, PersonKind.ICT, 5, 0)
    save_person(build_ict_person(model, 5, 0), file)
    prepare_volume(file)
    panorama = load_panorama(environment_files(DATA)[0][0])
    stage = make_stage(model, (panorama,), folder, seed=5, people=People(1), relights=2)
    draw_stored_view(stage, 0)
    draw_stored_points(stage, 0)
    draw_stored_environments(stage, 0)
    return StoredViews(stage, 1)


@pytest.mark.data
@pytest.mark.slow
def test_points_lie_where_the_maps_say(source: StoredViews) -> None:
    batch = MomentBatches(source, 1, first=0, count=1)[0]
    assert batch["points"].shape == (2, POINTS, 3)
    x, y, z = batch["surface_points"][0].T
    column, row = ((x + 1) * 128).long().clamp(0, 255), ((y + 1) * 128).long().clamp(0, 255)
    depth, matte = batch["depth"][0, 0].float()[row, column], batch["matte"][0, 0].float()[row, column]
    usable = (batch["surface_valid"][0] > 0) & (matte == 1.0)
    # A surface point is on the visible surface or behind it; many are visible.
    behind = (z - depth)[usable]
    assert float((behind < -0.03).float().mean()) < 0.02
    assert float((behind.abs() < 0.02).float().mean()) > 0.15
    seen = usable & ((z - depth).abs() < 0.005)
    albedo = batch["albedo"][0].float()[:, row, column]
    assert float((albedo - batch["surface_albedo"][0])[:, seen].abs().median()) < 0.03


@pytest.mark.data
@pytest.mark.slow
def test_the_environment_holds_the_light_of_the_harmonics(source: StoredViews) -> None:
    batch = MomentBatches(source, 1, first=3, count=1)[0]
    directions, solid = panorama_directions(16, 16)
    # Panorama axes (z up, middle column +x) to the camera's (y up, middle column +z).
    towards = directions[..., [1, 2, 0]].reshape(-1, 3)
    weighted = batch["environment"].float().numpy().transpose(0, 2, 3, 1) * solid[..., None]
    projected = np.einsum("dk,ndc->nkc", basis(towards), weighted.reshape(2, 256, 3))
    light = batch["light"].numpy()
    np.testing.assert_allclose(projected[:, 0], light[:, 0], rtol=0.02)
    # Pixels of eleven degrees keep directions to about that.
    scale = np.abs(light[:, :1]).mean(axis=2, keepdims=True)
    assert float(np.abs((projected - light) / scale).max()) < 0.2


@pytest.mark.data
@pytest.mark.slow
def test_a_view_without_environments_is_named(source: StoredViews, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chiaro.training.lightstage.view_store.load_environments", lambda _: None)
    with pytest.raises(AssetError, match="prepare-views --points"):
        MomentBatches(source, 1, first=0, count=1)[0]


@pytest.mark.data
@pytest.mark.slow
def test_a_batch_trains_the_model(source: StoredViews) -> None:
    torch.manual_seed(1)
    model = TriplaneModel(SMALL).train()
    batch = MomentBatches(source, 1, first=0, count=1)[0]
    optimiser = make_optimiser(model, RunConfiguration().optimiser, 2e-3, 0.0)
    totals = []
    for _ in range(6):
        loss, terms = total_loss(model, batch, (20, 20), half_precision=False)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        totals.append(float(loss.detach()))
    assert {"environment", "distance", "field_albedo", "field_relit", "fine_normal", "specular"} <= set(terms)
    assert totals[-1] < 0.9 * totals[0]


@pytest.mark.data
@pytest.mark.slow
def test_points_that_were_not_drawn_are_named(source: StoredViews) -> None:
    stage: Stage = source.stage
    with pytest.raises(AssetError, match="prepare-views --points"):
        load_stored_points(stored_points_path(stage.folder, stage.seed, 99))


def test_the_trunk_of_the_first_network_is_inherited(tmp_path: Path) -> None:
    torch.manual_seed(4)
    first = PortraitNetwork(PortraitSize())
    optimiser = torch.optim.AdamW(first.parameters())
    save_checkpoint(TrainingState(first, first, optimiser, 1), tmp_path / "portrait.npz")
    model = new_model(1)
    begin_with(model, tmp_path / "portrait.npz")
    ours, theirs = model.albedo_encoder.state_dict(), first.state_dict()
    same = [name for name in ours if name in theirs and any(name.startswith(part) for part in INHERITED)]
    assert len(same) > 40
    for name in same:
        assert torch.equal(ours[name], theirs[name]), name


def test_a_run_without_stored_views_is_refused(tmp_path: Path) -> None:
    class _NoViews:
        def view(self, index: int) -> list[object]:
            raise AssertionError(index)

    with pytest.raises(SettingsError, match="cached_views = 0"):
        train_triplanes(RunConfiguration(), _NoViews(), tmp_path, print)  # type: ignore[arg-type]  # never drawn from
