"""Our irradiance on a diffuse sphere beside Cycles', as a table and a picture.

    python -m tests.nodes.blender.light_comparison docs

writes docs/light_against_cycles.md and docs/figures/light_against_cycles.png.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray
from tests.asset_folder import HDRI_FOLDER
from tests.nodes.blender.lambert_sphere import RenderedSphere, add_sphere, prepare_sphere_render, render_sphere
from tests.nodes.blender.light_cases import Case, lamp_cases, world_cases

from chiaro.nodes.scene_light import ensure_bake_scene, light_from_scene
from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.runtime.light.harmonics import harmonics_of_distant_light, irradiance_from_harmonics
from chiaro.runtime.light.lamps import lamp_irradiance
from chiaro.runtime.light.light import Environment, Light, SunLamp

SIZE = 64


@dataclass(frozen=True)
class Comparison:
    """One case; errors are mean absolute differences over the sphere's pixels divided by its mean irradiance.

    Attributes:
        case: the light.
        rendered: what Cycles says.
        irradiance: (n, 3) what we say, on the pixels inside.
        error: ours against Cycles.
        exact_error: the exact irradiance integral of the environment map, plus the lamps, against Cycles.
        truncation: what order 2 leaves out: ours against the exact integral.
        without_sun: order 2 against the exact integral if the world's sun had stayed in the map.
        has_sun: whether a sun was taken out of the world.
    """

    case: Case
    rendered: RenderedSphere
    irradiance: NDArray[np.float32]
    error: float
    exact_error: float
    truncation: float
    without_sun: float
    has_sun: bool


def available(cases: list[Case]) -> list[Case]:
    """The cases that can run: those that need the asset folder only where it is."""
    return [case for case in cases if not case.needs_data or HDRI_FOLDER.is_dir()]


def compare(case: Case, folder: Path, size: int = SIZE) -> Comparison:
    """Render a case in an empty file and compute the same."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    ensure_bake_scene()
    scene = bpy.context.scene
    add_sphere(scene, case.albedo)
    prepare_sphere_render(scene, size, case.samples)
    case.light(scene)
    bpy.context.view_layer.update()
    light = light_from_scene(scene, bpy.context.view_layer.depsgraph, use_world=True, use_lamps=True)
    rendered = render_sphere(scene, folder / "sphere.exr", case.albedo)
    return _compared(case, rendered, light)


def _compared(case: Case, rendered: RenderedSphere, light: Light) -> Comparison:
    normals, positions = rendered.normal[rendered.inside], rendered.position[rendered.inside]
    cycles = rendered.irradiance[rendered.inside]
    scale = float(cycles.mean())

    def difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
        return float(np.abs(first - second).mean()) / scale

    lamps = np.zeros_like(cycles)
    for lamp in light.lamps:
        lamps += lamp_irradiance(lamp, positions, normals)
    ours, exact, alone = lamps, lamps, lamps
    if light.environment is not None:
        ours = lamps + np.maximum(irradiance_from_harmonics(light.environment.harmonics, normals), 0)
        exact = lamps + exact_irradiance(light.environment, normals)
        alone = irradiance_from_harmonics(_harmonics_with_lamps(light), normals)
    has_sun = light.environment is not None and bool(light.lamps)
    return Comparison(
        case,
        rendered,
        ours,
        error=difference(ours, cycles),
        exact_error=difference(exact, cycles),
        truncation=difference(ours, exact),
        without_sun=difference(alone, exact) if has_sun else difference(ours, exact),
        has_sun=has_sun,
    )


def _harmonics_with_lamps(light: Light) -> NDArray[np.float64]:
    assert light.environment is not None
    harmonics = light.environment.harmonics.copy()
    for lamp in light.lamps:
        if isinstance(lamp, SunLamp):
            harmonics += harmonics_of_distant_light(lamp.direction, lamp.irradiance)
    return harmonics


def exact_irradiance(environment: Environment, normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """∫ radiance · max(n·l, 0) dl over a map's pixels, averaged to 128x64."""
    radiance = environment.radiance
    factor = radiance.shape[0] // 64
    small = radiance.reshape(64, factor, 128, factor, 3).mean(axis=(1, 3))
    directions = map_directions(64, 128).reshape(-1, 3).astype(np.float32)
    weighted = (small * solid_angles(64, 128)[..., None]).reshape(-1, 3).astype(np.float32)
    parts = np.array_split(normals, 8)
    return np.concatenate([np.maximum(part @ directions.T, 0) @ weighted for part in parts])


def table(comparisons: list[Comparison]) -> str:
    """Markdown."""
    lines = [
        "| light | error | of it: truncation | exact integral against Cycles | truncation with sources in the map |",
        "|---|---|---|---|---|",
    ]
    for entry in comparisons:
        truncation = "–" if entry.case in _LAMPS else f"{entry.truncation:.2%}"
        alone = f"{entry.without_sun:.2%}" if entry.has_sun else "–"
        lines.append(
            f"| {entry.case.name} | **{entry.error:.2%}** | {truncation} | {entry.exact_error:.2%} | {alone} |"
        )
    return "\n".join(lines)


_LAMPS = lamp_cases()


def picture(comparisons: list[Comparison], path: Path) -> None:
    """Cycles | ours | ten times the difference, one case after the other."""
    from matplotlib.figure import Figure

    columns = 4
    rows = -(-len(comparisons) // columns)
    figure = Figure(figsize=(4.2 * columns, 1.75 * rows), layout="constrained", facecolor="#181818")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, entry in zip(axes.flat, comparisons, strict=False):
        axis.imshow(_triptych(entry))
        axis.set_title(f"{entry.case.name}  {entry.error:.1%}", fontsize=8.5, color="white")
    figure.suptitle("Cycles  |  ours  |  10 × the difference", color="white", fontsize=11)
    figure.savefig(path, dpi=110)


def _triptych(entry: Comparison) -> NDArray[np.float32]:
    inside = entry.rendered.inside
    cycles, ours = np.zeros((2, *inside.shape, 3), np.float32)
    cycles[inside] = entry.rendered.irradiance[inside]
    ours[inside] = entry.irradiance
    white = np.percentile(cycles[inside], 98)
    panels = np.concatenate([cycles, ours, 10 * np.abs(ours - cycles)], axis=1) / white
    display: NDArray[np.float32] = np.clip(panels, 0, 1) ** (1 / 2.2)
    return display


def main(docs: Path) -> None:
    """Compare everything and write the table and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        worlds = [compare(case, Path(folder)) for case in available(world_cases())]
        lamps = [compare(case, Path(folder)) for case in available(_LAMPS)]
    text = _REPORT.format(version=bpy.app.version_string, worlds=table(worlds), lamps=table(lamps))
    (docs / "light_against_cycles.md").write_text(text, encoding="utf-8")
    (docs / "figures").mkdir(exist_ok=True)
    picture(worlds + lamps, docs / "figures" / "light_against_cycles.png")
    sys.stdout.write(text)


_REPORT = """# Our light against Cycles

A diffuse sphere of 12 cm radius, rendered by Cycles (Blender {version}) and computed by the runtime from the same
scene. Errors are the mean absolute difference of irradiance over the sphere divided by its mean. Cycles' own noise is
up to about one percent. Made by `python -m tests.nodes.blender.light_comparison docs`.

![Cycles, ours, difference](figures/light_against_cycles.png)

## Worlds

The environment's diffuse light is carried by spherical harmonics of order 2. What that leaves out is the second
column; the third is the exact integral over the baked map, so it shows the bake and Cycles' noise alone. Suns and small
strong lamps are taken out of the map and become lamps; the last column shows what order 2 would make of them.

{worlds}

## Lamps

{lamps}
"""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)  # Blender's module can hang or crash on the ordinary way out.
