"""The node group inside a Relight node: Image nodes that carry the passes, and the mix with the incoming image."""

from typing import Any

import bpy

from .blender_versions import fit_to_render_size, replace_alpha
from .pass_images import create_images
from .pass_sockets import PASS_IMAGES, PASS_SOCKETS

TREE_NAME = ".Relight"
"""The dot hides it from the menus of node groups."""

PLAIN = "Without Mix"
"""Name of the node that leads past the mix."""

IMAGE_INPUT = "Image"
MIX_INPUT = "Mix"
MATTE_INPUT = "Matte"


def create_inner_tree() -> Any:
    """A new inner tree with its own images."""
    tree = bpy.data.node_groups.new(TREE_NAME, "CompositorNodeTree")
    _add_interface(tree)
    carriers = _add_carriers(tree)
    group_input, group_output = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    for socket in PASS_SOCKETS[1:]:
        tree.links.new(carriers[socket.pass_name], group_output.inputs[socket.name])
    _keep_in_use(tree, group_input.outputs[MATTE_INPUT], group_output.inputs["Matte"])
    mixed = _add_mix(tree, group_input.outputs[IMAGE_INPUT], carriers, group_input.outputs[MIX_INPUT])
    tree.links.new(mixed, group_output.inputs[IMAGE_INPUT])
    return tree


def shows_mix(tree: Any) -> bool:
    """Whether the mix with the incoming image is wired to the output, as in every tree that is new or loaded."""
    return all(link.from_node.name != PLAIN for link in _image_output(tree).links)


def wire_mix(tree: Any, *, mixed: bool) -> bool:
    """Wire the mix to the output, or the relit image past it, which spares the compositor a dozen operations.

    The compositor computes the mix also where it changes nothing. Only for the interface, on the main thread; renders
    and files get the mix.

    Returns:
        Whether anything was changed.
    """
    joined = next((node for node in tree.nodes if node.bl_idname == "CompositorNodeSetAlpha"), None)
    # A tree that somebody edited, or that belongs to another file, is left alone.
    if joined is None or tree.library is not None or shows_mix(tree) == mixed:
        return False
    source = joined if mixed else tree.nodes.get(PLAIN) or _add_plain(tree)
    tree.links.new(source.outputs[0], _image_output(tree))
    return True


def _image_output(tree: Any) -> Any:
    output = next(node for node in tree.nodes if node.bl_idname == "NodeGroupOutput")
    return output.inputs[IMAGE_INPUT]


def _add_plain(tree: Any) -> Any:
    """A switch that shows the relit image where Mix is 1; both inputs go there, or Blender 5 would grey them out."""
    switch = tree.nodes.new("CompositorNodeSwitch")
    switch.name = PLAIN
    group_input = next(node for node in tree.nodes if node.bl_idname == "NodeGroupInput")
    incoming, relit = [socket for socket in switch.inputs if socket.type == "RGBA"]
    tree.links.new(group_input.outputs[IMAGE_INPUT], incoming)
    tree.links.new(tree.nodes[PASS_IMAGES[0].name].outputs["Image"], relit)
    tree.links.new(group_input.outputs[MIX_INPUT], switch.inputs["Switch"])
    return switch


def add_missing_inputs(tree: Any) -> None:
    """Give the tree of a node that an older version made the inputs it lacks."""
    if tree is None or tree.library is not None or not image_nodes(tree):
        return
    if any(item.name == MATTE_INPUT and item.in_out == "INPUT" for item in tree.interface.items_tree):
        return
    _add_matte_input(tree)
    inputs = next((node for node in tree.nodes if node.bl_idname == "NodeGroupInput"), None)
    outputs = next((node for node in tree.nodes if node.bl_idname == "NodeGroupOutput"), None)
    output = outputs.inputs.get("Matte") if outputs else None
    if inputs is not None and output is not None and output.is_linked:  # Not so in a tree that somebody edited.
        _keep_in_use(tree, inputs.outputs[MATTE_INPUT], output)


def _add_matte_input(tree: Any) -> None:
    matte = tree.interface.new_socket(MATTE_INPUT, in_out="INPUT", socket_type="NodeSocketFloat")
    matte.description = (
        "The person's matte, if you have one: wire an Image or a Movie Clip node to it, or the plate's own Alpha"
    )
    matte.hide_value = True


def _keep_in_use(tree: Any, matte: Any, output: Any) -> None:
    """Lead the matte input to the Matte output, which it never changes: Blender 5 greys out what leads nowhere.

    The engine reads the matte's file. Here it is brought below zero, and the output takes the larger of both.
    """
    carrier = output.links[0].from_socket
    below_zero = _operation(tree, "ShaderNodeMath", "MINIMUM", -1.0, matte)
    tree.links.new(_operation(tree, "ShaderNodeMath", "MAXIMUM", carrier, below_zero), output)


def copy_inner_tree(tree: Any) -> Any:
    """The same tree with images of its own, so that two nodes never write to one image; they are filled anew."""
    copied = tree.copy()
    for pass_image, image in zip(PASS_IMAGES, create_images(), strict=True):
        copied.nodes[pass_image.name].image = image
    return copied


def remove_inner_tree(tree: Any) -> None:
    """Remove the tree and its images."""
    images = [node.image for node in image_nodes(tree)]
    bpy.data.node_groups.remove(tree)
    for image in images:
        if image.users == 0:
            bpy.data.images.remove(image)


def remove_unused_inner_trees() -> None:
    """Remove the inner trees of nodes that are gone: Blender's clipboard copies nodes and drops them unseen."""
    unused = [tree for tree in bpy.data.node_groups if tree.name.startswith(TREE_NAME) and tree.users == 0]
    for tree in unused:
        if image_nodes(tree) and not tree.use_fake_user:
            remove_inner_tree(tree)


def image_nodes(tree: Any) -> list[Any]:
    """The Image nodes that carry the passes."""
    return [node for node in tree.nodes if node.bl_idname == "CompositorNodeImage" and node.image]


def _add_interface(tree: Any) -> None:
    image = tree.interface.new_socket(IMAGE_INPUT, in_out="INPUT", socket_type="NodeSocketColor")
    image.description = "The plate: wire an Image or a Movie Clip node, directly or through other nodes"
    image.default_value = (0.0, 0.0, 0.0, 1.0)
    image.hide_value = True
    mix = tree.interface.new_socket(MIX_INPUT, in_out="INPUT", socket_type="NodeSocketFloat")
    mix.subtype, mix.min_value, mix.max_value, mix.default_value = "FACTOR", 0.0, 1.0, 1.0
    mix.description = "0 is the incoming image, 1 the relit one; takes a mask as well as a number"
    _add_matte_input(tree)
    for socket in PASS_SOCKETS:
        item = tree.interface.new_socket(socket.name, in_out="OUTPUT", socket_type=socket.socket_type)
        item.description = socket.description


def _add_carriers(tree: Any) -> dict[str, Any]:
    """Image nodes with their images; the output socket of each pass by its name, and "alpha" of the relit image."""
    sockets: dict[str, Any] = {}
    for row, (pass_image, image) in enumerate(zip(PASS_IMAGES, create_images(), strict=True)):
        node = tree.nodes.new("CompositorNodeImage")
        node.name = node.label = pass_image.name
        node.image = image
        node.location = (-600, -300 * row)
        sockets[pass_image.colour] = node.outputs["Image"]
        sockets[pass_image.alpha or f"alpha of {pass_image.colour}"] = node.outputs["Alpha"]
    return sockets


def _add_mix(tree: Any, incoming: Any, carriers: dict[str, Any], factor: Any) -> Any:
    """The sum relit · factor + incoming · (1 − factor).

    Spelled out in single operations because Blender's own Mix computes a + factor · (b − a), which at 1 is not b to
    the last bit, and drops one alpha. The relit image comes first in each sum, because the compositor gives a result
    the size of its first operand, and a plate of another shape does not fill the frame.
    """
    scale = tree.nodes.new("CompositorNodeScale")
    fit_to_render_size(scale)
    tree.links.new(incoming, scale.inputs["Image"])
    plate, plate_alpha = scale.outputs["Image"], _alpha(tree, scale.outputs["Image"])
    rest = _operation(tree, "ShaderNodeMath", "SUBTRACT", 1.0, factor)
    colour = _operation(
        tree,
        "ShaderNodeVectorMath",
        "ADD",
        _scaled(tree, carriers["image"], factor),
        _scaled(tree, plate, rest),
    )
    alpha = _operation(
        tree,
        "ShaderNodeMath",
        "ADD",
        _operation(tree, "ShaderNodeMath", "MULTIPLY", carriers["alpha of image"], factor),
        _operation(tree, "ShaderNodeMath", "MULTIPLY", plate_alpha, rest),
    )
    joined = tree.nodes.new("CompositorNodeSetAlpha")
    replace_alpha(joined)
    tree.links.new(colour, joined.inputs["Image"])
    tree.links.new(alpha, joined.inputs["Alpha"])
    return joined.outputs["Image"]


def _alpha(tree: Any, colour: Any) -> Any:
    node = tree.nodes.new("CompositorNodeSeparateColor")
    tree.links.new(colour, node.inputs["Image"])
    return node.outputs["Alpha"]


def _scaled(tree: Any, colour: Any, factor: Any) -> Any:
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = "SCALE"
    tree.links.new(colour, node.inputs["Vector"])
    tree.links.new(factor, node.inputs["Scale"])
    return node.outputs["Vector"]


def _operation(tree: Any, node_type: str, operation: str, first: Any, second: Any) -> Any:
    node = tree.nodes.new(node_type)
    node.operation = operation
    for socket, operand in zip(node.inputs, (first, second), strict=False):
        if isinstance(operand, float):
            socket.default_value = operand
        else:
            tree.links.new(operand, socket)
    return node.outputs[0]
