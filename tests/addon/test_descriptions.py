"""Tooltips, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

test_descriptions = blender_tests(Path(__file__).parent / "blender" / "descriptions.py")
