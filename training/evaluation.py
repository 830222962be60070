"""How good the portrait network is: on held-out people under held-out light, and on real pictures to look at."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime

from ..runtime.arrays import AnyFloatArray, Float32Array, Float64Array
from ..runtime.errors import WeightsError
from ..runtime.light.harmonics import rotate_harmonics
from ..runtime.network_input import coordinate_maps
from .lightstage.panorama import Panorama, panorama_rotation
from .lightstage.parts import PartClass
from .lightstage.sample import Sample
from .lightstage.stage import Stage
from .sheets import map_row

OUTPUTS = ("albedo", "normal", "depth", "matte", "transport", "light", "head", "roughness", "parts")
SKIN_CLASSES = (PartClass.SKIN, PartClass.LIPS, PartClass.BROWS)


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


def angles_degrees(a: AnyFloatArray, b: AnyFloatArray) -> AnyFloatArray:
    """Angle between unit vectors (3, h, w), degrees."""
    result: AnyFloatArray = np.rad2deg(np.arccos(np.clip((a * b).sum(axis=0), -1.0, 1.0)))
    return result


def scale_invariant_psnr(predicted: AnyFloatArray, true: AnyFloatArray) -> float:
    """PSNR in decibel (peak 1) of (C, N) values after the best common factor."""
    factor = float((predicted * true).sum() / max(float((predicted**2).sum()), 1e-9))
    return psnr(predicted * factor, true)


def psnr(predicted: AnyFloatArray, true: AnyFloatArray) -> float:
    """PSNR in decibel, peak 1."""
    return float(-10.0 * np.log10(max(float(((predicted - true) ** 2).mean()), 1e-10)))


def rotation_angle(a: AnyFloatArray, b: AnyFloatArray) -> float:
    """Angle in degrees between two rotations given by their first two columns, (6,) each."""
    rotations = []
    for values in (a, b):
        x = values[:3] / np.linalg.norm(values[:3])
        y = values[3:6] - x * (x @ values[3:6])
        y /= np.linalg.norm(y)
        rotations.append(np.stack([x, y, np.cross(x, y)], axis=1))
    return float(np.rad2deg(np.arccos(np.clip((np.trace(rotations[0].T @ rotations[1]) - 1.0) / 2.0, -1.0, 1.0))))


def sample_metrics(outputs: dict[str, Float32Array], sample: Sample, other_light: Float64Array) -> dict[str, float]:
    """All metrics of one picture.

    Args:
        outputs: from `PortraitModel`.
        sample: the truth.
        other_light: (9, 3) light to relight with, camera axes.
    """
    matte = sample.matte.astype(np.float32)
    inside, skin = matte > 0.9, np.isin(sample.parts, [int(c) for c in SKIN_CLASSES]) & (matte > 0.9)
    normal, albedo = sample.normal.astype(np.float32), sample.albedo.astype(np.float32)
    transport, depth = sample.transport.astype(np.float32), sample.depth.astype(np.float32)
    angle = angles_degrees(outputs["normal"], normal)
    relit = _rendered(outputs["albedo"], outputs["transport"], other_light)[:, inside]
    true_relit = _rendered(albedo, transport, other_light)[:, inside]
    peak = max(float(np.percentile(true_relit, 99.5)), 1e-3)
    predicted_matte = outputs["matte"] > 0.5
    depth_error = (outputs["depth"] - depth)[inside]
    light_scale = float(np.sqrt((sample.light**2).mean()))
    return {
        "normal, skin (degrees)": float(angle[skin].mean()) if skin.any() else float("nan"),
        "normal, all (degrees)": float(angle[inside].mean()),
        "depth RMSE (% of half width)": float(np.sqrt((depth_error**2).mean()) * 100.0),
        "depth RMSE, offset free (%)": float((depth_error - depth_error.mean()).std() * 100.0),
        "albedo PSNR (dB)": psnr(outputs["albedo"][:, inside], albedo[:, inside]),
        "albedo PSNR, scale free (dB)": scale_invariant_psnr(outputs["albedo"][:, inside], albedo[:, inside]),
        "relit PSNR, held-out light (dB)": psnr(relit / peak, true_relit / peak),
        "relit PSNR, scale free (dB)": scale_invariant_psnr(relit / peak, true_relit / peak),
        "transport mean error": float(np.abs(outputs["transport"] - transport)[:, inside].mean()),
        "matte IoU": float((predicted_matte & (matte > 0.5)).sum() / max(1, (predicted_matte | (matte > 0.5)).sum())),
        "light relative error": float(
            np.sqrt(((outputs["light"] - sample.light) ** 2).mean()) / max(light_scale, 1e-3)
        ),
        "head rotation (degrees)": rotation_angle(outputs["head"], sample.head),
        "head centre (% of half width)": float(np.linalg.norm(outputs["head"][6:8] - sample.head[6:8]) * 100.0),
    }


def _rendered(albedo: AnyFloatArray, transport: AnyFloatArray, light: AnyFloatArray) -> AnyFloatArray:
    result: AnyFloatArray = albedo * np.maximum(np.einsum("khw,kc->chw", transport, light), 0.0)
    return result


Summary = dict[str, tuple[float, float]]
"""Mean and median of each metric."""
SHOWN = 8


def held_out_metrics(
    models: tuple[PortraitModel, ...], stage: Stage, lights: tuple[Panorama, ...], views: int
) -> tuple[list[Summary], list[Float32Array]]:
    """Metrics of each model over held-out pictures, and rows of the first ones: the truth, then each model below it.

    Args:
        models: the networks, shown the same pictures.
        stage: of held-out people and environments.
        lights: held-out environments to relight with.
        views: number of views.
    """
    collected: list[dict[str, list[float]]] = [defaultdict(list) for _ in models]
    rows: list[Float32Array] = []
    for view in range(views):
        random = np.random.default_rng((stage.seed, 49979687, view))
        sample = stage.view(10_000_000 + view)[0]
        panorama = lights[random.integers(len(lights))]
        camera_from_panorama = panorama_rotation(random, np.eye(3)).T
        light = rotate_harmonics(panorama.environment.harmonics, camera_from_panorama)
        outputs = [model(plate_of(sample)) for model in models]
        for values, predicted in zip(collected, outputs, strict=True):
            for name, value in sample_metrics(predicted, sample, light).items():
                values[name].append(value)
        if view < SHOWN:
            rows += [map_row(sample.plate.astype(np.float32), maps) for maps in (_truth(sample), *outputs)]
    return [_summary(values) for values in collected], rows


def _summary(collected: dict[str, list[float]]) -> Summary:
    return {name: (float(np.nanmean(values)), float(np.nanmedian(values))) for name, values in collected.items()}


def _truth(sample: Sample) -> dict[str, AnyFloatArray]:
    names = ("albedo", "normal", "depth", "matte", "transport", "light")
    maps = {name: getattr(sample, name).astype(np.float32) for name in names}
    maps["parts"] = sample.parts.astype(np.float32)
    return maps
