"""How each kind of file goes into the pack and comes out of it."""

import lzma
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .arrays import AnyArray, BytesArray, compressed_arrays, decompressed_arrays
from .pictures import (
    packed_classes,
    packed_colour,
    packed_frames,
    packed_normal,
    unpacked_classes,
    unpacked_colour,
    unpacked_frames,
    unpacked_normal,
)
from .radiance import packed_radiance, unpack_radiance
from .shapes import packed_shape, unpacked_shape


@dataclass(frozen=True)
class Coding:
    """A way to pack a file.

    Attributes:
        encode: the packed bytes of a file.
        decode: writes the file anew.
        loss: what does not come back bit for bit, for the table.
    """

    encode: Callable[[Path], bytes]
    decode: Callable[[bytes, Path], None]
    loss: str = "none"


def _arrays(path: Path) -> dict[str, AnyArray]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _save_arrays(arrays: dict[str, AnyArray], path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)


def _array(path: Path) -> AnyArray:
    array: AnyArray = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def _save_array(array: AnyArray, path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _picture(encode: Callable[[BytesArray], bytes], decode: Callable[[bytes], BytesArray], loss: str) -> Coding:
    """An array file whose packed form is a picture."""
    return Coding(lambda path: encode(_array(path)), lambda content, path: _save_array(decode(content), path), loss)


def _packed_plates(path: Path) -> bytes:
    return compressed_arrays(
        {
            f"{name}_{part}": values
            for name, frames in _arrays(path).items()
            for part, values in packed_frames(frames).items()
        }
    )


def _unpack_plates(content: bytes, path: Path) -> None:
    packed = decompressed_arrays(content)
    frames = {
        name: unpacked_frames({part: packed[f"{name}_{part}"] for part in ("bytes", "ends")}, mode)
        for name, mode in (("colour", "RGB"), ("matte", "L"))
    }
    _save_arrays({**frames}, path)


CODINGS = {
    "whole": Coding(Path.read_bytes, _write),
    "compressed": Coding(
        lambda path: lzma.compress(path.read_bytes()), lambda content, path: _write(lzma.decompress(content), path)
    ),
    "array": Coding(
        lambda path: compressed_arrays({"array": _array(path)}),
        lambda content, path: _save_array(decompressed_arrays(content)["array"], path),
    ),
    "arrays": Coding(
        lambda path: compressed_arrays(_arrays(path)),
        lambda content, path: _save_arrays(decompressed_arrays(content), path),
    ),
    "shape": Coding(
        lambda path: compressed_arrays(packed_shape(_arrays(path))),
        lambda content, path: _save_arrays(unpacked_shape(decompressed_arrays(content)), path),
        "positions to 2 µm",
    ),
    "colour": _picture(packed_colour, unpacked_colour, "WebP, about 41 dB; alpha none"),
    "normal": _picture(packed_normal, unpacked_normal, "JPEG, about 0.5 degrees"),
    "classes": _picture(packed_classes, unpacked_classes, "none"),
    "radiance": Coding(packed_radiance, unpack_radiance, "DWA, under 1 % of the light"),
    "plates": Coding(_packed_plates, _unpack_plates, "WebP, about 43 dB"),
}
"""By the name that the pack's table of contents gives them."""
