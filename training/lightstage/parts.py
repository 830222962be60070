"""What a triangle is made of, and the classes that part maps name."""

from enum import IntEnum


class Part(IntEnum):
    """Material of a triangle of the virtual light stage."""

    SKIN = 0
    MOUTH = 1
    SOCKET = 2
    TEETH = 3
    EYE = 4
    HAIR = 5
    BODY = 6
    HEADWEAR = 7
    GLASSES = 8
    SCALP = 9
    """Skin under hair or beard, painted with its colour."""
    BROW = 10
    """Strands of a brow."""
    BEARD = 11
    """Strands and body of a beard."""
    LASH = 12
    LENS = 13
    """A clear lens of glasses: what lies behind it is seen through it."""
    DARK_LENS = 14
    """A lens nothing is seen through."""
    FABRIC = 15
    """Cloth with surface coordinates of its own: collars, lapels, ties, scarves."""
    METAL = 16
    """Earrings, piercings, chains, zips."""
    HAND = 17
    """Skin without a face: hands."""
    PLASTIC = 18
    """Headphones, buttons."""


class PartClass(IntEnum):
    """What a part map names.

    The numbers 0 to 7 are the channels of the portrait network's `parts` output; it counts GLASSES as CLOTHING.
    MOUTH is teeth, gums and tongue.
    """

    BACKGROUND = 0
    SKIN = 1
    LIPS = 2
    BROWS = 3
    EYES = 4
    MOUTH = 5
    HAIR = 6
    CLOTHING = 7
    GLASSES = 8
