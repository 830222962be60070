"""The portrait model with the networks beside it: the overview, and the close-up on top of that.

Over wide parts of a picture the maps are means of the model's and the overview's answers, and then, down to two pixels,
of these and the close-up's. The parts of the person and the matte are those of the model and the close-up
together, and what the close-up calls background all around is none of the matte.
"""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...runtime.errors import WeightsError
from ..assets import AssetError
from ..closeup.network import SIZE as CLOSE
from ..closeup.network import CloseUp
from ..export import export_network
from ..overview.network import SIZE, Overview, seen_smaller
from ..portrait.maps import maps_from_raw
from ..stored_weights import State, trainable_state
from .beginning import exported_state
from .model import OUTPUTS, TriplaneModel, shares
from .plate_maps import CHANNELS
from .train import new_model

SHARES, LIGHT_SHARE = {"albedo": 0.4, "normal": 0.3, "depth": 0.45, "transport": 0.35}, 0.55
"""Of the overview in each answer: the best of a few, with those of the close-up, for 64 pictures of people that none of
them had learnt from (`prepare --seed 4`). Environment and pose are left to the model."""
CLOSE_SHARES = {"albedo": 0.55, "normal": 0.6, "depth": 0.55, "transport": 0.5}
"""Of the close-up in each answer, after the overview; chosen with those above. With them normals of skin were 11.8°
wrong, with the model alone 12.5°."""
PARSED_SHARE = 0.7
"""Of the close-up's logarithms in the parts: on the same pictures all from 0.6 to 0.8 overlapped with the truth alike
(0.748)."""
LEAST_ALBEDO = 1e-3
"""Of those whose ratios are taken."""
MATTE_POWERS = 0.45, 0.65
"""Of the model's matte and the close-up's. On 60 pictures of people that neither had learnt from, before scenery, the
mean error was 11 % smaller than the model's alone with the background cut away, that of soft edges 4 %; with 0.5 and
0.5 it was 8 and 6 %, with 0.7 and 0.7 16 % but soft edges 4 % worse."""
NEAR = 4
"""Pixels of the crop around a pixel of the matte in which there must be person. With 4 the matte's mean error on 26 new
pictures is 1.4 % smaller, its overlap 0.0005 smaller and soft edges 1.4 % worse; on photographs, windows and curtains
behind a head are less often taken for hair."""
BACKGROUND = (0.15, 0.5)
"""Share of person up to which a place is background, and from which on the matte stands."""
LEAST_SHARE = 1e-4
"""Of a part whose logarithm is taken."""


class OverseenModel(nn.Module):
    """A trained model with an overview, and a close-up where there is one; its outputs are those of the model."""

    def __init__(self, model: TriplaneModel, overview: Overview, closeup: CloseUp | None = None) -> None:
        super().__init__()
        self.model, self.overview, self.closeup = model, overview, closeup

    def forward(self, plate: Tensor) -> dict[str, Tensor]:
        """All outputs of the exported encoder for (N, 5, 256, 256)."""
        outputs: dict[str, Tensor] = self.model(plate)
        seen = self.overview.features(seen_smaller(plate, SIZE))
        answers = self.overview.answers(seen)
        outputs |= maps_together(outputs, maps_from_raw(answers.raw, CHANNELS), SHARES)
        outputs["light"] = torch.lerp(outputs["light"], answers.light, LIGHT_SHARE)
        if self.closeup is not None:
            maps = maps_from_raw(self.closeup(seen_smaller(plate, CLOSE), seen), CHANNELS)
            outputs |= maps_together(outputs, maps, CLOSE_SHARES)
            logits = torch.cat([maps["parts_logit"], maps["matte_logit"]], dim=1)
            logits = functional.interpolate(logits, scale_factor=2.0, mode="bilinear")
            said, cover = logits[:, :-1], logits[:, -1:]
            outputs["parts"] = parts_together(outputs["parts"], said)
            outputs["matte"] = mattes_together(outputs["matte"], cover) * person_near(shares(said))
        return outputs


def maps_together(
    fine: dict[str, Tensor], wide: dict[str, Tensor], of_second: Mapping[str, float]
) -> dict[str, Tensor]:
    """Albedo, normals, depth and transport of two networks; what is finer than the second's maps is the first's alone.

    Args:
        fine: maps (N, C, h, w), and the matte.
        wide: maps (N, C, h / k, w / k).
        of_second: share of the second in each.
    """
    result = {
        name: fine[name] + of_second[name] * wide_difference(fine[name], wide[name], fine["matte"])
        for name in ("normal", "depth", "transport")
    }
    result["normal"] = functional.normalize(result["normal"], dim=1)
    own, other = (maps["albedo"].clamp_min(LEAST_ALBEDO).log() for maps in (fine, wide))
    ratio = torch.exp(of_second["albedo"] * wide_difference(own, other, fine["matte"]))
    return result | {"albedo": (fine["albedo"] * ratio).clamp(0.0, 1.0)}


def parts_together(model: Tensor, closeup: Tensor) -> Tensor:
    """(N, 9, 256, 256) what both say, as the product of their powers: where one is sure, it decides.

    Args:
        model: (N, 9, 256, 256) shares.
        closeup: (N, 9, 256, 256) logits.
    """
    own = model.clamp_min(LEAST_SHARE).log()
    return shares((1.0 - PARSED_SHARE) * own + PARSED_SHARE * closeup)


def mattes_together(model: Tensor, closeup: Tensor) -> Tensor:
    """(N, 1, 256, 256) what both say, as the product of their powers: where one is sure, it decides.

    The powers sum to more than one: what two networks say is surer than what one says.

    Args:
        model: (N, 1, 256, 256) 0..1.
        closeup: (N, 1, 256, 256) logits.
    """
    own = torch.logit(model, eps=LEAST_SHARE)
    return torch.sigmoid(MATTE_POWERS[0] * own + MATTE_POWERS[1] * closeup)


def person_near(parts: Tensor) -> Tensor:
    """(N, 1, h, w) 0..1: 0 where the parts (N, 9, h, w) say background all around, so that no matte is left there.

    A strand of hair is background to the parts and a little person to the matte, and stands beside hair; a window or a
    lamp that the matte takes for hair stands farther away.
    """
    person = functional.max_pool2d(1.0 - parts[:, :1], 2 * NEAR + 1, stride=1, padding=NEAR)
    return ((person - BACKGROUND[0]) / (BACKGROUND[1] - BACKGROUND[0])).clamp(0.0, 1.0)


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

    A close-up that is in it goes: it has learnt from what another overview sees.

    Args:
        overview: trained.
        folder: that `chiaro-train export triplanes` wrote.

    Raises:
        AssetError: there is no portrait model.
        WeightsError: it is no overview, or onnxruntime computes something else than torch.
    """
    if not isinstance(overview, Overview):
        raise WeightsError(f"A {type(overview).__name__} is no overview network.")
    _export(OverseenModel(_exported_model(folder), overview), folder)


def export_closeup(closeup: nn.Module, folder: Path) -> None:
    """Put a close-up into the exported portrait network of a folder, in place of one that is in it already.

    Args:
        closeup: trained on top of the overview that is in it.
        folder: that `chiaro-train export overview` wrote into.

    Raises:
        AssetError: there is no portrait model, or no overview in it.
        WeightsError: it is no close-up, or onnxruntime computes something else than torch.
    """
    if not isinstance(closeup, CloseUp):
        raise WeightsError(f"A {type(closeup).__name__} is no close-up network.")
    _export(OverseenModel(_exported_model(folder), exported_overview(folder), closeup), folder)


def _export(network: OverseenModel, folder: Path) -> None:
    export_network(network, OUTPUTS, 5, folder / "portrait.onnx")


def _exported_model(folder: Path) -> TriplaneModel:
    model = new_model(0)
    _load(model, exported_state(model, folder), f"{folder} holds no portrait model", "triplanes")
    return model


def exported_overview(folder: Path) -> Overview:
    """The overview in the portrait network of a folder, as it computes there: in evaluation mode, not to be trained.

    Raises:
        AssetError: there is none.
    """
    overview = Overview()
    known = trainable_state(folder / "portrait.onnx", "network.overview.", overview)
    _load(overview, known, f"The portrait network in {folder} has no overview", "overview")
    return overview.eval().requires_grad_(False)


def _load(network: nn.Module, known: State, found: str, command: str) -> None:
    # Counters of batches are of no use to a network that is only run.
    expected = set(network.state_dict())
    missing = sorted(name for name in expected - set(known) if not name.endswith("num_batches_tracked"))
    if missing:
        raise AssetError(f"{found} ({missing[0]} is missing); run `chiaro-train export {command}` first.")
    network.load_state_dict(known, strict=False)
