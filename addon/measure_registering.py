"""How long enabling the extension takes: python -m chiaro.addon.measure_registering [--python PYTHON].

Each run is a Blender of its own, with nothing of ours imported yet; numbers are from the first import of the extension
to the end of `register`, and of `unregister`. Every PYTHON needs a bpy; this one by default.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RUNS = 9
ROOT = Path(__file__).resolve().parents[1]
"""The folder that holds addon, nodes and runtime."""

ONE_RUN = """
import json, os, sys, time, types
import bpy
package = types.ModuleType("chiaro")
package.__path__ = [sys.argv[1]]
sys.modules["chiaro"] = package
before = set(sys.modules)
clocks = time.perf_counter, time.process_time
marks = [[clock() for clock in clocks]]
from chiaro import addon
addon.register()
marks.append([clock() for clock in clocks])
heavy = sorted({"onnxruntime", "OpenImageIO", "av", "numpy"} & (set(sys.modules) - before))
addon.unregister()
marks.append([clock() for clock in clocks])
print(json.dumps({"blender": bpy.app.version_string, "heavy": heavy, "marks": marks}), flush=True)
os._exit(0)
"""


def one_run(python: str) -> tuple[str, list[str], list[float]]:
    """Start a Blender and enable the extension in it.

    Returns:
        Blender's version; which heavy libraries that loaded; milliseconds: to register, of the processor's time
        to register, to unregister.

    Raises:
        subprocess.CalledProcessError: that Python has no bpy, or the extension does not register.
    """
    finished = subprocess.run([python, "-c", ONE_RUN, str(ROOT)], capture_output=True, text=True, check=True)  # noqa: S603 - Pythons that the caller named
    found = json.loads(finished.stdout.strip().splitlines()[-1])
    start, registered, unregistered = found["marks"]
    taken = [registered[0] - start[0], registered[1] - start[1], unregistered[0] - registered[0]]
    return found["blender"], found["heavy"], [1000 * seconds for seconds in taken]


def measured(python: str, runs: int) -> str:
    """A line of the table, as Markdown."""
    found = [one_run(python) for _ in range(runs)]
    blender, heavy, _ = found[0]
    register, processor, unregister = (statistics.median(taken[column] for _, _, taken in found) for column in range(3))
    fastest = min(taken[0] for _, _, taken in found)
    loaded = ", ".join(heavy) or "none"
    return f"| {blender} | {register:.0f} ({fastest:.0f}) | {processor:.0f} | {unregister:.0f} | {loaded} |"


def main(words: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description="Measure how long enabling the extension takes.")
    parser.add_argument("--python", action="append", help="a Python with a bpy; may be given several times")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args(words)
    lines = [
        f"Milliseconds, medians of {arguments.runs} starts; the fastest in brackets.",
        "",
        "| Blender | register | of it processor | unregister | heavy libraries loaded |",
        "|---|---|---|---|---|",
    ]
    lines += [measured(python, arguments.runs) for python in arguments.python or [sys.executable]]
    print("\n".join(lines))  # noqa: T201 - a command speaks by printing


if __name__ == "__main__":
    main()
