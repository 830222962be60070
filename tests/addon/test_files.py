"""Relight nodes in files, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

test_files = blender_tests(Path(__file__).parent / "blender" / "files.py")
