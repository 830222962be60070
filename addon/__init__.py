"""The Blender extension: registration, preferences, and what builds the zip.

Blender is imported only inside the functions, so the build runs without one.
"""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled, and before it quits."""
    from . import registration

    registration.unregister()
