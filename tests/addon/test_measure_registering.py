"""The command that measures how long enabling takes, in every Blender there is."""

from pathlib import Path

import pytest
from tests.blender_process import blender_name, blender_pythons

from chiaro.addon.measure_registering import measured, one_run


@pytest.mark.slow
@pytest.mark.blender
@pytest.mark.parametrize("python", blender_pythons(), ids=blender_name)
def test_a_run_says_which_blender_and_loads_nothing_heavy(python: Path) -> None:
    version, heavy, taken = one_run(str(python))
    assert version.startswith(blender_name(python).removeprefix("Blender "))
    assert heavy == []
    assert len(taken) == 3
    assert min(taken) > 0
    assert measured(str(python), 1).startswith(f"| {version} | ")
