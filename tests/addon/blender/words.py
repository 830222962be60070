"""Every word an artist is shown has a translation, no translation is left over, and Blender uses them."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import SkipTest

import bpy
from tests.blender_process import ROOT

from chiaro.addon import cache_panel
from chiaro.addon.analyse import registration as analyse_registration
from chiaro.addon.preferences import PREFERENCE_PROPERTIES, PROVIDERS
from chiaro.addon.shot import registration as shot_registration
from chiaro.addon.translations import LANGUAGES
from chiaro.nodes import registration as nodes_registration
from chiaro.nodes.pass_sockets import PASS_SOCKETS

SAME_IN_ALL = frozenset({"", "CUDA", "DirectML", "Core ML", "key", "fill", "rim", "Lamp Collection"})
"""Names of makers, and names that are drawn with a text of their own."""


@contextmanager
def _all_registered() -> Iterator[None]:
    """What the extension registers beside the nodes, which the harness has registered."""
    for part in (analyse_registration, cache_panel, shot_registration):
        part.register()
    try:
        yield
    finally:
        for part in (shot_registration, cache_panel, analyse_registration):
            part.unregister()


def _ours() -> tuple[Any, ...]:
    parts = (nodes_registration, analyse_registration, cache_panel, shot_registration)
    return tuple(entry for part in parts for entry in part.CLASSES)


def _shown(entry: Any) -> Iterator[str]:
    """Titles and tooltips of a class and of its own visible properties."""
    rna = entry.bl_rna
    if issubclass(entry, bpy.types.Operator):
        module, name = entry.bl_idname.split(".")
        rna = getattr(getattr(bpy.ops, module), name).get_rna_type()
    if issubclass(entry, bpy.types.Operator | bpy.types.Menu | bpy.types.Panel):
        yield entry.bl_label
        yield getattr(entry, "bl_description", "")
    for name in vars(entry).get("__annotations__", {}):
        prop = rna.properties[name]
        if prop.is_hidden:
            continue
        yield from (prop.name, prop.description)
        if prop.type == "ENUM":
            for item in prop.enum_items:
                yield from (item.name, item.description)


def _preference_texts() -> Iterator[str]:
    for prop in PREFERENCE_PROPERTIES.values():
        yield from (prop.keywords["name"], prop.keywords["description"])
    for _, name, description in PROVIDERS:
        yield from (name, description)


def _sources() -> list[Path]:
    parts = ("addon", "nodes")
    return [path for part in parts for path in (ROOT / part).rglob("*.py") if "translations" not in path.parts]


def _drawn() -> Iterator[str]:
    """Constant texts of labels and buttons, and those that `translated` fills in."""
    for path in _sources():
        if path.is_relative_to(ROOT / "addon" / "demonstration"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [keyword.value for keyword in node.keywords if keyword.arg == "text"]
            if isinstance(node.func, ast.Name) and node.func.id == "translated":
                given = [node.args[0]]
                assert isinstance(given[0], ast.Constant), (path, node.lineno)
            texts = [value.value for value in given if isinstance(value, ast.Constant)]
            yield from (text for text in texts if isinstance(text, str))


def check_every_drawn_text_is_translated(folder: Path) -> None:
    del folder
    texts = set(_drawn()) - SAME_IN_ALL
    assert {"Ready: {total} analysed", "Analysing {done}/{total}", "Clear All"} <= texts
    for language, words in LANGUAGES.items():
        assert not sorted(texts - set(words)), language
        for text in texts:
            holes = sorted(re.findall(r"\{\w+\}", text))
            assert sorted(re.findall(r"\{\w+\}", words[text])) == holes, (language, text)


def check_every_text_is_translated(folder: Path) -> None:
    del folder
    with _all_registered():
        texts = {text for entry in _ours() for text in _shown(entry)}
    texts |= {socket.description for socket in PASS_SOCKETS} | set(_preference_texts())
    for language, words in LANGUAGES.items():
        missing = sorted(text for text in texts - SAME_IN_ALL if text not in words)
        assert not missing, (language, missing)


def check_no_translation_is_left_over_or_empty(folder: Path) -> None:
    del folder
    constants = {
        node.value
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for language, words in LANGUAGES.items():
        assert not sorted(set(words) - constants), language
        assert all(text.strip() for text in words.values()), language
    assert len({frozenset(words) for words in LANGUAGES.values()}) == 1, "all languages hold the same texts"


def check_blender_uses_them(folder: Path) -> None:
    del folder
    if not bpy.app.build_options.international:
        raise SkipTest("this Blender was built without translations")
    view = bpy.context.preferences.view
    with _all_registered():
        try:
            view.language = "de_DE"
            view.use_translate_interface = view.use_translate_tooltips = True
            pgettext_iface, pgettext_tip = bpy.app.translations.pgettext_iface, bpy.app.translations.pgettext_tip
            assert pgettext_iface("Relight Plate", "Operator") == LANGUAGES["de_DE"]["Relight Plate"]
            assert pgettext_tip("What the mesh is to Cycles").startswith("Was das Mesh")
        finally:
            view.language = "en_US"
