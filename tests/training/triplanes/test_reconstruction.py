"""Self-reconstruction of real plates: the truth costs nothing, everything else something."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from chiaro.runtime.transfer import srgb_from_linear
from chiaro.training.assets import default_data_folder
from chiaro.training.perceptual import load_features
from chiaro.training.portrait.losses import rendered
from chiaro.training.triplanes.reconstruction import (
    linear_from_plate,
    pseudo_matte_loss,
    reconstruction_distance,
    reconstruction_loss,
)

DATA = default_data_folder()


def _scene(side: int = 8) -> tuple[dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    maps = {
        "albedo": torch.rand(2, 3, side, side, generator=generator) * 0.5 + 0.1,
        "transport": torch.rand(2, 9, side, side, generator=generator) * 0.1,
    }
    light = torch.rand(2, 9, 3, generator=generator)
    plate = torch.from_numpy(srgb_from_linear(rendered(maps["albedo"], maps["transport"], light).numpy()))
    return maps, light, plate


def test_the_transfer_curve_is_the_runtime_s_inverted() -> None:
    linear = np.linspace(0.0, 1.0, 101, dtype=np.float32)
    found = linear_from_plate(torch.from_numpy(srgb_from_linear(linear))).numpy()
    np.testing.assert_allclose(found, linear, atol=2e-6)


def test_the_truth_explains_the_plate() -> None:
    maps, light, plate = _scene()
    matte = torch.ones(2, 1, 8, 8)
    assert float(reconstruction_loss(maps, light, plate, matte)) == pytest.approx(0.0, abs=1e-5)
    assert float(reconstruction_loss(maps, light * 1.5, plate, matte)) > 0.02


def test_background_and_clipped_pixels_do_not_count() -> None:
    maps, light, plate = _scene()
    matte = torch.ones(2, 1, 8, 8)
    matte[:, :, :4], plate[:, :, :4] = 0.0, 0.5
    plate[:, :, 4:6] = 1.0
    assert float(reconstruction_loss(maps, light, plate, matte)) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.data
@pytest.mark.skipif(DATA is None, reason="the asset folder (CHIARO_DATA) is not here")
def test_features_tell_a_blur_from_the_truth() -> None:
    features = load_features(DATA)
    maps, light, plate = _scene(side=64)
    matte = torch.ones(2, 1, 64, 64)
    right = float(reconstruction_distance(features, maps, light, plate, matte))
    blurred = {**maps, "albedo": functional.avg_pool2d(maps["albedo"], 5, stride=1, padding=2)}
    assert right == pytest.approx(0.0, abs=1e-4)
    assert float(reconstruction_distance(features, blurred, light, plate, matte)) > 0.1
    assert float(reconstruction_distance(features, blurred, light, plate, torch.zeros_like(matte))) == 0.0


def test_only_a_sure_label_teaches_the_matte() -> None:
    logit, label = torch.zeros(1, 1, 2, 2), torch.tensor([[[[1.0, 0.5], [0.0, 0.6]]]])
    assert float(pseudo_matte_loss(logit, label)) == pytest.approx(np.log(2.0), rel=1e-5)
    logit[0, 0, 0, 1] = 30.0
    assert float(pseudo_matte_loss(logit, label)) == pytest.approx(np.log(2.0), rel=1e-5)
    right = torch.tensor([[[[9.0, 0.0], [-9.0, 0.0]]]])
    assert float(pseudo_matte_loss(right, label)) < 1e-3
