"""Environment maps with their suns in little space: OpenEXR's DWA compression of half floats."""

import tempfile
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - the name its own documentation uses

from ...runtime.arrays import Float32Array
from ..assets import AssetError, read_image

BRIGHTEST = 4.0e4
"""`load_panorama` clips there; half floats reach a little further."""
COMPRESSION = "dwab:45"


def write_radiance(pixels: Float32Array, path: Path, kind: str, compression: str | None = None) -> None:
    """Write (H, W, 3) linear pixels as "half" or "float"; the ending of the name says in which format.

    Raises:
        AssetError: when it cannot be written.
    """
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, kind)
    # OpenEXR notes the time otherwise, and the same map would never give the same file.
    spec.attribute("DateTime", "1980:01:01 00:00:00")
    if compression is not None:
        spec.attribute("compression", compression)
    output = oiio.ImageOutput.create(str(path))
    if output is None or not output.open(str(path), spec) or not output.write_image(pixels) or not output.close():
        raise AssetError(f"{path} cannot be written: {oiio.geterror()}; choose another folder.")


def packed_radiance(path: Path) -> bytes:
    """An environment map of any format as OpenEXR."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packed.exr"
        write_radiance(np.clip(read_image(path), 0.0, BRIGHTEST), file, "half", COMPRESSION)
        return file.read_bytes()


def unpack_radiance(content: bytes, path: Path) -> None:
    """Write a packed environment map as Radiance's .hdr."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packed.exr"
        file.write_bytes(content)
        pixels = read_image(file)
        unpacked = Path(folder) / "unpacked.hdr"
        write_radiance(pixels, unpacked, "float")
        path.write_bytes(unpacked.read_bytes())
