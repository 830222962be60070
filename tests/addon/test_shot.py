"""What an artist does with a shot, in every Blender there is."""

from pathlib import Path

from tests.blender_process import blender_tests

FOLDER = Path(__file__).parent / "blender"

test_relight_plate = blender_tests(FOLDER / "relight_plate.py")
test_head_in_space = blender_tests(FOLDER / "head_in_space.py")
test_shot_light = blender_tests(FOLDER / "shot_light.py")
test_shot_output = blender_tests(FOLDER / "shot_output.py")
test_shot_registration = blender_tests(FOLDER / "shot_registration.py")
test_words = blender_tests(FOLDER / "words.py")
