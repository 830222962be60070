"""Windows and clips made of random numbers, for tests of the temporal network."""

import torch
from torch import Tensor
from torch.nn import functional

from chiaro.training.triplanes.temporal import TemporalNetwork
from chiaro.training.triplanes.temporal_window import MAP_CHANNELS, SIDE, Window


def random_window(network: TemporalNetwork, frames: int, seed: int = 0) -> Window:
    """One shot of a network's window."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [
        (MAP_CHANNELS, SIDE, SIDE), (1, SIDE, SIDE), (8,), (3 * network.albedo_planes, 64, 64),
        (3 * network.shading_planes, 64, 64),
    ]  # fmt: skip
    return Window(*(torch.rand(1, frames, *shape, generator=generator) for shape in shapes))


def still_window(network: TemporalNetwork, frames: int = 5) -> Window:
    """The same frame again and again."""
    return Window(*(field.expand(-1, frames, *field.shape[2:]).contiguous() for field in random_window(network, 1)))


def flickering_clip(frames: int, noise: float, seed: int = 0) -> dict[str, Tensor]:
    """A batch as of `sequence_dataset`: a still person whose maps flicker around the truth."""
    generator = torch.Generator().manual_seed(seed)

    def smooth(channels: int) -> Tensor:
        small = torch.rand(1, 1, channels, 16, 16, generator=generator)
        return functional.interpolate(small[0], scale_factor=8.0, mode="bicubic")[None].expand(-1, frames, -1, -1, -1)

    normal = functional.normalize(smooth(3) - torch.tensor([0.5, 0.5, -0.5])[:, None, None], dim=2)
    truth = {
        "albedo": 0.2 + 0.5 * smooth(3), "normal": normal, "depth": smooth(1), "matte": torch.ones_like(smooth(1)),
        "transport": 0.3 * smooth(9),
    }  # fmt: skip
    others = {"roughness": 0.5 + 0.0 * smooth(1), "specular": 0.03 + 0.0 * smooth(1), "parts": 0.1 * smooth(8)}
    order = ("albedo", "normal", "depth", "matte", "transport", "roughness", "specular", "parts")
    maps = torch.cat([(truth | others)[name] for name in order], dim=2)
    head = torch.tensor([1.0, 0, 0, 0, 1.0, 0, 0, 0, 0]).expand(1, frames, 9)
    light = 1.0 + torch.rand(1, 1, 9, 3, generator=generator).expand(1, frames, 9, 3)
    return {
        "maps": maps + noise * torch.randn(maps.shape, generator=generator),
        "luminance": smooth(1),
        "head": head[..., :8] + noise * torch.randn(1, frames, 8, generator=generator),
        "albedo_planes": torch.zeros(1, frames, 0, 64, 64),
        "shading_planes": torch.zeros(1, frames, 0, 64, 64),
        "true_light": light,
        "true_head": head,
    } | {f"true_{name}": value for name, value in truth.items()}
