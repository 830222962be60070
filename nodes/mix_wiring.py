"""When the mix with the incoming image may be left out of the compositor's work."""

from __future__ import annotations

from .animated import is_animated
from .inner_tree import MIX_INPUT, shows_mix, wire_mix
from .relight_nodes import FoundNode, all_relight_nodes


def needs_mix(found: FoundNode) -> bool:
    """Whether Mix is anything but a plain 1: wired, keyed, driven or set to less."""
    socket = found.node.inputs[MIX_INPUT]
    return bool(socket.is_linked or socket.default_value != 1.0 or is_animated(found, "inputs"))


def wire_for_interface(found: FoundNode) -> bool:
    """Leave the mix out where it changes nothing; returns whether the tree changed. On the main thread only."""
    return wire_mix(found.node.node_tree, mixed=needs_mix(found))


def wire_for_files() -> None:
    """Wire the mix in all nodes, for files and for renders without an interface. On the main thread only."""
    for node in all_relight_nodes():
        wire_mix(node.node_tree, mixed=True)


def lacks_mix(found: FoundNode) -> bool:
    """Whether a render would show the relit image where the artist asked for a mix."""
    return needs_mix(found) and not shows_mix(found.node.node_tree)
