"""The extension's zip: what is in it, that it is the same every time, and that Blender installs and uses it."""

import ast
import json
import os
import subprocess
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from tests.blender_process import ROOT, blender_name, blender_pythons

from chiaro.addon import build_extension as build


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build.build_extension(tmp_path_factory.mktemp("extension"))
    except (subprocess.CalledProcessError, ValueError) as error:
        pytest.skip(f"the wheels cannot be fetched here: {error}")


def test_sources_hold_what_runs_in_blender_and_nothing_else() -> None:
    sources = {str(path) for path in build.source_files(ROOT)}
    assert {"addon/__init__.py", "nodes/relight_node.py", "runtime/relight.py"} <= sources
    for path in map(PurePosixPath, sources):
        assert path.parts[0] in {"addon", "nodes", "runtime"}
        assert not path.is_relative_to("runtime/command")
        assert "__pycache__" not in path.parts
        assert path.name != "build_extension.py"


def test_all_networks_of_the_weights_folder_come_along(tmp_path: Path) -> None:
    weights = tmp_path / "runtime" / "weights"
    weights.mkdir(parents=True)
    names = {"portrait.onnx", "field_distance.onnx", "field_surface.onnx", "portrait.md", "field.md", "manifest.json"}
    for name in names | {".portrait.onnx.123.part", "notes.txt"}:
        (weights / name).write_text("")
    assert {path.name for path in build.source_files(tmp_path)} == names


def test_no_source_of_the_extension_imports_the_package_by_name_or_what_blender_lacks() -> None:
    forbidden = ("import chiaro", "from chiaro", "import torch", "import typer", "import rich", "import platformdirs",
                 "import threading", "import scipy", "import numba")  # fmt: skip
    for path in build.source_files(ROOT):
        if path.suffix == ".py":
            text = (ROOT / path).read_text(encoding="utf-8")
            lines = [line.strip() for line in text.splitlines()]
            assert not [line for line in lines if line.startswith(forbidden)], path


def test_no_source_of_the_extension_can_reach_a_network() -> None:
    names = ("socket", "ssl", "urllib", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "pip", "ensurepip")
    for path in build.source_files(ROOT):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                imported = [node.module or ""]
            assert not {name.partition(".")[0] for name in imported} & set(names), path


def test_looks_and_translations_come_along() -> None:
    sources = {str(path) for path in build.source_files(ROOT)}
    assert {f"addon/presets/chiaro/looks/{name}.py" for name in ("rembrandt", "butterfly", "loop")} <= sources
    assert {"addon/translations/german.py", "addon/translations/french.py"} <= sources


def test_the_zip_is_for_blender_orgs_pythons_unless_asked() -> None:
    assert set(build.BLENDER_PYTHONS) < set(build.PYTHON_WHEELS)
    assert build.build_extension.__defaults__ == ((), build.BLENDER_PYTHONS)


def test_manifest_lists_platforms_and_wheels_in_the_top_table() -> None:
    manifest = tomllib.loads(build.manifest_text(("linux-x64",), ("b-1.whl", "a-1.whl")))
    assert manifest["id"] == "chiaro"
    assert manifest["schema_version"] == "1.0.0"
    assert manifest["blender_version_min"] == "4.5.0"
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert manifest["platforms"] == ["linux-x64"]
    assert manifest["wheels"] == ["./wheels/a-1.whl", "./wheels/b-1.whl"]
    assert set(manifest["permissions"]) == {"files"}
    assert len(manifest["tagline"]) <= 64
    assert not manifest["tagline"].endswith(".")


def test_manifest_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert tomllib.loads(build.manifest_text((), ()))["version"] == project["version"]


@pytest.mark.parametrize(
    ("wheel", "platform", "tag", "fits"),
    [
        ("onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux-x64", "cp311", True),
        ("onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux-x64", "cp313", False),
        ("onnxruntime-1.31.1-cp311-cp311-win_amd64.whl", "linux-x64", "cp311", False),
        ("av-18.1.0-cp311-abi3-manylinux_2_28_x86_64.whl", "linux-x64", "cp313", True),
        ("av-19.0.2-cp312-abi3-manylinux_2_28_x86_64.whl", "linux-x64", "cp311", False),
        ("packaging-26.3-py3-none-any.whl", "windows-x64", "cp313", True),
        ("flatbuffers-25.12.19-py2.py3-none-any.whl", "macos-arm64", "cp311", True),
    ],
)
def test_wheels_are_matched_by_their_tags(wheel: str, platform: str, tag: str, fits: bool) -> None:
    assert build._runs_on(wheel, platform, tag) is fits


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(extension: Path, tmp_path: Path) -> None:
    again = build.build_extension(tmp_path)
    assert again.name == extension.name
    assert again.read_bytes() == extension.read_bytes()


@pytest.mark.slow
def test_the_zip_has_the_layout_of_an_extension(extension: Path) -> None:
    with zipfile.ZipFile(extension) as archive:
        names = archive.namelist()
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert {"__init__.py", "blender_manifest.toml", "LICENSE", "addon/__init__.py", "nodes/__init__.py"} <= set(names)
    assert sorted(f"./{name}" for name in names if name.endswith(".whl")) == manifest["wheels"]
    with zipfile.ZipFile(extension) as archive:
        for name in manifest["wheels"]:
            fetched = ROOT / "build" / "wheels" / PurePosixPath(name).name
            assert archive.read(name.removeprefix("./")) == fetched.read_bytes(), "wheels go in as pip fetched them"
    assert not [name for name in names if name.startswith(("tests/", "training/", "runtime/command/"))]


_VALIDATE = """
import bpy, os, runpy, sys
validator = os.path.join(bpy.utils.resource_path("LOCAL"), "scripts", "addons_core", "bl_pkg", "cli", "blender_ext.py")
sys.argv = [validator, "validate", sys.argv[1]]
runpy.run_path(validator, run_name="__main__")
"""

_INSTALL = """
import bpy, os, sys
result = bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
os._exit(0 if result == {"FINISHED"} else 3)
"""

_USE = """
import bpy, importlib, json, os, sys
from pathlib import Path
folder = Path(sys.argv[1])
package = "bl_ext.user_default.chiaro"
bpy.ops.preferences.addon_enable(module=package)
installed = Path(sys.modules[package].__file__).parent
written = {path: path.stat().st_mtime_ns for path in installed.rglob("*") if "__pycache__" not in path.parts}
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module=package)
scene = bpy.context.scene
versions = importlib.import_module(package + ".nodes.blender_versions")
tree = versions.ensure_compositor_tree(scene)
plate = tree.nodes.new("CompositorNodeImage")
plate.image = bpy.data.images.load(sys.argv[2])
relight = tree.nodes.new("ChiaroRelightNode")
tree.links.new(plate.outputs["Image"], relight.inputs["Image"])
tree.links.new(relight.outputs["Image"], versions.ensure_render_output(tree))
camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
scene.collection.objects.link(camera)
scene.camera = camera
scene.world = bpy.data.worlds.new("World")
scene.render.engine, scene.cycles.samples = "CYCLES", 1
scene.render.resolution_x = scene.render.resolution_y = 256
scene.render.image_settings.file_format = "OPEN_EXR"
scene.render.filepath = str(folder / "frame.exr")
bpy.ops.render.render(write_still=True)
status = importlib.import_module(package + ".nodes.status").BOARD.get(relight.node_tree.session_uid).status
import av, onnxruntime, OpenImageIO
modules = [Path(module.__file__).resolve() for module in (av, onnxruntime, OpenImageIO)]
extensions = Path(bpy.utils.user_resource("EXTENSIONS")).resolve()
after = {path: path.stat().st_mtime_ns for path in installed.rglob("*") if "__pycache__" not in path.parts}
result = {
    "level": status.level.name,
    "lines": status.lines,
    "bundled": all(path.is_relative_to(extensions) for path in modules),
    "own folder untouched": after == written,
    "providers": importlib.import_module(package + ".nodes.engine").ENGINE.settings.providers,
    "cache": str(importlib.import_module(package + ".nodes.engine").ENGINE.settings.cache_folder),
}
(folder / "result.json").write_text(json.dumps(result))
os._exit(0)
"""


def _run(python: Path, code: str, arguments: list[str], resources: Path) -> subprocess.CompletedProcess[str]:
    """Run in a Blender that knows nothing of this repository, with its own user folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["BLENDER_USER_RESOURCES"] = str(resources)
    return subprocess.run(
        [python, "-c", code, *arguments],
        env=environment,
        cwd=resources,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.blender
@pytest.mark.parametrize("python", blender_pythons(), ids=blender_name)
def test_blender_validates_installs_and_uses_the_zip(python: Path, extension: Path, tmp_path: Path) -> None:
    validated = _run(python, _VALIDATE, [str(extension)], tmp_path)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    assert "Success" in validated.stdout

    installed = _run(python, _INSTALL, [str(extension)], tmp_path)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    used = _run(python, _USE, [str(tmp_path), str(_portrait(tmp_path))], tmp_path)
    assert used.returncode == 0, used.stdout + used.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["bundled"], "the wheels of the zip are used, not what this computer has"
    assert result["own folder untouched"]
    assert Path(result["cache"]).is_relative_to(tmp_path)
    assert result["providers"] is None
    if not (ROOT / "runtime" / "weights" / "manifest.json").exists():
        pytest.skip("runtime/weights holds no trained networks, so nothing can be relit")
    assert result["level"] != "ERROR", result["lines"]


def _portrait(folder: Path) -> Path:
    """The NASA portrait that scikit-image carries, as a file."""
    import OpenImageIO
    from skimage.data import astronaut

    pixels = astronaut()
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], 3, "uint8"))
    buffer.set_pixels(buffer.roi, pixels)
    path = folder / "portrait.png"
    assert buffer.write(str(path)), buffer.geterror()
    return path
