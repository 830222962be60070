"""Blender's window as a script drives it: editors, mouse, keyboard, screenshots. Inside a Blender with a window."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy

PACKAGE = "bl_ext.user_default.chiaro"
SETTLE = 0.6
"""Seconds for the window to draw what changed, in software."""


def extension_module(name: str) -> ModuleType:
    """A module of the installed extension, such as "nodes.status"."""
    return sys.modules[f"{PACKAGE}.{name}"]


class BlenderWindow:
    """The window and its editors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def window(self) -> Any:
        """Blender's window."""
        return bpy.context.window_manager.windows[0]

    @property
    def scene(self) -> Any:
        """The scene on show."""
        return self.window.scene

    def area(self, kind: str) -> Any:
        """The largest editor of a kind."""
        areas = [area for area in self.window.screen.areas if area.ui_type == kind]
        return max(areas, key=lambda area: area.width * area.height)

    def override(self, kind: str, region: str = "WINDOW") -> Any:
        """A context in an editor."""
        area = self.area(kind)
        found = next(entry for entry in area.regions if entry.type == region)
        return bpy.context.temp_override(window=self.window, screen=self.window.screen, area=area, region=found)

    def picture(self, name: str) -> None:
        """A screenshot of the whole screen: Blender's own is black where OpenGL is drawn in software."""
        target = self.folder / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(target)], check=True)  # noqa: S607 - ImageMagick, on the PATH

    def node_status(self) -> str:
        """The sentences on the first Relight node."""
        board = extension_module("nodes.status").BOARD
        tree = self.relight_node().node_tree
        evaluated = board.get(tree.session_uid)
        return " ".join(evaluated.status.lines) if evaluated else ""

    def relight_node(self) -> Any:
        """The first Relight node of the compositor."""
        tree = extension_module("nodes.blender_versions").compositor_tree(self.scene)
        return next(node for node in tree.nodes if node.bl_idname == "ChiaroRelightNode")

    def signature(self) -> Any:
        """What the node's images hold; changes with every new result."""
        evaluated = extension_module("nodes.status").BOARD.get(self.relight_node().node_tree.session_uid)
        return evaluated.signature if evaluated else None

    def analysis(self) -> Any:
        """The latest job of the first Relight node."""
        queue = extension_module("addon.analyse.shots").QUEUE
        return queue.job_of(self.relight_node().node_tree.session_uid)

    def analysed_frames(self) -> tuple[int, int]:
        """How many frames the first Relight node says are analysed, and of how many."""
        shot = extension_module("nodes.shot_status").SHOTS.shot(self.relight_node().node_tree.session_uid)
        return (shot.readiness.ready, shot.readiness.total) if shot and shot.readiness else (0, 0)

    def move(self, x: int, y: int) -> None:
        """Move the mouse."""
        self.window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)

    def key(self, kind: str, x: int, y: int, **modifiers: bool) -> None:
        """Press and release a key or button."""
        for value in ("PRESS", "RELEASE"):
            self.window.event_simulate(type=kind, value=value, x=x, y=y, **modifiers)

    def write(self, text: str, x: int, y: int) -> None:
        """Type small letters and spaces."""
        for letter in text:
            kind = "SPACE" if letter == " " else letter.upper()
            self.window.event_simulate(type=kind, value="PRESS", unicode=letter, x=x, y=y)
            self.window.event_simulate(type=kind, value="RELEASE", x=x, y=y)

    def middle(self, kind: str) -> tuple[int, int]:
        """The middle of an editor, window pixels."""
        area = self.area(kind)
        return area.x + area.width // 2, area.y + area.height // 2


def set_up_window(window: BlenderWindow) -> Iterator[float]:
    """Compositor on the left with the Relight sidebar; the viewer, the viewport and the timeline on the right."""
    bpy.context.preferences.view.show_splash = False
    for thing in [thing for thing in bpy.data.objects if thing.name in ("Cube", "Light")]:
        bpy.data.objects.remove(thing)
    window.window.workspace = bpy.data.workspaces["Compositing"]
    yield SETTLE
    yield from keep_one_area(window)
    yield from split(window, "CompositorNodeTree", "VERTICAL", 0.6, "IMAGE_EDITOR")
    yield from split(window, "IMAGE_EDITOR", "HORIZONTAL", 0.55, "VIEW_3D")
    yield from split(window, "VIEW_3D", "HORIZONTAL", 0.78, "TIMELINE")
    window.area("IMAGE_EDITOR").spaces.active.image = viewer_image()
    compositor = window.area("CompositorNodeTree")
    compositor.spaces.active.show_region_ui = True
    compositor.spaces.active.show_region_asset_shelf = False
    yield SETTLE
    next(region for region in compositor.regions if region.type == "UI").active_panel_category = "Relight"
    yield SETTLE


def viewer_image() -> Any:
    """The image of the Viewer node, which exists only once something was viewed."""
    return bpy.data.images.get("Viewer Node") or bpy.data.images.new("Viewer Node", 4, 4)


def keep_one_area(window: BlenderWindow) -> Iterator[float]:
    """Close editors until one is left, and make it the compositor."""
    for _ in range(12):
        areas = sorted(window.window.screen.areas, key=lambda area: area.width * area.height)
        for area in areas[:-1]:
            with bpy.context.temp_override(window=window.window, screen=window.window.screen, area=area):
                if bpy.ops.screen.area_close.poll() and bpy.ops.screen.area_close() == {"FINISHED"}:
                    break
        yield 0.2
        if len(window.window.screen.areas) == 1:
            break
    window.window.screen.areas[0].ui_type = "CompositorNodeTree"
    yield SETTLE


def split(window: BlenderWindow, kind: str, direction: str, factor: float, new_kind: str) -> Iterator[float]:
    """Split an editor; the right or lower part gets another kind."""
    with window.override(kind):
        bpy.ops.screen.area_split(direction=direction, factor=factor if direction == "VERTICAL" else 1.0 - factor)
    yield 0.3
    parts = [area for area in window.window.screen.areas if area.ui_type == kind]
    other = max(parts, key=lambda area: area.x) if direction == "VERTICAL" else min(parts, key=lambda area: area.y)
    other.ui_type = new_kind
    yield 0.3


def settled(window: BlenderWindow) -> Iterator[float]:
    """Wait until the node says what it did, and the compositor has shown it."""
    for _ in range(100):
        if window.signature() is not None and not bpy.app.is_job_running("COMPOSITE"):
            break
        yield 0.2
    yield 3.0


def frame_everything(window: BlenderWindow) -> Iterator[float]:
    """All nodes in the compositor, the plate's camera in the viewport."""
    for _ in range(100):  # After an undo the editor has its tree again once it is drawn.
        with window.override("CompositorNodeTree"):
            if bpy.ops.node.view_all.poll():
                break
        yield 0.1
    with window.override("CompositorNodeTree"):
        bpy.ops.node.view_all()
    with window.override("VIEW_3D"):
        if window.area("VIEW_3D").spaces.active.region_3d.view_perspective != "CAMERA":
            bpy.ops.view3d.view_camera()
    window.area("CompositorNodeTree").spaces.active.show_backdrop = False  # The viewer beside it shows the picture.
    window.area("IMAGE_EDITOR").spaces.active.image = viewer_image()
    yield 1.0  # Nodes and pictures have their sizes once they are drawn.
    with window.override("CompositorNodeTree"):
        bpy.ops.node.view_all()
    with window.override("IMAGE_EDITOR"):
        bpy.ops.image.view_all(fit_view=True)
    with window.override("VIEW_3D"):
        bpy.ops.view3d.view_center_camera()
    yield 1.5


def start_walking(steps: Iterator[float]) -> None:
    """Let Blender's main loop go through steps that yield seconds to wait; then Blender ends."""

    def tick() -> float | None:
        delay = next(steps, None)
        if delay is None:
            sys.stdout.flush()
            os._exit(0)
        return delay

    bpy.app.timers.register(tick, first_interval=2.0, persistent=True)
