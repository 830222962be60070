"""The part of the demonstration that runs in Blender: install the extension, build the scene, render it."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RenderJob:
    """What to render; paths as text, so that the job is plain JSON.

    Attributes:
        extension: the extension's zip.
        plate: the plate's file.
        hdri: the environment's file; None takes one that Blender carries.
        head: (3,) the head's centre, metres, world.
        output: folder for the results.
        frames: how many frames.
    """

    extension: str
    plate: str
    hdri: str | None
    head: tuple[float, float, float]
    output: str
    frames: int

    @property
    def pictures(self) -> Path:
        """Folder of the PNG sequence that Blender writes."""
        return Path(self.output) / "png"

    @property
    def layers(self) -> Path:
        """Folder of the compositor's own EXR files, before they get the final channel names."""
        return Path(self.output) / "compositor"

    @property
    def blend(self) -> Path:
        """The scene."""
        return Path(self.output) / "relight.blend"

    @property
    def cameras(self) -> Path:
        """The render camera of every frame, as JSON."""
        return Path(self.output) / "compositor" / "cameras.json"


def blenders_own_hdri(bpy: Any) -> Path:
    """An environment map that every Blender carries."""
    return Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "studiolights" / "world" / "sunset.exr"


def run(job: RenderJob) -> None:
    """Install, build, render, save."""
    import bpy

    from ...nodes.relight_nodes import RELIGHT_NODE
    from .shot_scene import Shot, build_scene

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=job.extension, repo="user_default", enable_on_install=True, overwrite=True
    )
    if bpy.types.Node.bl_rna_get_subclass_py(RELIGHT_NODE) is None:
        raise RuntimeError("The extension was installed, but its node is not registered; see the messages above.")
    job.layers.mkdir(parents=True, exist_ok=True)
    job.pictures.mkdir(parents=True, exist_ok=True)
    hdri = Path(job.hdri) if job.hdri else blenders_own_hdri(bpy)
    head = (job.head[0], job.head[1], job.head[2])
    scene = build_scene(Shot(Path(job.plate), hdri, head, job.layers, job.frames))
    bpy.ops.wm.save_as_mainfile(filepath=str(job.blend), compress=True, relative_remap=True)
    scene.render.filepath = str(job.pictures / "relit_")
    scene.render.image_settings.file_format = "PNG"
    cameras: dict[int, Any] = {}
    bpy.app.handlers.render_write.append(lambda current, *_: _note_frame(current, scene, cameras))
    bpy.ops.render.render(animation=True)
    job.cameras.write_text(json.dumps(cameras), encoding="utf-8")
    bpy.ops.wm.save_mainfile(compress=True)


def _note_frame(written: Any, scene: Any, cameras: dict[int, Any]) -> None:
    """Keep the frame's camera for the EXR header, and tell how far it is; the baked worlds are renders too."""
    if written.name != scene.name:
        return
    depsgraph = scene.view_layers[0].depsgraph
    camera = scene.camera.evaluated_get(depsgraph)
    render = scene.render
    cameras[scene.frame_current] = {
        "world_from_camera": [list(row) for row in camera.matrix_world],
        "width": render.resolution_x,
        "height": render.resolution_y,
        "focal_length_mm": camera.data.lens,
        "sensor_width_mm": camera.data.sensor_width,
    }
    print(f"           frame {scene.frame_current} of {scene.frame_end}", file=sys.stderr, flush=True)  # noqa: T201 - progress


def main() -> None:
    """Read the job and run it in a user folder of its own, so that the user's Blender stays as it is."""
    with tempfile.TemporaryDirectory(prefix="chiaro-blender-") as folder:
        os.environ["BLENDER_USER_RESOURCES"] = folder
        try:
            run(RenderJob(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
        finally:
            import addon_utils

            # Blender's module does not leave cleanly while classes and handlers are registered.
            addon_utils.disable("bl_ext.user_default.chiaro")


if __name__ == "__main__":
    main()
