"""Every error Chiaro raises on purpose, under one root.

The message is one sentence for an artist: what was found, what was expected, what to do next.
"""


class ChiaroError(Exception):
    """Root of all errors that a user can cause and mend; anything else is a bug."""


class PlateError(ChiaroError):
    """A plate file or frame cannot be read, or its pixels cannot be used."""


class HeadError(ChiaroError):
    """No usable head in the plate frame: none found, out of frame, or turned too far."""


class CameraError(ChiaroError):
    """A camera that cannot be used: orthographic, degenerate, inside the head."""


class LightError(ChiaroError):
    """A light that cannot be used: not finite, of an unknown kind, with no world."""


class WeightsError(ChiaroError):
    """Network weights are missing, of the wrong hash, or cannot run."""


class CacheError(ChiaroError):
    """The cache folder cannot be used (a damaged entry is not an error: it is rebuilt)."""


class OutputError(ChiaroError):
    """A result cannot be written."""


class SettingsError(ChiaroError):
    """A setting is outside its range, or settings contradict each other."""


class SceneError(ChiaroError):
    """The Blender scene lacks something the node needs: a plate, a camera, a world."""
