"""Compiled functions that know when what they call has changed.

Numba keeps machine code on disk and compiles anew when the *file* of a function changes. Code of other modules that was
compiled into it, and constants read from them, are not looked at: after a change to a material the old one would go on
being drawn. A function that reaches into other modules is therefore cached under a hash of their sources.
"""

import ast
import hashlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import resolve_name
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
        modules: whose compiled functions or constants end up in the function; what they import counts too. The
            function's own module when none is given.
    """

    def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        before = getattr(config, CACHE_SETTING)
        roots = modules or (sys.modules[function.__module__],)
        folder = Path(function.__code__.co_filename).parent / "__pycache__"
        setattr(config, CACHE_SETTING, str(folder / f"compiled_{_sources_hash(roots)}"))
        try:
            result: Callable[Arguments, Result] = numba.njit(cache=True, fastmath=True)(function)
        finally:
            setattr(config, CACHE_SETTING, before)
        return result

    return compiled


@cache
def _sources_hash(modules: tuple[ModuleType, ...]) -> str:
    digest = hashlib.sha256()
    for name in sorted(reached_modules(modules)):
        digest.update(Path(str(sys.modules[name].__file__)).read_bytes())
    return digest.hexdigest()[:16]


def reached_modules(modules: tuple[ModuleType, ...]) -> set[str]:
    """Names of the modules and of all that they import of this package, directly or not."""
    waiting, reached = [module.__name__ for module in modules], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in reached and name in sys.modules:
            reached.add(name)
            waiting += _imported_of_package(sys.modules[name])
    return reached


def _imported_of_package(module: ModuleType) -> list[str]:
    """Full names that a module imports relatively and that belong to the light stage."""
    stage, found = __name__.rpartition(".")[0], list[str]()
    for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            source = resolve_name("." * node.level + (node.module or ""), module.__package__)
            found += [source, *(f"{source}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.startswith(stage + ".")]
