"""Chiaro's words in other languages, through Blender's own translation system.

A language is a file with a dictionary from the English text to its own; a test checks that none is missing and none is
left over. A new language is a new file and a line in `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from .french import FRENCH
from .german import GERMAN

LANGUAGES: dict[str, Mapping[str, str]] = {"de_DE": GERMAN, "fr_FR": FRENCH}
"""Blender's name of a language → English text → its text."""

CONTEXTS = ("*", "Operator")
"""Blender looks an operator's title up apart from all other texts."""


def translations() -> dict[str, dict[tuple[str, str], str]]:
    """The dictionary that Blender takes."""
    return {
        language: {(context, text): translated for text, translated in texts.items() for context in CONTEXTS}
        for language, texts in LANGUAGES.items()
    }


def register() -> None:
    """Give the words to Blender."""
    bpy.app.translations.register(__name__, translations())


def unregister() -> None:
    """Take them back."""
    bpy.app.translations.unregister(__name__)
