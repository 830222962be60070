"""The maps the network predicts for the plate's own view, and the units of its raw numbers."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from ...runtime.light.harmonics import CONSTANT, LINEAR, QUADRATIC, ZONAL

CHANNELS = {"albedo": 3, "normal": 3, "depth": 1, "matte": 1, "transport": 9, "roughness": 1, "parts": 8}
RAW_CHANNELS = sum(CHANNELS.values())


def lambert_transport(normal: Tensor) -> Tensor:
    """(N, 9, h, w) unshadowed transport A_l/π · Y_k(n) of unit normals (N, 3, h, w); as runtime.light.harmonics."""
    x, y, z = normal[:, 0], normal[:, 1], normal[:, 2]
    linear, quadratic = 2.0 / 3.0 * LINEAR, 0.25
    return torch.stack(
        [
            torch.full_like(x, CONSTANT),
            linear * y,
            linear * z,
            linear * x,
            quadratic * QUADRATIC * x * y,
            quadratic * QUADRATIC * y * z,
            quadratic * ZONAL * (3.0 * z * z - 1.0),
            quadratic * QUADRATIC * x * z,
            quadratic * 0.5 * QUADRATIC * (x * x - y * y),
        ],
        dim=1,
    )


SPECULAR_RANGE = 0.1
"""Largest reflectance at normal incidence: skin has 0.028, a wet eye 0.035, glass 0.043."""


def maps_from_raw(raw: Tensor, channels: Mapping[str, int] = CHANNELS) -> dict[str, Tensor]:
    """Turn (N, C, h, w) into maps with their units.

    Albedo is the square of a sigmoid, so that dark skin gets as many steps as the eye sees; transport is what the
    normal alone would give plus a correction.

    Args:
        raw: a network's numbers.
        channels: how many of them each map has, in their order.
    """
    pieces = torch.split(raw.float(), list(channels.values()), dim=1)
    piece = dict(zip(channels, pieces, strict=True))
    normal = functional.normalize(piece["normal"], dim=1, eps=1e-4)
    maps = {
        "albedo": torch.sigmoid(piece["albedo"]) ** 2,
        "normal": normal,
        "depth": piece["depth"],
        "matte_logit": piece["matte"],
        "transport": lambert_transport(normal) + 0.3 * piece["transport"],
        "roughness": torch.sigmoid(piece["roughness"]),
        "parts_logit": piece["parts"],
    }
    if "specular" in piece:
        maps["specular"] = SPECULAR_RANGE * torch.sigmoid(piece["specular"])
    return maps
