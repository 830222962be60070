"""Styles of hair: how long it is where, how it is combed, and how it gathers."""

from dataclasses import dataclass

import numpy as np

STYLE_SHARES = {
    "bald": 0.05,
    "buzz": 0.07,
    "crop": 0.15,
    "side_part": 0.11,
    "slick": 0.05,
    "quiff": 0.05,
    "bowl": 0.03,
    "bob": 0.10,
    "long": 0.15,
    "tied": 0.10,
    "afro": 0.05,
    "curls": 0.07,
    "dreads": 0.02,
    "mohawk": 0.015,
    "receding": 0.035,
}
"""How often each style is drawn; the shares need not sum to one."""
TIES = ("", "bun", "tail", "low")


@dataclass(frozen=True)
class Comb:
    """Directions in which hair is combed where it grows, as weights; their sum is made unit.

    Attributes:
        radial: away from the crown, along the skin.
        back: to the back of the head (negative: to the front).
        side: away from the parting.
        up: off the skin.
        down: to the ground.
    """

    radial: float = 0.0
    back: float = 0.0
    side: float = 0.0
    up: float = 0.0
    down: float = 0.0


@dataclass(frozen=True)
class HairStyle:
    """One head of hair; lengths in metres.

    Attributes:
        style: a key of STYLE_SHARES.
        top: length over the crown and the front.
        sides: length over the ears.
        nape: length at the back.
        over_top: comb of the upper hair.
        over_sides: comb of the sides and the back.
        parting: x of the parting, metres.
        fringe: how far hair falls over the forehead: 0 none, 1 to the brows and a little beyond.
        layer: thickness that lying hair builds up.
        gravity: pull to the ground per length of hair.
        stiffness: how much of its direction a strand keeps from step to step.
        cling: how much it is held down onto the head.
        disorder: random change of direction.
        curl_radius: of a strand's curl, 0 for none.
        curl_pitch: length of a turn.
        locks: number of locks the strands gather into.
        gather: how much they do, 0..1.
        tie: one of TIES.
        ears_covered: whether hair falls over the ears, else behind them.
        recession: how far the front hairline has moved up, centimetres.
        crown_bald: radius of a bald crown, centimetres.
        strands: number of strands drawn.
        steps: points along a strand.
        width: half width of a ribbon at the root.
        asymmetry: how much longer one side is, as a factor about 1.
        shaved: smallest |x| in centimetres of the bare sides of a mohawk, 0 for none.
        clean: whether a bald scalp has no shadow of shaved hair.
    """

    style: str
    top: float
    sides: float
    nape: float
    over_top: Comb
    over_sides: Comb
    parting: float
    fringe: float
    layer: float
    gravity: float
    stiffness: float
    cling: float
    disorder: float
    curl_radius: float
    curl_pitch: float
    locks: int
    gather: float
    tie: str
    ears_covered: bool
    recession: float
    crown_bald: float
    strands: int
    steps: int
    width: float
    asymmetry: float
    shaved: float
    clean: bool


@dataclass
class _Draft:
    """A style under way: what most styles share, to be overwritten."""

    top: float
    sides: float
    nape: float
    over_top: Comb
    over_sides: Comb
    fringe: float = 0.0
    layer: float = 0.006
    gravity: float = 0.25
    stiffness: float = 0.5
    cling: float = 0.2
    curl_radius: float = 0.0
    curl_pitch: float = 0.03
    locks: int = 260
    gather: float = 0.4
    tie: str = ""
    ears_covered: bool = False
    crown_bald: float = 0.0
    strands: int = 2000
    steps: int = 8
    width: float = 0.0013
    shaved: float = 0.0


def _short(style: str, random: np.random.Generator) -> _Draft:
    """Buzz cuts, crops, partings, slick and receding hair."""
    lying = Comb(radial=0.3, down=0.8, back=0.4, up=random.uniform(0.1, 0.5))
    if style == "buzz":
        length = random.uniform(0.003, 0.010)
        return _Draft(length, length * random.uniform(0.5, 1.0), length, Comb(radial=0.6, up=0.7), lying,
                      layer=0.001, strands=2200, steps=3, width=0.0010, gather=0.0, gravity=0.0)  # fmt: skip
    top = random.uniform(0.02, 0.06)
    sides = random.uniform(0.006, 0.022)
    forward = Comb(back=-random.uniform(0.2, 1.0), side=random.uniform(-0.5, 0.5), up=random.uniform(0.3, 1.2))
    draft = _Draft(top, sides, sides * random.uniform(0.8, 1.6), forward, lying, gather=random.uniform(0.2, 0.75),
                   layer=0.004 + 0.25 * top, gravity=random.uniform(0.05, 0.3), steps=7)  # fmt: skip
    if style == "side_part":
        draft.top = random.uniform(0.05, 0.11)
        draft.over_top = Comb(side=1.0, back=random.uniform(-0.2, 0.5), up=random.uniform(0.1, 0.7))
        draft.layer, draft.steps, draft.stiffness = random.uniform(0.008, 0.022), 9, 0.35
        draft.cling = random.uniform(0.1, 0.5)
    elif style == "slick":
        draft.top, draft.nape = random.uniform(0.08, 0.14), random.uniform(0.03, 0.08)
        draft.sides = draft.nape
        draft.over_top = Comb(back=1.0, side=random.uniform(0.0, 0.25), up=random.uniform(0.0, 0.25))
        draft.over_sides = Comb(back=1.0, down=0.35)
        draft.cling, draft.layer, draft.gather, draft.steps = 0.6, random.uniform(0.004, 0.010), 0.5, 10
    elif style == "quiff":
        draft.top = random.uniform(0.05, 0.10)
        draft.over_top = Comb(back=random.uniform(0.1, 0.6), up=1.0, side=random.uniform(-0.2, 0.3))
        draft.cling, draft.layer, draft.steps, draft.gravity = 0.0, 0.02, 8, 0.15
    elif style == "receding":
        draft.top = random.uniform(0.008, 0.05)
        draft.crown_bald = random.uniform(0.0, 8.0) if random.uniform() < 0.7 else 0.0
    elif style == "mohawk":
        draft.top, draft.over_top = random.uniform(0.05, 0.12), Comb(up=1.0, back=random.uniform(-0.2, 0.3))
        draft.sides = draft.nape = 0.0
        draft.shaved, draft.gravity, draft.cling, draft.gather = random.uniform(2.2, 4.5), 0.0, 0.0, 0.5
    elif style == "bowl":
        draft.top, draft.sides, draft.nape = 0.14, random.uniform(0.05, 0.09), random.uniform(0.03, 0.07)
        draft.over_top, draft.over_sides = Comb(radial=1.0, down=0.3), Comb(down=1.0)
        draft.fringe, draft.layer, draft.steps, draft.ears_covered = random.uniform(0.5, 1.1), 0.012, 12, True
    return draft


def _hanging(style: str, random: np.random.Generator) -> _Draft:
    """Bobs and long hair with a parting, straight to wavy."""
    length = random.uniform(0.17, 0.27) if style == "bob" else random.uniform(0.28, 0.52)
    draft = _Draft(length, length, length * 0.85,
                   Comb(side=1.0, down=0.2, back=random.uniform(-0.2, 0.55), up=random.uniform(0.05, 0.5)),
                   Comb(down=1.0, back=random.uniform(0.0, 0.5)),
                   layer=random.uniform(0.008, 0.024), gravity=random.uniform(0.6, 1.2), stiffness=0.35,
                   cling=random.uniform(0.1, 0.4), gather=random.uniform(0.05, 0.5), locks=random.integers(120, 320),
                   strands=1500, steps=13 if style == "bob" else 16, width=random.uniform(0.0013, 0.0022))  # fmt: skip
    draft.ears_covered = random.uniform() < 0.65
    if random.uniform() < 0.35:
        draft.fringe = random.uniform(0.5, 1.15)
    if random.uniform() < 0.45:
        draft.curl_radius, draft.curl_pitch = random.uniform(0.003, 0.012), random.uniform(0.07, 0.14)
    return draft


def _coiled(style: str, random: np.random.Generator) -> _Draft:
    """Afros, curls and dreadlocks: hair that stands off the head by itself."""
    if style == "dreads":
        length = random.uniform(0.08, 0.4)
        return _Draft(length, length, length, Comb(radial=0.8, up=0.5), Comb(down=1.0, up=0.2), layer=0.03,
                      gravity=1.0, locks=150, gather=0.97, strands=1500, steps=14, width=0.0022,
                      curl_radius=0.002, curl_pitch=0.03, ears_covered=random.uniform() < 0.6, cling=0.0)  # fmt: skip
    if style == "afro":
        length = random.uniform(0.02, 0.11)
        return _Draft(length, length * random.uniform(0.6, 1.0), length * 0.9, Comb(up=1.0), Comb(up=1.0, back=0.2),
                      layer=0.0, gravity=0.0, stiffness=0.8, cling=0.0, curl_radius=random.uniform(0.003, 0.007),
                      curl_pitch=random.uniform(0.012, 0.025), locks=700, gather=0.5, strands=1900, steps=12,
                      width=0.0020, ears_covered=length > 0.07)  # fmt: skip
    length = float(np.exp(random.uniform(np.log(0.06), np.log(0.26))))
    return _Draft(length, length, length * random.uniform(0.7, 1.0),
                  Comb(radial=0.5, side=0.5, up=random.uniform(0.4, 1.0)), Comb(down=1.0, up=random.uniform(0.1, 0.7)),
                  layer=random.uniform(0.01, 0.04), gravity=random.uniform(0.4, 1.0), cling=0.0,
                  curl_radius=random.uniform(0.005, 0.014), curl_pitch=random.uniform(0.025, 0.06), locks=320,
                  gather=random.uniform(0.4, 0.8), strands=1350, steps=18, width=0.0019,
                  ears_covered=random.uniform() < 0.75, fringe=random.choice([0.0, 0.0, 0.6]))  # fmt: skip


def _tied(random: np.random.Generator) -> _Draft:
    """Hair pulled to the back of the head: a bun, a tail, a low knot."""
    draft = _Draft(0.3, 0.3, 0.3, Comb(back=1.0, up=0.1), Comb(back=1.0, up=0.02), layer=random.uniform(0.004, 0.014),
                   gravity=0.0, stiffness=0.2, cling=0.65, gather=random.uniform(0.2, 0.6), strands=1500, steps=12,
                   tie=str(random.choice(["bun", "tail", "low"])))  # fmt: skip
    if random.uniform() < 0.3:
        draft.fringe = random.uniform(0.4, 1.1)
    return draft


def random_hair_style(random: np.random.Generator) -> HairStyle:
    """A style with random proportions."""
    shares = np.array(list(STYLE_SHARES.values()))
    style = str(random.choice(list(STYLE_SHARES), p=shares / shares.sum()))
    if style == "tied":
        draft = _tied(random)
    elif style in ("bob", "long"):
        draft = _hanging(style, random)
    elif style in ("afro", "curls", "dreads"):
        draft = _coiled(style, random)
    else:
        draft = _short(style, random)
    receding = style == "receding"
    return HairStyle(
        **vars(draft),
        style=style,
        parting=float(random.choice([-1.0, 1.0]) * random.uniform(0.0, 0.045)),
        disorder=float(random.uniform(0.05, 0.30)),
        recession=float(random.uniform(1.0, 4.5) if receding else max(-0.9, random.normal() * 0.6 - 0.3)),
        asymmetry=float(random.uniform(0.8, 1.25) if random.uniform() < 0.2 else 1.0),
        clean=bool(random.uniform() < 0.4),
    )
