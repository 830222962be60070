"""The folder of assets that training reads, and where on this machine its own intermediate files go."""

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses
import platformdirs

from ..runtime.arrays import AnyFloatArray, Float32Array
from ..runtime.errors import ChiaroError
from .pack.record import damage

DATA_VARIABLE = "CHIARO_DATA"


class AssetError(ChiaroError):
    """A training asset is missing or cannot be read."""


def default_data_folder() -> Path | None:
    """The folder named by CHIARO_DATA, else ../shared/data beside the repository where it exists, else None."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named)
    beside = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    return beside if beside.is_dir() else None


def default_cache_folder() -> Path:
    """Where prepared meshes are kept: outside the repository, under the user's cache folder."""
    return Path(platformdirs.user_cache_dir("chiaro")) / "training"


def asset(data: Path | None, relative: str) -> Path:
    """A file of the asset folder.

    Args:
        data: the asset folder, or None when none was given or found.
        relative: path below it.

    Raises:
        AssetError: when the folder or the file is not there, or is not as `chiaro-train unpack` left it.
    """
    if data is None:
        raise AssetError(
            f"No asset folder was found; training needs one with {relative} in it: name it with --data or the "
            f"variable {DATA_VARIABLE} (training/README.md says where each file comes from)."
        )
    path = data / relative
    complaint = damage(data, relative)
    if complaint is not None:
        raise AssetError(complaint)
    if not path.exists():
        raise AssetError(f"{path} was not found; training/README.md says where to get {relative.partition('/')[0]}.")
    return path


@dataclass(frozen=True)
class FaceModel:
    """ICT-FaceKit's morphable head (USC ICT, MIT licence), centimetres, +y up, +z out of the face.

    Attributes:
        vertices: (V, 3) neutral mean.
        faces: (F, 4) vertex indices, −1 pads a triangle.
        identity: (100, V, 3) offsets with weights ~ N(0, 1).
        expression: (57, V, 3) offsets with weights 0..1.
        expression_names: the 57 names, ARKit-like.
        landmarks: (68,) vertex indices in the usual 68-point order.
    """

    vertices: Float32Array
    faces: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    identity: Float32Array
    expression: Float32Array
    expression_names: tuple[str, ...]
    landmarks: np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def load_face_model(data: Path | None) -> FaceModel:
    """Read the morphable head from the asset folder."""
    archive = np.load(asset(data, "ict_facekit/ict_facekit.npz"), allow_pickle=False)
    indices = json.loads(asset(data, "ict_facekit/vertex_indices.json").read_text())
    return FaceModel(
        vertices=archive["vertices"],
        faces=archive["faces"],
        identity=archive["identity"],
        expression=archive["expression"],
        expression_names=tuple(str(name) for name in archive["expression_names"]),
        landmarks=np.array(indices["idx_to_landmark_verts"]),
    )


def read_image(path: Path) -> AnyFloatArray:
    """(H, W, 3) float32 of an image file as stored: no colour conversion, one channel repeated to three."""
    image = oiio.ImageInput.open(str(path))
    if image is None:
        raise AssetError(f"{path} cannot be read as an image: {oiio.geterror()}; fetch the file again.")
    pixels = image.read_image("float")
    image.close()
    if pixels is None:
        raise AssetError(f"{path} is damaged: its pixels cannot be read; fetch the file again.")
    pixels = np.asarray(pixels, dtype=np.float32)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    return np.repeat(pixels[..., :1], 3, axis=-1) if pixels.shape[-1] < 3 else pixels[..., :3]


def environment_files(data: Path | None) -> tuple[list[Path], list[Path]]:
    """Environment maps for training and those held out for evaluation.

    The asset folder's HDRIs, and the ones that Blender carries.
    """
    folder = asset(data, "hdri")
    held_out = {"night.hdr", "studio.hdr", "sunset.hdr", "interior.exr", "night.exr"}
    files = sorted(folder.glob("*.hdr")) + blender_worlds(data)
    return [f for f in files if f.name not in held_out], [f for f in files if f.name in held_out]


def blender_worlds(data: Path | None) -> list[Path]:
    """The worlds of Blender's own data files: of the asset folder where it was unpacked, else of the module `bpy`.

    The module is not imported: that would start Blender.
    """
    unpacked = sorted((data / "hdri" / "blender").glob("*.exr")) if data is not None else []
    spec = find_spec("bpy")
    if unpacked or spec is None or not spec.submodule_search_locations:
        return unpacked
    root = Path(next(iter(spec.submodule_search_locations)))
    return sorted(root.glob("*/datafiles/studiolights/world/*.exr"))
