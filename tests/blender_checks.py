"""Inside Blender: runs the checks of a script and writes down how each one went. Started by tests.blender_process."""

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from unittest import SkipTest

import bpy

from chiaro.nodes import registration
from chiaro.nodes.engine import ENGINE


def _load(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write(journal: Path, check: str, outcome: str) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"check": check, "outcome": outcome}) + "\n")


def main(script: Path, journal: Path, folder: Path) -> None:
    """Run every check on an empty file with the nodes registered."""
    module = _load(script)
    for name in [name for name in vars(module) if name.startswith("check_")]:
        _write(journal, name, "began")
        bpy.ops.wm.read_factory_settings(use_empty=True)
        registration.register()
        own_folder = folder / name
        own_folder.mkdir()
        try:
            vars(module)[name](own_folder)
            outcome = ""
        except SkipTest as reason:
            outcome = f"skipped: {reason}"
        except Exception:
            outcome = traceback.format_exc()
        ENGINE.use_factory(None)
        registration.unregister()
        _write(journal, name, outcome)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
    sys.stdout.flush()
    sys.stderr.flush()
    # Leaving Blender's module the ordinary way can hang or crash after all is done; a check of its own looks at that.
    os._exit(0)
