"""The plate that the runtime reads is the plate that Blender's compositor shows."""

import json
from pathlib import Path

import numpy as np
import pytest
from OpenImageIO import FLOAT, ImageInput
from tests.blender_process import blender_pythons, run_python
from tests.image_node_script import SET_UP_IMAGE_NODE
from tests.synthetic_plates import write_image, write_movie

from chiaro.runtime.plate import open_plate

READ_ARGUMENTS = """
import json, sys
import bpy

folder, names, size = json.loads(sys.argv[1])
"""

LOOK_AT_FILES = """
tree.links.new(node.outputs[0], output.inputs[0])
for name in names:
    node.image = bpy.data.images.load(folder + "/" + name)
    scene.render.filepath = folder + "/shown_" + name + "_"
    bpy.ops.render.render(animation=True)
print("DONE")
"""

WIDTH, HEIGHT, BLOCK = 96, 64, 16


def write_plates(folder: Path) -> dict[str, float]:
    """Plates of each kind, with how far apart the two readers may be, in linear light."""
    random = np.random.default_rng(9)
    codes = random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    blocks = codes[::BLOCK, ::BLOCK].repeat(BLOCK, 0).repeat(BLOCK, 1)  # for movies store chroma at half size
    write_image(folder / "eight.png", codes)
    write_image(folder / "sixteen.png", (random.random((HEIGHT, WIDTH, 3)) * 65535).astype(np.uint16))
    write_image(folder / "half.exr", random.random((HEIGHT, WIDTH, 3), np.float32) * 8, "half")
    write_image(folder / "photo.tif", codes)
    tags = {"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 1}
    write_movie(folder / "tagged.mp4", [blocks], options={"crf": "1"}, tags=tags)
    write_movie(folder / "untagged.mp4", [blocks], options={"crf": "1"})
    # Both convert movies to 8-bit codes; a rounding apart, at the steep end of the curve, is 2.3 / 255.
    return {
        "eight.png": 5e-5,
        "sixteen.png": 5e-5,
        "half.exr": 0.0,
        "photo.tif": 5e-5,
        "tagged.mp4": 0.01,
        "untagged.mp4": 0.01,
    }


@pytest.mark.blender
@pytest.mark.parametrize("python", blender_pythons() or [pytest.param(None, marks=pytest.mark.skip("no bpy"))], ids=str)
def test_same_pixels(python: Path, tmp_path: Path) -> None:
    tolerances = write_plates(tmp_path)
    arguments = json.dumps([str(tmp_path), list(tolerances), [WIDTH, HEIGHT]])
    finished = run_python(python, ["-c", READ_ARGUMENTS + SET_UP_IMAGE_NODE + LOOK_AT_FILES, arguments])
    assert "DONE" in finished.stdout, finished.stdout[-2000:] + finished.stderr[-2000:]
    for name, tolerance in tolerances.items():
        shown = ImageInput.open(str(tmp_path / f"shown_{name}_0001.exr")).read_image(FLOAT)[..., :3]
        ours = open_plate(tmp_path / name, upright=False).read(1).image
        difference = np.abs(shown - ours).reshape(HEIGHT // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK, 3)
        if name.endswith("mp4"):
            difference = difference[:, 5:-5, :, 5:-5]  # both scale chroma up, each with a filter of its own
        assert difference.max() <= tolerance, f"{name}: {difference.max()}"
