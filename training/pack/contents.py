"""What training reads, file by file."""

from dataclasses import dataclass
from pathlib import Path

from ..assets import AssetError, asset, blender_worlds
from ..lightstage.avatars.atlas import atlas_paths
from ..lightstage.avatars.prepare_avatars import FORMAT as AVATAR_FORMAT
from ..lightstage.avatars.prepare_avatars import format_path
from ..lightstage.avatars.shape import rest_path, shape_path, topology_path
from ..perceptual import FEATURES_FILE
from ..real_plates import real_plates_path


@dataclass(frozen=True)
class Source:
    """A file that goes into the pack.

    Attributes:
        part: what it belongs to, for the table.
        path: in the pack.
        coding: name in CODINGS.
        file: where it lies now.
    """

    part: str
    path: str
    coding: str
    file: Path


def asset_sources(data: Path | None) -> list[Source]:
    """What training reads from the asset folder: morphable head, light, perceptual features, and their licences.

    Raises:
        AssetError: when a file is missing, or no environment map of Blender was found.
    """
    head, indices = (asset(data, f"ict_facekit/{name}") for name in ("ict_facekit.npz", "vertex_indices.json"))
    files = [
        Source("morphable head", f"data/ict_facekit/{head.name}", "arrays", head),
        Source("morphable head", f"data/ict_facekit/{indices.name}", "compressed", indices),
        Source("perceptual features", f"data/{FEATURES_FILE}", "compressed", asset(data, FEATURES_FILE)),
    ]
    for path in sorted(asset(data, "hdri").glob("*.hdr")):
        files.append(Source("environment maps", f"data/hdri/{path.name}", "radiance", path))
    worlds = blender_worlds(data)
    if not worlds:
        raise AssetError("Blender's environment maps were not found; install the Python package bpy and pack again.")
    for path in worlds:
        files.append(Source("Blender's environment maps", f"data/hdri/blender/{path.name}", "whole", path))
    for folder in ("ict_facekit", "hdri", "avatars"):
        licence = asset(data, "hdri").parent / folder / "LICENSE"
        if licence.exists():
            files.append(Source("licences", f"data/{folder}/LICENSE", "compressed", licence))
    return files


def shared_sources(cache: Path) -> list[Source]:
    """What training reads from its cache besides the avatars themselves; the crops of real plates if they are there.

    Raises:
        AssetError: when the avatars have not been converted by this version.
    """
    stamp = format_path(cache)
    if not stamp.exists() or stamp.read_text() != AVATAR_FORMAT:
        raise AssetError(f"{cache} holds no avatars of this version; run `chiaro-train prepare-avatars` with it first.")
    files = [
        Source("mesh of the avatars", "cache/avatars/topology.npz", "arrays", topology_path(cache)),
        Source("mesh of the avatars", "cache/avatars/rest.npy", "array", rest_path(cache)),
        Source("mesh of the avatars", "cache/avatars/format.txt", "whole", stamp),
    ]
    plates = real_plates_path(cache)
    if plates.exists():
        files.append(Source("crops of real plates", f"cache/{plates.name}", "plates", plates))
    return files


def avatar_sources(cache: Path, name: str) -> list[Source]:
    """The files of one avatar."""
    parts = zip(
        ("colours", "normals", "classes"), ("colour", "normal", "classes"), atlas_paths(cache, name), strict=True
    )
    maps = [Source(f"avatars: {part}", f"cache/avatars/{path.name}", coding, path) for part, coding, path in parts]
    shape = shape_path(cache, name)
    return [Source("avatars: shapes", f"cache/avatars/{shape.name}", "shape", shape), *maps]
