"""Blender's own Image node offers every pass of our EXR as a socket of its type, with the values we wrote."""

import json
from pathlib import Path

import numpy as np
import pytest
from OpenImageIO import FLOAT, ImageInput
from tests.blender_process import blender_pythons, run_python
from tests.image_node_script import SET_UP_IMAGE_NODE

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.output.exr import write_passes_exr
from chiaro.runtime.passes import Passes

WIDTH, HEIGHT = 24, 16

READ_ARGUMENTS = """
import json, sys
import bpy

path, folder, size = json.loads(sys.argv[1])
"""

LOOK_AT_FILES = """
node.image = bpy.data.images.load(path)
sockets = {socket.name: socket.type for socket in node.outputs if socket.enabled}
for name in ("Relight", "Depth", "Normal"):
    tree.links.new(node.outputs[name], output.inputs[0])
    scene.render.filepath = folder + "/" + name + "_"
    bpy.ops.render.render(animation=True)
print("SOCKETS " + json.dumps(sockets))
"""


def passes_with_alpha() -> Passes:
    random = np.random.default_rng(6)

    def channels(*count: int) -> np.ndarray:
        return random.random((HEIGHT, WIDTH, *count), np.float32)

    return Passes(
        camera=camera_from_lens(WIDTH, HEIGHT),
        image=channels(4),
        albedo=channels(3),
        shading=channels(3),
        specular=channels(3),
        depth=channels() * 5,
        normal=channels(3) * 2 - 1,
        position=channels(3),
        matte=channels(),
        confidence=channels(),
    )


@pytest.mark.blender
@pytest.mark.parametrize("python", blender_pythons() or [pytest.param(None, marks=pytest.mark.skip("no bpy"))], ids=str)
def test_sockets_and_values(python: Path, tmp_path: Path) -> None:
    passes = passes_with_alpha()
    path = tmp_path / "passes.exr"
    write_passes_exr(path, passes, colour_type="float")
    arguments = json.dumps([str(path), str(tmp_path), [WIDTH, HEIGHT]])
    finished = run_python(python, ["-c", READ_ARGUMENTS + SET_UP_IMAGE_NODE + LOOK_AT_FILES, arguments])
    answer = [line for line in finished.stdout.splitlines() if line.startswith("SOCKETS ")]
    assert answer, finished.stdout[-2000:] + finished.stderr[-2000:]
    assert json.loads(answer[0].removeprefix("SOCKETS ")) == {
        "Relight": "RGBA",
        "Albedo": "RGBA",
        "Shading": "RGBA",
        "Specular": "RGBA",
        "Depth": "VALUE",
        "Normal": "VECTOR",
        "Position": "VECTOR",
        "Matte": "VALUE",
        "Confidence": "VALUE",
    }

    def shown(name: str) -> np.ndarray:
        return ImageInput.open(str(tmp_path / f"{name}_0001.exr")).read_image(FLOAT)

    alpha = passes.image[..., 3:]
    np.testing.assert_allclose(shown("Relight")[..., :3], passes.image[..., :3] * alpha, atol=1e-6)
    np.testing.assert_allclose(shown("Relight")[..., 3:], alpha, atol=1e-6)
    np.testing.assert_array_equal(shown("Depth")[..., 0], passes.depth)
    np.testing.assert_allclose(shown("Normal")[..., :3], passes.normal, atol=1e-6)
