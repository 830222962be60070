"""The light of a Blender scene, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

SCRIPTS = Path(__file__).parent / "blender"

test_scene_light = blender_tests(SCRIPTS / "scene_light.py")
