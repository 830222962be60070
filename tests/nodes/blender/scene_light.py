"""The light of a scene: what is read, when it is read again, and what is left out."""

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray
from tests.nodes.blender.lambert_sphere import rotating_environment, write_map

from chiaro.nodes import world_bake
from chiaro.nodes.hand_moved import hand_moved_kept
from chiaro.nodes.scene_light import WORLDS, ensure_bake_scene, light_from_scene, remove_bake_scene
from chiaro.runtime.errors import LightError
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.equirectangular import map_directions, solid_angles
from chiaro.runtime.light.light import AreaLamp, Light, PointLamp, SpotLamp, SunLamp


def _light(*, use_world: bool = True, use_lamps: bool = True, collection: Any = None) -> Light:
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    return light_from_scene(
        scene,
        bpy.context.view_layer.depsgraph,
        use_world=use_world,
        use_lamps=use_lamps,
        collection=collection,
    )


def _on_frame(frame: int) -> Light:
    bpy.context.scene.frame_set(frame)
    return _light()


def _add_lamp(kind: str = "POINT", name: str = "Lamp", collection: Any = None) -> Any:
    holder = bpy.data.objects.new(name, bpy.data.lights.new(name, kind))
    (collection or bpy.context.scene.collection).objects.link(holder)
    return holder


def _gradient() -> NDArray[np.float32]:
    """Bright towards +X, coloured."""
    directions = map_directions(16, 32)
    return (1.0 + 0.5 * directions[..., :1] * np.array([1.0, 0.5, -0.5])).astype(np.float32)


def check_no_world_and_no_lamp_is_no_light(_folder: Path) -> None:
    assert _light() == Light(None, ())


def check_a_rotated_world_is_baked_as_the_runtime_turns_its_map(folder: Path) -> None:
    ensure_bake_scene()
    radiance = _gradient()
    for rotation in (0.0, 0.8, -2.0):
        rotating_environment(bpy.context.scene, write_map(folder / "map.exr", radiance), rotation)
        environment = _light().environment
        assert environment is not None
        expected = environment_from_map(radiance, rotation_z=rotation)
        np.testing.assert_allclose(environment.harmonics, expected.harmonics, atol=5e-3)


def check_a_keyframed_world_is_that_of_the_frame(folder: Path) -> None:
    ensure_bake_scene()
    radiance = _gradient()
    rotation = rotating_environment(bpy.context.scene, write_map(folder / "map.exr", radiance), 0.0)
    for frame, angle in ((1, 0.0), (11, 1.5)):
        rotation.default_value[2] = angle
        rotation.keyframe_insert("default_value", frame=frame, index=2)
    for frame in (11, 1, 6):
        environment = _on_frame(frame).environment
        assert environment is not None
        expected = environment_from_map(radiance, rotation_z=float(rotation.default_value[2]))
        np.testing.assert_allclose(environment.harmonics, expected.harmonics, atol=5e-3)
    assert 0.1 < rotation.default_value[2] < 1.4, "frame 6 lies between the keys"


def check_a_keyframed_lamp_is_where_the_frame_has_it(_folder: Path) -> None:
    lamp = _add_lamp()
    for frame, x in ((1, 0.0), (11, 2.0)):
        lamp.location.x, lamp.data.energy = x, 10.0 * x
        lamp.keyframe_insert("location", frame=frame)
        lamp.data.keyframe_insert("energy", frame=frame)
    lamp.location.x = 77.0
    for frame, x in ((11, 2.0), (1, 0.0), (6, 1.0)):
        (found,) = _on_frame(frame).lamps
        assert isinstance(found, PointLamp)
        np.testing.assert_allclose(found.position[0], x, atol=1e-5)
        np.testing.assert_allclose(found.intensity, 10.0 * x / (4 * np.pi), atol=1e-5)


def check_an_unchanged_world_is_baked_once(folder: Path) -> None:
    ensure_bake_scene()
    WORLDS.clear()
    rotation = rotating_environment(bpy.context.scene, write_map(folder / "map.exr", _gradient()), 0.0)
    before = WORLDS.bakes
    first = _on_frame(1)
    assert _on_frame(2).environment is first.environment
    assert WORLDS.bakes == before + 1
    rotation.default_value[0] = 0.5
    assert _light().environment is not first.environment
    assert WORLDS.bakes == before + 2
    rotation.default_value[0] = 0.0
    write_map(folder / "map.exr", 2.0 * _gradient())
    bpy.context.scene.world.node_tree.nodes["Environment Texture"].image.reload()
    doubled = _light().environment
    assert doubled is not None
    np.testing.assert_allclose(doubled.radiance.mean(), 2.0 * first.environment.radiance.mean(), rtol=1e-3)


def check_a_world_that_turns_and_fades_is_baked_once(folder: Path) -> None:
    """Whatever is wired between map and Background, and however the Mapping node works."""
    ensure_bake_scene()
    scene = bpy.context.scene
    rotation = rotating_environment(scene, write_map(folder / "map.exr", _gradient()), 0.3, strength=0.5)
    tree = scene.world.node_tree
    background, texture = tree.nodes["Background"], tree.nodes["Environment Texture"]
    strength = background.inputs["Strength"]
    gamma = tree.nodes.new("ShaderNodeGamma")
    gamma.inputs["Gamma"].default_value = 1.5
    plain, graded = texture.outputs["Color"], gamma.outputs["Color"]
    for grade, kinds in ((plain, ("POINT", "TEXTURE", "VECTOR")), (graded, ("POINT",))):
        tree.links.new(texture.outputs["Color"], gamma.inputs["Color"])
        tree.links.new(grade, background.inputs["Color"])
        for kind in kinds:
            tree.nodes["Mapping"].vector_type = kind
            rotation.default_value[2], strength.default_value = 0.3, 0.5
            WORLDS.clear()
            _light()
            before = WORLDS.bakes
            rotation.default_value[2], strength.default_value = -1.9, 1.4
            turned = _light()
            assert WORLDS.bakes == before
            WORLDS.clear()
            baked = _light()
            assert WORLDS.bakes == before + 1
            # The same, to the last sample, whichever frame the bake was made on.
            np.testing.assert_allclose(turned.environment.harmonics, baked.environment.harmonics, atol=1e-4)
            np.testing.assert_allclose(turned.environment.radiance, baked.environment.radiance, atol=1e-3)


def check_a_plain_world_changes_colour_without_a_bake(_folder: Path) -> None:
    ensure_bake_scene()
    world = bpy.data.worlds.new("Plain")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.5, 0.4, 0.3, 1.0)
    _light()
    before = WORLDS.bakes
    background.inputs["Color"].default_value = (0.1, 0.8, 0.6, 1.0)
    background.inputs["Strength"].default_value = 2.0
    np.testing.assert_allclose(_light().environment.radiance[5, 5], (0.2, 1.6, 1.2), rtol=1e-3)
    assert WORLDS.bakes == before
    background.inputs["Strength"].default_value = 0.0
    assert not _light().environment.radiance.any()
    background.inputs["Strength"].default_value = 1.0
    np.testing.assert_allclose(_light().environment.radiance[5, 5], (0.1, 0.8, 0.6), rtol=1e-3)


def check_directions_that_do_more_than_turn_are_baked_again(folder: Path) -> None:
    ensure_bake_scene()
    rotation = rotating_environment(bpy.context.scene, write_map(folder / "map.exr", _gradient()), 0.0)
    tree = bpy.context.scene.world.node_tree
    mapping = tree.nodes["Mapping"]

    def bakes_for_a_turn() -> int:
        rotation.default_value[2] = 0.0
        WORLDS.clear()
        _light()
        before = WORLDS.bakes
        rotation.default_value[2] = 0.7
        _light()
        return WORLDS.bakes - before

    assert bakes_for_a_turn() == 0
    mapping.inputs["Scale"].default_value = (1.0, 1.0, 0.5)
    assert bakes_for_a_turn() == 1
    mapping.inputs["Scale"].default_value = (1.0, 1.0, 1.0)
    rotation.default_value[1] = 0.2
    assert bakes_for_a_turn() == 1
    rotation.default_value[1] = 0.0
    # Another texture that looks along directions of its own.
    sky, mix = tree.nodes.new("ShaderNodeTexGradient"), tree.nodes.new("ShaderNodeMixRGB")
    tree.links.new(sky.outputs["Color"], mix.inputs["Color1"])
    tree.links.new(tree.nodes["Environment Texture"].outputs["Color"], mix.inputs["Color2"])
    tree.links.new(mix.outputs["Color"], tree.nodes["Background"].inputs["Color"])
    assert bakes_for_a_turn() == 1


def check_a_changed_colour_ramp_is_baked_again(_folder: Path) -> None:
    ensure_bake_scene()
    world = bpy.data.worlds.new("Ramp")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    ramp = nodes.new("ShaderNodeValToRGB")
    links.new(ramp.outputs["Color"], nodes["Background"].inputs["Color"])
    ramp.color_ramp.elements[0].color = ramp.color_ramp.elements[1].color = (0.25, 0.25, 0.25, 1.0)
    np.testing.assert_allclose(_light().environment.radiance, 0.25, rtol=1e-4)
    ramp.color_ramp.elements[0].color = ramp.color_ramp.elements[1].color = (0.75, 0.75, 0.75, 1.0)
    np.testing.assert_allclose(_light().environment.radiance, 0.75, rtol=1e-4)


def check_what_only_the_camera_sees_is_not_light(_folder: Path) -> None:
    ensure_bake_scene()
    world = bpy.data.worlds.new("Trick")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    path, mix, seen = (
        nodes.new("ShaderNodeLightPath"),
        nodes.new("ShaderNodeMixShader"),
        nodes.new("ShaderNodeBackground"),
    )
    nodes["Background"].inputs["Color"].default_value = (0.5, 0.5, 0.5, 1.0)
    seen.inputs["Color"].default_value = (0.0, 1.0, 0.0, 1.0)
    links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
    links.new(nodes["Background"].outputs[0], mix.inputs[1])
    links.new(seen.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], nodes["World Output"].inputs["Surface"])
    np.testing.assert_allclose(_light().environment.radiance, 0.5, rtol=1e-4)
    world.cycles_visibility.camera = False
    WORLDS.clear()
    np.testing.assert_allclose(_light().environment.radiance, 0.5, rtol=1e-4)


def check_a_world_without_nodes_has_its_colour(_folder: Path) -> None:
    ensure_bake_scene()
    world = bpy.data.worlds.new("Plain")
    bpy.context.scene.world = world
    if bpy.app.version < (5, 0):
        world.use_nodes = False
        world.color = (0.1, 0.2, 0.3)
    else:
        world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.1, 0.2, 0.3, 1.0)
    np.testing.assert_allclose(_light().environment.radiance[5, 7], (0.1, 0.2, 0.3), rtol=1e-4)


def check_a_small_sun_in_a_map_becomes_a_lamp(folder: Path) -> None:
    ensure_bake_scene()
    radiance = np.full((256, 512, 3), 0.2, np.float32)
    radiance[60, 100] = 50000.0
    rotating_environment(bpy.context.scene, write_map(folder / "map.exr", radiance), 0.0)
    light = _light()
    (sun,) = light.lamps
    assert isinstance(sun, SunLamp)
    np.testing.assert_allclose(sun.irradiance, np.repeat(50000.0 * solid_angles(256, 512)[60], 3), rtol=0.02)
    np.testing.assert_allclose(sun.direction, map_directions(256, 512)[60, 100], atol=2e-3)
    assert sun.angle < np.radians(2.0)
    assert light.environment is not None
    np.testing.assert_allclose(light.environment.radiance, 0.2, rtol=1e-3)


def check_the_film_exposure_scales_all_light(_folder: Path) -> None:
    ensure_bake_scene()
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.world = bpy.data.worlds.new("World")
    _add_lamp("SUN").data.energy = 3.0
    before = _light()
    scene.cycles.film_exposure = 2.0
    after = _light()
    np.testing.assert_allclose(after.environment.harmonics, 2.0 * before.environment.harmonics)
    np.testing.assert_allclose(after.lamps[0].irradiance, 6.0)


def check_lamps_that_do_not_light_the_render_are_left_out(_folder: Path) -> None:
    scene = bpy.context.scene
    hidden = bpy.data.collections.new("Hidden")
    scene.collection.children.link(hidden)
    hidden.hide_render = True
    excluded = bpy.data.collections.new("Excluded")
    scene.collection.children.link(excluded)
    _add_lamp(name="In hidden collection", collection=hidden)
    _add_lamp(name="In excluded collection", collection=excluded)
    bpy.context.view_layer.layer_collection.children["Excluded"].exclude = True
    _add_lamp(name="Hidden").hide_render = True
    _add_lamp(name="Not diffuse").visible_diffuse = False
    _add_lamp("AREA", name="Portal").data.cycles.is_portal = True
    assert _light().lamps == ()
    _add_lamp(name="Lit")
    assert len(_light().lamps) == 1


def check_a_collection_limits_the_lamps(_folder: Path) -> None:
    scene = bpy.context.scene
    outer, inner = bpy.data.collections.new("Outer"), bpy.data.collections.new("Inner")
    scene.collection.children.link(outer)
    outer.children.link(inner)
    _add_lamp(name="Key", collection=outer).data.energy = 1.0
    _add_lamp(name="Rim", collection=inner).data.energy = 2.0
    _add_lamp(name="Other").data.energy = 4.0
    energies = sorted(float(lamp.intensity[0]) * 4 * np.pi for lamp in _light(collection=outer).lamps)
    np.testing.assert_allclose(energies, [1.0, 2.0])
    assert _light(use_lamps=False).lamps == ()
    assert len(_light().lamps) == 3


def check_instances_of_a_collection_are_lamps(_folder: Path) -> None:
    scene = bpy.context.scene
    fixture = bpy.data.collections.new("Fixture")
    _add_lamp(name="Bulb", collection=fixture).location = (0.0, 0.0, 1.0)
    for x in (1.0, 2.0):
        holder = bpy.data.objects.new("Fixture", None)
        holder.instance_type, holder.instance_collection = "COLLECTION", fixture
        holder.location.x = x
        scene.collection.objects.link(holder)
    places = sorted(tuple(np.round(lamp.position, 4)) for lamp in _light().lamps)
    assert places == [(1.0, 0.0, 1.0), (2.0, 0.0, 1.0)]


def check_every_kind_of_lamp_with_its_transform(_folder: Path) -> None:
    turn = Matrix.Rotation(np.pi / 2, 4, "X")  # −z becomes +y
    kinds = {kind: _add_lamp(kind, kind) for kind in ("SUN", "POINT", "SPOT", "AREA")}
    for lamp in kinds.values():
        lamp.matrix_world = Matrix.Translation((1.0, 2.0, 3.0)) @ turn
    kinds["AREA"].data.shape, kinds["AREA"].data.size, kinds["AREA"].data.size_y = "RECTANGLE", 2.0, 4.0
    by_type = {type(lamp): lamp for lamp in _light().lamps}
    np.testing.assert_allclose(by_type[SunLamp].direction, (0.0, -1.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(by_type[PointLamp].position, (1.0, 2.0, 3.0), atol=1e-6)
    np.testing.assert_allclose(by_type[SpotLamp].axis, (0.0, 1.0, 0.0), atol=1e-6)
    area = by_type[AreaLamp]
    np.testing.assert_allclose(area.axis_x, (1.0, 0.0, 0.0), atol=1e-6)
    np.testing.assert_allclose(area.axis_y, (0.0, 0.0, 2.0), atol=1e-6)


def check_nodes_of_a_lamp_multiply_its_light(_folder: Path) -> None:
    lamp = _add_lamp("SUN").data
    lamp.energy = 2.0
    lamp.use_nodes = True
    emission = lamp.node_tree.nodes["Emission"]
    emission.inputs["Strength"].default_value = 3.0
    emission.inputs["Color"].default_value = (1.0, 0.5, 0.25, 1.0)
    np.testing.assert_allclose(_light().lamps[0].irradiance, (6.0, 3.0, 1.5), rtol=1e-6)


def check_a_world_that_is_not_finite_is_refused(folder: Path) -> None:
    ensure_bake_scene()
    radiance = _gradient()
    radiance[3, 4] = np.nan
    rotating_environment(bpy.context.scene, write_map(folder / "map.exr", radiance), 0.0)
    try:
        light = _light()
    except LightError as error:
        assert "NaN or infinite" in str(error)
    else:
        assert light.environment is not None
        assert np.isfinite(light.environment.harmonics).all(), "Cycles itself may have put black in its place"


def check_the_bake_leaves_the_file_as_it_was(folder: Path) -> None:
    scene = bpy.context.scene
    ensure_bake_scene()
    rotating_environment(scene, write_map(folder / "map.exr", _gradient()), 0.0)
    method = scene.world.cycles.sampling_method
    frame, path = scene.frame_current, scene.render.filepath
    _light()
    assert (scene.frame_current, scene.render.filepath) == (frame, path)
    assert scene.world.cycles.sampling_method == method
    assert bpy.context.scene == scene
    remove_bake_scene()
    for collection in (bpy.data.scenes, bpy.data.objects, bpy.data.cameras, bpy.data.meshes, bpy.data.materials):
        assert not [block.name for block in collection if block.name.startswith(world_bake.BAKE_NAME)]
    assert ensure_bake_scene() == ensure_bake_scene()


def check_what_was_moved_by_hand_can_be_kept_through_a_bake(folder: Path) -> None:
    ensure_bake_scene()
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    rotating_environment(scene, write_map(folder / "map.exr", _gradient()), 0.0)
    strength = scene.world.node_tree.nodes["Background"].inputs["Strength"]
    lamp = _add_lamp()
    lamp["own"] = 1.0
    for frame in (1, 11):
        lamp.location.x = lamp["own"] = strength.default_value = float(frame)
        lamp.keyframe_insert("location", frame=frame)
        lamp.keyframe_insert('["own"]', frame=frame)
        strength.keyframe_insert("default_value", frame=frame)

    def values() -> tuple[float, ...]:
        return (lamp.location.x, lamp["own"], strength.default_value)

    for kept in (True, False):
        scene.frame_set(6)
        np.testing.assert_allclose(values(), 6.0, atol=1e-4)
        lamp.location.x = lamp["own"] = strength.default_value = 77.0
        view_layer.update()
        with hand_moved_kept(view_layer, wanted=kept):
            world_bake.bake_world(scene.world, 6)
        view_layer.update()
        # A render alone puts them back to their keys.
        np.testing.assert_allclose(values(), 77.0 if kept else 6.0, atol=1e-4)
    scene.frame_set(11)
    np.testing.assert_allclose(values(), 11.0, atol=1e-4)
