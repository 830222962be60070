"""What a run of the portrait model begins with: a first network's trunk, an earlier run, or exported networks."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from ..assets import AssetError
from ..blocks import NormedConvolution
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
            `chiaro-train export triplanes` wrote; after the latter, `calibrate` gives normalisations their statistics.

    Raises:
        AssetError: something is missing, or belongs to another model.
    """
    if earlier.is_dir():
        known = exported_state(model, earlier)
    else:
        known = averaged_weights(earlier)
        if set(known) == set(PortraitNetwork(PortraitSize()).state_dict()):
            known = {f"albedo_encoder.{name}": value for name, value in known.items() if name.startswith(INHERITED)}
    fresh = model.state_dict()
    unknown = sorted(set(known) - set(fresh))
    if unknown:
        raise AssetError(
            f"{earlier} holds {unknown[0]}, which the portrait model has not; weights of a first network or of a "
            "portrait model are expected."
        )
    model.load_state_dict(
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


def calibrate(model: TriplaneModel, plates: Iterable[Tensor]) -> None:
    """Give every normalisation the statistics of what it sees, and leave what the model computes as it is.

    In training a normalisation uses the statistics of its batch, so scale and shift have to be those that undo them.

    Args:
        model: that began with exported networks.
        plates: (N, 5, 256, 256) each, of those it will be trained on.
    """
    moments: dict[NormedConvolution, list[Tensor]] = {}

    def keep(block: NormedConvolution, values: Tensor) -> None:
        moments.setdefault(block, []).append(
            torch.stack([values.double().mean(dim=(0, 2, 3)), values.double().square().mean(dim=(0, 2, 3))])
        )

    handles = [
        block.convolution.register_forward_hook(lambda _, __, values, block=block: keep(block, values))
        for block in model.modules()
        if isinstance(block, NormedConvolution)
    ]
    model.eval()
    with torch.no_grad():
        for plate in plates:
            model(plate)
        for block, seen in moments.items():
            mean, square = torch.stack(seen).mean(dim=0)
            _restate(block.norm, mean.float(), (square - mean.square()).clamp_min(0.0).float())
    for handle in handles:
        handle.remove()


def _restate(norm: nn.BatchNorm2d, mean: Tensor, variance: Tensor) -> None:
    """Change a normalisation's statistics, and its scale and shift so that it computes the same."""
    assert norm.running_mean is not None and norm.running_var is not None  # noqa: S101 - tells the type checker
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
    norm.bias.copy_(shift + mean * scale)
