"""From light on the surface to passes at the size of the image."""

from ..arrays import Float32Array
from ..camera import Camera
from ..errors import PlateError
from ..gbuffer import GBuffer, Shaded
from ..passes import ALL_PASSES, Passes
from .delight import DelitPlate
from .kept_light import KeptLight
from .moved_passes import moved_passes
from .plate_passes import plate_passes


def compose(  # noqa: PLR0917 - one argument per stage of the road, in its order
    plate_image: Float32Array,
    alpha: Float32Array | None,
    delit: DelitPlate,
    gbuffer: GBuffer,
    new: Shaded,
    render_camera: Camera,
    kept: KeptLight | None = None,
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
        kept: what stays of the plate's own light beside the new one; None for nothing.
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
    if gbuffer.is_plate_view:
        camera = render_camera.resized(width, height)
        return plate_passes(
            plate_image, alpha, delit, gbuffer, new, camera=camera, share=kept.share if kept else 0.0, wanted=wanted
        )
    return moved_passes(delit, gbuffer, new, render_camera, kept=kept, wanted=wanted)
