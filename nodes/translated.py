"""Texts with numbers in them, in the artist's language; Blender itself translates those without."""

import bpy


def translated(text: str, **values: object) -> str:
    """A text of the interface, translated, with the values filled in by name.

    Args:
        text: English, with the values' names in braces; a constant, so that the test of translations finds it.
        values: what stands in the braces.
    """
    known: str = bpy.app.translations.pgettext_iface(text)
    return known.format(**values)
