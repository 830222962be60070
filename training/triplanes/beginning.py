"""What a run of the portrait model begins with: a first network's trunk, an earlier run, or exported networks."""

from pathlib import Path

from torch import nn

from ..assets import AssetError
from ..checkpoint import averaged_weights
from ..portrait.network import PortraitNetwork, PortraitSize
from ..stored_weights import State, grown, trainable_state
from .model import TriplaneModel

INHERITED = (
    "stem", "down_middle", "middle_in", "down_coarse", "position", "attention.0", "attention.1", "attention.2",
    "norm_tokens", "up_middle", "middle_out", "up_fine", "fine_out",
)  # fmt: skip
"""Parts of the first network's trunk that the albedo encoder can begin with."""


def begin_with(model: TriplaneModel, earlier: Path) -> None:
    """Give a model what an earlier run has learnt; what the model has more of begins as it is.

    Args:
        model: as deep and wide as the earlier one, or more.
        earlier: checkpoint of a first network or of a smaller portrait model, or a folder that
            `chiaro-train export triplanes` wrote; after the latter, `calibration.calibrate` gives normalisations their
            statistics.

    Raises:
        AssetError: something is missing, or belongs to another model.
    """
    if earlier.is_dir():
        known = exported_state(model, earlier)
    else:
        known = averaged_weights(earlier)
        if set(known) == set(PortraitNetwork(PortraitSize()).state_dict()):
            known = {f"albedo_encoder.{name}": value for name, value in known.items() if name.startswith(INHERITED)}
    _grow(model, known, earlier, "weights of a first network or of a portrait model are expected")


def begin_inside(network: nn.Module, folder: Path, name: str) -> None:
    """Give a network inside the portrait network what it has learnt already; what it has more of begins as it is.

    Args:
        network: as deep and wide as the exported one, or more; `calibration.calibrate` gives its normalisations their
            statistics.
        folder: that `chiaro-train export` wrote.
        name: of the network: "overview" or "closeup".

    Raises:
        AssetError: there is none in the portrait network, or it is another kind.
    """
    path = folder / "portrait.onnx"
    known = trainable_state(path, f"network.{name}.", network)
    if not known:
        raise AssetError(f"{path} holds no {name}: run without --trunk, so that one is trained from nothing.")
    _grow(network, known, path, f"a portrait network with another {name} is expected")


def _grow(network: nn.Module, known: State, source: Path, expected: str) -> None:
    fresh = network.state_dict()
    unknown = sorted(set(known) - set(fresh))
    if unknown:
        raise AssetError(f"{source} holds {unknown[0]}, which the network to train has not; {expected}.")
    network.load_state_dict(
        {name: grown(known[name], value) if name in known else value for name, value in fresh.items()}
    )


def exported_state(model: TriplaneModel, folder: Path) -> State:
    """The state of an exported model; see `trainable_state` for its normalisations.

    Raises:
        AssetError: a file is missing.
    """
    path = folder / "portrait.onnx"
    # Beside an overview the model has a name of its own.
    encoder = trainable_state(path, "network.model.", model) or trainable_state(path, "network.", model)
    field = trainable_state(folder / "field_surface.onnx", "field.", model.field)
    return encoder | {f"field.{name}": value for name, value in field.items()}
