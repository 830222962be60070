"""What avatars lack and procedural people have: lashes, grown hair and beards, glasses, headwear, earrings, hands."""

from dataclasses import dataclass, replace

import numpy as np

from ....runtime.arrays import Float32Array, Float64Array
from ..accessories.glasses import glasses_meshes
from ..accessories.hands import hand_mesh
from ..accessories.headwear import headphones, random_headwear
from ..accessories.jewellery import earrings, piercing
from ..body import Torso, random_torso, with_neck_of
from ..facial_hair import FacialHair, beard_density, beard_hair, lashes, random_facial_hair
from ..grown_mesh import Growth
from ..hair_growth import head_hair, scalp_distance
from ..hair_styles import HairStyle, random_hair_style
from ..head_mesh import Mesh, ear_points
from ..parts import Part
from ..skin_distance import SkinDistance
from ..strands import hair_body

BODY_SPACING = 0.0055
"""Grid of the body of hair, metres."""
HEADWEAR_SHARE = 0.3
"""Of bald heads: sculpted hair stands out of every hat."""
LONGEST_NAPE = 0.16
"""Metres of hair at the nape."""


@dataclass(frozen=True)
class Wearer:
    """Whom things are put on.

    Attributes:
        head: head and ears, all SKIN, with the morphable head's coordinates.
        landmarks: (68, 3) posed, metres.
        eyes: centres of the left and right eyeball.
        torso_from_head: (3, 3) rotation of the torso against the head.
        bald: whether nothing grows on the head yet.
        bearded: whether a beard may be grown.
        wigged: whether a wig stands off the head.
    """

    head: Mesh
    landmarks: Float32Array
    eyes: tuple[Float64Array, Float64Array]
    torso_from_head: Float64Array
    bald: bool
    bearded: bool
    wigged: bool


@dataclass(frozen=True)
class Dress:
    """What was put on.

    Attributes:
        pieces: meshes that cast shadows.
        growths: strands.
        style: how hair was grown on a bald head, None where it was not.
        beard: how a beard was grown, None where there is none.
    """

    pieces: tuple[Mesh, ...]
    growths: tuple[Growth, ...]
    style: HairStyle | None
    beard: FacialHair | None


def _torso_under(wearer: Wearer, random: np.random.Generator) -> Torso:
    """A torso about where the avatar's own is: what long hair lies on."""
    torso = replace(random_torso(random), torso_from_head=wearer.torso_from_head, cloth=0.012)
    return with_neck_of(torso, wearer.head.vertices)


def _resting_style(random: np.random.Generator) -> HairStyle:
    """A hair style that does not lie on the shoulders, whose shape is not known to hair."""
    style = random_hair_style(random)
    while style.nape > LONGEST_NAPE and not style.tie:
        style = random_hair_style(random)
    return style


def random_dress(wearer: Wearer, random: np.random.Generator) -> Dress:
    """Lashes on everybody, hair on bald heads, a beard, glasses, headwear and jewellery now and then.

    Args:
        wearer: the head.
        random: numbers.
    """
    skin = SkinDistance(wearer.head)
    torso, facial = _torso_under(wearer, random), random_facial_hair(random)
    pieces: list[Mesh] = []
    headwear = random_headwear(skin, torso, random) if wearer.bald and random.uniform() < HEADWEAR_SHARE else None
    if headwear is not None:
        pieces += headwear.pieces
    pieces += _worn(wearer, skin, random, free=headwear is None)
    growths = [Growth(lashes(wearer.landmarks, facial, random), Part.LASH, None)]
    style = _resting_style(random) if wearer.bald else None
    hair = None if style is None else head_hair(style, wearer.head, skin, torso, random, headwear)
    if hair is not None and style is not None:
        body = None if style.style == "buzz" else hair_body(hair, Part.HAIR, BODY_SPACING)
        growths.append(Growth(hair, Part.HAIR, body))
    beard = beard_hair(wearer.head, skin, facial, random) if wearer.bearded else None
    if beard is not None:
        long = facial.beard_length > 0.03
        growths.append(Growth(beard, Part.BEARD, hair_body(beard, Part.BEARD, 0.0045, 0.55) if long else None))
    return Dress(tuple(pieces), tuple(growths), style, None if beard is None else facial)


def painted_depth(rest: Float32Array, dress: Dress) -> Float32Array:
    """(V,) centimetres by which points lie inside grown hair or a grown beard, whose colour their skin takes.

    Args:
        rest: (V, 3) on the morphable head, centimetres; zero off the head.
        dress: what was grown.
    """
    even = np.zeros(len(rest))
    depth = np.full(len(rest), -9.0)
    if dress.style is not None and not (dress.style.style == "bald" and dress.style.clean):
        depth = scalp_distance(rest, dress.style, even)
    if dress.beard is not None:
        depth = np.maximum(depth, 2.0 * beard_density(rest, dress.beard, even) - 1.0)
    off = (rest == 0.0).all(axis=1)
    result: Float32Array = np.where(off, -9.0, depth).astype(np.float32)
    return result


def _worn(wearer: Wearer, skin: SkinDistance, random: np.random.Generator, *, free: bool) -> list[Mesh]:
    """Glasses, headphones, earrings, piercings and hands; `free` where nothing covers the ears."""
    pieces: list[Mesh] = []
    ears = [ear_points(wearer.head, side).mean(axis=0).astype(np.float64) for side in (1.0, -1.0)]
    rests = [ear + np.array([-0.006 * np.sign(ear[0]), 0.022, 0.0]) for ear in ears]
    if random.uniform() < 0.2:
        pieces += glasses_meshes(wearer.eyes, (rests[0], rests[1]), random)
    if free and not wearer.wigged and random.uniform() < 0.04:
        pieces += headphones((ears[0], ears[1]), skin, random)
    if free and random.uniform() < 0.16:
        pieces += earrings(wearer.head, random)
    if random.uniform() < 0.04:
        pieces.append(piercing(wearer.landmarks, random))
    hand = hand_mesh(wearer.landmarks, skin, random) if random.uniform() < 0.05 else None
    return pieces if hand is None else [*pieces, hand]
