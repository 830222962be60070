"""Enabling and disabling the extension, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

test_registration = blender_tests(Path(__file__).parent / "blender" / "registration.py")
