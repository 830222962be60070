"""What people wear on their heads and hold to their faces."""

from dataclasses import dataclass

import numpy as np

from ....runtime.arrays import AnyFloatArray
from ..body import Torso
from ..head_mesh import Mesh, ear_points
from ..skin_distance import SkinDistance
from .glasses import glasses_meshes
from .hands import hand_mesh
from .headwear import Headwear, headphones, random_headwear
from .jewellery import earrings, piercing


@dataclass(frozen=True)
class Accessories:
    """Meshes in the head frame, and the headwear among them.

    Attributes:
        pieces: everything.
        headwear: what sits on the hair, or None.
    """

    pieces: tuple[Mesh, ...]
    headwear: Headwear | None


def random_accessories(  # noqa: PLR0917 - a person's measures
    head: Mesh, skin: SkinDistance, landmarks: AnyFloatArray, eyes: tuple[AnyFloatArray, AnyFloatArray], torso: Torso,
    random: np.random.Generator,
) -> Accessories:  # fmt: skip
    """Glasses on one in five, headwear on one in eight, earrings, headphones, piercings and hands on fewer.

    Args:
        head: the head.
        skin: distance to its skin.
        landmarks: (68, 3) posed, metres.
        eyes: centres of the left and right eyeball.
        torso: what scarves lie on.
        random: source of chance.
    """
    pieces: list[Mesh] = []
    ears = tuple(ear_points(head, side).mean(axis=0).astype(np.float64) for side in (1.0, -1.0))
    on_ears = tuple(ear + np.array([-0.006 * np.sign(ear[0]), 0.022, 0.0]) for ear in ears)
    if random.uniform() < 0.2:
        pieces += glasses_meshes(eyes, (on_ears[0], on_ears[1]), random)
    headwear = random_headwear(skin, torso, random) if random.uniform() < 0.125 else None
    if headwear is not None:
        pieces += headwear.pieces
    elif random.uniform() < 0.035:
        pieces += headphones((ears[0], ears[1]), skin, random)
    if random.uniform() < 0.16 and (headwear is None or not headwear.covering):
        pieces += earrings(head, random)
    if random.uniform() < 0.04:
        pieces.append(piercing(landmarks, random))
    hand = hand_mesh(landmarks, skin, random) if random.uniform() < 0.05 else None
    if hand is not None:
        pieces.append(hand)
    return Accessories(tuple(pieces), headwear)
