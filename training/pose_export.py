"""The part of the portrait network that says how a head stands, as a network of its own.

Heads are recentred before they are encoded (`runtime.recentre`), and that needs one output of the portrait network,
which takes a quarter of its time. onnxruntime always runs a graph as a whole; so the part is cut out.
"""

import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.utils import Extractor

from ..runtime.errors import WeightsError
from ..runtime.recentre import HEAD, POSE_NETWORK
from .assets import AssetError
from .cards import write_text

LARGEST_DIFFERENCE = 1e-4
CARD = f"""\
# {POSE_NETWORK}

Licence of the weights: CC0 1.0.

The part of `portrait.onnx` beside it, weights and all, that its output `{HEAD}` depends on: how a head in the crop is
turned, where it stands, how large it is. Nothing was trained for it; data, training and limits are those of
[portrait.md](portrait.md). `chiaro-train export` cuts it out anew with every portrait network, and refuses where both
say something else (by more than {LARGEST_DIFFERENCE:g}). It is there because heads are recentred before they are
encoded, in a quarter of the time that the whole network takes.
"""


def export_pose(folder: Path) -> None:
    """Cut the pose out of the portrait network of a folder, and write it and its card beside it.

    Args:
        folder: of the weights.

    Raises:
        AssetError: there is no portrait network.
        WeightsError: it has no output for the head's pose, or the part says something else than the whole.
    """
    whole, path = folder / "portrait.onnx", folder / f"{POSE_NETWORK}.onnx"
    if not whole.is_file():
        raise AssetError(f"There is no portrait network in {folder}; run `chiaro-train export` first.")
    model = onnx.load(str(whole))
    names = [output.name for output in model.graph.output]
    if HEAD not in names:
        raise WeightsError(f'The network in {whole} has the outputs {", ".join(names)}; "{HEAD}" is expected.')
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    onnx.save(Extractor(model).extract_model(["plate"], [HEAD]), str(temporary))
    difference = _difference(whole, temporary)
    if not difference <= LARGEST_DIFFERENCE:
        temporary.unlink()
        raise WeightsError(f"The pose cut out of {whole} differs from it by {difference:g}; it was not written.")
    temporary.replace(path)
    write_text(CARD, path.with_suffix(".md"))


def _difference(whole: Path, part: Path) -> float:
    """Largest difference between what both say of one picture of noise."""
    plate = np.random.default_rng(0).random((1, 5, 256, 256), np.float32)
    said = [
        onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run([HEAD], {"plate": plate})[0]
        for path in (whole, part)
    ]
    return float(np.abs(said[0] - said[1]).max())
