"""Everything the extension shows has a description."""

from pathlib import Path
from typing import Any

import bpy

from chiaro import addon
from chiaro.nodes import registration as nodes_registration
from chiaro.nodes.pass_sockets import PASS_SOCKETS

SHORTEST = 15


def _own_types() -> dict[str, Any]:
    """The classes that the extension registers. Blender does not list nodes and preferences among its types."""
    nodes_registration.unregister()
    addon.register()
    ours = [kind for kind in _below(bpy.types.bpy_struct) if kind.__module__.startswith("chiaro.")]
    return {kind.__name__: kind for kind in ours if kind.is_registered}


def _below(kind: Any) -> list[Any]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]


def _leave() -> None:
    addon.unregister()
    nodes_registration.register()


def _rna(registered: Any) -> Any:
    """An operator's own description is with its function, not with its class."""
    if not issubclass(registered, bpy.types.Operator):
        return registered.bl_rna
    module, _, name = registered.bl_idname.partition(".")
    return getattr(getattr(bpy.ops, module), name).get_rna_type()


def _own_properties(registered: Any) -> list[Any]:
    """Those that anybody is ever shown."""
    names = {name for base in registered.__mro__ for name in vars(base).get("__annotations__", ())}
    return [entry for entry in _rna(registered).properties if entry.identifier in names and not entry.is_hidden]


def _complaints(label: str, description: str) -> list[str]:
    found = []
    if len(description) < SHORTEST:
        found.append(f"{label}: {description!r} says too little")
    if description.endswith("."):
        found.append(f"{label}: Blender adds the full stop")
    return found


def check_every_property_of_every_class_has_a_description(folder: Path) -> None:
    del folder
    types = _own_types()
    try:
        properties = [
            (f"{name}.{entry.identifier}", entry) for name, kind in types.items() for entry in _own_properties(kind)
        ]
        assert len(properties) > 35, f"{[label for label, _ in properties]}: the extension's own properties were found"
        complaints = [text for label, entry in properties for text in _complaints(label, entry.description)]
        assert not complaints, "\n".join(complaints)
        unnamed = [label for label, entry in properties if not entry.name]
        assert not unnamed, unnamed
    finally:
        _leave()


def check_every_choice_of_every_menu_has_a_description(folder: Path) -> None:
    del folder
    types = _own_types()
    try:
        choices = [
            (f"{name}.{entry.identifier}.{item.identifier}", item.description)
            for name, kind in types.items()
            for entry in _own_properties(kind)
            if entry.type == "ENUM"
            for item in entry.enum_items_static
        ]
        assert len(choices) > 5
        complaints = [text for label, description in choices for text in _complaints(label, description)]
        assert not complaints, "\n".join(complaints)
    finally:
        _leave()


def check_every_operator_and_node_has_a_description(folder: Path) -> None:
    del folder
    types = _own_types()
    try:
        shown = {name: kind for name, kind in types.items() if issubclass(kind, bpy.types.Operator | bpy.types.Node)}
        assert len(shown) > 5
        complaints = [text for name, kind in shown.items() for text in _complaints(name, _rna(kind).description)]
        assert not complaints, "\n".join(complaints)
    finally:
        _leave()


def check_every_socket_has_a_description(folder: Path) -> None:
    del folder
    tree = bpy.data.node_groups.new("t", "CompositorNodeTree")
    node = tree.nodes.new("ChiaroRelightNode")
    items = [item for item in node.node_tree.interface.items_tree if item.item_type == "SOCKET"]
    assert [item.name for item in items if item.in_out == "INPUT"] == ["Image", "Mix", "Matte"]
    assert len(items) == 3 + len(PASS_SOCKETS)
    complaints = [text for item in items for text in _complaints(item.name, item.description)]
    assert not complaints, "\n".join(complaints)
