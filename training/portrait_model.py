"""An exported portrait network run on its own, without the product around it; `evaluate/` measures it within."""

from pathlib import Path

import numpy as np
import onnxruntime

from ..runtime.arrays import Float32Array
from ..runtime.errors import WeightsError
from ..runtime.network_input import coordinate_maps
from .lightstage.sample import Sample

OUTPUTS = ("albedo", "normal", "depth", "matte", "transport", "light", "head", "roughness", "parts")


class PortraitModel:
    """The exported network, as the runtime runs it."""

    def __init__(self, path: Path, threads: int = 2) -> None:
        if not path.is_file():
            raise WeightsError(
                f"{path} was not found; an exported network is expected: run `chiaro-train export` first."
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, plate: Float32Array) -> dict[str, Float32Array]:
        """Outputs of one plate (1, 5, 256, 256) without the batch axis.

        Depth, matte and roughness are (h, w); parts are class indices.
        """
        values = self.session.run(list(OUTPUTS), {"plate": plate})
        outputs = {name: np.asarray(value)[0] for name, value in zip(OUTPUTS, values, strict=True)}
        for name in ("depth", "matte", "roughness"):
            outputs[name] = outputs[name][0]
        outputs["parts"] = outputs["parts"].argmax(axis=0)
        return outputs


def plate_of(sample: Sample) -> Float32Array:
    """(1, 5, 256, 256) input of a sample."""
    colour = sample.plate.astype(np.float32)
    result: Float32Array = np.concatenate([colour, coordinate_maps(*colour.shape[1:])])[None]
    return result
