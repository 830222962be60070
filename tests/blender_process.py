"""Runs checks inside real Blenders, each Blender in a process of its own.

A check is a top-level function `check_…(folder)` in a script that imports bpy. pytest sees one test per Blender and
check; a script's checks run one after the other in one process per Blender, because starting Blender costs seconds.
What each check did is written to a file as it happens, so a crash is pinned on the check that crashed.
"""

import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 600


def blender_pythons() -> list[Path]:
    """The Pythons with a bpy: CHIARO_BPY_PYTHONS (separated as PATH is), else this one where it has a bpy."""
    listed = os.environ.get("CHIARO_BPY_PYTHONS", "")
    if listed:
        return [Path(entry) for entry in listed.split(os.pathsep) if entry]
    return [Path(sys.executable)] if find_spec("bpy") else []


@cache
def blender_name(python: Path) -> str:
    """Such as "Blender 4.5", from the installed package, without starting Blender."""
    version = subprocess.run(
        [python, "-c", "from importlib.metadata import version; print(version('bpy'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return "Blender " + ".".join(version.split(".")[:2])


def checks_in(script: Path) -> list[str]:
    """Names of the checks in a script, in order, without importing it."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")]


def run_python(python: Path, arguments: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a Python that finds `chiaro` and `tests` as this one does, installed or not."""
    paths = [str(ROOT / "build" / "source"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, paths)))
    return subprocess.run(
        [python, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


@cache
def run_checks(python: Path, script: Path) -> dict[str, str]:
    """Run all checks of a script in one Blender.

    Returns:
        Check name → "" when it held, "skipped: " and the reason, or what went wrong.
    """
    folder = Path(tempfile.mkdtemp(prefix="chiaro-blender-"))
    journal = folder / "journal.jsonl"
    finished = run_python(python, ["-m", "tests.blender_checks", script, journal, folder])
    results = dict.fromkeys(checks_in(script), "")
    entries = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    outcomes = {entry["check"]: entry["outcome"] for entry in entries}
    for check in results:
        outcome = outcomes.get(check, "was not reached")
        if outcome in ("was not reached", "began") or (finished.returncode and outcome == ""):
            outcome = f"{outcome}; Blender left with code {finished.returncode}\n{finished.stderr[-4000:]}"
        results[check] = outcome
    return results


def blender_tests(script: Path) -> Callable[..., None]:
    """A pytest test for every Blender there is and every check in the script.

    Those of one Blender and script stay in one process of pytest (`process_groups.py`), which starts that Blender once.
    """
    cases = [
        pytest.param(
            python,
            check,
            id=f"{blender_name(python)}-{check.removeprefix('check_')}",
        )
        for python in blender_pythons()
        for check in checks_in(script)
    ]

    @pytest.mark.blender
    @pytest.mark.slow
    @pytest.mark.parametrize(("python", "check"), cases)
    def test_in_blender(python: Path, check: str) -> None:
        outcome = run_checks(python, script)[check]
        if outcome.startswith("skipped: "):
            pytest.skip(outcome.removeprefix("skipped: "))
        if outcome:
            pytest.fail(outcome, pytrace=False)

    return test_in_blender
