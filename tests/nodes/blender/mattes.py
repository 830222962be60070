"""The artist's own matte: which file the node reads for it, and that the relit person ends where it does."""

import logging
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import HEIGHT, WIDTH, Stage, render_frame, stage
from tests.nodes.blender.staging_files import write_exr
from tests.nodes.blender.whole_road import ball_stage, shown_pixels

from chiaro.nodes.inner_tree import add_missing_inputs
from chiaro.nodes.relight_nodes import relight_nodes
from chiaro.nodes.status import BOARD, Level
from chiaro.runtime.compose.given_matte import GivenMatte

logging.getLogger("chiaro").setLevel(logging.CRITICAL)


def _image_node(staged: Stage, path: Path) -> Any:
    node = staged.tree.nodes.new("CompositorNodeImage")
    node.image = bpy.data.images.load(str(path))
    return node


def _grey(folder: Path, name: str, value: float) -> Path:
    return write_exr(folder / name, np.full((HEIGHT, WIDTH, 3), value, np.float32))


def _message(staged: Stage) -> tuple[Level, str]:
    evaluated = BOARD.get(relight_nodes(staged.scene)[0].key)
    assert evaluated is not None
    return evaluated.status.level, " ".join(evaluated.status.lines)


def _given(engine: known_engine.KnownEngine) -> GivenMatte:
    mattes = engine.requests[-1].mattes
    assert mattes is not None
    return mattes.at(engine.frames[-1].frame)


def check_without_a_wire_the_matte_is_the_networks(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    render_frame(staged.scene, folder / "a.exr")
    assert engine.requests[-1].mattes is None


def check_brightness_or_alpha_of_what_is_wired(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    pixels = np.random.default_rng(5).random((HEIGHT, WIDTH, 4)).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:]
    path = write_exr(folder / "key.exr", pixels)
    key = _image_node(staged, path)
    staged.tree.links.new(key.outputs["Alpha"], staged.relight.inputs["Matte"])
    render_frame(staged.scene, folder / "a.exr")
    given = _given(engine)
    np.testing.assert_allclose(given.values, pixels[..., 3], atol=1e-6)
    grey = _image_node(staged, _grey(folder, "grey.exr", 0.25))
    reroute = staged.tree.nodes.new("NodeReroute")
    staged.tree.links.new(grey.outputs["Image"], reroute.inputs[0])
    staged.tree.links.new(reroute.outputs[0], staged.relight.inputs["Matte"])
    render_frame(staged.scene, folder / "b.exr")
    assert len(engine.requests) == 2  # another matte is another picture
    given = _given(engine)
    np.testing.assert_allclose(given.values, 0.25, atol=1e-6)
    render_frame(staged.scene, folder / "c.exr")
    assert len(engine.requests) == 2  # and the same is the same


def check_the_plates_own_alpha_is_a_matte(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    pixels = np.random.default_rng(6).random((HEIGHT, WIDTH, 4)).astype(np.float32)
    staged.plate.image = bpy.data.images.load(str(write_exr(folder / "keyed.exr", pixels)))
    staged.tree.links.new(staged.plate.outputs["Alpha"], staged.relight.inputs["Matte"])
    render_frame(staged.scene, folder / "a.exr")
    given = _given(engine)
    np.testing.assert_allclose(given.values, pixels[..., 3], atol=1e-6)


def check_a_sequence_of_mattes_follows_its_node(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    for frame in range(11, 15):
        _grey(folder, f"roto.{frame:04d}.exr", frame / 20)
    node = _image_node(staged, folder / "roto.0011.exr")
    node.image.source = "SEQUENCE"
    node.frame_duration, node.frame_start, node.frame_offset = 4, 1, 10
    staged.tree.links.new(node.outputs["Image"], staged.relight.inputs["Matte"])
    for frame in (1, 3, 4):
        render_frame(staged.scene, folder / "a.exr", frame)
        given = _given(engine)
        np.testing.assert_allclose(given.values, (frame + 10) / 20, atol=1e-6)


def check_what_the_compositor_makes_is_no_file(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    blur = staged.tree.nodes.new("CompositorNodeBlur")
    staged.tree.links.new(staged.plate.outputs["Image"], blur.inputs["Image"])
    staged.tree.links.new(blur.outputs["Image"], staged.relight.inputs["Matte"])
    render_frame(staged.scene, folder / "a.exr")
    level, message = _message(staged)
    assert level is Level.ERROR
    assert "The matte comes from 'Blur', whose result Relight cannot read; render it to a file" in message
    blur.mute = True
    render_frame(staged.scene, folder / "b.exr")
    assert _message(staged)[0] is Level.ERROR


def check_a_matte_comes_out_of_a_group(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    group = bpy.data.node_groups.new("Rotos", "CompositorNodeTree")
    group.interface.new_socket("Roto", in_out="OUTPUT", socket_type="NodeSocketColor")
    inner, output = group.nodes.new("CompositorNodeImage"), group.nodes.new("NodeGroupOutput")
    inner.image = bpy.data.images.load(str(_grey(folder, "grey.exr", 0.75)))
    group.links.new(inner.outputs["Image"], output.inputs["Roto"])
    outer = staged.tree.nodes.new("CompositorNodeGroup")
    outer.node_tree = group
    staged.tree.links.new(outer.outputs["Roto"], staged.relight.inputs["Matte"])
    render_frame(staged.scene, folder / "a.exr")
    given = _given(engine)
    np.testing.assert_allclose(given.values, 0.75, atol=1e-6)


def check_the_matte_pass_comes_out_as_the_engine_made_it(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.tree.links.new(
        _image_node(staged, _grey(folder, "grey.exr", 0.75)).outputs["Image"], staged.relight.inputs["Matte"]
    )
    staged.show("Matte")
    pixels = render_frame(staged.scene, folder / "a.exr")[..., 0]
    assert pixels.tobytes() == engine.expected("matte").tobytes()


def check_the_node_of_an_older_file_gets_the_input(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    tree = staged.relight.node_tree
    item = next(i for i in tree.interface.items_tree if i.name == "Matte" and i.in_out == "INPUT")
    carrier = next(node for node in tree.nodes if node.name.startswith("Albedo Matte"))
    output = next(node for node in tree.nodes if node.bl_idname == "NodeGroupOutput")
    tree.interface.remove(item)
    for node in [node for node in tree.nodes if getattr(node, "operation", "") in {"MINIMUM", "MAXIMUM"}]:
        tree.nodes.remove(node)
    tree.links.new(carrier.outputs["Alpha"], output.inputs["Matte"])
    assert "Matte" not in staged.relight.inputs
    render_frame(staged.scene, folder / "a.exr")
    assert engine.requests[-1].mattes is None
    for _ in range(2):
        add_missing_inputs(tree)
    assert [socket.name for socket in staged.relight.inputs] == ["Image", "Mix", "Matte"]
    staged.tree.links.new(
        _image_node(staged, _grey(folder, "grey.exr", 0.5)).outputs["Image"], staged.relight.inputs["Matte"]
    )
    staged.show("Matte")
    pixels = render_frame(staged.scene, folder / "b.exr")[..., 0]
    assert engine.requests[-1].mattes is not None
    assert pixels.tobytes() == engine.expected("matte").tobytes()


def check_the_relit_ball_ends_where_the_artist_says(folder: Path) -> None:
    staged = ball_stage(folder)
    whole = shown_pixels(staged, "Matte", folder)[..., 0]
    half = np.zeros((*whole.shape, 3), np.float32)
    half[:, whole.shape[1] // 2 :] = 1.0
    node = _image_node(staged, write_exr(folder / "half.exr", half))
    staged.tree.links.new(node.outputs["Image"], staged.relight.inputs["Matte"])
    matte = shown_pixels(staged, "Matte", folder)[..., 0]
    left = np.s_[:, : whole.shape[1] // 2]
    assert not matte[left].any()
    assert matte[whole > 0.99].mean() > 0.4
    relit = shown_pixels(staged, "Image", folder)
    staged.tree.links.new(staged.plate.outputs["Image"], staged.output)
    plate = render_frame(staged.scene, folder / "plate.exr")
    np.testing.assert_array_equal(relit[left], plate[left])
