"""Convert the avatars once: their shapes and their atlases into the cache of training."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from ....runtime.arrays import Float32Array
from ....runtime.transfer import srgb_from_linear
from ...assets import AssetError, load_face_model
from ...pack.record import damage
from ..camera_degradation import DECODED_BYTES
from .atlas import Region, atlas_paths
from .canonical import canonical_colour, filled, strands
from .conversion import (
    RawAvatar,
    avatar_files,
    avatar_name,
    avatar_shape,
    build_topology,
    read_avatar,
    texture_index,
)
from .glb import IndexArray, image_bytes
from .layout import texel_layout
from .material import CANONICAL_GREY
from .regions import find_regions
from .registration import face_model_coordinates
from .shape import AvatarShape, load_shape, rest_path, save_shape, save_topology, shape_path, topology_path
from .topology import MESHES, WIG, BytesArray, Topology

FORMAT = "2"
"""Changes with what is converted: a cache of another one is converted again."""
ATLAS_SIZE = 1024
WIG_WIDTH = 512
"""Columns of an atlas to the right of the body's, for the texture of a wig."""
FRAYED_FROM = 0.8
"""v of a wig's texture from which on its strands end."""


def texture(raw: RawAvatar, mesh: str, kind: str, width: int, height: int) -> BytesArray | None:
    """(height, width, 3) uint8 of the texture that a mesh wears, made smaller by averaging; None where it has none.

    Raises:
        AssetError: when it is damaged.
    """
    index = texture_index(raw, mesh, kind)
    if index is None:
        return None
    try:
        with Image.open(io.BytesIO(image_bytes(raw.glb, index))) as image:
            small = image.convert("RGB").resize((width, height), Image.Resampling.BOX)
    except OSError as error:
        raise AssetError(f"{raw.glb.path} is damaged: its {kind} cannot be read; fetch the file again.") from error
    return np.asarray(small, np.uint8)


def _flat_normals(height: int, width: int) -> BytesArray:
    return np.broadcast_to(np.array([128, 128, 255], np.uint8), (height, width, 3)).copy()


def frayed_ends(height: int, width: int) -> BytesArray:
    """(H, W) uint8 coverage of a wig, whose texture runs from the roots down to the tips: strands end unevenly."""
    random = np.random.default_rng(20260211)
    fine, coarse = random.uniform(size=width), gaussian_filter1d(random.uniform(size=width), 4.0, mode="wrap")
    coarse = (coarse - coarse.min()) / np.ptp(coarse)
    reach = FRAYED_FROM + (1.05 - FRAYED_FROM) * (0.65 * fine**0.7 + 0.35 * coarse)
    down = (np.arange(height) + 0.5) / height
    covered = np.clip((reach[None, :] - down[:, None]) / 0.02 + 0.5, 0.0, 1.0)
    covered[down < FRAYED_FROM] = 1.0
    codes: BytesArray = np.round(covered * 255.0).astype(np.uint8)
    return codes


def wig_colour(srgb: BytesArray) -> BytesArray:
    """(H, W, 4) canonical strands of a wig's texture (H, W, 3), with frayed ends."""
    linear = DECODED_BYTES[srgb].astype(np.float64)
    grey = CANONICAL_GREY * strands(linear, np.ones(srgb.shape[:2], bool), 0.08)
    code = np.round(srgb_from_linear(grey.astype(np.float32)) * 255.0).astype(np.uint8)
    return np.stack([code, code, code, frayed_ends(*code.shape)], axis=-1)


def build_atlas(
    raw: RawAvatar, shape: AvatarShape, topology: Topology, size: int = ATLAS_SIZE
) -> tuple[BytesArray, BytesArray, BytesArray]:
    """Colour, normals and regions of an avatar's atlas; a wig's texture stands to the right of the body's.

    Args:
        raw: the opened avatar.
        shape: its shape.
        topology: the shared mesh.
        size: texels along each side of the body's part.
    """
    body = texture(raw, MESHES[0], "baseColorTexture", size, size)
    if body is None:
        raise AssetError(f"{raw.glb.path} has no texture of the body; fetch the file again.")
    layout = texel_layout(topology, shape.vertices, size)
    regions = find_regions((body / 255.0).astype(np.float32), layout)
    colour = canonical_colour(body, regions, layout)
    classes = filled(regions.classes, layout)
    normals = texture(raw, MESHES[0], "normalTexture", size, size)
    normal = _flat_normals(size, size) if normals is None else normals
    if len(shape.wig.vertices) == 0:
        return colour, normal, classes
    width = size * WIG_WIDTH // ATLAS_SIZE
    hair = texture(raw, WIG, "baseColorTexture", width, size)
    if hair is None:
        raise AssetError(f"{raw.glb.path} has a wig without a texture; fetch the file again.")
    bumps = texture(raw, WIG, "normalTexture", width, size)
    return (
        np.hstack([colour, wig_colour(hair)]),
        np.hstack([normal, _flat_normals(size, width) if bumps is None else bumps]),
        np.hstack([classes, np.full((size, width), Region.HAIR, np.uint8)]),
    )


def _save_atlas(maps: tuple[BytesArray, BytesArray, BytesArray], folder: Path, name: str) -> None:
    for values, path in zip(maps, atlas_paths(folder, name), strict=True):
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.save(file, np.ascontiguousarray(values))
        temporary.replace(path)


def _shared(files: list[Path]) -> tuple[Topology, IndexArray]:
    chosen = [files[0], files[len(files) // 2], files[-1]]
    return build_topology([read_avatar(path) for path in chosen])


def prepare_avatars(data: Path | None, folder: Path, *, again: bool = False) -> Iterator[str]:
    """Convert the avatars that are not in the cache yet, or all if another version did; yields each name when done.

    Where the asset folder has no avatars but the cache has converted ones, as `chiaro-train unpack` leaves them, these
    are what there is.

    Args:
        data: the asset folder.
        folder: the cache of training.
        again: convert those in the cache too.

    Raises:
        AssetError: when an avatar is missing or damaged.
    """
    stamp = format_path(folder)
    again = again or not stamp.exists() or stamp.read_text() != FORMAT
    if not again and data is not None and not any((data / "avatars").glob("*.glb")):
        yield from _unpacked_names(folder)
        return
    files = avatar_files(data)
    topology, wanted = _shared(files)
    if again or not topology_path(folder).exists():
        save_topology(topology, folder)
    for path in files:
        name = avatar_name(path)
        paths = (shape_path(folder, name), *atlas_paths(folder, name))
        if again or not all(each.exists() for each in paths):
            raw = read_avatar(path)
            shape = avatar_shape(raw, wanted)
            _save_atlas(build_atlas(raw, shape, topology), folder, name)
            save_shape(shape, folder)
        yield name
    if again or not rest_path(folder).exists():
        _save_rest(data, folder, topology)
    stamp.write_text(FORMAT)


def format_path(folder: Path) -> Path:
    """Where the version that converted the avatars is kept."""
    return folder / "avatars" / "format.txt"


def _unpacked_names(folder: Path) -> list[str]:
    complaint = damage(folder, "avatars")
    if complaint is not None:
        raise AssetError(complaint)
    return avatar_names(folder)


def _save_rest(data: Path | None, folder: Path, topology: Topology) -> None:
    """Register the avatars' mesh to the morphable head."""
    rest = face_model_coordinates(load_face_model(data), topology, list(loaded_shapes(folder).values()))
    temporary = rest_path(folder).with_suffix(".part")
    with temporary.open("wb") as file:
        np.save(file, rest)
    temporary.replace(rest_path(folder))


def avatar_names(folder: Path) -> list[str]:
    """Names of the avatars in the cache, in alphabetical order.

    Raises:
        AssetError: when none has been prepared.
    """
    names = sorted(path.stem for path in (folder / "avatars").glob("*.npz") if path != topology_path(folder))
    if not names:
        raise AssetError(f"{folder} holds no avatars; run `chiaro-train prepare-avatars` with this cache first.")
    return names


def atlas_uv(shape: AvatarShape, topology: Topology) -> tuple[Float32Array, Float32Array]:
    """Texture coordinates in the atlas of the body (V, 2) and of the wig (W, 2)."""
    if len(shape.wig.vertices) == 0:
        return topology.uv, shape.wig.uv
    share = np.float32(ATLAS_SIZE / (ATLAS_SIZE + WIG_WIDTH))
    body = topology.uv * np.array([share, 1.0], np.float32)
    wig = shape.wig.uv % np.float32(1.0)
    wig = wig * np.array([1.0 - share, 1.0], np.float32) + np.array([share, 0.0], np.float32)
    return body, wig.astype(np.float32)


def loaded_shapes(folder: Path) -> dict[str, AvatarShape]:
    """All prepared shapes by name."""
    return {name: load_shape(folder, name) for name in avatar_names(folder)}
