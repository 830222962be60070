"""The passes of a frame that shows nobody to relight."""

import numpy as np

from ..camera import Camera
from ..passes import ALL_PASSES, Passes
from ..plate.plate import PlateFrame
from ..preview import reduced_camera, reduced_frame
from ..view.view_camera import same_view
from .pass_canvas import NO_DEPTH
from .resized import resized_passes


def passes_without_person(
    frame: PlateFrame, plate_camera: Camera, render_camera: Camera, *, reduction: int = 1
) -> Passes:
    """The plate as it is from its own camera, nothing from any other; the matte is empty.

    Args:
        frame: the plate frame.
        plate_camera: its camera.
        render_camera: the camera to see from.
        reduction: how many times larger the pixels of a preview are.
    """
    frame, camera = reduced_frame(frame, reduction), reduced_camera(render_camera, reduction)
    height, width = frame.image.shape[:2]
    if not same_view(plate_camera, render_camera):
        return _empty(camera)
    passes = _empty(camera.resized(width, height))
    passes.image[..., :3] = frame.image
    passes.image[..., 3] = 1.0 if frame.alpha is None else frame.alpha
    return resized_passes(passes, camera.width, camera.height, ALL_PASSES)


def _empty(camera: Camera) -> Passes:
    size = (camera.height, camera.width)
    return Passes(
        camera=camera,
        image=np.zeros((*size, 4), np.float32),
        depth=np.full(size, NO_DEPTH, np.float32),
        **{name: np.zeros((*size, 3), np.float32) for name in ("albedo", "shading", "specular", "normal", "position")},
        **{name: np.zeros(size, np.float32) for name in ("matte", "confidence")},
    )
