"""The whole portrait model, exported with random weights, runs through the runtime: encode, view, relight."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from tests.tiny_networks import red_disc_locator, write_weights
from tests.training.triplanes.test_model import SMALL

from chiaro.runtime.camera import Camera, camera_from_lens
from chiaro.runtime.encode import encode
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.encoding_file import encoding_from_bytes, encoding_to_bytes
from chiaro.runtime.errors import WeightsError
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.light import Light
from chiaro.runtime.network import load_network
from chiaro.runtime.network_input import network_input
from chiaro.runtime.orbit import looking_along_y, turned_around
from chiaro.runtime.plate.plate import PlateFrame
from chiaro.runtime.relight import Relighter, RelightRequest
from chiaro.runtime.view.head_field import head_field
from chiaro.runtime.view.view_camera import head_centre
from chiaro.training.portrait.network import PortraitNetwork, PortraitSize
from chiaro.training.triplanes import product
from chiaro.training.triplanes.field import FieldInputs
from chiaro.training.triplanes.model import OUTPUTS, TriplaneModel
from chiaro.training.triplanes.planes import TriPlanes
from chiaro.training.triplanes.product import export_product

CARDS = {"portrait": "# portrait\n", "field": "# field\n"}
BOX = HeadBox(160.0, 120.0, 100.0)
CAMERA = camera_from_lens(320, 240, world_from_camera=looking_along_y())


def round_model() -> TriplaneModel:
    """Random weights, but with a person in the middle: matte and depth of a ball, from the coordinate maps."""
    torch.manual_seed(3)
    model = TriplaneModel(SMALL).eval()
    with torch.no_grad():
        for parameter in (model.field.distance_out.weight, model.field.shading_out.weight):
            parameter.normal_(std=0.02)
        model.refinement.maps.weight.normal_(std=0.1)
        model.surface_maps.bias[7] = 4.0  # type: ignore[index]  # the matte
        model.surface_maps.weight[6:8] *= 0.05
        model.head.last.weight *= 0.0
    return model


@pytest.fixture(scope="module")
def model() -> TriplaneModel:
    return round_model()


@pytest.fixture(scope="module")
def weights(model: TriplaneModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_weights(tmp_path_factory.mktemp("weights"), locator=red_disc_locator())
    export_product(model, folder, CARDS)
    return folder


@pytest.fixture
def installed(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHIARO_WEIGHTS", str(weights))
    return weights


def plate() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(4).uniform(0.05, 0.6, (240, 320, 3)).astype(np.float32)


def encoded() -> Encoding:
    return encode(plate(), CAMERA, BOX, load_network("portrait"))


def test_all_networks_cards_and_hashes_are_written(weights: Path) -> None:
    assert set(json.loads((weights / "manifest.json").read_text())) == {
        "locator", "portrait", "pose", "field_distance", "field_surface",
    }  # fmt: skip
    assert {path.name for path in weights.iterdir()} == {
        "locator.onnx", "portrait.onnx", "field_distance.onnx", "field_surface.onnx", "portrait.md", "field.md",
        "pose.onnx", "pose.md", "manifest.json",
    }  # fmt: skip
    assert (weights / "field.md").read_text() == CARDS["field"]


def test_the_encoder_computes_what_torch_computes(weights: Path, model: TriplaneModel) -> None:
    session = onnxruntime.InferenceSession(str(weights / "portrait.onnx"), providers=["CPUExecutionProvider"])
    shown, _ = network_input(plate()[:, :240])
    shown = torch.nn.functional.interpolate(torch.from_numpy(shown), size=256).numpy()
    found = dict(zip(OUTPUTS, session.run(list(OUTPUTS), {"plate": shown}), strict=True))
    with torch.no_grad():
        expected = model(torch.from_numpy(shown))
    for name in OUTPUTS:
        np.testing.assert_allclose(found[name], expected[name].numpy(), atol=1e-3, err_msg=name)


@pytest.mark.usefixtures("installed")
def test_the_runtimes_field_computes_what_torch_computes(model: TriplaneModel) -> None:
    encoding = encoded()
    assert encoding.planes is not None
    field = head_field(encoding)
    assert field is not None
    points = np.random.default_rng(5).uniform(-1, 1, (300, 3)).astype(np.float32)
    arrays = {name: torch.from_numpy(value) for name, value in encoding.planes.inputs().items()}
    kinds = [TriPlanes(*(arrays[f"{kind}_{name}"] for name in TriPlanes._fields)) for kind in ("albedo", "shading")]
    with torch.no_grad():
        expected = model.field.surface(
            FieldInputs(kinds[0], kinds[1], arrays["depth"], arrays["matte"]), torch.from_numpy(points)[None]
        )
    found = field.surface(points)
    for name, value in expected._asdict().items():
        np.testing.assert_allclose(found[name], value[0].numpy().T, atol=1e-3, err_msg=name)
    np.testing.assert_allclose(field.field.distance(points), expected.distance[0, 0].numpy(), atol=1e-3)


def test_planes_are_read_where_every_provider_can(weights: Path) -> None:
    for name in ("portrait", "field_distance", "field_surface"):
        graph = onnx.load(str(weights / f"{name}.onnx"))
        assert 16 <= graph.opset_import[0].version <= 19
        for node in graph.graph.node:
            assert not node.domain
            assert node.op_type != "GridSample"  # has forms that GPUs leave to the CPU, and is slow there


@pytest.mark.usefixtures("installed")
def test_an_encoding_holds_all_that_the_network_gives_and_comes_back_from_disk() -> None:
    encoding = encoded()
    assert encoding.planes is not None
    assert encoding.parts is not None
    assert encoding.parts.shape == (256, 256, 8)
    assert encoding.environment is not None
    assert encoding.environment.shape == (16, 16, 3)
    assert encoding.specular.std() > 0
    back = encoding_from_bytes(encoding_to_bytes(encoding))
    assert back.planes is not None
    scale = np.abs(encoding.planes.albedo_side).max()
    np.testing.assert_allclose(back.planes.albedo_side, encoding.planes.albedo_side, atol=1e-3 * scale)


@pytest.mark.usefixtures("installed")
def test_a_plate_is_relit_from_the_side_with_the_fields_help(tmp_path: Path) -> None:
    frame = PlateFrame(plate(), None, 1, 1.0, "random plate")
    engine = Relighter(cache_folder=tmp_path)
    head = head_centre(encoded().crop, CAMERA)
    light = Light(environment_from_map(np.ones((16, 32, 3), np.float32)))

    def relit(camera: Camera, engine: Relighter = engine, reduction: int = 1) -> RelightRequest:
        return RelightRequest(CAMERA, camera, light, box=BOX, reduction=reduction)

    turned = turned_around(CAMERA, head, yaw=np.deg2rad(35), pitch=0.0)
    result = engine.relight(frame, relit(turned))
    for name in ("image", "albedo", "normal", "depth", "position", "matte", "confidence"):
        assert np.isfinite(getattr(result.passes, name)).all()
    never_seen = (result.passes.matte > 0.5) & (result.passes.confidence < 0.05)
    assert never_seen.mean() > 0.005
    assert result.passes.albedo[never_seen].max() > 0.0
    np.testing.assert_allclose(np.linalg.norm(result.passes.normal[never_seen], axis=-1), 1.0, atol=1e-3)
    again = Relighter(cache_folder=tmp_path).relight(frame, relit(turned))  # from the planes on disk
    assert np.abs(again.passes.image - result.passes.image).mean() < 5e-3
    small = engine.relight(frame, relit(turned, reduction=2))
    assert small.passes.image.shape == (120, 160, 4)
    assert np.isfinite(small.passes.image).all()


@pytest.mark.usefixtures("installed")
def test_weights_without_a_field_work_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Path
) -> None:
    encoding = encoded()
    assert head_field(encoding) is not None
    monkeypatch.setenv(
        "CHIARO_WEIGHTS", str(write_weights(tmp_path, portrait=(weights / "portrait.onnx").read_bytes()))
    )
    assert encoded().planes is not None
    assert head_field(encoding) is None


@pytest.fixture
def large_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports that take no time: an encoder of 38 MB and a field of 1 MB."""

    def export_encoder(network: object, names: object, channels: int, path: Path) -> None:
        path.write_bytes(bytes(38_000_000))

    def export_field(field: object, size: object, folder: Path) -> None:
        for name in ("field_distance.onnx", "field_surface.onnx"):
            (folder / name).write_bytes(bytes(500_000))

    monkeypatch.setattr(product, "export_network", export_encoder)
    monkeypatch.setattr(product, "export_field", export_field)
    monkeypatch.setattr(product, "export_pose", lambda folder: None)


@pytest.mark.usefixtures("large_networks")
def test_networks_that_are_too_large_together_are_refused_and_nothing_is_written(
    tmp_path: Path, model: TriplaneModel
) -> None:
    before = bytes(4_500_000)
    (tmp_path / "locator.onnx").write_bytes(before)
    (tmp_path / "portrait.onnx").write_bytes(before)
    message = r"would take 43\.5 MB, most of it portrait\.onnx; 40 MB is the most: make the model smaller in training/"
    with pytest.raises(WeightsError, match=message):
        export_product(model, tmp_path, CARDS)
    assert {path.name for path in tmp_path.iterdir()} == {"locator.onnx", "portrait.onnx"}
    assert (tmp_path / "portrait.onnx").read_bytes() == before


@pytest.mark.usefixtures("large_networks")
def test_what_is_replaced_does_not_count(tmp_path: Path, model: TriplaneModel) -> None:
    (tmp_path / "portrait.onnx").write_bytes(bytes(15_000_000))
    entries = export_product(model, tmp_path, CARDS)
    assert set(entries) == {"portrait", "field_distance", "field_surface"}


def test_another_network_has_no_planes(tmp_path: Path) -> None:
    network = PortraitNetwork(PortraitSize(fine=16, middle=16, coarse=32, attention_blocks=1, refinement=8))
    with pytest.raises(WeightsError, match="A PortraitNetwork has no planes to export; a portrait model is expected"):
        export_product(network, tmp_path, CARDS)
