"""Irradiance on a diffuse sphere agrees with Cycles': lamps within 3 %, procedural worlds within 6 %."""

from pathlib import Path

from tests.nodes.blender.light_cases import lamp_cases, world_cases
from tests.nodes.blender.light_comparison import compare

SIZE = 24


def check_lamps_agree_with_cycles(folder: Path) -> None:
    errors = {case.name: compare(case, folder, SIZE).error for case in lamp_cases()}
    assert len(errors) >= 12
    assert max(errors.values()) < 0.03, errors


def check_procedural_worlds_agree_with_cycles(folder: Path) -> None:
    cases = [case for case in world_cases() if not case.needs_data]
    errors = {case.name: compare(case, folder, SIZE).error for case in cases}
    assert len(errors) >= 4
    assert max(errors.values()) < 0.06, errors
