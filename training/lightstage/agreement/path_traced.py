"""Cycles' rendering of scenes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses

from ....runtime.arrays import Float32Array
from ...assets import AssetError
from .scene import Rendering


def path_trace(folder: Path, samples: int, bounces: int) -> None:
    """Render an exported scene, in a process of its own: a fresh Blender for each.

    Args:
        folder: of the exported scene.
        samples: per pixel and seed; every picture is rendered with two.
        bounces: of diffuse light between surfaces.

    Raises:
        AssetError: when there is no bpy, or Blender failed.
    """
    if find_spec("bpy") is None:
        raise AssetError("The comparison needs Blender as a Python module; install it with `pip install bpy==4.5.15`.")
    finished = subprocess.run(  # noqa: S603 - this Python with fixed arguments
        [
            sys.executable, "-m", "chiaro.training.lightstage.agreement.cycles",
            str(samples), str(bounces), str(folder),
        ],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if finished.returncode:
        raise AssetError(f"Blender left with code {finished.returncode}: {finished.stderr.strip()[-400:]}")


def read_path_traced(folder: Path) -> tuple[Rendering, tuple[Float32Array, Float32Array]]:
    """What `path_trace` wrote for one scene under two seeds.

    Returns:
        The mean of both, and their diffuse radiance.
    """
    first, second = (dict(_channels(folder / f"diffuse{seed}.exr")) for seed in (0, 1))
    mean = {name: 0.5 * (first[name] + second[name]) for name in first}
    matte = _layer(mean, "Combined", "A")[..., 0]
    coverage = np.maximum(_layer(mean, "SurfaceCoverage", "X"), 1e-6)
    share = np.maximum(matte, 1e-6)[..., None]
    halves = (_layer(first, "Combined", "RGB") / share, _layer(second, "Combined", "RGB") / share)
    normal = _layer(mean, "SurfaceNormal", "RGB")
    rendering = Rendering(
        diffuse=0.5 * (halves[0] + halves[1]),
        specular=_layer(dict(_channels(folder / "specular0.exr")), "Combined", "RGB") / share,
        albedo=_layer(mean, "SurfaceAlbedo", "RGB") / coverage,
        normal=(normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)).astype(np.float32),
        depth=(_layer(mean, "SurfaceDepth", "X") / coverage)[..., 0],
        matte=matte,
    )
    return rendering, halves


def _channels(path: Path) -> Iterator[tuple[str, Float32Array]]:
    for part in range(oiio.ImageBuf(str(path)).nsubimages):
        buffer = oiio.ImageBuf(str(path), part, 0)
        pixels = np.asarray(buffer.get_pixels(oiio.FLOAT), np.float32)
        for index, name in enumerate(buffer.spec().channelnames):
            yield name, pixels[..., index]


def _layer(channels: dict[str, Float32Array], layer: str, components: str) -> Float32Array:
    found = []
    for component in components:
        match = [pixels for name, pixels in channels.items() if f".{name}".endswith(f".{layer}.{component}")]
        if not match:
            raise AssetError(f"Blender wrote no channel {layer}.{component}; it wrote {', '.join(sorted(channels))}.")
        found.append(match[0])
    return np.stack(found, axis=-1)
