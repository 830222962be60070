"""Compiled functions that know when what they call has changed.

Numba keeps machine code on disk and compiles anew when the *file* of a function changes. Code of other modules that was
compiled into it, and constants read from them, are not looked at: after a change to a material the old one would go on
being drawn. A function that reaches into other modules is therefore cached under a hash of their sources.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import ParamSpec, TypeVar

import numba
from numba.core import config

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
CACHE_SETTING = "CACHE_DIR"
"""Of numba's configuration, which it reads when a function is decorated."""


def compiled_with(*modules: ModuleType) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Like `numba.njit(cache=True, fastmath=True)` for a function that calls into other modules of this package.

    Args:
        modules: all whose compiled functions or constants end up in the function, however indirectly.
    """

    def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        before = getattr(config, CACHE_SETTING)
        folder = Path(function.__code__.co_filename).parent / "__pycache__"
        setattr(config, CACHE_SETTING, str(folder / f"compiled_{_sources_hash(modules)}"))
        try:
            result: Callable[Arguments, Result] = numba.njit(cache=True, fastmath=True)(function)
        finally:
            setattr(config, CACHE_SETTING, before)
        return result

    return compiled


@cache
def _sources_hash(modules: tuple[ModuleType, ...]) -> str:
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:16]
