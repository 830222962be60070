"""Networks of others that judge pictures: whether it is the same face, and how alike two pictures look."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array, Float64Array
from ...runtime.crop import sample_bilinear
from ..assets import asset
from .picture_measures import centres

FACE_SIZE = 112
FACE_POINTS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where eyes, nose and corners of the mouth lie in a face as MobileFaceNet was taught it (x, y; ArcFace's template)."""
HEAD_POINTS = np.array(
    [
        [-0.0319, 0.0184, 0.0816],
        [0.0319, 0.0184, 0.0816],
        [0.0, -0.0117, 0.1192],
        [-0.0275, -0.0471, 0.0853],
        [0.0275, -0.0471, 0.0853],
    ]
)
"""The same points of a mean head, head axes, metres: the mean of the light stage's held-out people, made symmetric."""
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
"""As foamliu/MobileFaceNet normalises its input (data_gen.py)."""


@dataclass(frozen=True)
class Judges:
    """The three networks, as onnxruntime sessions.

    Attributes:
        face: MobileFaceNet.
        features: SqueezeNet's feature maps.
        person: MediaPipe's selfie segmentation: the same mask for every contestant.
    """

    face: Any
    features: Any
    person: Any


def load_judges(data: Path | None) -> Judges:
    """From the asset folder.

    Raises:
        AssetError: one is missing.
    """
    names = ("MobileFaceNet", "squeezenet_features", "selfie_segmentation")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return Judges(
        *(
            onnxruntime.InferenceSession(
                str(asset(data, f"metrics/{name}.onnx")), options, providers=["CPUExecutionProvider"]
            )
            for name in names
        )
    )


def similarity_transform(source: AnyFloatArray, target: AnyFloatArray) -> Float64Array:
    """(2, 3) turn, scale and shift that takes points (N, 2) onto others with the least squared error."""
    x, y, zero, one = source[:, 0], source[:, 1], np.zeros(len(source)), np.ones(len(source))
    design = np.concatenate([np.stack([x, -y, one, zero], axis=1), np.stack([y, x, zero, one], axis=1)])
    a, b, shift_x, shift_y = np.linalg.lstsq(design, target.T.reshape(-1), rcond=None)[0]
    return np.array([[a, -b, shift_x], [b, a, shift_y]])


def aligned_face(encoded: Float32Array, points: AnyFloatArray) -> Float32Array:
    """(112, 112, 3) face as MobileFaceNet wants it.

    Args:
        encoded: (h, w, 3) sRGB-encoded, in which a face is about as large as in the result.
        points: (5, 2) pixels of eyes, nose and corners of the mouth.
    """
    source_from_face = similarity_transform(FACE_POINTS, points)
    pixels = centres(FACE_SIZE, FACE_SIZE) @ source_from_face[:, :2].T + source_from_face[:, 2]
    return sample_bilinear(encoded, pixels)


def same_face(judges: Judges, first: Float32Array, second: Float32Array) -> float:
    """Cosine of MobileFaceNet's embeddings of two aligned faces."""
    embeddings = []
    for face in (first, second):
        values = (face - IMAGENET_MEAN) / IMAGENET_DEVIATION
        embedding = judges.face.run(None, {"input0": values.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
        embeddings.append(embedding / np.linalg.norm(embedding))
    return float(embeddings[0] @ embeddings[1])


def feature_distance(judges: Judges, first: Float32Array, second: Float32Array) -> float:
    """SqueezeNet feature distance of two pictures (h, w, 3), sRGB-encoded.

    As Zhang et al. 2018, "The unreasonable effectiveness of deep features as a perceptual metric", equation 1, with
    equal weights: features of unit length at each place, squared differences summed over channels, averaged over
    places, summed over layers.
    """
    outputs = [judges.features.run(None, {"rgb": image.transpose(2, 0, 1)[None].copy()}) for image in (first, second)]
    return float(sum(layer_distance(a[0], b[0]) for a, b in zip(*outputs, strict=True)))


def layer_distance(first: AnyFloatArray, second: AnyFloatArray) -> float:
    """Of two layers' features (C, h, w)."""
    units = [f / np.sqrt((f.astype(np.float64) ** 2).sum(axis=0, keepdims=True) + 1e-10) for f in (first, second)]
    return float(((units[0] - units[1]) ** 2).sum(axis=0).mean())


def person_mask(judges: Judges, encoded: Float32Array) -> BoolArray:
    """(256, 256) where MediaPipe sees a person in a picture (256, 256, 3)."""
    matte = judges.person.run(None, {judges.person.get_inputs()[0].name: encoded[None].astype(np.float32)})[0]
    mask: BoolArray = matte[0, ..., 0] > 0.5
    return mask


def means(rows: list[Mapping[str, float]]) -> dict[str, float]:
    """Means by name over what is known."""
    names = {name: None for row in rows for name in row}
    return {name: float(np.nanmean([row[name] for row in rows if name in row])) for name in names}
