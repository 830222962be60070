"""The light of a Blender scene on a frame: its world, baked, and its lamps."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ..runtime.light.environment import light_from_map
from ..runtime.light.light import Light
from ..runtime.light.scaled import scaled_light
from .node_fingerprint import fingerprint_world
from .scene_lamps import lamps_from_scene
from .world_bake import bake_world, ensure_bake_scene, remove_bake_scene

if TYPE_CHECKING:
    from ..runtime.light.light import Environment, Lamp

__all__ = ["WORLDS", "ensure_bake_scene", "light_from_scene", "remove_bake_scene"]


def light_from_scene(
    scene: Any,
    depsgraph: Any,
    *,
    use_world: bool,
    use_lamps: bool,
    collection: Any | None = None,
    excluded: frozenset[Any] = frozenset(),
) -> Light:
    """Everything that lights the scene on the frame that the dependency graph is evaluated on.

    Cycles' film exposure is applied, so that the person sits at the exposure of what Cycles renders.

    Args:
        scene: the original scene.
        depsgraph: evaluated on the frame.
        use_world: take the world's light.
        use_lamps: take the lamps.
        collection: take only lamps of this collection, when not None.
        excluded: lamp objects that are left out.

    Returns:
        The light; without an environment and lamps where the scene has none, which is for the caller to judge.

    Raises:
        SceneError: when the world cannot be baked.
        LightError: when the world or a lamp gives numbers that cannot be used.
    """
    # Lamps first: the bake renders another scene, and the dependency graph need not survive that.
    lamps: tuple[Lamp, ...] = lamps_from_scene(depsgraph, collection, excluded) if use_lamps else ()
    environment: Environment | None = None
    exposure = scene.cycles.film_exposure if scene.render.engine == "CYCLES" else 1.0
    world = getattr(depsgraph.view_layer, "world_override", None) or scene.world
    if use_world and world is not None:
        baked = WORLDS.light(world, depsgraph)
        environment, lamps = baked.environment, baked.lamps + lamps
    light = Light(environment, lamps)
    return light if exposure == 1.0 else scaled_light(light, exposure)


class WorldLights:
    """The baked light of the worlds that were seen last, so that only a world that changed is baked again."""

    def __init__(self, capacity: int = 16) -> None:
        self._capacity = capacity
        self._lights: OrderedDict[str, Light] = OrderedDict()
        self.bakes = 0

    def light(self, world: Any, depsgraph: Any) -> Light:
        """The world's light: an environment, and its sun and small lamps as lamps.

        Args:
            world: the original world.
            depsgraph: evaluated on the frame.
        """
        key = fingerprint_world(world, depsgraph)
        if key not in self._lights:
            self._lights[key] = light_from_map(bake_world(world, depsgraph.scene_eval.frame_current))
            self.bakes += 1
        self._lights.move_to_end(key)
        while len(self._lights) > self._capacity:
            self._lights.popitem(last=False)
        return self._lights[key]

    def clear(self) -> None:
        """Forget everything."""
        self._lights.clear()


WORLDS = WorldLights()
