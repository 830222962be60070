"""Networks are found, verified, and run; damage is told."""

from pathlib import Path

import numpy as np
import pytest
from tests.tiny_networks import red_disc_locator, write_weights

from chiaro.runtime.errors import SettingsError, WeightsError
from chiaro.runtime.network import available_providers, choose_providers, load_network


def test_a_network_runs_and_names_its_outputs(tmp_path: Path) -> None:
    network = load_network("locator", folder=write_weights(tmp_path, locator=red_disc_locator()))
    outputs = network.run(plate=np.zeros((1, 3, 256, 256), dtype=np.float32))
    assert outputs["score"].shape == (1, 1, 32, 32)
    assert outputs["box"].shape == (1, 7, 32, 32)
    assert network.providers[-1] == "CPUExecutionProvider"


def test_a_network_is_loaded_once(tmp_path: Path) -> None:
    folder = write_weights(tmp_path, locator=red_disc_locator())
    assert load_network("locator", folder=folder) is load_network("locator", folder=folder)


def test_missing_weights(tmp_path: Path) -> None:
    folder = write_weights(tmp_path, locator=red_disc_locator())
    (folder / "locator.onnx").unlink()
    with pytest.raises(WeightsError, match=r"cannot be read at .*locator.onnx.*install Chiaro again"):
        load_network("locator", folder=folder)


def test_weights_of_another_hash(tmp_path: Path) -> None:
    folder = write_weights(tmp_path, locator=red_disc_locator())
    content = bytearray((folder / "locator.onnx").read_bytes())
    content[100] ^= 1
    (folder / "locator.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"have the hash [0-9a-f]{12}… where [0-9a-f]{12}… is expected"):
        load_network("locator", folder=folder)


def test_a_network_that_is_not_listed(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match='network "portrait" is not listed'):
        load_network("portrait", folder=write_weights(tmp_path))
    (tmp_path / "manifest.json").write_text("{not json")
    with pytest.raises(WeightsError, match="is not listed"):
        load_network("portrait", folder=tmp_path)


def test_weights_that_are_no_network(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match='network "locator" does not start'):
        load_network("locator", folder=write_weights(tmp_path, locator=b"not a network"))


def test_providers_are_chosen_and_refused() -> None:
    assert choose_providers(None) == available_providers()
    assert choose_providers(["cpu"]) == ("CPUExecutionProvider",)
    with pytest.raises(SettingsError, match='provider "tpu" is not part of the installed onnxruntime; it has'):
        choose_providers(["tpu"])
