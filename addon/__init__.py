"""The Blender extension: registration, preferences, panels, operators, handlers."""
