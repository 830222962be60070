"""Frame numbers against Blender's image user."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.blender_process import blender_pythons, run_python
from tests.synthetic_plates import write_image

from chiaro.runtime.plate import plate_frame_for_scene_frame

SCENE_FRAMES = range(10)
SETTINGS = [
    {"start": 1, "offset": 0, "duration": 5, "cyclic": False},
    {"start": 4, "offset": 1, "duration": 3, "cyclic": False},
    {"start": 4, "offset": 2, "duration": 3, "cyclic": True},
    {"start": 7, "offset": 0, "duration": 2, "cyclic": True},
    {"start": 2, "offset": 1, "duration": 1, "cyclic": False},
]

RENDER_IN_BLENDER = """
import json, sys
import bpy, numpy as np

settings, folder, frames = json.loads(sys.argv[1])
scene = bpy.context.scene
scene.render.resolution_x = scene.render.resolution_y = 4
scene.render.resolution_percentage = 100
scene.render.image_settings.file_format = "OPEN_EXR"
scene.render.image_settings.color_depth = "32"
scene.render.engine = "CYCLES"
if bpy.app.version >= (5, 0):
    tree = scene.compositing_node_group = bpy.data.node_groups.new("c", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    output = tree.nodes.new("NodeGroupOutput")
else:
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("CompositorNodeComposite")
node = tree.nodes.new("CompositorNodeImage")
node.image = bpy.data.images.load(folder + "/plate.0000.exr")
node.image.source = "SEQUENCE"
tree.links.new(node.outputs[0], output.inputs[0])
shown = []
for setting in settings:
    node.frame_start, node.frame_offset = setting["start"], setting["offset"]
    node.frame_duration, node.use_cyclic = setting["duration"], setting["cyclic"]
    scene.frame_start, scene.frame_end = frames[0], frames[-1]
    scene.render.filepath = folder + "/out_"
    bpy.ops.render.render(animation=True)
    row = []
    for frame in frames:
        picture = bpy.data.images.load(scene.render.frame_path(frame=frame))
        pixels = np.empty(len(picture.pixels), np.float32)
        picture.pixels.foreach_get(pixels)
        bpy.data.images.remove(picture)
        row.append(round(float(pixels[0]) * 100))
    shown.append(row)
print("SHOWN " + json.dumps(shown))
"""


@pytest.mark.blender
@pytest.mark.parametrize("python", blender_pythons() or [pytest.param(None, marks=pytest.mark.skip("no bpy"))], ids=str)
def test_agrees_with_renders_of_blender(python: Path, tmp_path: Path) -> None:
    for number in range(12):
        write_image(tmp_path / f"plate.{number:04d}.exr", np.full((4, 4, 3), number / 100, np.float32))
    arguments = json.dumps([SETTINGS, str(tmp_path), list(SCENE_FRAMES)])
    finished = run_python(python, ["-c", RENDER_IN_BLENDER, arguments])
    answer = [line for line in finished.stdout.splitlines() if line.startswith("SHOWN ")]
    assert answer, finished.stdout[-2000:] + finished.stderr[-2000:]
    shown = json.loads(answer[0].removeprefix("SHOWN "))
    ours = [[plate_frame_for_scene_frame(frame, **setting) for frame in SCENE_FRAMES] for setting in SETTINGS]
    assert shown == ours


def test_sequence_that_starts_at_1001() -> None:
    def frame(scene_frame: int, cyclic: bool = False) -> int | None:
        return plate_frame_for_scene_frame(scene_frame, start=8, offset=1000, duration=3, cyclic=cyclic)

    assert [frame(number) for number in range(6, 13)] == [1000, 1000, 1001, 1002, 1003, 1003, 1003]
    assert [frame(number, True) for number in range(6, 13)] == [1002, 1003, 1001, 1002, 1003, 1001, 1002]


def test_no_frames_show_nothing() -> None:
    assert plate_frame_for_scene_frame(5, duration=0) is None


@given(st.integers(-1000, 1000), st.integers(-50, 50), st.integers(0, 2000), st.integers(1, 40))
def test_cyclic_repeats_and_stays_inside(scene_frame: int, start: int, offset: int, duration: int) -> None:
    first = plate_frame_for_scene_frame(scene_frame, start=start, offset=offset, duration=duration, cyclic=True)
    again = plate_frame_for_scene_frame(
        scene_frame + 3 * duration, start=start, offset=offset, duration=duration, cyclic=True
    )
    assert first == again
    assert first is not None
    assert offset + 1 <= first <= offset + duration


@given(st.integers(-1000, 1000), st.integers(-50, 50), st.integers(1, 40))
def test_both_kinds_agree_inside_the_range(scene_frame: int, start: int, duration: int) -> None:
    plain, cyclic = (
        plate_frame_for_scene_frame(scene_frame, start=start, duration=duration, cyclic=c) for c in (False, True)
    )
    if start <= scene_frame < start + duration:
        assert plain == cyclic == scene_frame - start + 1
