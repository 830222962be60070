"""Machine code that is forgotten when what went into it changes."""

import sys
from pathlib import Path

import numba

from chiaro.training.lightstage import materials, surface_samples
from chiaro.training.lightstage.compiled import CACHE_SETTING, compiled_with, reached_modules


def _twice(value: float) -> float:
    return 2.0 * value


def test_what_is_imported_is_reached_however_indirectly() -> None:
    reached = reached_modules((surface_samples,))
    package = "chiaro.training.lightstage"
    assert {f"{package}.{name}" for name in ("materials", "skin", "parts", "rasterise", "avatars.material")} <= reached
    assert all(name in sys.modules and name.startswith(package) for name in reached)
    assert reached_modules((materials,)) < reached


def test_functions_of_other_sources_are_cached_apart_and_the_setting_is_left_alone() -> None:
    before = getattr(numba.config, CACHE_SETTING)
    first, second = compiled_with(materials)(_twice), compiled_with(surface_samples)(_twice)
    assert getattr(numba.config, CACHE_SETTING) == before
    assert first(3.0) == second(3.0) == 6.0
    folders = {Path(function.stats.cache_path).parent.name for function in (first, second)}
    assert len(folders) == 2
    assert all(name.startswith("compiled_") for name in folders)
