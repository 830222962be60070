"""The light of a Blender scene, in every Blender there is."""

from pathlib import Path

import pytest
from tests.asset_folder import HDRI_FOLDER
from tests.blender_process import blender_tests

SCRIPTS = Path(__file__).parent / "blender"

test_scene_light = blender_tests(SCRIPTS / "scene_light.py")
test_light_agreement = blender_tests(SCRIPTS / "light_agreement.py")
test_hdri_agreement = pytest.mark.data(
    pytest.mark.skipif(not HDRI_FOLDER.is_dir(), reason=f"no HDRIs in {HDRI_FOLDER}; set CHIARO_DATA")(
        blender_tests(SCRIPTS / "hdri_agreement.py")
    )
)
