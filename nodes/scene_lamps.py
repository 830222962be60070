"""The lamps of an evaluated Blender scene as runtime lamps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..runtime.light.blender_units import LampStrength, area_lamp, point_lamp, spot_lamp, sun_lamp

if TYPE_CHECKING:
    from ..runtime.light.light import Lamp


def lamps_from_scene(
    depsgraph: Any, collection: Any | None = None, excluded: frozenset[Any] = frozenset()
) -> tuple[Lamp, ...]:
    """All lamps that a render of the evaluated scene has.

    Left out are lamps that are hidden in renders (themselves or by their collections), that Cycles does not let light
    diffuse surfaces, and light portals.

    Args:
        depsgraph: evaluated on the frame.
        collection: only lamps in it (or in instances made by objects in it), when not None.
        excluded: lamp objects, originals, that are left out.

    Returns:
        The lamps, instances included, in the dependency graph's order.
    """
    rendered = _rendered_objects(depsgraph.view_layer.layer_collection)
    chosen = None if collection is None else set(collection.all_objects)
    lamps = []
    for instance in depsgraph.object_instances:
        item = instance.object
        if item.type != "LIGHT":
            continue
        maker = instance.parent if instance.is_instance and instance.parent is not None else item
        if maker.original not in rendered or maker.hide_render or item.hide_render or not item.visible_diffuse:
            continue
        if excluded & {maker.original, item.original}:
            continue
        if chosen is not None and not chosen & {maker.original, item.original}:
            continue
        lamp = lamp_from_light(item.data, np.array(instance.matrix_world))
        if lamp is not None:
            lamps.append(lamp)
    return tuple(lamps)


def _rendered_objects(layer: Any) -> set[Any]:
    """Objects of all collections that renders see."""
    if layer.exclude or layer.collection.hide_render:
        return set()
    objects = set(layer.collection.objects)
    for child in layer.children:
        objects |= _rendered_objects(child)
    return objects


def lamp_from_light(light: Any, world_from_lamp: Any) -> Lamp | None:
    """One of Blender's lights as a lamp; None for a portal, which emits nothing.

    Args:
        light: evaluated light datablock.
        world_from_lamp: (4, 4) transform.

    Raises:
        LightError: when its numbers cannot be used.
    """
    strength = lamp_strength(light)
    if light.type == "SUN":
        return sun_lamp(strength, world_from_lamp, light.angle)
    if light.type == "POINT":
        return point_lamp(strength, world_from_lamp, light.shadow_soft_size, soft_falloff=light.use_soft_falloff)
    if light.type == "SPOT":
        return spot_lamp(
            strength,
            world_from_lamp,
            radius=light.shadow_soft_size,
            spot_size=light.spot_size,
            spot_blend=light.spot_blend,
            soft_falloff=light.use_soft_falloff,
        )
    if getattr(light.cycles, "is_portal", False):
        return None
    return area_lamp(
        strength, world_from_lamp, shape=light.shape, size=light.size, size_y=light.size_y, spread=light.spread
    )


def lamp_strength(light: Any) -> LampStrength:
    """Energy, colour, exposure, temperature and the constant part of the light's nodes."""
    strength = LampStrength(
        energy=light.energy,
        colour=tuple(light.color),
        exposure=light.exposure,
        temperature_colour=tuple(light.temperature_color) if light.use_temperature else (1.0, 1.0, 1.0),
        normalise=light.normalize,
        casts_shadow=light.use_shadow,
    )
    emission = _emission_of_nodes(light) if light.use_nodes else None
    if emission is None:
        return strength
    return replace(strength, colour=tuple(a * b for a, b in zip(strength.colour, emission, strict=True)))


def _emission_of_nodes(light: Any) -> tuple[float, ...] | None:
    """Colour times strength of the Emission node that is wired to the output.

    Textures (IES profiles, gobos) are functions of direction, which the runtime's lamps have no place for; such a
    lamp shines as if the sockets were not wired.
    """
    output = light.node_tree.get_output_node("CYCLES") if light.node_tree else None
    if output is None:
        return None
    links = output.inputs["Surface"].links
    if not links or links[0].from_node.bl_idname != "ShaderNodeEmission":
        return None
    emission = links[0].from_node
    factor = 1.0 if emission.inputs["Strength"].is_linked else emission.inputs["Strength"].default_value
    colour = emission.inputs["Color"]
    channels = (1.0, 1.0, 1.0) if colour.is_linked else tuple(colour.default_value)[:3]
    return tuple(factor * channel for channel in channels)
