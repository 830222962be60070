"""Builds the extension's zip: code, weights and wheels for every supported Blender. Run: ./install extension.

The same sources and wheels give the same bytes: entries are sorted and carry one fixed time.
"""

import argparse
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = "blender_manifest.toml"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""

PACKAGE_ROOT = '''"""Chiaro: relight people in the compositor."""

from .addon import register, unregister

__all__ = ["register", "unregister"]
'''

FOLDERS = ("addon", "nodes", "runtime")
SUFFIXES = frozenset({".py", ".onnx", ".json", ".md", ".npz"})
LEFT_OUT = (
    "addon/build_extension.py",
    "addon/demonstration",
    "addon/measure_overhead.py",
    "addon/measure_registering.py",
    "addon/measure_shot.py",
    "runtime/command",
)
"""Not for Blender: what builds, shows off, or is a command line."""

COMMON_WHEELS = ("av==18.1.0", "flatbuffers==25.12.19", "packaging==26.3", "protobuf==7.36.2")
"""Pure, or built against Python's stable interface: one wheel serves all. numpy is Blender's own."""

PYTHON_WHEELS = {
    # Blender 4.5 and 5.0 carry numpy 1.26, which later OpenImageIO wheels refuse.
    "cp311": ("onnxruntime==1.31.1", "OpenImageIO==3.0.21.0"),
    "cp313": ("onnxruntime==1.31.1", "OpenImageIO==3.2.2.0"),
    "cp314": ("onnxruntime==1.31.1", "OpenImageIO==3.2.2.0"),
}

BLENDER_PYTHONS = ("cp311", "cp313")
"""What the Blenders of blender.org run on. Linux distributions build Blender with their own Python: for those, build a
zip of its own (`--python cp314`)."""

PIP_PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "windows-x64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64", "macosx_13_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64",
                    "macosx_11_0_universal2", "macosx_10_9_universal2"),
}  # fmt: skip
"""Blender's name of a platform → the wheel tags that run on it, best first."""


def build_extension(
    output_folder: Path, platforms: Sequence[str] = (), python_tags: Sequence[str] = BLENDER_PYTHONS
) -> Path:
    """Build the zip.

    Args:
        output_folder: gets the zip.
        platforms: Blender's platform names; the computer's own when empty.
        python_tags: keys of PYTHON_WHEELS; those of blender.org's Blenders by default.

    Returns:
        The zip's path.

    Raises:
        subprocess.CalledProcessError: pip found no wheel, or Blender's validator refuses the zip.
    """
    platforms = tuple(platforms) or (current_platform(),)
    wheels = download_wheels(ROOT / "build" / "wheels", platforms, python_tags)
    manifest = manifest_text(platforms, [wheel.name for wheel in wheels])
    version = tomllib.loads(manifest)["version"]
    output_folder.mkdir(parents=True, exist_ok=True)
    foreign = [tag for tag in python_tags if tag not in BLENDER_PYTHONS]
    target = output_folder / f"chiaro-{version}-{'-'.join([*platforms, *foreign])}.zip"
    unfinished = target.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w") as archive:
        _add(archive, "__init__.py", PACKAGE_ROOT.encode())
        _add(archive, "LICENSE", (ROOT / "LICENSE").read_bytes())
        _add(archive, MANIFEST, manifest.encode())
        for path in source_files(ROOT):
            _add(archive, path.as_posix(), (ROOT / path).read_bytes())
        for wheel in wheels:
            _add(archive, f"wheels/{wheel.name}", wheel.read_bytes(), zipfile.ZIP_STORED)
    unfinished.replace(target)
    return target


def current_platform() -> str:
    """Blender's name of the platform this Python runs on.

    Raises:
        ValueError: Blender has no build for it.
    """
    found = sysconfig.get_platform()
    for start, machine, platform in (
        ("linux", "x86_64", "linux-x64"),
        ("win", "amd64", "windows-x64"),
        ("macosx", "arm64", "macos-arm64"),
    ):
        if found.startswith(start) and found.endswith(machine):
            return platform
    raise ValueError(f"This computer is {found}; the extension is built on {', '.join(PIP_PLATFORMS)}.")


def source_files(root: Path) -> list[PurePosixPath]:
    """Files of the extension relative to the repository, sorted."""
    paths = (path.relative_to(root) for folder in FOLDERS for path in (root / folder).rglob("*"))
    kept = (PurePosixPath(path.as_posix()) for path in paths if path.suffix in SUFFIXES)
    return sorted(path for path in kept if "__pycache__" not in path.parts and not _left_out(path))


def _left_out(path: PurePosixPath) -> bool:
    return any(path.is_relative_to(entry) for entry in LEFT_OUT)


def manifest_text(platforms: Sequence[str], wheels: Iterable[str]) -> str:
    """The manifest with platforms and wheels; they belong to the top table, so they go before the first section."""
    text = (ROOT / "addon" / MANIFEST).read_text(encoding="utf-8")
    head, section, tail = text.partition("\n[permissions]")
    listed_platforms = ", ".join(f'"{platform}"' for platform in platforms)
    listed_wheels = "".join(f'  "./wheels/{wheel}",\n' for wheel in sorted(wheels))
    return f"{head}platforms = [{listed_platforms}]\nwheels = [\n{listed_wheels}]\n{section}{tail}"


def download_wheels(folder: Path, platforms: Sequence[str], python_tags: Sequence[str]) -> list[Path]:
    """Fetch the wheels that are not there yet.

    Returns:
        The wheels of these platforms and Pythons, sorted by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wheels: set[Path] = set()
    for platform in platforms:
        for tag in python_tags:
            for requirement in (*COMMON_WHEELS, *PYTHON_WHEELS[tag]):
                found = _present_wheel(folder, requirement, platform, tag)
                if found is None:
                    _download(folder, requirement, platform, tag)
                    found = _present_wheel(folder, requirement, platform, tag)
                if found is None:
                    raise FileNotFoundError(f"pip fetched no wheel of {requirement} for {platform} and {tag}.")
                wheels.add(found)
    return sorted(wheels)


def _download(folder: Path, requirement: str, platform: str, tag: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), "--implementation", "cp"]
    command += ["--python-version", tag.removeprefix("cp"), "--abi", tag, "--abi", "abi3", "--abi", "none"]
    for pip_platform in (*PIP_PLATFORMS[platform], "any"):
        command += ["--platform", pip_platform]
    subprocess.run([*command, requirement], check=True)  # noqa: S603 - pip, with the constants of this file


def _present_wheel(folder: Path, requirement: str, platform: str, tag: str) -> Path | None:
    name, _, version = requirement.partition("==")
    start = f"{re.sub('[-_.]+', '_', name).lower()}-{version}-"
    for wheel in sorted(folder.glob("*.whl")):
        if wheel.name.lower().startswith(start) and _runs_on(wheel.name, platform, tag):
            return wheel
    return None


def _runs_on(wheel_name: str, platform: str, tag: str) -> bool:
    """Whether a wheel's tags fit; a stable-interface wheel of an older Python fits the newer ones."""
    pythons, interface, places = (part.split(".") for part in wheel_name.removesuffix(".whl").split("-")[-3:])
    if not set(places) & {*PIP_PLATFORMS[platform], "any"}:
        return False
    if interface == ["none"]:
        return "py3" in pythons
    if interface == ["abi3"]:
        return any(int(python.removeprefix("cp3")) <= int(tag.removeprefix("cp3")) for python in pythons)
    return tag in pythons


def _add(archive: zipfile.ZipFile, name: str, content: bytes, compression: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, FIXED_TIME)
    entry.compress_type = compression
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, whatever this computer is
    archive.writestr(entry, content)


def main() -> None:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description="Build the Blender extension's zip.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder for the zip (default: dist)")
    parser.add_argument("--platform", action="append", choices=sorted(PIP_PLATFORMS), help="default: this computer's")
    parser.add_argument("--python", action="append", choices=sorted(PYTHON_WHEELS), help="default: blender.org's")
    arguments = parser.parse_args()
    target = build_extension(arguments.output, arguments.platform or (), arguments.python or BLENDER_PYTHONS)
    print(f"{target} ({target.stat().st_size / 1e6:.0f} MB)")  # noqa: T201 - a command speaks by printing


if __name__ == "__main__":
    main()
