"""What surrounds the person of a stored view, light by light, kept beside it for networks that name the environment."""

import os
from pathlib import Path

import numpy as np

from .lights import small_environment
from .sample import HalfArray
from .stored_view import SeparateLights, stored_view_path


def stored_environments_path(folder: Path, seed: int, index: int) -> Path:
    """Where the environments of a stored view are kept."""
    view = stored_view_path(folder, seed, index)
    return view.with_name(view.name.replace("view_", "environments_", 1))


def separate_environments(lights: SeparateLights) -> HalfArray:
    """(ENVIRONMENTS + LAMPS, 3, 16, 16) of each light alone, see `lights.small_environment`."""
    each = [small_environment(light) for light in lights.each]
    return np.stack(each).transpose(0, 3, 1, 2).astype(np.float16)


def save_environments(environments: HalfArray, path: Path) -> None:
    """Write them through a temporary name."""
    temporary = path.with_suffix(f".{os.getpid()}.part")
    with temporary.open("wb") as file:
        np.savez(file, environments=environments)
    temporary.replace(path)


def load_environments(path: Path) -> HalfArray | None:
    """Read them; None where they have not been prepared, which only networks that name the environment miss."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as archive:
        environments: HalfArray = archive["environments"]
    return environments
