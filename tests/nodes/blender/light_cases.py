"""The worlds and lamps under which our irradiance is compared with Cycles'."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from tests.asset_folder import HDRI_FOLDER
from tests.nodes.blender.lambert_sphere import add_lamp, empty_world, rotating_environment

FRONT = (0.5, -1.1, 0.5)
"""A key light's place, metres, before the sphere."""

CLOSE = (0.4, -0.2, 0.2)
"""Three sphere radii from its centre, where a lamp's size matters."""


@dataclass(frozen=True)
class Case:
    """One light.

    Attributes:
        name: what the table calls it.
        light: puts it into the empty scene that it is given.
        albedo: of the sphere.
        samples: per pixel that bring Cycles' noise below one percent.
        needs_data: whether it reads the asset folder.
    """

    name: str
    light: Callable[[Any], object]
    albedo: float = 1.0
    samples: int = 256
    needs_data: bool = False


def lamp_cases() -> list[Case]:
    """Twelve lamps and more."""

    def lamp(name: str, kind: str, location: tuple[float, float, float], albedo: float = 1.0, **settings: Any) -> Case:
        return Case(name, lambda _scene: add_lamp(kind, location, **settings), albedo)

    return [
        lamp("sun", "SUN", FRONT, energy=3.0, angle=0.0),
        lamp("sun, 57° wide, grey sphere", "SUN", (1.0, -0.1, 0.5), 0.18, energy=3.0, angle=1.0),
        lamp("point, no radius", "POINT", FRONT, energy=40.0, shadow_soft_size=0.0),
        lamp("point, radius 25 cm, close", "POINT", CLOSE, energy=40.0, shadow_soft_size=0.25),
        lamp(
            "point, radius 25 cm, hard falloff",
            "POINT",
            CLOSE,
            energy=40.0,
            shadow_soft_size=0.25,
            use_soft_falloff=False,
            exposure=-1.5,
        ),
        lamp("spot, blend 0.3", "SPOT", FRONT, energy=40.0, shadow_soft_size=0.0, spot_size=0.15, spot_blend=0.3),
        lamp(
            "spot, no blend, radius 5 cm",
            "SPOT",
            FRONT,
            energy=40.0,
            shadow_soft_size=0.05,
            spot_size=0.15,
            spot_blend=0.0,
        ),
        lamp(
            "spot, blend 1, 10 cm, grey sphere",
            "SPOT",
            FRONT,
            0.18,
            energy=40.0,
            shadow_soft_size=0.1,
            spot_size=0.25,
            spot_blend=1.0,
            color=(1.0, 0.6, 0.3),
        ),
        lamp("area, square", "AREA", FRONT, energy=40.0, size=0.5),
        lamp("area, strip beside", "AREA", (0.5, 0.0, 0.0), energy=40.0, shape="RECTANGLE", size=1.0, size_y=0.3),
        lamp("area, disc, exposure +1", "AREA", (0.4, 0.0, 0.3), energy=40.0, shape="DISK", size=0.8, exposure=1.0),
        lamp("area, ellipse", "AREA", (0.4, -0.2, 0.3), energy=40.0, shape="ELLIPSE", size=0.8, size_y=0.2),
        lamp("area, square, spread 17°", "AREA", FRONT, energy=40.0, size=0.5, spread=0.3),
        lamp(
            "area, disc, spread 115°, not normalised, 3000 K",
            "AREA",
            (0.4, -0.2, 0.3),
            energy=40.0,
            shape="DISK",
            size=0.5,
            spread=2.0,
            normalize=False,
            use_temperature=True,
            temperature=3000.0,
        ),
    ]


def world_cases() -> list[Case]:
    """Eight worlds and more."""

    def hdri(name: str, file: str, rotation: float = 0.0, strength: float = 1.0, albedo: float = 1.0) -> Case:
        path = HDRI_FOLDER / file
        return Case(
            name,
            lambda scene: rotating_environment(scene, path, rotation, strength),
            albedo,
            samples=512,
            needs_data=True,
        )

    return [
        Case("uniform, coloured", _uniform, samples=64),
        Case("gradient, procedural", _gradient),
        Case("Sky, sun at 29°", lambda scene: _sky(scene, 0.5)),
        Case("Sky, sun at 3°, grey sphere", lambda scene: _sky(scene, 0.05), 0.18),
        hdri("HDRI city", "city.hdr"),
        hdri("HDRI forest, turned 120°", "forest.hdr", rotation=2.1),
        hdri("HDRI studio, strength 2.5", "studio.hdr", strength=2.5, albedo=0.18),
        hdri("HDRI park (sun), turned −45°", "park.hdr", rotation=-0.785),
        hdri("HDRI night", "night.hdr"),
        Case("HDRI sunset mixed with blue", _mixed, samples=512, needs_data=True),
    ]


def _uniform(scene: Any) -> None:
    empty_world(scene).nodes["Background"].inputs["Color"].default_value = (0.2, 0.5, 0.9, 1.0)


def _gradient(scene: Any) -> None:
    """A spherical gradient towards +Y, squared by its ramp."""
    tree = empty_world(scene)
    coordinate, gradient, ramp = (
        tree.nodes.new(f"ShaderNode{name}") for name in ("TexCoord", "TexGradient", "ValToRGB")
    )
    gradient.gradient_type = "EASING"
    ramp.color_ramp.elements[0].color = (0.05, 0.02, 0.3, 1.0)
    ramp.color_ramp.elements[1].color = (2.0, 1.5, 0.4, 1.0)
    tree.links.new(coordinate.outputs["Generated"], gradient.inputs["Vector"])
    tree.links.new(gradient.outputs["Color"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def _sky(scene: Any, elevation: float) -> None:
    tree = empty_world(scene)
    sky = tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type = "NISHITA" if bpy.app.version < (5, 0) else "MULTIPLE_SCATTERING"
    sky.sun_elevation, sky.sun_rotation = elevation, np.radians(150.0)
    tree.links.new(sky.outputs["Color"], tree.nodes["Background"].inputs["Color"])
    tree.nodes["Background"].inputs["Strength"].default_value = 0.1


def _mixed(scene: Any) -> None:
    rotating_environment(scene, HDRI_FOLDER / "sunset.hdr", 1.0)
    tree = scene.world.node_tree
    plain, mix = tree.nodes.new("ShaderNodeBackground"), tree.nodes.new("ShaderNodeMixShader")
    plain.inputs["Color"].default_value = (0.1, 0.2, 0.8, 1.0)
    mix.inputs["Fac"].default_value = 0.4
    tree.links.new(tree.nodes["Background"].outputs[0], mix.inputs[1])
    tree.links.new(plain.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["World Output"].inputs["Surface"])
