"""From light on the surface to passes at the size of the image."""

from ..arrays import Float32Array
from ..camera import Camera
from ..errors import PlateError
from ..gbuffer import GBuffer, Shaded
from ..passes import Passes
from .delight import DelitPlate
from .moved_passes import moved_passes
from .plate_passes import plate_passes
from .settings import ALL_PASSES, ComposeSettings

__all__ = ["ALL_PASSES", "ComposeSettings", "compose"]


def compose(  # noqa: PLR0917 - one argument per stage of the road, in its order
    plate_image: Float32Array,
    alpha: Float32Array | None,
    delit: DelitPlate,
    gbuffer: GBuffer,
    new: Shaded,
    render_camera: Camera,
    settings: ComposeSettings | None = None,
    *,
    wanted: frozenset[str] = ALL_PASSES,
) -> Passes:
    """Bring new light up to the image and put the person back.

    From the plate's own camera the result has the plate's size: the relit person in the untouched plate. From another
    camera it has that camera's size: the person alone, unpremultiplied, with the plate's full-resolution colour
    projected on the surface.

    Args:
        plate_image: (H, W, 3) scene-linear Rec.709, the frame that was delit.
        alpha: (H, W) of the plate, or None where it has none.
        delit: the plate without its own light.
        gbuffer: the surface as render_camera sees it.
        new: the new light on the gbuffer.
        render_camera: the camera of the gbuffer's view.
        settings: strength and mix; the defaults when None.
        wanted: names of the passes to make; the others are zero.

    Raises:
        PlateError: the plate's size is not the one that was delit.
    """
    height, width = plate_image.shape[:2]
    if (width, height) != (delit.plate_width, delit.plate_height):
        raise PlateError(
            f"The plate frame is {width}x{height} pixels but was delit at {delit.plate_width}x{delit.plate_height}; "
            "delight this frame again."
        )
    settings = settings or ComposeSettings()
    if gbuffer.is_plate_view:
        camera = render_camera.resized(width, height)
        return plate_passes(plate_image, alpha, delit, gbuffer, new, camera=camera, settings=settings, wanted=wanted)
    return moved_passes(delit, gbuffer, new, render_camera, settings=settings, wanted=wanted)
