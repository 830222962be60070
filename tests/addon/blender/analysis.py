"""Analysing shots from Blender, and what renders make of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from tests.addon.blender.shot_staging import HEIGHT, WIDTH, extension, stage_shot, write_shot
from tests.nodes.blender import known_engine
from tests.nodes.blender.staging import render_animation, render_frame
from tests.nodes.blender.staging_files import write_exr

from chiaro.nodes.node_face import length_text
from chiaro.nodes.relight_inputs import Moment
from chiaro.nodes.relight_nodes import relight_nodes
from chiaro.nodes.shot_frames import Shot, shot_frames
from chiaro.nodes.shot_status import SHOTS, look_at_shots, shot_readiness
from chiaro.runtime import relight as relight_module
from chiaro.runtime.analysis_record import Readiness

CENTRE = (160.0, 120.0)


def _moment(scene: Any) -> Moment:
    view_layer = scene.view_layers[0]
    view_layer.update()
    return Moment(scene, view_layer.depsgraph, scene.frame_current)


def _shots(scene: Any) -> list[Shot]:
    return [shot_frames(found, _moment(scene)) for found in relight_nodes(scene)]


def _readiness(scene: Any) -> Readiness:
    found = shot_readiness(_shots(scene)[0])
    assert found is not None
    return found


def check_the_operator_analyses_the_scenes_frames(folder: Path) -> None:
    with extension(folder) as cache:
        scene, relight = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in range(1, 6)}), 5)
        assert _readiness(scene).ready == 0
        assert bpy.ops.chiaro.analyse() == {"FINISHED"}
        found = _readiness(scene)
        assert (found.total, found.ready, found.most_heads) == (5, 5, 1)
        assert len(list(cache.glob("*.encoding"))) == 5
        look_at_shots(scene, _moment(scene).depsgraph)
        status = SHOTS.shot(relight.node_tree.session_uid)
        assert status is not None
        assert (status.plate, status.size, length_text(status)) == ("shot.####.exr", "320×240", "5 frames")


def _render_without_a_network(scene: Any, folder: Path) -> None:
    """Two frames; the networks must not be called."""
    encode, find = relight_module.encode, relight_module.find_heads
    relight_module.encode = relight_module.find_heads = None  # type: ignore[assignment]  # must not be called
    try:
        frames = render_animation(scene, folder, 1, 2)
    finally:
        relight_module.encode, relight_module.find_heads = encode, find
    for pixels in frames.values():
        assert abs(pixels[0, 0, :3] - 0.2).max() < 1e-3, "the plate beside the person, and no magenta"


def check_an_analysed_shot_renders_without_a_network(folder: Path) -> None:
    with extension(folder):
        scene, _ = stage_shot(write_shot(folder / "plate", {1: [CENTRE], 2: [(170.0, 120.0)]}), 2)
        bpy.ops.chiaro.analyse()
        _render_without_a_network(scene, folder)


def check_a_shot_with_mattes_is_analysed_in_them_and_renders_without_a_network(folder: Path) -> None:
    with extension(folder):
        scene, relight = stage_shot(write_shot(folder / "plate", {1: [CENTRE], 2: [(170.0, 120.0)]}), 2)
        white = folder / "mattes"
        white.mkdir()
        for number in (1, 2):
            write_exr(white / f"matte.{number:04d}.exr", np.ones((HEIGHT, WIDTH, 3), np.float32))
        plate = relight.inputs["Image"].links[0].from_node
        tree = plate.id_data
        node = tree.nodes.new("CompositorNodeImage")
        node.image = bpy.data.images.load(str(white / "matte.0001.exr"))
        node.image.source, node.frame_duration = "SEQUENCE", 2
        assert _readiness(scene).total == 2
        bpy.ops.chiaro.analyse()
        assert _readiness(scene).ready == 2
        tree.links.new(node.outputs["Image"], relight.inputs["Matte"])
        found = _readiness(scene)
        assert (found.ready, found.stale) == (0, 2), "in a matte the networks see another picture"
        bpy.ops.chiaro.analyse()
        assert _readiness(scene).ready == 2
        _render_without_a_network(scene, folder)
        write_exr(white / "matte.0002.exr", np.full((HEIGHT, WIDTH, 3), 0.75, np.float32))
        assert _readiness(scene).ready == 1


def check_another_lens_makes_the_shot_stale(folder: Path) -> None:
    with extension(folder):
        scene, _ = stage_shot(write_shot(folder / "plate", {1: [CENTRE], 2: [CENTRE]}), 2)
        bpy.ops.chiaro.analyse()
        scene.camera.location.x = 3.0
        assert _readiness(scene).ready == 2, "where the camera stands does not matter"
        scene.camera.data.lens = 80.0
        found = _readiness(scene)
        assert (found.ready, found.stale) == (0, 2)


def check_offset_and_cycle_decide_which_frames_are_analysed(folder: Path) -> None:
    with extension(folder):
        first = write_shot(folder / "plate", {key: [CENTRE] for key in range(1001, 1011)})
        scene, relight = stage_shot(first, 10)
        plate = relight.inputs["Image"].links[0].from_node
        plate.frame_offset, plate.frame_duration, plate.use_cyclic = 1003, 3, True
        scene.frame_start, scene.frame_end = 5, 40
        assert [request.frame for request in _shots(scene)[0].requests] == [1004, 1005, 1006]
        plate.use_cyclic, plate.frame_start = False, 8
        assert [request.frame for request in _shots(scene)[0].requests] == [1003, 1004, 1005, 1006]


def check_missing_frames_are_named_and_the_rest_is_analysed(folder: Path) -> None:
    with extension(folder):
        scene, relight = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in (1, 2, 4)}), 4)
        relight.inputs["Image"].links[0].from_node.frame_duration = 4
        bpy.ops.chiaro.analyse()
        found = _readiness(scene)
        assert (found.total, found.ready, list(found.problems)) == (4, 3, [3])
        assert "frames 2 and 4 are the nearest" in found.problems[3]


def check_a_keyed_box_and_a_zoom_are_analysed_as_they_are_rendered(folder: Path) -> None:
    with extension(folder):
        engine = known_engine.install()
        scene, relight = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in range(1, 5)}), 4)
        relight.use_box = True
        for frame, x in ((1, 0.25), (4, 0.75)):
            relight.box_centre[0] = x
            relight.keyframe_insert("box_centre", frame=frame)
            scene.camera.data.lens = 40.0 + 80.0 * x
            scene.camera.data.keyframe_insert("lens", frame=frame)
        requests = _shots(scene)[0].requests
        render_animation(scene, folder, 1, 4)
        assert len(requests) == len(engine.requests) == 4
        for planned, made in zip(requests, engine.requests, strict=True):
            assert planned.box is not None
            assert made.box is not None
            np.testing.assert_allclose(planned.box.centre_x, made.box.centre_x, atol=0.01)
            np.testing.assert_allclose(planned.camera.focal_x, made.plate_camera.focal_x, rtol=1e-5)


def _tracked_clip(first: Path, positions: dict[int, tuple[float, float]]) -> Any:
    clip = bpy.data.movieclips.load(str(first))
    track = clip.tracking.tracks.new(name="Nose", frame=1)
    for frame, position in positions.items():
        track.markers.insert_frame(frame, co=position)
    return clip


def check_a_box_follows_a_track(folder: Path) -> None:
    with extension(folder):
        engine = known_engine.install()
        first = write_shot(folder / "plate", {key: [CENTRE] for key in range(1, 5)})
        scene, relight = stage_shot(first, 4)
        positions = {frame: (0.2 + 0.1 * frame, 0.5 + 0.05 * frame) for frame in range(1, 5)}
        relight.use_box, relight.box_size = True, 0.5
        relight.box_clip, relight.box_track = _tracked_clip(first, positions), "Nose"
        planned = _shots(scene)[0].requests
        render_animation(scene, folder, 1, 4)
        for frame, request, made in zip(range(1, 5), planned, engine.requests, strict=True):
            x, y = positions[frame][0] * WIDTH, (1 - positions[frame][1]) * HEIGHT
            for box in (request.box, made.box):
                assert box is not None
                np.testing.assert_allclose((box.centre_x, box.centre_y, box.half_size), (x, y, 80.0), atol=1e-2)


def check_a_track_that_is_lost_fails_visibly(folder: Path) -> None:
    with extension(folder):
        known_engine.install()
        first = write_shot(folder / "plate", {1: [CENTRE], 2: [CENTRE]})
        scene, relight = stage_shot(first, 2)
        relight.use_box = True
        relight.box_clip, relight.box_track = _tracked_clip(first, {1: (0.5, 0.5)}), "Nose"
        clip = relight.box_clip
        clip.tracking.tracks["Nose"].markers.insert_frame(2, co=(0.5, 0.5)).mute = True
        pixels = render_frame(scene, folder / "lost.exr", 2)
        np.testing.assert_array_equal(pixels[0, 0], [1, 0, 1, 1])
        relight.box_track = "Ear"
        pixels = render_frame(scene, folder / "none.exr", 1)
        np.testing.assert_array_equal(pixels[0, 0], [1, 0, 1, 1])


def check_two_people_get_a_node_each(folder: Path) -> None:
    with extension(folder):
        first = write_shot(folder / "plate", {key: [(80.0, 120.0), (240.0, 120.0)] for key in (1, 2)})
        scene, relight = stage_shot(first, 2)
        second = relight.id_data.nodes.new(relight.bl_idname)
        relight.id_data.links.new(relight.outputs["Image"], second.inputs["Image"])
        viewer = relight.id_data.nodes.new("CompositorNodeViewer")
        relight.id_data.links.new(second.outputs["Matte"], viewer.inputs[0])
        second.person = 1
        assert bpy.ops.chiaro.analyse() == {"FINISHED"}
        ready = [shot_readiness(shot) for shot in _shots(scene)]
        assert [found.ready for found in ready if found] == [2, 2]
        assert [found.most_heads for found in ready if found] == [2, 2]
        first_matte, second_matte = _mattes(scene, relight, second, folder)
        assert first_matte.max() > 0.9
        assert second_matte.max() > 0.9
        assert (first_matte * second_matte).max() < 0.1, "each node takes another person"


def _mattes(scene: Any, first: Any, second: Any, folder: Path) -> list[Any]:
    tree = first.id_data
    output = first.outputs["Image"].links[0].to_socket
    output = next(link.to_socket for link in tree.links if link.to_node.bl_idname in (
        "NodeGroupOutput", "CompositorNodeComposite"))  # fmt: skip
    mattes = []
    for index, node in enumerate((first, second)):
        tree.links.new(node.outputs["Matte"], output)
        mattes.append(render_frame(scene, folder / f"matte{index}.exr", 1)[..., 0])
    return mattes


def check_a_person_who_leaves_shows_the_plate_where_the_artist_chose_so(folder: Path) -> None:
    with extension(folder):
        frames = {1: [CENTRE], 2: [], 3: [], 4: [], 5: [CENTRE]}
        scene, relight = stage_shot(write_shot(folder / "plate", frames), 5)
        bpy.ops.chiaro.analyse()
        gone = render_frame(scene, folder / "error.exr", 3)
        np.testing.assert_array_equal(gone[0, 0], [1, 0, 1, 1])
        relight.absence = "PLATE"
        shown = render_animation(scene, folder, 1, 5)
        np.testing.assert_allclose(shown[3][..., :3], 0.2, atol=1e-3)
        assert abs(shown[5][..., :3] - 0.2).max() > 0.1, "and comes back"


def check_a_cut_ends_the_steadying(folder: Path) -> None:
    with extension(folder):
        left, right = (90.0, 120.0), (230.0, 120.0)
        frames = {1: [left], 2: [left], 3: [left], 4: [right], 5: [right], 6: [right]}
        scene, _ = stage_shot(write_shot(folder / "plate", frames), 6)
        bpy.ops.chiaro.analyse()
        boxes = []
        for request in _shots(scene)[0].requests:
            from chiaro.nodes.engine import ENGINE
            from chiaro.nodes.plate_shelf import SHELF

            plate = SHELF.load(_plate_file(request)).plate
            boxes.append(ENGINE.engine().choose(plate.read(request.frame), plate=plate).box.centre_x)  # type: ignore[attr-defined, union-attr]  # the runtime's own engine; a file
        np.testing.assert_allclose(boxes, [90, 90, 90, 230, 230, 230], atol=3)


def _plate_file(request: Any) -> Any:
    from chiaro.nodes.plate_file import PlateFile

    return PlateFile(Path(request.plate.path), request.plate.kind, request.plate.colour_space, request.frame)


def check_a_farm_renders_from_a_cache_it_does_not_change(folder: Path) -> None:
    with extension(folder) as cache:
        scene, _ = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in (1, 2, 3)}), 3)
        bpy.ops.chiaro.analyse()
        scene.render.filepath = str(folder / "farm_####.exr")
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "farm.blend"))
        kept = {path.name: path.read_bytes() for path in cache.iterdir()}
        result = _in_another_blender(
            f"addon.register(); bpy.ops.wm.open_mainfile(filepath={str(folder / 'farm.blend')!r})\n"
            "from chiaro.runtime import relight\n"
            "relight.encode = relight.find_heads = None\n"
            "bpy.ops.render.render(animation=True)\n"
        )
        assert result.returncode == 0, result.stderr
        assert {path.name: path.read_bytes() for path in cache.iterdir()} == kept
        from tests.nodes.blender.staging_files import read_exr

        for frame in (1, 2, 3):
            assert abs(read_exr(folder / f"farm_{frame:04d}.exr")[0, 0, :3] - 0.2).max() < 1e-3, result.stderr


def check_a_farm_renders_from_a_cache_it_may_only_read(folder: Path) -> None:
    from tests.nodes.blender.staging_files import read_exr

    with extension(folder) as cache:
        scene, _ = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in (1, 2, 3)}), 3)
        scene.frame_end = 2
        bpy.ops.chiaro.analyse()
        scene.frame_end = 3
        (folder / "farm").mkdir()
        scene.render.filepath = str(folder / "farm" / "####.exr")
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / "farm.blend"))
        kept = {path.name: path.read_bytes() for path in cache.iterdir()}
        _read_only_but_for(folder, folder / "farm")
        result = _in_another_blender(
            f"addon.register(); bpy.ops.wm.open_mainfile(filepath={str(folder / 'farm.blend')!r})\n"
            "from tests.permissions import obey_permissions\nobey_permissions()\n"
            f"try: open({str(cache / 'probe')!r}, 'w')\n"
            "except PermissionError: print('READ ONLY')\n"
            "bpy.ops.render.render(animation=True)\n"
        )
        assert "READ ONLY" in result.stdout, result.stdout + result.stderr
        assert result.returncode == 0, result.stderr
        assert {path.name: path.read_bytes() for path in cache.iterdir()} == kept
        for frame in (1, 2, 3):  # The third is in no cache: the machine that renders it analyses it.
            pixels = read_exr(folder / "farm" / f"{frame:04d}.exr")
            assert abs(pixels[0, 0, :3] - 0.2).max() < 1e-3, result.stderr
            assert abs(pixels[HEIGHT // 2, WIDTH // 2, :3] - 0.2).max() > 0.1, "the person is relit"


def _read_only_but_for(folder: Path, writable: Path) -> None:
    """Nothing may be written below a folder but in one place."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    writable.chmod(0o777)


def _in_another_blender(code: str) -> subprocess.CompletedProcess[str]:
    start = "import sys, os, bpy\nfrom chiaro import addon\n"
    end = "\nsys.stdout.flush(); os._exit(0)\n"
    return subprocess.run([sys.executable, "-c", start + code + end], capture_output=True, text=True, check=False)


def check_clearing_the_cache_leaves_nothing_ready(folder: Path) -> None:
    from chiaro.addon.cache_overview import look_into_cache

    with extension(folder) as cache:
        first = write_shot(folder / "plate", {1: [CENTRE], 2: [CENTRE]})
        scene, _ = stage_shot(first, 2)
        bpy.ops.chiaro.analyse()
        (plate,) = look_into_cache(cache, 10**9).plates
        assert (plate.name, plate.current, plate.stale, plate.missing) == ("shot.0001.exr", 2, 0, False)
        assert plate.bytes == sum(path.stat().st_size for path in cache.glob("*.encoding")) > 0
        assert bpy.ops.chiaro.clear_plate(plate_path=str(first)) == {"FINISHED"}
        assert _readiness(scene).ready == 0
        assert look_into_cache(cache, 10**9).plates == ()
        bpy.ops.chiaro.analyse()
        assert bpy.ops.chiaro.clear_cache() == {"FINISHED"}
        assert list(cache.iterdir()) == []


def check_a_plate_that_only_blender_has_is_refused_with_a_sentence(folder: Path) -> None:
    with extension(folder):
        _, relight = stage_shot(write_shot(folder / "plate", {1: [CENTRE]}), 1)
        plate = relight.inputs["Image"].links[0].from_node
        plate.image = bpy.data.images.new("Painted", 64, 48)
        try:
            bpy.ops.chiaro.analyse()
        except RuntimeError as error:
            assert "The image 'Painted' exists in Blender only" in str(error)
        else:
            raise AssertionError("it was not refused")


def check_disabling_while_a_worker_runs_ends_it(folder: Path) -> None:
    from chiaro.addon.analyse.shots import QUEUE, queue_shot

    with extension(folder):
        scene, _ = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in range(1, 30)}), 29)
        queue_shot(relight_nodes(scene)[0], _moment(scene))
        QUEUE.poll()
        worker: Any = QUEUE._worker
        assert worker is not None
    assert QUEUE.jobs == []
    assert not Path(f"/proc/{worker.process_id}/cmdline").exists()


def check_the_other_file_has_no_jobs(folder: Path) -> None:
    from chiaro.addon.analyse.shots import QUEUE, queue_shot

    with extension(folder):
        scene, _ = stage_shot(write_shot(folder / "plate", {key: [CENTRE] for key in range(1, 30)}), 29)
        queue_shot(relight_nodes(scene)[0], _moment(scene))
        QUEUE.poll()
        bpy.ops.wm.read_factory_settings(use_empty=True)
        assert QUEUE.jobs == []


def check_the_worker_is_told_where_the_libraries_are(folder: Path) -> None:
    from chiaro.addon.analyse.worker_process import worker_environment

    code = "import json, numpy, onnxruntime, OpenImageIO, av; print(json.dumps([numpy.__file__, av.__file__]))"
    result = subprocess.run(
        [sys.executable, "-s", "-P", "-c", code],
        env=worker_environment(),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    assert json.loads(result.stdout)[0] == np.__file__


def check_a_plate_of_another_rate_is_told(folder: Path) -> None:
    from fractions import Fraction

    from chiaro.nodes.shot_status import rate_note

    del folder
    scene = bpy.context.scene
    film = Fraction(24000, 1001)
    scene.render.fps, scene.render.fps_base = 24, 1.001
    assert rate_note(film, scene) is None
    scene.render.fps, scene.render.fps_base = 25, 1.0
    assert rate_note(film, scene) == (
        "The plate runs at 23.976 frames per second, the scene at 25; set the scene's frame rate to the plate's."
    )
    assert rate_note(None, scene) is None, "sequences have no rate of their own"


def check_a_clip_with_proxies_is_analysed_at_full_size(folder: Path) -> None:
    with extension(folder):
        first = write_shot(folder / "plate", {frame: [CENTRE] for frame in (1, 2)})
        scene, relight = stage_shot(first, 2)
        clip = bpy.data.movieclips.load(str(first))
        clip.use_proxy = True
        clip.proxy.build_25 = True
        node = relight.id_data.nodes.new("CompositorNodeMovieClip")
        node.clip = clip
        relight.id_data.links.new(node.outputs["Image"], relight.inputs["Image"])
        requests = _shots(scene)[0].requests
        assert [request.frame for request in requests] == [1, 2]
        assert {(request.camera.width, request.camera.height) for request in requests} == {(WIDTH, HEIGHT)}
        assert bpy.ops.chiaro.analyse() == {"FINISHED"}
        assert _readiness(scene).ready == 2


def check_a_clip_that_starts_later_is_shifted(folder: Path) -> None:
    with extension(folder):
        first = write_shot(folder / "plate", {frame: [CENTRE] for frame in range(1, 7)})
        scene, relight = stage_shot(first, 6)
        clip = bpy.data.movieclips.load(str(first))
        clip.frame_start, clip.frame_offset = 101, 2
        node = relight.id_data.nodes.new("CompositorNodeMovieClip")
        node.clip = clip
        relight.id_data.links.new(node.outputs["Image"], relight.inputs["Image"])
        scene.frame_start, scene.frame_end = 101, 103
        assert [request.frame for request in _shots(scene)[0].requests] == [3, 4, 5]


def check_undoing_does_not_disturb_an_analysis(folder: Path) -> None:
    from chiaro.addon.analyse.shots import QUEUE, queue_shot

    with extension(folder):
        scene, relight = stage_shot(write_shot(folder / "plate", {frame: [CENTRE] for frame in range(1, 5)}), 4)
        bpy.ops.ed.undo_push(message="start")
        job = queue_shot(relight_nodes(scene)[0], _moment(scene))
        QUEUE.poll()
        relight.strength = 2.0
        bpy.ops.ed.undo_push(message="strength")
        bpy.ops.ed.undo()
        bpy.ops.ed.redo()
        while QUEUE.is_busy:
            QUEUE.poll()
        assert (job.sentence, len(job.done)) == (None, 4)
        assert _readiness(bpy.context.scene).ready == 4


def check_frames_that_only_a_render_analysed_count(folder: Path) -> None:
    with extension(folder) as cache:
        frames = {1: [CENTRE], 2: [CENTRE], 3: [], 4: [], 5: [], 6: [CENTRE]}
        scene, _ = stage_shot(write_shot(folder / "plate", frames), 6)
        assert (_readiness(scene).ready, _readiness(scene).most_heads) == (0, None)
        render_animation(scene, folder, 1, 4)
        scene.frame_start, scene.frame_end = 1, 6
        found = _readiness(scene)
        assert (found.ready, list(found.problems), found.most_heads) == (2, [3, 4], 1)
        lines = [path.read_text().count("\n") for path in cache.glob("*.analysis")]
        scene.frame_set(1)
        render_frame(scene, folder / "again.exr", 1)
        assert [path.read_text().count("\n") for path in cache.glob("*.analysis")] == lines, "each once"
        assert bpy.ops.chiaro.clear_cache() == {"FINISHED"}
        assert _readiness(scene).ready == 0
