"""The portrait model with the overview: what is wrong over wide parts of a picture is a mean of both answers."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...runtime.errors import WeightsError
from ..assets import AssetError
from ..export import export_network
from ..overview.network import SIZE, Overview
from ..portrait.maps import maps_from_raw
from .beginning import exported_state
from .model import OUTPUTS, TriplaneModel
from .plate_maps import CHANNELS
from .train import new_model

SHARES = {"albedo": 0.45, "normal": 0.3, "depth": 0.5, "transport": 0.35, "light": 0.4}
"""Of the overview in each answer: the best of a few for 100 new pictures of people that both have learnt from. That of
normals was 0.4 there and was lowered when held-out skin came out 0.07 degrees worse than without an overview; with 0.3
it is as without. Environment and pose are left to the model."""
GAMMA = 2.2
"""About what the plate is encoded with: light is averaged before encoding, as where the overview has learnt."""
LEAST_ALBEDO = 1e-3
"""Of those whose ratios are taken."""


def seen_small(plate: Tensor) -> Tensor:
    """(N, 5, 64, 64) the plate (N, 5, h, w) as the overview sees it."""
    factor = plate.shape[-1] // SIZE
    colour = functional.avg_pool2d(plate[:, :3].clamp_min(0.0) ** GAMMA, factor) ** (1.0 / GAMMA)
    return torch.cat([colour, functional.avg_pool2d(plate[:, 3:], factor)], dim=1)


class OverseenModel(nn.Module):
    """A trained model and a trained overview; its outputs are those of the model."""

    def __init__(self, model: TriplaneModel, overview: Overview) -> None:
        super().__init__()
        self.model, self.overview = model, overview

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """All outputs of the exported encoder for (N, 5, 256, 256)."""
        outputs: dict[str, Tensor] = self.model(plate)
        seen = self.overview(seen_small(plate))
        wide = maps_from_raw(seen.raw, CHANNELS)
        for name in ("depth", "transport"):
            outputs[name] = outputs[name] + SHARES[name] * wide_difference(outputs[name], wide[name], outputs["matte"])
        turned = SHARES["normal"] * wide_difference(outputs["normal"], wide["normal"], outputs["matte"])
        outputs["normal"] = functional.normalize(outputs["normal"] + turned, dim=1)
        own, other = (albedo.clamp_min(LEAST_ALBEDO).log() for albedo in (outputs["albedo"], wide["albedo"]))
        ratio = torch.exp(SHARES["albedo"] * wide_difference(own, other, outputs["matte"]))
        outputs["albedo"] = (outputs["albedo"] * ratio).clamp(0.0, 1.0)
        outputs["light"] = torch.lerp(outputs["light"], seen.light, SHARES["light"])
        return outputs


def wide_difference(fine: Tensor, wide: Tensor, matte: Tensor) -> Tensor:
    """(N, C, h, w) by how much a coarse map of the person differs from the means of a fine one, smoothly.

    Args:
        fine: (N, C, h, w).
        wide: (N, C, h / k, w / k).
        matte: (N, 1, h, w).
    """
    factor = fine.shape[-1] // wide.shape[-1]
    cover = functional.avg_pool2d(matte, factor)
    mean = functional.avg_pool2d(fine * matte, factor) / cover.clamp_min(1e-3)
    return functional.interpolate((wide - mean) * cover, scale_factor=float(factor), mode="bilinear")


def export_overseen(overview: nn.Module, folder: Path) -> None:
    """Put an overview into the exported portrait network of a folder, in place of one that is in it already.

    Args:
        overview: trained.
        folder: that `chiaro-train export triplanes` wrote.

    Raises:
        AssetError: there is no portrait model.
        WeightsError: it is no overview, or onnxruntime computes something else than torch.
    """
    if not isinstance(overview, Overview):
        raise WeightsError(f"A {type(overview).__name__} is no overview network.")
    model = new_model(0)
    known, expected = exported_state(model, folder), set(model.state_dict())
    # Counters of batches are of no use to a network that is only run.
    missing = sorted(name for name in expected - set(known) if not name.endswith("num_batches_tracked"))
    if missing:
        raise AssetError(
            f"{folder} holds no portrait model ({missing[0]} is missing); run `chiaro-train export triplanes` first."
        )
    model.load_state_dict(known, strict=False)
    export_network(OverseenModel(model, overview), OUTPUTS, 5, folder / "portrait.onnx")
