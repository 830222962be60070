"""Everything a run needs to go on exactly where it stopped, in one npz file without pickles."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .assets import AssetError


@dataclass(frozen=True)
class TrainingState:
    """What changes while training.

    Random numbers are functions of the seed and the step, so no generator has to be saved.

    Attributes:
        network: the network that is trained.
        average: its running average, the one to export.
        optimiser: over the network's parameters.
        step: batches seen.
    """

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    step: int


def save_checkpoint(state: TrainingState, path: Path) -> None:
    """Write the state through a temporary name."""
    arrays: dict[str, np.ndarray] = {"step": np.int64(state.step)}  # type: ignore[dict-item, type-arg]  # a scalar array
    for prefix, module in (("network", state.network), ("average", state.average)):
        for name, value in module.state_dict().items():
            arrays[f"{prefix}/{name}"] = value.cpu().numpy()
    for name, parameter in state.network.named_parameters():
        for moment, value in state.optimiser.state.get(parameter, {}).items():
            arrays[f"optimiser/{name}/{moment}"] = value.cpu().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    temporary.replace(path)


def _archive(path: Path) -> dict[str, torch.Tensor]:
    if not path.is_file():
        raise AssetError(f"{path} was not found; a checkpoint is expected: run `chiaro-train run` first.")
    with np.load(path, allow_pickle=False) as archive:
        return {name: torch.from_numpy(np.asarray(archive[name])) for name in archive.files}


def _with_prefix(arrays: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix + "/"): value for name, value in arrays.items() if name.startswith(prefix + "/")}


def averaged_weights(path: Path) -> dict[str, torch.Tensor]:
    """A checkpoint's averaged weights by name.

    Raises:
        AssetError: when the checkpoint is missing.
    """
    return _with_prefix(_archive(path), "average")


def load_average(path: Path, network: nn.Module) -> int:
    """Fill a network with the averaged weights of a checkpoint; returns the number of batches they have seen."""
    arrays = _archive(path)
    network.load_state_dict(_with_prefix(arrays, "average"))
    return int(arrays["step"])


def load_between(path: Path, earlier: Path, share: float, network: nn.Module) -> int:
    """Fill a network with averaged weights between two runs', of which the later one began with the earlier one.

    What a long step towards new losses costs of what was known is mostly regained half way (Wortsman et al. 2022,
    "Robust fine-tuning of zero-shot models", equation 1).

    Args:
        path: checkpoint of the later run.
        earlier: checkpoint of the earlier one.
        share: 0..1 of the later one.
        network: of both.

    Returns:
        The number of batches that the later one has seen.

    Raises:
        AssetError: a checkpoint is missing, or they are of different networks.
    """
    arrays = _archive(path)
    late, early = (_with_prefix(one, "average") for one in (arrays, _archive(earlier)))
    if {name: value.shape for name, value in late.items()} != {name: value.shape for name, value in early.items()}:
        raise AssetError(f"{earlier} is of another network than {path}; give a checkpoint of the same one.")
    mixed = {
        name: torch.lerp(early[name], value, share) if value.dtype.is_floating_point else value
        for name, value in late.items()
    }
    network.load_state_dict(mixed)
    return int(arrays["step"])


def load_checkpoint(path: Path, network: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    """Fill networks and optimiser; returns the step to go on with."""
    arrays = _archive(path)
    network.load_state_dict(_with_prefix(arrays, "network"))
    average.load_state_dict(_with_prefix(arrays, "average"))
    for name, parameter in network.named_parameters():
        moments = _with_prefix(arrays, f"optimiser/{name}")
        if moments:
            optimiser.state[parameter] = {
                moment: value if value.dim() == 0 else value.to(parameter.device) for moment, value in moments.items()
            }
    return int(arrays["step"])
