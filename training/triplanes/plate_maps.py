"""The maps of the plate's own view, and the units of the model's raw numbers."""

import torch
from torch import Tensor
from torch.nn import functional

from ..portrait.maps import lambert_transport

CHANNELS = {"transport": 9, "albedo": 3, "normal": 3, "depth": 1, "matte": 1, "roughness": 1, "specular": 1, "parts": 9}
RAW_CHANNELS = sum(CHANNELS.values())
SPECULAR_RANGE = 0.1
"""Largest reflectance at normal incidence: skin has 0.028, a wet eye 0.035, glass 0.043."""


def maps_from_raw(raw: Tensor) -> dict[str, Tensor]:
    """Turn (N, RAW_CHANNELS, h, w) into maps with their units.

    Albedo is the square of a sigmoid, so that dark skin gets as many steps as the eye sees; transport is what the
    normal alone would give plus a correction.
    """
    pieces = torch.split(raw.float(), list(CHANNELS.values()), dim=1)
    piece = dict(zip(CHANNELS, pieces, strict=True))
    normal = functional.normalize(piece["normal"], dim=1, eps=1e-4)
    return {
        "albedo": torch.sigmoid(piece["albedo"]) ** 2,
        "normal": normal,
        "depth": piece["depth"],
        "matte_logit": piece["matte"],
        "transport": lambert_transport(normal) + 0.3 * piece["transport"],
        "roughness": torch.sigmoid(piece["roughness"]),
        "specular": SPECULAR_RANGE * torch.sigmoid(piece["specular"]),
        "parts_logit": piece["parts"],
    }
