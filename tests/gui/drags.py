"""Inside a Blender with a window: how long after a change the viewer shows it, while an artist drags or scrubs.

Started by `python -m tests.gui.latency`, which see. A change is made as a drag makes it, in Blender's main loop. It is
shown once other pixels are on the screen where the viewer shows the face, which are read from the X server. The next
change comes at once, as in a drag.
"""

import ctypes
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import radians
from pathlib import Path
from typing import Any

import bpy
from tests.gui.window import (
    SETTLE,
    BlenderWindow,
    extension_module,
    frame_everything,
    set_up_window,
    settled,
    start_walking,
)

CHANGES = 24
GIVEN_UP_SECONDS = 4.0
LOOK_SECONDS = 0.003
GLANCE = 48
"""Side of the squares that are compared, in pixels of the screen."""

Change = Callable[[int], None]


@dataclass
class Latency:
    """What a drag took, one entry per change.

    Attributes:
        seconds: from the change to the screen that shows it.
        parts: seconds from the change to: the node had written it, the compositor was done.
        cpu: seconds of this process's own processors.
        lost: changes that were not shown in time.
    """

    seconds: list[float] = field(default_factory=list)
    parts: list[tuple[float, float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    lost: int = 0


class Screen:
    """The pixels that the X server shows.

    Attributes:
        height: of the screen, pixels.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libX11.so.6")
        for name in ("XOpenDisplay", "XGetImage"):
            getattr(self._library, name).restype = ctypes.c_void_p
        self._library.XDefaultRootWindow.restype = ctypes.c_ulong
        self._display = ctypes.c_void_p(self._library.XOpenDisplay(None))
        self.height = int(self._library.XDisplayHeight(self._display, 0))
        self._root = ctypes.c_ulong(self._library.XDefaultRootWindow(self._display))

    def square(self, x: int, y: int) -> bytes:
        """Pixels of a square, from its upper left corner."""
        every_plane, by_pixel = ctypes.c_ulong(0xFFFFFFFF), 2
        image = self._library.XGetImage(self._display, self._root, x, y, GLANCE, GLANCE, every_plane, by_pixel)
        # Of Xlib's XImage: four integers, the pointer to the pixels, five integers, the bytes of a row.
        pixels, row = ctypes.c_void_p.from_address(image + 16), ctypes.c_int.from_address(image + 44)
        taken = ctypes.string_at(pixels.value or 0, row.value * GLANCE)
        self._library.XDestroyImage(ctypes.c_void_p(image))
        return taken


class Viewer:
    """What the image editor shows on the screen, and when it was made."""

    def __init__(self, window: BlenderWindow) -> None:
        self.evaluated = self.composited = 0.0
        self._screen = Screen()
        area, bottom = window.area("IMAGE_EDITOR"), self._screen.height - window.window.y
        self._corners = [
            (int(area.x + area.width * across), int(bottom - area.y - area.height * up))
            for across, up in ((0.45, 0.45), (0.45, 0.58), (0.45, 0.7))
        ]
        bpy.app.handlers.composite_post.append(self._note_composited)
        refresh = extension_module("nodes.refresh")
        show = refresh.show_written_images

        def show_and_note(found: Any) -> None:
            show(found)
            self.evaluated = time.perf_counter()

        refresh.show_written_images = show_and_note

    def _note_composited(self, *_arguments: Any) -> None:
        self.composited = time.perf_counter()

    def glance(self) -> bytes:
        """Squares on the face."""
        return b"".join(self._screen.square(*corner) for corner in self._corners)


class Drags(BlenderWindow):
    """The window, the shot, and what was measured."""

    def __init__(self, folder: Path, plate: Path, hdri: Path, layout: str) -> None:
        super().__init__(folder)
        self.plate, self.hdri, self.layout = plate, hdri, layout
        self.findings: dict[str, Any] = {"blender": bpy.app.version_string, "drags": {}}

    def write(self) -> None:
        (self.folder / "latency.json").write_text(json.dumps(self.findings, indent=1), encoding="utf-8")


def stage(drags: Drags) -> Iterator[float]:
    """An analysed shot under an HDRI and an area lamp; the viewer beside the compositor."""
    yield from set_up_window(drags)
    with drags.override("CompositorNodeTree"):
        bpy.ops.chiaro.relight_plate("EXEC_DEFAULT", True, filepath=str(drags.plate))
    yield from settled(drags)
    head = next(thing for thing in drags.scene.objects if "chiaro_head" in thing)
    data = bpy.data.lights.new("Key", "AREA")
    data.energy, data.size = 12.0, 0.4
    lamp = bpy.data.objects.new("Key", data)
    lamp.location = head.location
    lamp.location.x, lamp.location.y, lamp.location.z = lamp.location.x - 0.6, lamp.location.y - 0.8, 1.9
    aim = lamp.constraints.new("TRACK_TO")
    aim.target = head
    drags.scene.collection.objects.link(lamp)
    hang_hdri(drags.scene, drags.hdri)
    yield SETTLE
    with drags.override("CompositorNodeTree"):
        bpy.ops.chiaro.analyse("INVOKE_DEFAULT")
    while drags.analysis().is_open:
        yield 0.5
    assert drags.analysis().state.name == "FINISHED", drags.analysis().sentence
    yield from settled(drags)
    yield from frame_everything(drags)
    if drags.layout == "viewer":  # As Ctrl-Space shows it.
        with drags.override("IMAGE_EDITOR"):
            bpy.ops.screen.screen_full_area()
        yield 1.0
        with drags.override("IMAGE_EDITOR"):
            bpy.ops.image.view_all(fit_view=True)
        yield 1.0


def hang_hdri(scene: Any, hdri: Path) -> None:
    """A world with a map that a Mapping node turns."""
    world = bpy.data.worlds.new("HDRI")
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    texture, mapping = nodes.new("ShaderNodeTexEnvironment"), nodes.new("ShaderNodeMapping")
    coordinates = nodes.new("ShaderNodeTexCoord")
    texture.image = bpy.data.images.load(str(hdri))
    background = next(node for node in nodes if node.bl_idname == "ShaderNodeBackground")
    links.new(coordinates.outputs["Generated"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], texture.inputs["Vector"])
    links.new(texture.outputs["Color"], background.inputs["Color"])
    scene.world = world


def drag(drags: Drags, viewer: Viewer, name: str, change: Change) -> Iterator[float]:
    """Change something again and again, each time as soon as the last change is on the screen."""
    latency = Latency()
    for step in range(CHANGES):
        before = viewer.glance()
        started, cpu = time.perf_counter(), time.process_time()
        change(step)
        while viewer.glance() == before and time.perf_counter() < started + GIVEN_UP_SECONDS:
            yield LOOK_SECONDS
        shown = time.perf_counter()
        if shown > started + GIVEN_UP_SECONDS:
            latency.lost += 1
            continue
        latency.seconds.append(shown - started)
        latency.cpu.append(time.process_time() - cpu)
        latency.parts.append((viewer.evaluated - started, viewer.composited - started))
    drags.findings["drags"][name] = vars(latency)
    drags.write()
    drags.picture(name)
    yield 2.0


def lamp_change(scene: Any) -> Change:
    """Move the key lamp."""
    lamp = scene.objects["Key"]
    start = lamp.location.x

    def change(step: int) -> None:
        lamp.location.x = start + 0.06 * (step + 1)

    return change


def turn_change(scene: Any) -> Change:
    """Turn the HDRI."""
    mapping = next(node for node in scene.world.node_tree.nodes if node.bl_idname == "ShaderNodeMapping")

    def change(step: int) -> None:
        mapping.inputs["Rotation"].default_value[2] = radians(9 * (step + 1))

    return change


def camera_change(scene: Any) -> Change:
    """Move the scene's camera, which is not the plate's, sideways."""
    camera = scene.camera
    start = camera.location.x

    def change(step: int) -> None:
        camera.location.x = start + 0.006 * (step + 1)

    return change


def scrub_change(scene: Any) -> Change:
    """Go from frame to frame."""

    def change(step: int) -> None:
        scene.frame_set(2 + step)

    return change


def second_camera(scene: Any, node: Any) -> None:
    """A camera of the scene's own, where the plate's stands."""
    camera = scene.camera.copy()
    camera.data = scene.camera.data.copy()
    scene.collection.objects.link(camera)
    node.plate_camera = scene.camera
    scene.camera = camera


def measure(drags: Drags) -> Iterator[float]:
    """All drags, at preview quality."""
    yield from stage(drags)
    drags.picture("staged")
    viewer, scene = Viewer(drags), drags.scene
    yield 1.0
    yield from drag(drags, viewer, "lamp", lamp_change(scene))
    yield from drag(drags, viewer, "hdri", turn_change(scene))
    yield from drag(drags, viewer, "scrub", scrub_change(scene))
    scene.frame_set(2)
    second_camera(scene, drags.relight_node())
    yield 2.0
    yield from drag(drags, viewer, "camera", camera_change(scene))


def main() -> None:
    """Read the arguments after `--`."""
    *paths, layout = sys.argv[sys.argv.index("--") + 1 :]
    start_walking(measure(Drags(*(Path(path).absolute() for path in paths), layout)))


main()
