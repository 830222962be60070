"""Where the plate comes from: the frame that the runtime reads is the frame that Blender shows."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import HEIGHT, WIDTH, Stage, render_frame, stage
from tests.nodes.blender.staging_files import write_exr

from chiaro.nodes.relight_nodes import relight_nodes
from chiaro.nodes.status import BOARD, Level

logging.getLogger("chiaro").setLevel(logging.CRITICAL)


def _numbered_frames(folder: Path, first: int, last: int) -> Path:
    """A sequence whose pixels are their frame's number."""
    for frame in range(first, last + 1):
        write_exr(folder / f"shot2_v01.{frame:04d}.exr", np.full((HEIGHT, WIDTH, 3), frame, np.float32))
    return folder / f"shot2_v01.{first:04d}.exr"


def _assert_reads_what_blender_shows(
    staged: Stage, engine: known_engine.KnownEngine, folder: Path, frames: range, *, tolerance: float = 0.0
) -> None:
    """Per frame: the plate in the compositor is the plate that the engine got; where Blender shows none, we fail."""
    for frame in frames:
        staged.show("Image")
        asked = len(engine.frames)
        render_frame(staged.scene, folder / "relit.exr", frame)
        evaluated = BOARD.get(relight_nodes(staged.scene)[0].key)
        assert evaluated is not None
        staged.tree.links.new(staged.plate.outputs["Image"], staged.output)
        shown = render_frame(staged.scene, folder / "shown.exr", frame)[..., :3]
        if not shown.any():
            assert evaluated.status.level is Level.ERROR, f"frame {frame} shows nothing"
            continue
        assert evaluated.status.level is not Level.ERROR, evaluated.status
        assert len(engine.frames) > asked, f"frame {frame}"
        np.testing.assert_allclose(engine.frames[-1].image, shown, atol=tolerance, err_msg=f"frame {frame}")


def check_an_image_sequence_follows_the_node(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    image = bpy.data.images.load(str(_numbered_frames(folder, 1003, 1006)))
    image.source = "SEQUENCE"
    staged.plate.image = image
    for start, offset, cyclic in ((1, 1002, False), (3, 1002, False), (2, 1003, False), (1, 1002, True)):
        staged.plate.frame_duration = 4
        staged.plate.frame_start, staged.plate.frame_offset, staged.plate.use_cyclic = start, offset, cyclic
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(0, 9))


def _fresh(engine: known_engine.KnownEngine) -> known_engine.KnownEngine:
    """Forget what was computed, so that every frame is asked for again."""
    BOARD.clear()
    return engine


def check_a_clip_of_a_sequence_follows_its_settings(folder: Path) -> None:
    engine = known_engine.install()
    staged = _with_clip(stage(folder), _numbered_frames(folder, 5, 9))
    clip = staged.plate.clip
    for start, offset in ((1, 0), (3, 0), (1, 2), (1, -1)):
        clip.frame_start, clip.frame_offset = start, offset
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(1, 8))


def _with_clip(staged: Stage, path: Path) -> Stage:
    node = staged.tree.nodes.new("CompositorNodeMovieClip")
    node.clip = bpy.data.movieclips.load(str(path))
    staged.tree.links.new(node.outputs["Image"], staged.relight.inputs["Image"])
    return Stage(staged.scene, staged.tree, node, staged.relight, staged.camera, staged.output)


def _movie(folder: Path, frames: int) -> Path:
    """A movie of flat greys, lossless."""
    import av

    path = folder / "take.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bgr0"
        for index in range(frames):
            grey = np.full((HEIGHT, WIDTH, 3), 20 + 30 * index, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(grey, "bgr24").reformat(format="bgr0")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def check_a_movie_follows_the_node(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.plate.image = bpy.data.images.load(str(_movie(folder, 6)))
    assert staged.plate.image.source == "MOVIE"
    for start, offset in ((1, 0), (2, 0), (1, 2)):
        staged.plate.frame_duration, staged.plate.frame_start, staged.plate.frame_offset = 4, start, offset
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(2, 6), tolerance=2e-3)


def check_a_clip_of_a_movie_follows_its_settings(folder: Path) -> None:
    engine = known_engine.install()
    staged = _with_clip(stage(folder), _movie(folder, 6))
    for start, offset in ((1, 0), (3, 0), (1, 2)):
        staged.plate.clip.frame_start, staged.plate.clip.frame_offset = start, offset
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(3, 5), tolerance=2e-3)


def check_an_srgb_still_is_read_as_blender_reads_it(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    staged.plate.image = _byte_still(folder)
    for name in ("sRGB", "Non-Color"):
        staged.plate.image.colorspace_settings.name = name
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(1, 2), tolerance=5e-5)


def _byte_still(folder: Path) -> Any:
    import OpenImageIO

    codes = np.random.default_rng(3).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    path = folder / "plate.png"
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(WIDTH, HEIGHT, 3, "uint8"))
    buffer.set_pixels(buffer.roi, codes)
    assert buffer.write(str(path))
    return bpy.data.images.load(str(path))


def check_a_packed_still_needs_no_file(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    image = _byte_still(folder)
    staged.plate.image = image
    image.pack()
    (folder / "plate.png").unlink()
    _assert_reads_what_blender_shows(staged, engine, folder, range(1, 2), tolerance=5e-5)


def check_generated_images_are_plates(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    for is_float in (False, True):
        image = bpy.data.images.new("Generated", WIDTH, HEIGHT, float_buffer=is_float)
        pixels = np.random.default_rng(4).random((HEIGHT, WIDTH, 4), dtype=np.float32)
        pixels[..., 3] = 1.0
        image.pixels.foreach_set(pixels.ravel())
        staged.plate.image = image
        _assert_reads_what_blender_shows(staged, _fresh(engine), folder, range(1, 2), tolerance=5e-5)


def check_strokes_on_a_still_are_in_the_plate(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    image = _byte_still(folder)
    staged.plate.image = image
    pixels = np.empty(HEIGHT * WIDTH * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels.reshape(-1, 4)[:, :3] *= 0.5
    image.pixels.foreach_set(pixels)
    assert image.is_dirty
    _assert_reads_what_blender_shows(staged, engine, folder, range(1, 2), tolerance=5e-5)


def _rewired(staged: Stage, between: Callable[[Any, Any], Any]) -> None:
    socket = between(staged.tree, staged.plate.outputs["Image"])
    staged.tree.links.new(socket, staged.relight.inputs["Image"])


def _through(tree: Any, source: Any, node_type: str) -> Any:
    node = tree.nodes.new(node_type)
    tree.links.new(source, next(socket for socket in node.inputs if socket.type == "RGBA"))
    return node.outputs[0]


def _lines(staged: Stage, folder: Path) -> tuple[str, ...]:
    render_frame(staged.scene, folder / "frame.exr")
    evaluated = BOARD.get(relight_nodes(staged.scene)[0].key)
    assert evaluated is not None
    return evaluated.status.lines


def check_reroutes_are_walked_through(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    _rewired(staged, lambda tree, socket: _through(tree, _through(tree, socket, "NodeReroute"), "NodeReroute"))
    assert _lines(staged, folder) == ("Relit.",)
    assert len(engine.requests) == 1


def check_a_grade_is_walked_through_and_named(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    _rewired(staged, lambda tree, socket: _through(tree, socket, "CompositorNodeHueSat"))
    lines = _lines(staged, folder)
    assert len(engine.requests) == 1
    assert len(lines) == 1
    assert "without the effect of" in lines[0]


def check_a_muted_grade_is_not_named(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    _rewired(staged, lambda tree, socket: _through(tree, socket, "CompositorNodeHueSat"))
    next(node for node in staged.tree.nodes if node.bl_idname == "CompositorNodeHueSat").mute = True
    assert _lines(staged, folder) == ("Relit.",)
    assert len(engine.requests) == 1


def check_another_relight_node_passes_its_plate_on(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    second = staged.tree.nodes.new("ChiaroRelightNode")
    staged.tree.links.new(staged.relight.outputs["Image"], second.inputs["Image"])
    staged.tree.links.new(second.outputs["Image"], staged.output)
    render_frame(staged.scene, folder / "frame.exr")
    assert len(engine.frames) == 2
    np.testing.assert_array_equal(engine.frames[0].image, engine.frames[1].image)


def check_a_group_is_entered(folder: Path) -> None:
    engine = known_engine.install()
    staged = stage(folder)
    group = bpy.data.node_groups.new("Plates", "CompositorNodeTree")
    for name in ("Other", "Plate"):
        group.interface.new_socket(name, in_out="OUTPUT", socket_type="NodeSocketColor")
    inside = group.nodes.new("CompositorNodeImage")
    inside.image = bpy.data.images.load(str(write_exr(folder / "in.exr", np.full((HEIGHT, WIDTH, 3), 7, np.float32))))
    group.links.new(inside.outputs["Image"], group.nodes.new("NodeGroupOutput").inputs["Plate"])
    use = staged.tree.nodes.new("CompositorNodeGroup")
    use.node_tree = group
    staged.tree.links.new(use.outputs["Plate"], staged.relight.inputs["Image"])
    assert _lines(staged, folder) == ("Relit.",)
    assert (engine.frames[-1].image == 7).all()
    staged.tree.links.new(use.outputs["Other"], staged.relight.inputs["Image"])
    assert "Nothing is wired to 'Other'" in _lines(staged, folder)[0]


def check_joined_images_are_refused(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    over = staged.tree.nodes.new("CompositorNodeAlphaOver")
    for socket in [socket for socket in over.inputs if socket.type == "RGBA"]:
        staged.tree.links.new(staged.plate.outputs["Image"], socket)
    staged.tree.links.new(over.outputs[0], staged.relight.inputs["Image"])
    assert "joins 2 images" in _lines(staged, folder)[0]


def check_render_layers_are_no_plate(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    layers = staged.tree.nodes.new("CompositorNodeRLayers")
    staged.tree.links.new(layers.outputs[0], staged.relight.inputs["Image"])
    line = _lines(staged, folder)[0]
    assert "Render Layers" in line
    assert "no plate" in line


def check_an_unknown_colour_space_is_named(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    staged.plate.image.colorspace_settings.name = "Filmic Log"
    line = _lines(staged, folder)[0]
    assert "Filmic Log" in line
    assert "ACEScg" in line


def check_a_file_that_is_no_image_is_told_as_such(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    for name, content, sentence in (
        ("empty.png", b"", "is an empty file"),
        ("text.png", b"words", "is cut short or damaged"),
    ):
        (folder / name).write_bytes(content)
        image = bpy.data.images.new(name, 4, 4)
        image.source, image.filepath = "FILE", str(folder / name)
        staged.plate.image = image
        line = _lines(staged, folder)[0]
        assert sentence in line, line


def check_a_missing_frame_is_named(folder: Path) -> None:
    known_engine.install()
    staged = stage(folder)
    image = bpy.data.images.load(str(_numbered_frames(folder, 1, 3)))
    image.source = "SEQUENCE"
    staged.plate.image = image
    staged.plate.frame_duration, staged.plate.frame_offset = 10, 0
    staged.scene.frame_set(7)
    assert "Frame 7" in _lines(staged, folder)[0]
