"""Renders the pictures of the artists' pages with Blender's Python module; screenshots come from `python -m tests.gui`.

    python docs/make_pictures.py                 render them
    python docs/make_pictures.py --window FOLDER turn the screenshots in FOLDER into the pages' pictures

The plate is NASA's portrait of Eileen Collins, which is in the public domain.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from math import radians
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO
from numpy.typing import NDArray

from chiaro.runtime.command.bench import astronaut

PICTURES = Path(__file__).resolve().parent / "pictures"
QUALITY = 82
LOOKS = ("rembrandt", "butterfly", "split", "rim", "loop", "cyberpunk")
HEAD = (slice(0, 230), slice(110, 340))
"""Rows and columns of the plate that hold the head."""

SCREENSHOTS = ("first_minute", "menu", "plate_light", "head_mesh", "drag")
SCREENSHOT_WIDTH = 1280

Picture = NDArray[np.float32]


def read(path: Path) -> Picture:
    """(H, W, 3) as shown on the screen, 0..1."""
    pixels: Picture = OpenImageIO.ImageBuf(str(path)).get_pixels(OpenImageIO.FLOAT)[..., :3]
    return pixels


def write_jpeg(name: str, pixels: Picture, width: int | None = None) -> None:
    """Write a picture of the pages."""
    height, own_width = pixels.shape[:2]
    buffer = OpenImageIO.ImageBuf(OpenImageIO.ImageSpec(own_width, height, 3, "float"))
    buffer.set_pixels(buffer.roi, np.ascontiguousarray(pixels))
    if width is not None and width < own_width:
        size = OpenImageIO.ROI(0, width, 0, round(height * width / own_width), 0, 1, 0, 3)
        buffer = OpenImageIO.ImageBufAlgo.resize(buffer, filtername="lanczos3", roi=size)
    buffer.specmod().attribute("Compression", f"jpeg:{QUALITY}")
    if not buffer.write(str(PICTURES / f"{name}.jpg"), "uint8"):
        raise OSError(buffer.geterror())


def in_rows(pictures: Sequence[Picture], columns: int) -> Picture:
    """Pictures of one size side by side, row by row, on black."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.zeros((rows * height, columns * width, 3), np.float32)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture
    return sheet


class Shot:
    """The portrait, set up by Relight Plate in a fresh file."""

    def __init__(self, bpy: Any, folder: Path) -> None:
        self._bpy, self._folder = bpy, folder
        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.ops.chiaro.relight_plate(filepath=str(astronaut()))
        self.scene = bpy.context.scene
        self.scene.render.engine = "CYCLES"
        self.scene.cycles.samples = 16
        self.scene.cycles.use_denoising = False

    def render(self, name: str, frame: int = 1) -> Picture:
        """The scene's picture."""
        self.scene.frame_set(frame)
        path = self._folder / f"{name}.png"
        self.scene.render.filepath = str(path)
        self._bpy.ops.render.render(write_still=True)
        return read(path)

    def look(self, name: str) -> None:
        """Choose a studio look."""
        folders = self._bpy.utils.preset_paths("chiaro/looks")
        path = next(Path(folder) / f"{name}.py" for folder in folders if (Path(folder) / f"{name}.py").exists())
        self._bpy.ops.script.execute_preset(filepath=str(path), menu_idname="CHIARO_MT_looks")


def draw_looks(bpy: Any, folder: Path) -> None:
    """The plate, the neutral studio, and the six looks."""
    shot = Shot(bpy, folder)
    pictures = [read(astronaut())[HEAD], shot.render("neutral")[HEAD]]
    for name in LOOKS:
        shot.look(name)
        pictures.append(shot.render(name)[HEAD])
    write_jpeg("looks", in_rows(pictures, 4))


def draw_day_for_night(bpy: Any, folder: Path) -> None:
    """The plate; the person in moonlight; the background brought down with the matte."""
    from chiaro.nodes.blender_versions import compositor_over, compositor_tree, ensure_render_output

    shot = Shot(bpy, folder)
    background = next(node for node in shot.scene.world.node_tree.nodes if node.bl_idname == "ShaderNodeBackground")
    for link in list(background.inputs["Color"].links):
        shot.scene.world.node_tree.links.remove(link)
    background.inputs["Color"].default_value = (0.03, 0.05, 0.12, 1.0)
    moon = bpy.data.lights.new("Moon", "SUN")
    moon.energy, moon.color, moon.angle = 1.6, (0.62, 0.78, 1.0), radians(2)
    lamp = bpy.data.objects.new("Moon", moon)
    lamp.rotation_euler = (radians(52), 0.0, radians(-58))
    shot.scene.collection.objects.link(lamp)
    relit = shot.render("moonlight")
    tree = compositor_tree(shot.scene)
    relight = next(node for node in tree.nodes if node.bl_idname == "ChiaroRelightNode")
    plate = relight.inputs["Image"].links[0].from_socket
    grade = tree.nodes.new("ShaderNodeVectorMath")
    grade.operation = "MULTIPLY"
    grade.inputs[1].default_value = (0.05, 0.075, 0.15)
    tree.links.new(plate, grade.inputs[0])
    # Albedo × Shading + Specular is the person without the plate's bright background along the edge.
    diffuse, person = tree.nodes.new("ShaderNodeVectorMath"), tree.nodes.new("ShaderNodeVectorMath")
    diffuse.operation, person.operation = "MULTIPLY", "ADD"
    tree.links.new(relight.outputs["Albedo"], diffuse.inputs[0])
    tree.links.new(relight.outputs["Shading"], diffuse.inputs[1])
    tree.links.new(diffuse.outputs[0], person.inputs[0])
    tree.links.new(relight.outputs["Specular"], person.inputs[1])
    cut = tree.nodes.new("CompositorNodeSetAlpha")
    if hasattr(cut, "mode"):
        cut.mode = "APPLY"
    else:
        cut.inputs["Type"].default_value = "Apply Mask"
    tree.links.new(person.outputs[0], cut.inputs["Image"])
    tree.links.new(relight.outputs["Matte"], cut.inputs["Alpha"])
    tree.links.new(compositor_over(tree, grade.outputs[0], cut.outputs["Image"]), ensure_render_output(tree))
    write_jpeg("day_for_night", in_rows([read(astronaut()), relit, shot.render("night")], 3), width=1200)


def draw_close_up(bpy: Any, folder: Path) -> None:
    """A camera that moves around the head, three frames, and where the plate saw nothing."""
    shot = Shot(bpy, folder)
    shot.look("loop")
    head = next(thing for thing in shot.scene.objects if "chiaro_head" in thing)
    data = bpy.data.cameras.new("Close-up")
    camera = bpy.data.objects.new("Close-up", data)
    shot.scene.collection.objects.link(camera)
    aim = camera.constraints.new("TRACK_TO")
    aim.target, aim.track_axis, aim.up_axis = head, "TRACK_NEGATIVE_Z", "UP_Y"
    plate_camera = shot.scene.camera
    distance = (plate_camera.location - head.location).length
    for frame, degrees in ((1, -14.0), (2, 0.0), (3, 14.0)):
        angle = radians(degrees)
        camera.location = head.location + plate_camera.location - head.location
        camera.location.x = head.location.x + distance * np.sin(angle)
        camera.location.y = head.location.y - distance * np.cos(angle)
        camera.keyframe_insert("location", frame=frame)
    data.lens = 110.0
    shot.scene.camera = camera
    shot.scene.frame_end = 3
    pictures = [shot.render(f"close_{frame}", frame) for frame in (1, 2, 3)]
    write_jpeg("close_up", in_rows(pictures, 3), width=1200)


def draw_shadow(bpy: Any, folder: Path) -> None:
    """A CG ring around the head that throws its shadow on the person, and goes behind the head."""
    from chiaro.nodes.blender_versions import compositor_over, compositor_tree, ensure_render_output

    shot = Shot(bpy, folder)
    scene = shot.scene
    scene.cycles.samples, scene.render.film_transparent = 128, True
    bpy.ops.chiaro.plate_world(whole_shot=False)
    head = next(thing for thing in scene.objects if "chiaro_head" in thing)
    bpy.ops.chiaro.head_mesh(role="CATCHER")
    bpy.ops.mesh.primitive_torus_add(
        major_radius=0.125, minor_radius=0.007, major_segments=96, location=head.location, rotation=(0.28, 0.0, 0.0)
    )
    ring = bpy.context.object
    ring.location.z += 0.06
    bpy.ops.object.shade_smooth()
    material = bpy.data.materials.new("Copper")
    material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.bl_idname == "ShaderNodeBsdfPrincipled")
    shader.inputs["Base Color"].default_value = (0.75, 0.28, 0.12, 1.0)
    shader.inputs["Roughness"].default_value = 0.35
    ring.data.materials.append(material)
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle = 5.0, radians(2)
    lamp = bpy.data.objects.new("Sun", sun)
    lamp.rotation_euler = (radians(38), 0.0, radians(-12))
    scene.collection.objects.link(lamp)
    tree = compositor_tree(scene)
    relight = next(node for node in tree.nodes if node.bl_idname == "ChiaroRelightNode")
    relight.use_lamps = False  # The plate is its own light already; the sun is for the shadow of the CG.
    layers = tree.nodes.new("CompositorNodeRLayers")
    over = compositor_over(tree, relight.outputs["Image"], layers.outputs["Image"])
    tree.links.new(over, ensure_render_output(tree))
    write_jpeg("shadow", in_rows([read(astronaut())[HEAD], shot.render("shadow")[HEAD]], 2))


def draw_kick_light(bpy: Any, folder: Path) -> None:
    """The plate; a blue light from behind and a warm one from the side added to it; the two lights alone."""
    from chiaro.nodes.blender_versions import compositor_tree

    shot = Shot(bpy, folder)
    relight = next(node for node in compositor_tree(shot.scene).nodes if node.bl_idname == "ChiaroRelightNode")
    relight.use_world, relight.plate_light = False, 1.0
    head = next(thing for thing in shot.scene.objects if "chiaro_head" in thing)
    place_lamp(bpy, shot.scene, head, (0.8, 0.5, 0.3), (0.2, 0.45, 1.0), 160.0)
    place_lamp(bpy, shot.scene, head, (-0.9, 0.1, 0.0), (1.0, 0.4, 0.1), 22.0)
    pictures = [read(astronaut())[HEAD], shot.render("kicked")[HEAD]]
    relight.plate_light = 0.0
    pictures.append(shot.render("alone")[HEAD])
    write_jpeg("kick_light", in_rows(pictures, 3), width=1000)


def place_lamp(  # noqa: PLR0917 - where, in what colour, how bright
    bpy: Any,
    scene: Any,
    head: Any,
    offset: tuple[float, float, float],
    colour: tuple[float, float, float],
    watts: float,
) -> None:
    """An area lamp beside the head, aimed at it."""
    data = bpy.data.lights.new("Kick", "AREA")
    data.energy, data.color, data.size = watts, colour, 0.4
    lamp = bpy.data.objects.new("Kick", data)
    lamp.location = head.location
    lamp.location.x += offset[0]
    lamp.location.y += offset[1]
    lamp.location.z += offset[2]
    aim = lamp.constraints.new("TRACK_TO")
    aim.target, aim.track_axis, aim.up_axis = head, "TRACK_NEGATIVE_Z", "UP_Y"
    scene.collection.objects.link(lamp)


def draw_parts(bpy: Any, folder: Path) -> None:
    """The preview layer of the part mattes beside the plate."""
    Shot(bpy, folder)
    bpy.ops.chiaro.part_mattes(directory=str(folder / "parts"), whole_shot=False)
    linear = OpenImageIO.ImageBuf(str(folder / "parts" / "parts_0001.exr")).get_pixels(OpenImageIO.FLOAT)[..., :3]
    shown = np.clip(linear, 0, 1) ** np.float32(1 / 2.2)
    write_jpeg("parts", in_rows([read(astronaut())[HEAD], shown[HEAD]], 2))


def draw_all() -> None:
    """Render everything."""
    import bpy

    from chiaro import addon

    PICTURES.mkdir(exist_ok=True)
    addon.register()
    with tempfile.TemporaryDirectory() as folder:
        for draw in (draw_looks, draw_day_for_night, draw_close_up, draw_shadow, draw_kick_light, draw_parts):
            draw(bpy, Path(folder))
    addon.unregister()


def convert(folder: Path) -> None:
    """Screenshots as small JPEGs."""
    for name in SCREENSHOTS:
        path = folder / f"{name}.png"
        if path.exists():
            write_jpeg(name, read(path), width=SCREENSHOT_WIDTH)
        else:
            print(f"{path} is not there", file=sys.stderr)  # noqa: T201 - a command


def main() -> None:
    """Render, or convert."""
    parser = argparse.ArgumentParser(description="Make the pictures of the artists' pages.")
    parser.add_argument("--window", type=Path, help="folder of `python -m tests.gui`'s screenshots")
    options = parser.parse_args()
    if options.window:
        convert(options.window)
    else:
        draw_all()


if __name__ == "__main__":
    main()
