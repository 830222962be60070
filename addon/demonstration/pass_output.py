"""The passes as the compositor hands them out: written by its File Output node, read back as Passes."""

from pathlib import Path
from typing import Any

import numpy as np
from OpenImageIO import ImageInput, geterror

from ...nodes.blender_versions import add_multilayer_output
from ...runtime.arrays import Float32Array
from ...runtime.camera import Camera
from ...runtime.errors import OutputError
from ...runtime.passes import Passes

PASSES = ("Image", "Albedo", "Shading", "Specular", "Depth", "Normal", "Position", "Matte", "Confidence")
FINAL = "Final"


def add_pass_output(tree: Any, relight: Any, final: Any, folder: Path) -> None:
    """Wire every output of the Relight node, and the final picture, to a multilayer EXR per frame."""
    sockets = {name: relight.outputs[name] for name in PASSES} | {FINAL: final}
    add_multilayer_output(tree, folder, "passes_", sockets)


def read_layers(path: Path) -> dict[str, Float32Array]:
    """All layers of a multilayer EXR by name, each (H, W, C), whether they are parts or channel groups.

    Raises:
        OutputError: it cannot be read.
    """
    source = ImageInput.open(str(path))
    if source is None:
        raise OutputError(f"The compositor's passes cannot be read at {path} ({geterror()}): render again.")
    grouped: dict[str, dict[str, Float32Array]] = {}
    try:
        part = 0
        while source.seek_subimage(part, 0):
            specification = source.spec()
            pixels = source.read_image(part, 0, 0, specification.nchannels, "float")
            if pixels is None:
                raise OutputError(f"The compositor's passes at {path} are damaged ({source.geterror()}): render again.")
            part_name = specification.get_string_attribute("oiio:subimagename")
            for index, channel in enumerate(specification.channelnames):
                layer, _, component = channel.rpartition(".")
                name = next((word for word in (*layer.split("."), part_name) if word in (*PASSES, FINAL)), None)
                if name is not None:
                    grouped.setdefault(name, {})[component.upper()] = pixels[..., index]
            part += 1
    finally:
        source.close()
    return {name: _stacked(components) for name, components in grouped.items()}


def _stacked(components: dict[str, Float32Array]) -> Float32Array:
    order = sorted(components, key="RXVGYBZAW".index)
    return np.ascontiguousarray(np.stack([components[name] for name in order], axis=-1), dtype=np.float32)


def passes_from_layers(layers: dict[str, Float32Array], camera: Camera) -> Passes:
    """The runtime's Passes from the compositor's layers; Blender's images are premultiplied.

    Raises:
        OutputError: a pass is missing.
    """
    missing = [name for name in PASSES if name not in layers]
    if missing:
        raise OutputError(f"The compositor wrote no {', '.join(missing)}: wire the Relight node's outputs again.")
    alpha = layers["Image"][..., 3:4]
    straight = np.where(alpha > 0, layers["Image"][..., :3] / np.maximum(alpha, 1e-6), 0.0)
    return Passes(
        camera=camera,
        image=np.concatenate([straight, alpha], axis=-1).astype(np.float32),
        albedo=layers["Albedo"][..., :3],
        shading=layers["Shading"][..., :3],
        specular=layers["Specular"][..., :3],
        depth=layers["Depth"][..., 0],
        normal=layers["Normal"][..., :3],
        position=layers["Position"][..., :3],
        matte=layers["Matte"][..., 0],
        confidence=layers["Confidence"][..., 0],
    )
