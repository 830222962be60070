"""The perceptual distance: the same features as the asset's own network gives, and what a distance must be."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from chiaro.training.assets import AssetError, default_data_folder
from chiaro.training.perceptual import FEATURES_FILE, SqueezeNetFeatures, displayed, feature_distance, load_features

DATA = default_data_folder()


@pytest.fixture(scope="module")
def features() -> SqueezeNetFeatures:
    if DATA is None:
        pytest.skip("the asset folder (CHIARO_DATA) is not here")
    return load_features(DATA)


@pytest.mark.data
def test_features_are_those_of_the_asset(features: SqueezeNetFeatures) -> None:
    assert DATA is not None
    picture = torch.rand(2, 3, 61, 80, generator=torch.Generator().manual_seed(3))
    session = onnxruntime.InferenceSession(str(DATA / FEATURES_FILE), providers=["CPUExecutionProvider"])
    expected = session.run(["relu0", "relu1", "relu2"], {"rgb": picture.numpy()})
    for ours, theirs in zip(features(picture), expected, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-3, atol=1e-2)


@pytest.mark.data
def test_more_noise_is_further_away_and_gradients_reach_the_picture(features: SqueezeNetFeatures) -> None:
    generator = torch.Generator().manual_seed(4)
    picture, noise = torch.rand(1, 3, 64, 64, generator=generator), torch.randn(1, 3, 64, 64, generator=generator)
    assert float(feature_distance(features, picture, picture)) == 0.0
    near, far = (float(feature_distance(features, picture + s * noise, picture)) for s in (0.02, 0.1))
    assert 0.0 < near < far
    guess = (picture + 0.1 * noise).requires_grad_()
    feature_distance(features, guess, picture).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert guess.grad is not None
    assert float(guess.grad.abs().max()) > 0.0
    assert all(parameter.grad is None for parameter in features.parameters())


def test_another_network_is_refused(tmp_path: Path) -> None:
    graph = onnx.helper.make_graph([], "nothing", [], [])
    onnx.save(onnx.helper.make_model(graph), str(tmp_path / "other.onnx"))
    with pytest.raises(AssetError, match="holds no SqueezeNet features"):
        SqueezeNetFeatures(tmp_path / "other.onnx")


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(AssetError, match=r"metrics/squeezenet_features\.onnx"):
        load_features(None)


def test_pictures_stay_in_range() -> None:
    assert float(displayed(torch.tensor([-1.0, 0.0])).max()) == pytest.approx(0.01)
    assert float(displayed(torch.tensor([9.0]))) == 1.0
