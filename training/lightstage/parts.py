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
