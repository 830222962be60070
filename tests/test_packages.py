"""What an ordinary, not editable, installation would copy."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP = ("addon", "nodes", "runtime", "training")


def test_every_package_is_installed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = (file.parent.relative_to(ROOT) for top in TOP for file in (ROOT / top).rglob("__init__.py"))
    assert sorted(listed) == sorted(".".join(["chiaro", *folder.parts]) for folder in folders)
