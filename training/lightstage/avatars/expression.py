"""Expressions of the avatars: shape keys in combinations that faces make, and lids that follow the gaze."""

from collections.abc import Callable

import numpy as np

SOUNDS = ("AE_AA", "AO_a", "Ax_E", "TD_I", "UH_OO", "UW_U", "H_EST", "FV", "S", "SH_CH", "KG")
"""Shapes of the mouth that go with sounds of speech."""
MOST_GAZE = (0.55, 0.38)
"""Radians to the side and up or down that eyes turn without the head."""

Weights = dict[str, float]


def _pair(name: str, value: float, random: np.random.Generator) -> Weights:
    """The left and right weight of an expression, nearly the same."""
    return {side + name: float(np.clip(value + random.normal() * 0.05, 0.0, 1.0)) for side in "LR"}


def _smile(random: np.random.Generator) -> Weights:
    strength = random.uniform(0.3, 1.0)
    kind = "smileOpen" if random.uniform() < 0.45 else "smileClose"
    return {**_pair(kind, strength, random), **_pair("squint", 0.5 * strength * random.uniform(), random)}


def _speech(random: np.random.Generator) -> Weights:
    sound = str(random.choice(SOUNDS))
    weights = {sound: random.uniform(0.5, 1.0)}
    if random.uniform() < 0.3:
        weights["MouthOpen"] = random.uniform(0.05, 0.3)
    if random.uniform() < 0.15:
        closed = random.uniform(0.4, 0.9)
        return {"MPB": closed, "MPB_Up": closed, "MPB_Down": closed}
    return weights


def _displeased(random: np.random.Generator) -> Weights:
    strength = random.uniform(0.3, 1.0)
    weights = {**_pair("browDown", strength, random), "LLbrowDown": strength, "RRbrowDown": strength}
    if random.uniform() < 0.5:
        weights |= _pair("disgust", random.uniform(0.2, 0.8), random)
    return weights | _pair("squint", random.uniform(0.0, 0.5), random)


def _sad(random: np.random.Generator) -> Weights:
    strength = random.uniform(0.3, 0.9)
    kind = str(random.choice(["sad", "pityful"]))
    return {**_pair(kind, strength, random), **_pair("mouthSad", strength * random.uniform(0.2, 1.0), random)}


def _surprised(random: np.random.Generator) -> Weights:
    strength = random.uniform(0.3, 1.0)
    lifted = {**_pair("browUp", strength, random), "LLbrowUp": strength, "RRbrowUp": strength}
    opened = {"MouthOpen": random.uniform(0.0, 0.7)} if random.uniform() < 0.6 else {}
    return lifted | opened | _pair("eyeOpen", random.uniform(0.1, 0.7), random)


def _grimace(random: np.random.Generator) -> Weights:
    name = str(random.choice(["Kiss", "Ljaw", "Rjaw", "JawFront", "Chin", "Shout", "Chew", "blow", "nostril"]))
    if name in ("blow", "nostril"):
        return _pair(name, random.uniform(0.3, 0.9), random)
    return {name: random.uniform(0.3, 0.9)}


_KINDS: tuple[tuple[float, Callable[[np.random.Generator], Weights] | None], ...] = (
    (0.24, None),
    (0.26, _smile),
    (0.28, _speech),
    (0.07, _displeased),
    (0.05, _sad),
    (0.05, _surprised),
    (0.05, _grimace),
)


def random_avatar_expression(random: np.random.Generator) -> Weights:
    """Weights of shape keys: rest, smiles, speech, emotions, grimaces, blinks."""
    chosen = int(random.choice(len(_KINDS), p=[share for share, _ in _KINDS]))
    make = _KINDS[chosen][1]
    weights = {} if make is None else make(random)
    blink = random.uniform()
    if blink < 0.08:
        weights |= _pair("eyeClose", random.uniform(0.85, 1.0), random)
    elif blink < 0.35:
        weights |= _pair("eyeClose", random.uniform(0.0, 0.25), random)
    return weights


def random_gaze(random: np.random.Generator) -> tuple[float, float]:
    """Radians by which the eyes look to the person's left and up."""
    yaw = float(np.clip(random.normal() * 0.2, -MOST_GAZE[0], MOST_GAZE[0]))
    return yaw, float(np.clip(random.normal() * 0.12, -MOST_GAZE[1], MOST_GAZE[1]))


def following_lids(weights: Weights, gaze: tuple[float, float]) -> Weights:
    """Add what the lids do when the eyes look up or down: upper lids move with the iris.

    Args:
        weights: of shape keys.
        gaze: radians to the person's left and up.
    """
    up = gaze[1] / MOST_GAZE[1]
    result = dict(weights)
    for side in "LR":
        closed = weights.get(side + "eyeClose", 0.0)
        if up < 0.0:
            result[side + "eyeClose"] = closed + (1.0 - closed) * 0.5 * -up
        else:
            result[side + "eyeOpen"] = min(1.0, weights.get(side + "eyeOpen", 0.0) + 0.5 * up * (1.0 - closed))
    return result
