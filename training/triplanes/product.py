"""The portrait model as what the product runs: the encoder "portrait" and the two networks of its field."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from ...runtime.errors import WeightsError
from ..cards import write_text
from ..export import ManifestEntry, export_network, write_manifest
from ..pose_export import export_pose
from .exported import export_field
from .model import OUTPUTS, TriplaneModel

LARGEST_TOTAL = 40e6
"""Bytes of all networks together: what an artist downloads."""
CARDS = ("portrait", "field")
"""Model cards, by the name of their file."""

FIELD_LIMITS = """\
- Two networks, `field_distance` and `field_surface`, read the planes that the network `portrait` of the same export
  gives; with another one's planes they say nothing.
- It knows the head within the crop's frustum, 25 cm before and behind its centre; what no plate ever shows, the back
  of the head above all, is the mean of the people it has seen.
- Colours there are the network's own, as fine as planes of 64 by 64 features carry them: no pores, no strands."""


def export_product(model: nn.Module, folder: Path, cards: Mapping[str, str]) -> dict[str, ManifestEntry]:
    """Write the model's networks and cards into a folder of weights, and list all of the folder in its manifest.

    The networks appear all together, once each was checked against torch.

    Args:
        model: a trained portrait model.
        folder: of the weights; other networks in it, such as the locator, stay.
        cards: Markdown of each of CARDS.

    Raises:
        WeightsError: when the model is another, a network computes something else than torch, or all networks
            together are too large.
    """
    if not isinstance(model, TriplaneModel):
        raise WeightsError(f"A {type(model).__name__} has no planes to export; a portrait model is expected.")
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".export.", dir=folder))
    try:
        export_network(model, OUTPUTS, 5, unfinished / "portrait.onnx")
        export_pose(unfinished)
        export_field(model.field, model.size, unfinished)
        _check_size(sorted(unfinished.glob("*.onnx")), folder)
        for file in unfinished.iterdir():
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    for name in CARDS:
        write_text(cards[name], folder / f"{name}.md")
    return write_manifest(folder)


def _check_size(networks: list[Path], folder: Path) -> None:
    """Refuse networks that are too large together with those that stay in the folder."""
    staying = {path.name: path for path in folder.glob("*.onnx") if not path.name.startswith(".")}
    together = staying | {path.name: path for path in networks}
    total = sum(path.stat().st_size for path in together.values())
    if total > LARGEST_TOTAL:
        largest = max(together.values(), key=lambda path: path.stat().st_size)
        raise WeightsError(
            f"The networks in {folder} would take {total / 1e6:.1f} MB, most of it {largest.name}; "
            f"{LARGEST_TOTAL / 1e6:.0f} MB is the most: make the model smaller in training/triplanes/size.py."
        )
