"""Irradiance on a diffuse sphere under HDRIs agrees with Cycles' within 6 %, and what is left is the order of 2."""

from pathlib import Path

from tests.nodes.blender.light_cases import world_cases
from tests.nodes.blender.light_comparison import compare

SIZE = 24


def check_hdris_agree_with_cycles(folder: Path) -> None:
    cases = [case for case in world_cases() if case.needs_data]
    compared = [compare(case, folder, SIZE) for case in cases]
    errors = {entry.case.name: entry.error for entry in compared}
    assert len(errors) >= 6
    assert max(errors.values()) < 0.06, errors
    # The baked map itself, integrated exactly, leaves Cycles' noise only.
    exact = {entry.case.name: entry.exact_error for entry in compared}
    assert max(exact.values()) < 0.02, exact
    sunny = [entry for entry in compared if entry.has_sun]
    assert sunny, "the park's sun is found"
    for entry in sunny:
        assert entry.truncation < 0.5 * entry.without_sun, entry.case.name
