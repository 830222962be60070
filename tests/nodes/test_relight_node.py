"""The Relight node, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

SCRIPTS = Path(__file__).parent / "blender"

test_node_life = blender_tests(SCRIPTS / "node_life.py")
test_rendering = blender_tests(SCRIPTS / "rendering.py")
test_failures = blender_tests(SCRIPTS / "failures.py")
test_face = blender_tests(SCRIPTS / "face.py")
test_plates = blender_tests(SCRIPTS / "plates.py")
test_mattes = blender_tests(SCRIPTS / "mattes.py")
test_cameras = blender_tests(SCRIPTS / "cameras.py")
test_whole_road = blender_tests(SCRIPTS / "whole_road.py")
