"""Which channels of an image file hold the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import PlateError

MAIN_LAYERS = ("", "rgba", "rgb", "beauty", "main", "combined", "composite.combined", "viewlayer.combined", "relight")
"""Layers that are the picture itself, in the order we prefer them; compared in lower case."""


@dataclass(frozen=True)
class PictureChannels:
    """Where the picture is in a file.

    Attributes:
        part: index of the file's part (OpenImageIO's subimage).
        colour: channel indices of red, green and blue; one index for a grey picture.
        alpha: channel index of alpha, or None.
    """

    part: int
    colour: tuple[int, ...]
    alpha: int | None


def picture_by_count(path: Path, channel_names: Sequence[str]) -> PictureChannels:
    """The picture of a file whose channels have an order and no layers: grey, grey + alpha, RGB or RGBA.

    Raises:
        PlateError: any other number of channels.
    """
    match len(channel_names):
        case 1:
            return PictureChannels(0, (0,), None)
        case 2:
            return PictureChannels(0, (0,), 1)
        case 3:
            return PictureChannels(0, (0, 1, 2), None)
        case 4:
            return PictureChannels(0, (0, 1, 2), 3)
    raise _channels_error(path, channel_names)


def picture_by_name(path: Path, parts: Sequence[tuple[str, Sequence[str]]]) -> PictureChannels:
    """The picture of an EXR file, which may have parts and layers.

    Args:
        path: the file, for messages.
        parts: for each part its name and its channels' names.

    Returns:
        The main layer (plain R, G, B, or a layer named as one of MAIN_LAYERS), else the only layer with R, G and B,
        else the only channel of the file, as grey.

    Raises:
        PlateError: none, or several that could be meant; the sentence names what exists.
    """
    layers: dict[str, PictureChannels] = {}
    for index, (part_name, names) in enumerate(parts):
        for layer, picture in _layers_of_part(index, names).items():
            label = layer or ("" if index == 0 else part_name)
            layers.setdefault(label, picture)
    if not layers:
        names = [name for _, part in parts for name in part]
        grey = _grey_picture(names) if len(parts) == 1 else None
        if grey is None:
            raise _channels_error(path, names)
        return grey
    by_lower_name = {layer.lower(): picture for layer, picture in layers.items()}
    for main in MAIN_LAYERS:
        if main in by_lower_name:
            return by_lower_name[main]
    if len(layers) == 1:
        return next(iter(layers.values()))
    raise PlateError(
        f'The plate "{path}" has several layers ({_listed(sorted(layers))}) and none is the main one; '
        "save the layer that is the plate as plain R, G, B."
    )


def _layers_of_part(part: int, names: Sequence[str]) -> dict[str, PictureChannels]:
    components: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        layer, _, component = name.rpartition(".")
        components.setdefault(layer, {})[component.upper()] = index
    return {
        layer: PictureChannels(part, (found["R"], found["G"], found["B"]), found.get("A"))
        for layer, found in components.items()
        if {"R", "G", "B"} <= found.keys()
    }


def _grey_picture(names: Sequence[str]) -> PictureChannels | None:
    upper = [name.rpartition(".")[2].upper() for name in names]
    if len(upper) == 1:
        return PictureChannels(0, (0,), None)
    if len(upper) == 2 and "A" in upper:
        alpha = upper.index("A")
        return PictureChannels(0, (1 - alpha,), alpha)
    return None


def _channels_error(path: Path, names: Sequence[str]) -> PlateError:
    return PlateError(
        f'The plate "{path}" has {len(names)} channels ({_listed(names)}); '
        "RGB, RGBA or grey is expected: save it as RGB."
    )


def _listed(names: Sequence[str], limit: int = 16) -> str:
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"
