"""Every difference between Blender 4.5, 5.0 and 5.2 that the project meets, in one place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

BLENDER_5 = bpy.app.version >= (5, 0, 0)
"""Blender 5 made the compositor's tree an ordinary node group and node options into menu sockets."""

WORKING_SPACE = "Linear Rec.709"


def compositor_tree(scene: Any) -> Any | None:
    """The scene's compositor node tree, or None when the scene does not composite."""
    if BLENDER_5:
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def ensure_compositor_tree(scene: Any) -> Any:
    """The scene's compositor node tree, made (empty of nodes) where there is none."""
    tree = compositor_tree(scene)
    if tree is not None:
        return tree
    if BLENDER_5:
        tree = bpy.data.node_groups.new(f"{scene.name} Compositing", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        return tree
    scene.use_nodes = True
    scene.node_tree.nodes.clear()
    return scene.node_tree


def ensure_render_output(tree: Any) -> Any:
    """The input socket whose image becomes the render result."""
    output_type = "NodeGroupOutput" if BLENDER_5 else "CompositorNodeComposite"
    node = next((node for node in tree.nodes if node.bl_idname == output_type), None)
    return (node or tree.nodes.new(output_type)).inputs[0]


def fit_to_render_size(scale_node: Any) -> None:
    """Make a Scale node bring its image to the render size, keeping its aspect."""
    if BLENDER_5:
        scale_node.inputs["Type"].default_value = "Render Size"
        scale_node.inputs["Frame Type"].default_value = "Fit"
    else:
        scale_node.space = "RENDER_SIZE"
        scale_node.frame_method = "FIT"


def replace_alpha(set_alpha_node: Any) -> None:
    """Make a Set Alpha node replace the alpha and leave the colour as it is."""
    if BLENDER_5:
        set_alpha_node.inputs["Type"].default_value = "Replace Alpha"
    else:
        set_alpha_node.mode = "REPLACE_ALPHA"


def animation_curves(animated: Any) -> list[Any]:
    """All f-curves of a datablock's action."""
    animation = animated.animation_data
    if animation is None or animation.action is None:
        return []
    action = animation.action
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    return [
        curve for layer in action.layers for strip in layer.strips for bag in strip.channelbags for curve in bag.fcurves
    ]


def working_space() -> str:
    """The colour space that the file's scene-linear values are in."""
    if not BLENDER_5:
        return WORKING_SPACE
    return str(bpy.data.colorspace.working_space)


def compositor_over(tree: Any, background: Any, foreground: Any) -> Any:
    """Wire an Alpha Over node; returns its output socket."""
    node = tree.nodes.new("CompositorNodeAlphaOver")
    images = [socket for socket in node.inputs if socket.type == "RGBA"]
    tree.links.new(background, images[0])
    tree.links.new(foreground, images[1])
    return node.outputs[0]


def add_multilayer_output(tree: Any, folder: Path, name: str, sockets: Mapping[str, Any]) -> Any:
    """Wire sockets, by layer name, to a File Output node that writes a multilayer EXR (32 bit) `name####.exr`."""
    node = tree.nodes.new("CompositorNodeOutputFile")
    if BLENDER_5:
        node.directory, node.file_name = str(folder), name
        node.format.media_type = "MULTI_LAYER_IMAGE"
    else:
        node.base_path = str(folder / name)
    node.format.file_format = "OPEN_EXR_MULTILAYER"
    node.format.color_depth = "32"
    if not BLENDER_5:
        node.layer_slots.clear()
    for layer, socket in sockets.items():
        if BLENDER_5:
            node.file_output_items.new(_item_type(socket), layer)
        else:
            node.layer_slots.new(layer)
        tree.links.new(socket, node.inputs[layer])
    return node


def _item_type(socket: Any) -> str:
    return {"VALUE": "FLOAT", "VECTOR": "VECTOR"}.get(socket.type, "RGBA")


def output_file_start(file_output: Any) -> str:
    """Folder and beginning of the name of the files that a multilayer File Output node writes."""
    if BLENDER_5:
        return str(Path(file_output.directory) / file_output.file_name)
    return str(file_output.base_path)
