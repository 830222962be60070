"""Path-traces exported scenes. Runs in a Blender of its own: `python -m chiaro.training.lightstage.agreement.cycles`.

Writes diffuse0.exr, diffuse1.exr and specular0.exr beside the scene, the first two with what the camera sees in extra
layers. Those layers are written by the material (AOVs), because Cycles' own depth, position and normal passes keep one
sample per pixel.
"""

# ruff: noqa: ANN401 - bpy ships no types: its objects are Any

import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

LAYERS = {"SurfaceDepth": "VALUE", "SurfaceNormal": "COLOR", "SurfaceAlbedo": "COLOR", "SurfaceCoverage": "VALUE"}
"""Each is written multiplied by the surface's coverage, once for every surface that a camera ray goes through. Blender
treats a layer of the plain name "Depth" as its own and fills it with far planes."""


def trace_scene(folder: Path, samples: int, bounces: int) -> None:
    """Path-trace one exported scene: diffuse with `bounces` bounces under two seeds, and highlights alone under one."""
    description = json.loads((folder / "scene.json").read_text())
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    _configure(scene, description["size"], samples)
    _add_camera(scene, description["tangent"])
    _add_environment(scene, folder / "environment.exr")
    for lamp in description["lamps"]:
        _add_lamp(scene, lamp)
    person = _add_person(scene, folder / "mesh.npz")
    person.data.materials.append(bpy.data.materials.new("Surface"))
    for name, kept, seeds in (("diffuse", bounces, (0, 1)), ("specular", 0, (0,))):
        _set_material(person.data.materials[0], folder, description, specular=name == "specular")
        scene.cycles.max_bounces = scene.cycles.diffuse_bounces = kept
        for seed in seeds:
            scene.cycles.seed = seed
            scene.render.filepath = str(folder / f"{name}{seed}.exr")
            bpy.ops.render.render(write_still=True)


def _configure(scene: Any, size: int, samples: int) -> None:
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.samples = "CPU", samples
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.pixel_filter_type = "BOX"
    cycles.sample_clamp_direct = cycles.sample_clamp_indirect = cycles.light_sampling_threshold = 0.0
    cycles.blur_glossy = 0.0
    cycles.caustics_reflective = cycles.caustics_refractive = True
    cycles.transparent_max_bounces = 64
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.film_transparent = True
    scene.render.use_persistent_data = True
    for name, kind in LAYERS.items():
        layer = scene.view_layers[0].aovs.add()
        layer.name, layer.type = name, kind
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    scene.view_settings.view_transform = "Raw"


def _add_camera(scene: Any, tangent: float) -> None:
    camera = bpy.data.cameras.new("Camera")
    camera.sensor_width, camera.lens = 100.0, 50.0 / tangent
    camera.clip_start, camera.clip_end = 0.01, 100.0
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.collection.objects.link(scene.camera)


def _add_environment(scene: Any, path: Path) -> None:
    scene.world = bpy.data.worlds.new("World")
    scene.world.use_nodes = True
    tree = scene.world.node_tree
    texture = tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = _data_image(path)
    tree.links.new(texture.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def _data_image(path: Path) -> Any:
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    return image


def _add_lamp(scene: Any, lamp: dict[str, Any]) -> None:
    light = bpy.data.lights.new("Lamp", "SUN" if "direction" in lamp else "POINT")
    power = max(lamp["strength"])
    light.energy = power
    light.color = [channel / power if power > 0.0 else 0.0 for channel in lamp["strength"]]
    lamp_object = bpy.data.objects.new("Lamp", light)
    if "direction" in lamp:
        light.angle = lamp["angle"]
        lamp_object.matrix_world = Vector(lamp["direction"]).to_track_quat("Z", "Y").to_matrix().to_4x4()
    else:
        light.shadow_soft_size, light.use_soft_falloff = lamp["radius"], False
        lamp_object.matrix_world = Matrix.Translation(lamp["position"])
    scene.collection.objects.link(lamp_object)


def _add_person(scene: Any, path: Path) -> Any:
    arrays = np.load(path, allow_pickle=False)
    vertices, triangles = arrays["vertices"], arrays["triangles"]
    mesh = bpy.data.meshes.new("Person")
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(triangles.size)
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, triangles.size, 3, dtype=np.int32))
    for name, key in (("Blocks", "uv"), ("Atlas", "atlas_uv")):
        mesh.uv_layers.new(name=name).uv.foreach_set("vector", np.ascontiguousarray(arrays[key], np.float32).ravel())
    mesh.update(calc_edges=True)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(triangles), bool))
    mesh.normals_split_custom_set_from_vertices(arrays["normals"])
    person = bpy.data.objects.new("Person", mesh)
    scene.collection.objects.link(person)
    return person


def _set_material(material: Any, folder: Path, description: dict[str, Any], *, specular: bool) -> None:
    """A diffuse surface, or a black one with a dielectric's highlights; and the layers that describe it."""
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    colour, output = _texture(tree, folder / "albedo.exr"), tree.nodes.new("ShaderNodeOutputMaterial")
    surface = _highlights(tree, folder / "gloss.exr") if specular else tree.nodes.new("ShaderNodeBsdfDiffuse")
    if not specular:
        tree.links.new(colour.outputs["Color"], surface.inputs["Color"])
    shown = surface.outputs[0]
    normal = tree.nodes.new("ShaderNodeNewGeometry").outputs["Normal"]
    if description["has_relief"]:
        normal = _relief(tree, folder)
        tree.links.new(normal, surface.inputs["Normal"])
    if description["has_alpha"]:
        mix = tree.nodes.new("ShaderNodeMixShader")
        tree.links.new(colour.outputs["Alpha"], mix.inputs["Fac"])
        tree.links.new(tree.nodes.new("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[1])
        tree.links.new(shown, mix.inputs[2])
        shown = mix.outputs[0]
    tree.links.new(shown, output.inputs["Surface"])
    described = {
        "SurfaceDepth": tree.nodes.new("ShaderNodeCameraData").outputs["View Z Depth"],
        "SurfaceNormal": normal,
        "SurfaceAlbedo": colour.outputs["Color"],
        "SurfaceCoverage": None,
    }
    for name, value in described.items():
        layer = tree.nodes.new("ShaderNodeOutputAOV")
        layer.aov_name = name
        socket = layer.inputs["Value" if LAYERS[name] == "VALUE" else "Color"]
        if value is None:
            tree.links.new(colour.outputs["Alpha"], socket)
            continue
        covered = tree.nodes.new("ShaderNodeVectorMath")
        covered.operation = "SCALE"
        tree.links.new(value, covered.inputs[0])
        tree.links.new(colour.outputs["Alpha"], covered.inputs["Scale"])
        tree.links.new(covered.outputs[0], socket)


def _relief(tree: Any, folder: Path) -> Any:
    """The normal, tilted by the atlas' relief where the surface is textured."""
    place, texture = tree.nodes.new("ShaderNodeUVMap"), tree.nodes.new("ShaderNodeTexImage")
    place.uv_map = "Atlas"
    texture.image = _data_image(folder / "relief.exr")
    tree.links.new(place.outputs["UV"], texture.inputs["Vector"])
    separate, tilted = tree.nodes.new("ShaderNodeSeparateColor"), tree.nodes.new("ShaderNodeNormalMap")
    tilted.space, tilted.uv_map = "TANGENT", "Atlas"
    tree.links.new(_texture(tree, folder / "gloss.exr").outputs["Color"], separate.inputs[0])
    tree.links.new(separate.outputs[2], tilted.inputs["Strength"])
    tree.links.new(texture.outputs["Color"], tilted.inputs["Color"])
    return tilted.outputs["Normal"]


def _highlights(tree: Any, path: Path) -> Any:
    """Principled with a black base: GGX with a dielectric's Fresnel. Its "IOR Level" 0.5 is F0 = 0.04 at IOR 1.5."""
    surface, gloss = tree.nodes.new("ShaderNodeBsdfPrincipled"), _texture(tree, path)
    separate, scale = tree.nodes.new("ShaderNodeSeparateColor"), tree.nodes.new("ShaderNodeMath")
    scale.operation = "MULTIPLY"
    scale.inputs[1].default_value = 0.5 / 0.04
    surface.distribution = "GGX"
    surface.inputs["Base Color"].default_value = (0.0, 0.0, 0.0, 1.0)
    surface.inputs["IOR"].default_value = 1.5
    tree.links.new(gloss.outputs["Color"], separate.inputs[0])
    tree.links.new(separate.outputs[0], surface.inputs["Roughness"])
    tree.links.new(separate.outputs[1], scale.inputs[0])
    tree.links.new(scale.outputs[0], surface.inputs["Specular IOR Level"])
    return surface


def _texture(tree: Any, path: Path) -> Any:
    node, place = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeUVMap")
    node.image = _data_image(path)
    node.interpolation = "Closest"
    node.extension = "EXTEND"
    place.uv_map = "Blocks"
    tree.links.new(place.outputs["UV"], node.inputs["Vector"])
    return node


def main() -> None:
    """Arguments: samples, bounces, folder."""
    trace_scene(Path(sys.argv[3]), int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    code = 0
    try:
        main()
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's module can hang or crash on the ordinary way out.
