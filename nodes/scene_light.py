"""The light of a Blender scene on a frame: its world, baked, and its lamps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..runtime.light.environment import light_from_map, turned_light
from ..runtime.light.light import Environment, Light
from ..runtime.light.scaled import scaled_light
from ..runtime.recent import Recent
from .hand_moved import hand_moved_kept
from .node_fingerprint import fingerprint_world
from .render_guard import GUARD, BakeNeededError
from .scene_lamps import lamps_from_scene
from .world_bake import bake_world, ensure_bake_scene, remove_bake_scene
from .world_factors import WorldFactors, world_factors

if TYPE_CHECKING:
    from ..runtime.light.light import Lamp

MAP_HEIGHT = 128
"""Rows of the map that is kept of a world. Only reflections are made from it, and they take a fourth of that."""

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


@dataclass(frozen=True)
class BakedWorld:
    """A world's light without its turn, and the gain that was in force when it was rendered."""

    light: Light
    gain: tuple[float, float, float]

    def light_with(self, factors: WorldFactors) -> Light:
        """The light under other factors."""
        turned = turned_light(self.light, factors.rotation_z)
        return turned if factors.gain == self.gain else scaled_light(turned, np.divide(factors.gain, self.gain))


def _with_smaller_map(light: Light) -> Light:
    """The same light with a map that takes little time to turn; its harmonics and lamps are those of the whole map."""
    environment = light.environment
    if environment is None or environment.radiance.shape[0] % MAP_HEIGHT:
        return light
    factor = environment.radiance.shape[0] // MAP_HEIGHT
    blocks = environment.radiance.reshape(MAP_HEIGHT, factor, -1, factor, 3)
    radiance = blocks.mean(axis=(1, 3), dtype=np.float32)
    return Light(Environment(radiance, environment.harmonics), light.lamps)


class WorldLights:
    """The baked light of the worlds that were seen last, so that only a world that changed is baked again."""

    def __init__(self, capacity: int = 16) -> None:
        self._baked: Recent[BakedWorld] = Recent(capacity)
        self._lights: Recent[Light] = Recent(capacity)
        self.bakes = 0

    def light(self, world: Any, depsgraph: Any) -> Light:
        """The world's light: an environment, and its sun and small lamps as lamps.

        Args:
            world: the original world.
            depsgraph: evaluated on the frame.

        Raises:
            BakeNeededError: it would have to be baked, and this moment allows none.
        """
        factors = world_factors(world.evaluated_get(depsgraph))
        key = fingerprint_world(world, depsgraph, factors.sockets)

        def bake() -> BakedWorld:
            if not GUARD.may_bake:
                raise BakeNeededError
            self.bakes += 1
            with hand_moved_kept(depsgraph.view_layer):
                radiance = bake_world(world, depsgraph.scene_eval.frame_current, turned_back=factors.rotation_z)
            return BakedWorld(_with_smaller_map(light_from_map(radiance)), factors.gain)

        return self._lights.get((key, factors), lambda: self._baked.get(key, bake).light_with(factors))

    def clear(self) -> None:
        """Forget everything."""
        self._baked.clear()
        self._lights.clear()


WORLDS = WorldLights()
