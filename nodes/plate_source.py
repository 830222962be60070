"""From a Relight node upstream to the Image or Movie Clip node that the plate comes from."""

from dataclasses import dataclass
from typing import Any

from ..runtime.errors import SceneError
from .inner_tree import IMAGE_INPUT, MATTE_INPUT
from .relight_nodes import RELIGHT_NODE, FoundNode, GroupUse, is_group

PLATE_NODES = frozenset({"CompositorNodeImage", "CompositorNodeMovieClip"})


@dataclass(frozen=True)
class PlateSource:
    """Where the plate comes from.

    Attributes:
        tree: the tree the plate node is in.
        node: an Image or Movie Clip node.
        passed: labels of nodes between it and the Relight node whose effect the plate does not get.
    """

    tree: Any
    node: Any
    passed: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatteSource:
    """Where a matte comes from that the artist wired.

    Attributes:
        tree: the tree the node is in.
        node: an Image or Movie Clip node.
        is_alpha: whether its alpha is meant, and not how bright it is.
    """

    tree: Any
    node: Any
    is_alpha: bool


@dataclass(frozen=True)
class _Place:
    """A socket under inspection, with the groups that surround it."""

    tree: Any
    path: tuple[GroupUse, ...]
    passed: tuple[str, ...] = ()


def find_plate(found: FoundNode) -> PlateSource:
    """Walk the links upstream from the Relight node's Image input.

    Reroutes and muted nodes are walked through, groups entered and left, and a node with a single linked image input
    is walked through too (its effect is not in the plate: `PlateSource.passed` names it).

    Raises:
        SceneError: nothing is wired, or what is wired is no plate.
    """
    return _from_input(found.node.inputs[IMAGE_INPUT], _Place(found.tree, found.path))


def find_matte(found: FoundNode) -> MatteSource | None:
    """Walk the links upstream from the Relight node's Matte input; None where nothing is wired to it.

    Reroutes and groups are walked through, and muted nodes are not: what they would hand on is nobody's matte.

    Raises:
        SceneError: what is wired is no file. The compositor hands no node's result on to another.
    """
    socket, place = found.node.inputs.get(MATTE_INPUT), _Place(found.tree, found.path)
    while socket is not None:
        link = _link(socket)
        if link is None:
            return None
        node, output = link.from_node, link.from_socket
        if node.bl_idname in PLATE_NODES:
            return None if node.mute else MatteSource(place.tree, node, output.name == "Alpha")
        before = None if node.bl_idname == RELIGHT_NODE else _before(node, output, place)
        if before is None:
            raise SceneError(
                f"The matte comes from {_label(node)}, whose result Relight cannot read; render it to a file, and wire "
                "an Image or a Movie Clip node with that to Matte."
            )
        socket, place = before
    return None


def _link(socket: Any) -> Any:
    return next((link for link in socket.links if not link.is_muted), None)


def _from_input(socket: Any, place: _Place) -> PlateSource:
    link = _link(socket)
    if link is None:
        raise SceneError(
            f"Nothing is wired to {socket.name!r} of {_label(socket.node)}; wire an Image or a Movie Clip node to it."
        )
    return _from_node(link.from_node, link.from_socket, place)


def _from_node(node: Any, output: Any, place: _Place) -> PlateSource:
    if node.bl_idname in PLATE_NODES:
        return PlateSource(place.tree, node, place.passed)
    before = _before(node, output, place)
    return _from_input(*before) if before else _from_input(_image_input(node), _passing(node, place))


def _before(node: Any, output: Any, place: _Place) -> tuple[Any, _Place] | None:
    """The input that feeds an output of a reroute or a group, and where it is; None for any other node."""
    if node.bl_idname == "NodeReroute":
        return node.inputs[0], place
    if node.bl_idname == "NodeGroupInput":
        return _leave_group(output, place)
    return _enter_group(node, output, place) if is_group(node) and not node.mute else None


def _leave_group(output: Any, place: _Place) -> tuple[Any, _Place]:
    if not place.path:
        raise SceneError(
            "The picture comes from the Group Input of the scene's own compositor, which has no pixels; "
            "wire an Image or a Movie Clip node."
        )
    outer = place.path[-1]
    socket = _by_identifier(outer.node.inputs, output.identifier)
    return socket, _Place(outer.tree, place.path[:-1], place.passed)


def _enter_group(node: Any, output: Any, place: _Place) -> tuple[Any, _Place]:
    inside = node.node_tree
    outputs = [inner for inner in inside.nodes if inner.bl_idname == "NodeGroupOutput" and inner.is_active_output]
    if not outputs:
        raise SceneError(f"The node group {_label(node)} has no Group Output; add one, or wire the picture directly.")
    socket = _by_identifier(outputs[0].inputs, output.identifier)
    return socket, _Place(inside, (*place.path, GroupUse(place.tree, node)), place.passed)


def _passing(node: Any, place: _Place) -> _Place:
    """Remember a node that changes the image; another Relight node stands for the same plate."""
    if node.mute or node.bl_idname == RELIGHT_NODE:
        return place
    return _Place(place.tree, place.path, (*place.passed, _label(node)))


def _image_input(node: Any) -> Any:
    linked = [socket for socket in node.inputs if socket.type == "RGBA" and socket.is_linked]
    if not linked:
        raise SceneError(
            f"The image comes from {_label(node)}, which is no plate; "
            "Relight needs an Image or a Movie Clip node upstream."
        )
    if len(linked) > 1:
        raise SceneError(
            f"{_label(node)} joins {len(linked)} images, so it is not clear which one is the plate; "
            "wire the plate to Relight before they are joined."
        )
    return linked[0]


def _by_identifier(sockets: Any, identifier: str) -> Any:
    return next(socket for socket in sockets if socket.identifier == identifier)


def _label(node: Any) -> str:
    return repr(node.label or node.name)
