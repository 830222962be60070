"""`chiaro info`: versions, providers, weights, cache."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from ..cache import EncodingCache
from ..errors import WeightsError
from ..network import available_providers, is_listed, verified_bytes, weights_file
from ..recentre import POSE_NETWORK
from ..relight import DEFAULT_CACHE_LIMIT_BYTES
from ..temporal.installed import NAME as TEMPORAL_NETWORK
from ..view.head_field import NETWORKS as FIELD_NETWORKS
from .shared import CACHE_HELP, default_cache_folder

PACKAGES = ("chiaro", "numpy", "onnxruntime", "OpenImageIO", "av")
NETWORKS = ("locator", "portrait")
OPTIONAL_NETWORKS = (POSE_NETWORK, *FIELD_NETWORKS, TEMPORAL_NETWORK)


def info(cache: Annotated[Path | None, typer.Option(help=CACHE_HELP)] = None) -> None:
    """Show versions, what the networks run on, the weights with their hashes, and the cache."""
    typer.echo(f"Python         {platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in PACKAGES:
        typer.echo(f"{package:<14} {package_version(package)}")
    typer.echo(f"providers      {', '.join(available_providers())}")
    for name in (*NETWORKS, *(name for name in OPTIONAL_NETWORKS if is_listed(name))):
        typer.echo(f"{name:<14} {weights_line(name)}")
    folder = cache or default_cache_folder()
    typer.echo(f"cache          {cache_line(folder)}")


def package_version(package: str) -> str:
    """The installed version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def weights_line(name: str) -> str:
    """Size and hash of a network's file, or what is wrong with it."""
    try:
        weights = weights_file(name)
        size = len(verified_bytes(weights))
    except WeightsError as error:
        return f"UNUSABLE: {error}"
    return f"{size / 1e6:.1f} MB, SHA-256 {weights.sha256}"


def cache_line(folder: Path) -> str:
    """Where the cache is and what it holds."""
    if not folder.is_dir():
        return f"{folder} (empty)"
    cache = EncodingCache(folder, DEFAULT_CACHE_LIMIT_BYTES)
    return f"{folder}: {len(cache.encoding_keys())} frames, {cache.total_bytes() / 1e6:.0f} MB"
