"""Networks: found, checked against their hashes, and run by onnxruntime."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .arrays import Float32Array
from .errors import SettingsError, WeightsError
from .weights import WEIGHTS_FOLDER

PREFERRED_PROVIDERS = (
    "CUDAExecutionProvider",
    "DmlExecutionProvider",
    "CoreMLExecutionProvider",
    "CPUExecutionProvider",
)
"""Fastest first; those that the installed onnxruntime lacks are skipped."""


@dataclass(frozen=True)
class Network:
    """A network that is ready to run.

    Attributes:
        name: its name in the manifest.
        sha256: hash of its file, part of every cache key.
        session: the onnxruntime session.
    """

    name: str
    sha256: str
    session: Any

    @property
    def providers(self) -> tuple[str, ...]:
        """The execution providers in use, first choice first."""
        return tuple(self.session.get_providers())

    def run(self, **inputs: Float32Array) -> Mapping[str, Float32Array]:
        """Run on named float32 inputs; gives every output by name."""
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, inputs), strict=True))


def available_providers() -> tuple[str, ...]:
    """The execution providers of the installed onnxruntime that Chiaro can use, fastest first."""
    import onnxruntime  # noqa: PLC0415 - costs a second; the extension registers without it

    installed = set(onnxruntime.get_available_providers())
    return tuple(name for name in PREFERRED_PROVIDERS if name in installed)


def choose_providers(wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """Decide what a session runs on.

    Args:
        wanted: provider names such as "CPUExecutionProvider" or short ones such as "cpu"; None chooses automatically.

    Returns:
        Provider names for onnxruntime, always ending in the CPU.

    Raises:
        SettingsError: a wanted provider is not part of the installed onnxruntime.
    """
    available = available_providers()
    if not wanted:
        return available
    by_short_name = {name.removesuffix("ExecutionProvider").lower(): name for name in available}
    by_short_name["directml"] = by_short_name.get("dml", "")
    chosen = []
    for name in wanted:
        full_name = by_short_name.get(name.removesuffix("ExecutionProvider").lower(), "")
        if not full_name:
            known = ", ".join(sorted(short for short, full in by_short_name.items() if full))
            raise SettingsError(
                f'The provider "{name}" is not part of the installed onnxruntime; it has {known}: '
                "choose one of these, or install the onnxruntime package for your GPU."
            )
        chosen.append(full_name)
    if "CPUExecutionProvider" not in chosen:
        chosen.append("CPUExecutionProvider")
    return tuple(chosen)


@dataclass(frozen=True)
class WeightsFile:
    """One network's file as the manifest lists it."""

    name: str
    path: Path
    sha256: str


def weights_folder() -> Path:
    """Where the weights are: the environment variable CHIARO_WEIGHTS (to try others out), else the package's own."""
    return Path(os.environ.get("CHIARO_WEIGHTS") or WEIGHTS_FOLDER)


def weights_file(name: str, folder: Path | None = None) -> WeightsFile:
    """Look a network up in the manifest.

    Raises:
        WeightsError: no manifest, or the network is not in it.
    """
    folder = folder or weights_folder()
    manifest_path = folder / "manifest.json"
    try:
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        entry = manifest[name]
        return WeightsFile(name, folder / entry["file"], entry["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f'The network "{name}" is not listed in {manifest_path} ({type(error).__name__}): '
            "install Chiaro again, or run `chiaro-train export`."
        ) from error


def is_listed(name: str, folder: Path | None = None) -> bool:
    """Whether the manifest lists a network that not all weights have."""
    try:
        weights_file(name, folder)
    except WeightsError:
        return False
    return True


def verified_bytes(weights: WeightsFile) -> bytes:
    """The file's content, checked against the manifest.

    Raises:
        WeightsError: missing, unreadable, or of another hash.
    """
    try:
        content = weights.path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f'The weights of the network "{weights.name}" cannot be read at {weights.path} '
            f"({error.strerror}): install Chiaro again."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != weights.sha256:
        raise WeightsError(
            f'The weights of the network "{weights.name}" have the hash {found[:12]}… where {weights.sha256[:12]}… is '
            "expected, so the file is damaged or from another version: install Chiaro again."
        )
    return content


@lru_cache(maxsize=8)
def _load(name: str, folder: Path, providers: tuple[str, ...], threads: int) -> Network:
    import onnxruntime  # noqa: PLC0415 - costs a second; the extension registers without it

    weights = weights_file(name, folder)
    content = verified_bytes(weights)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin after a run would keep Blender's compositor, and the next lines of numpy, waiting.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(content, options, providers=list(providers))
    except Exception as error:
        raise WeightsError(
            f'The network "{name}" does not start on {", ".join(providers)} ({error}): '
            "choose the provider cpu, or install Chiaro again."
        ) from error
    return Network(name, weights.sha256, session)


def load_network(
    name: str,
    *,
    providers: Sequence[str] | None = None,
    threads: int = 0,
    folder: Path | None = None,
) -> Network:
    """A network by name, loaded once per process.

    Args:
        name: "portrait" or "locator"; "field_distance" or "field_surface" where the weights have a field.
        providers: what to run on, see `choose_providers`.
        threads: CPU threads, 0 for as many as there are cores.
        folder: where manifest.json and the files lie; see `weights_folder` when None.

    Raises:
        WeightsError: missing, damaged, or it does not start.
        SettingsError: an unknown provider.
    """
    return _load(name, folder or weights_folder(), choose_providers(providers), threads)
