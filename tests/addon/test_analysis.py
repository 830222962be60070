"""The Analyse job in Blender, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

test_analysis = blender_tests(Path(__file__).parent / "blender" / "analysis.py")
