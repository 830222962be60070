"""Tests that share what is made once stay in one process."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from tests.process_groups import process_group

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("tests/runtime/test_crop.py", "tests/runtime/test_eyes.py", "tests/runtime/test_orbit.py")


def test_a_group_is_a_module_or_a_script_in_a_blender() -> None:
    light = "tests/nodes/test_scene_light.py::test_light_agreement"
    assert process_group(f"{light}[Blender 4.5-lamps_agree]") == process_group(f"{light}[Blender 4.5-worlds-agree]")
    assert process_group(f"{light}[Blender 4.5-lamps_agree]") != process_group(f"{light}[Blender 5.2-lamps_agree]")
    other = "tests/nodes/test_scene_light.py::test_hdri_agreement[Blender 4.5-lamps_agree]"
    assert process_group(f"{light}[Blender 4.5-lamps_agree]") != process_group(other)
    for case in ("", "[0.5-True]", "[Blender 4.5]"):
        assert process_group(f"tests/a/test_b.py::test_c{case}") == "tests/a/test_b.py"


@pytest.mark.slow
def test_no_module_is_spread_over_two_processes() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:cacheprovider", *MODULES]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    processes = defaultdict(set)
    for process, module in re.findall(r"\[(gw\d)\].*?(tests/\S+?)::", said):
        processes[module].add(process)
    assert set(processes) == set(MODULES), said
    assert {len(used) for used in processes.values()} == {1}, processes
    assert len(set.union(*processes.values())) == 2, "both processes have work"
