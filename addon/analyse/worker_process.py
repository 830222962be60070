"""The worker as Blender sees it: started, granted steps, listened to, stopped. Nothing here ever waits for it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .job_file import JobDescription, write_job

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds addon, nodes and runtime."""

START = (
    "import sys, types; package = types.ModuleType('chiaro'); package.__path__ = [sys.argv[1]]; "
    "sys.modules['chiaro'] = package; from chiaro.addon.analyse.worker import main; main()"
)
"""Gives the worker our packages under one name, wherever Blender keeps them and without running what registers."""

LIBRARIES = ("numpy", "onnxruntime", "OpenImageIO", "av", "flatbuffers", "google.protobuf", "packaging")
"""What the runtime imports; found where this process would find it, without importing it."""

STEPS_AHEAD = 64
"""Granted in advance: the worker goes on for so many steps while Blender is busy with something else."""


class WorkerProcess:
    """One job in a process of its own."""

    def __init__(self, job: JobDescription, temporary_folder: Path | None = None) -> None:
        """Start it.

        Args:
            job: what to do.
            temporary_folder: where to keep job and journal while it runs.

        Raises:
            OSError: the process cannot be started.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="chiaro-analyse-", dir=temporary_folder))
        job_file = self._folder / "job.json"
        write_job(job, job_file)
        self._errors = self._folder / "errors.txt"
        with (self._folder / "journal.jsonl").open("wb") as journal, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own code in Blender's own Python
                [sys.executable, "-s", "-P", "-c", START, str(ROOT), str(job_file)],
                stdin=subprocess.PIPE,
                stdout=journal,
                stderr=errors,
                env=worker_environment(),
                cwd=self._folder,
                creationflags=_creation_flags(),
            )
        self._journal = (self._folder / "journal.jsonl").open("rb")
        self._unread = b""
        self._granted = 0
        self._taken = 0

    @property
    def process_id(self) -> int:
        """Of the worker."""
        return self._process.pid

    def poll(self) -> list[Mapping[str, Any]]:
        """What happened since the last call; grants further steps."""
        running = self._process.poll() is None
        events = list(self._events())
        self._taken += sum(event["event"] in ("located", "ready", "problem") for event in events)
        if running:
            self._grant(self._taken + STEPS_AHEAD - self._granted)
        elif not any(event["event"] in ("finished", "stopped", "failed") for event in events):
            events.append({"event": "died", "sentence": self._last_words()})
        return events

    def close(self) -> None:
        """End it at once, which harms nothing (all it wrote appeared by renaming), and remove its files."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):  # Grants that nobody read.
                self._process.stdin.close()
        self._journal.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _grant(self, steps: int) -> None:
        if steps <= 0 or self._process.stdin is None:
            return
        with contextlib.suppress(OSError):  # It ended meanwhile; the next poll says how.
            self._process.stdin.write(b"\n" * steps)
            self._process.stdin.flush()
            self._granted += steps

    def _events(self) -> Iterator[Mapping[str, Any]]:
        *lines, self._unread = (self._unread + self._journal.read()).split(b"\n")
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # A library that prints.
            if isinstance(event, dict) and "event" in event:
                yield event

    def _last_words(self) -> str:
        lines = self._errors.read_text(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"code {self._process.returncode}"
        return f"The analysis ended unexpectedly ({reason}); what was finished is kept: start it again."


def worker_environment() -> dict[str, str]:
    """This process's environment, with the places of the libraries that Blender would import."""
    places = dict.fromkeys(place for place in map(_place_of, LIBRARIES) if place)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(places), PYTHONIOENCODING="utf-8")
    environment.pop("PYTHONHOME", None)
    return environment


def _place_of(library: str) -> str | None:
    """The folder on sys.path that a library is in; None where it is not installed."""
    top = library.partition(".")[0]
    spec = find_spec(top)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    return str(Path(locations[0]).parent) if locations else None


def _creation_flags() -> int:
    """On Windows, where alone these exist: no console window, and Blender goes first."""
    return getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
