"""Put the relit person back into the plate, seen by the plate's own camera."""

import numpy as np

from ..arrays import BoolArray, Float32Array
from ..camera import Camera
from ..gbuffer import GBuffer, Shaded
from ..parallel import in_parallel
from ..passes import Passes
from ..view.confidence import confidence_of_matte
from ..view.extension import nearest_inside
from ..view.heightfield import EXTENSION
from ..view.moved_view import positions
from .catchlights import Catchlight, catchlights, lay_over
from .delight import DelitPlate
from .geometry_passes import write_geometry
from .node_maps import NodeMaps, node_maps
from .pass_canvas import PassCanvas
from .planes import planes
from .upsampling import NodeLight, light_on_nodes, mean_shading, shading_in_band
from .window import Band

_FIRMLY_INSIDE = 0.5
"""Matte from which the network's depth and normal are the person's; beyond, the nearest of these is carried on."""

_ROWS_AT_ONCE = 256


def plate_passes(
    plate_image: Float32Array,
    alpha: Float32Array | None,
    delit: DelitPlate,
    gbuffer: GBuffer,
    new: Shaded,
    *,
    camera: Camera,
    share: float,
    wanted: frozenset[str],
) -> Passes:
    """All passes at the plate's size.

    image = plate + matte · (new + (share − 1) · own), where new and own are the person's own colour under the new and
    the plate's own light. Inside the matte that is the relit person; along its edge only the person's share of each
    pixel changes; outside it is the plate, bit for bit, and so is all of it where the own light stays alone.

    Args:
        plate_image: (H, W, 3).
        alpha: (H, W) of the plate, or None for 1.
        delit: the plate without its own light.
        gbuffer: the plate view.
        new: new light on it.
        camera: the plate's, posed in the world, at the plate's size.
        share: of the plate's own light that stays.
        wanted: names of the passes.
    """
    canvas = PassCanvas(camera, delit.window, wanted)
    if canvas.wants("image"):
        _copy(plate_image, alpha, canvas.whole("image"))
    light = light_on_nodes(delit.upsampling, new, mean_shading(new, gbuffer.matte))
    eyes = catchlights(delit.eyes, new.corneas, delit.window)
    geometry = _geometry(delit, gbuffer) if canvas.wants("depth", "normal", "position") else None

    def write(band: Band) -> None:
        matte = delit.matte[band.pixels]
        there = matte > 0
        _write_light(canvas, delit, light, eyes, share=np.float32(share), band=band)
        canvas.write("albedo", band, there, delit.albedo[:, *band.pixels])
        canvas.write("matte", band, there, matte)
        if canvas.wants("confidence"):
            canvas.write("confidence", band, there, confidence_of_matte(matte))
        if geometry is not None:
            write_geometry(canvas, geometry.in_band(band), there, band, camera)

    in_parallel(write, delit.bands)
    return canvas.passes()


def _copy(plate_image: Float32Array, alpha: Float32Array | None, image: Float32Array) -> None:
    """Fill an image (H, W, 4) with the plate."""

    def copy(first: int) -> None:
        rows = slice(first, first + _ROWS_AT_ONCE)
        image[rows, :, :3] = plate_image[rows]
        image[rows, :, 3] = 1.0 if alpha is None else alpha[rows]

    in_parallel(copy, range(0, len(image), _ROWS_AT_ONCE))


def _write_light(
    canvas: PassCanvas,
    delit: DelitPlate,
    light: NodeLight,
    eyes: tuple[Catchlight, ...],
    *,
    share: np.float32,
    band: Band,
) -> None:
    """Shading, specular and the relit image in a band."""
    if not canvas.wants("image", "shading", "specular"):
        return
    pixels = band.pixels
    matte = delit.matte[pixels]
    there = matte > 0
    shading = shading_in_band(delit.upsampling, light, band)
    shading += delit.shading_fill[pixels] * light.level
    shading *= delit.shading_gain[pixels]
    specular = delit.window.enlarged(light.specular, band)
    specular *= delit.specular_ratio[pixels]
    lay_over(specular, eyes, band)
    own_shading, own_specular = delit.whole_shading(pixels), delit.own_specular[:, *pixels]
    canvas.write("shading", band, there, shading + share * own_shading if share else shading)
    canvas.write("specular", band, there, specular + share * own_specular if share else specular)
    if canvas.wants("image"):
        own_shading *= share - 1
        own_shading += shading
        change = own_shading
        change *= delit.albedo[:, *pixels]
        change += specular
        change += (share - 1) * own_specular
        change *= matte
        _add_to_image(canvas.whole("image")[delit.window.slices][pixels], change, there)


def _add_to_image(image: Float32Array, change: Float32Array, there: BoolArray) -> None:
    """Add planes (3, rows, columns) to an image (rows, columns, 4) where the person is."""
    for channel in range(3):
        plate = image[..., channel]
        changed = plate + change[channel]
        np.maximum(changed, 0, out=changed, where=plate >= 0)  # rounding must not leave −1e-9 where light is off
        np.copyto(plate, changed, where=there)


def _geometry(delit: DelitPlate, gbuffer: GBuffer) -> NodeMaps:
    """Position and normal on the window's nodes, carried on beyond the firm part of the matte."""
    size = gbuffer.matte.shape[0]
    nearest = nearest_inside(gbuffer.matte >= _FIRMLY_INSIDE, max(1, round(EXTENSION * size)))
    depth = nearest.extended(gbuffer.depth)
    maps = np.concatenate([planes(positions(gbuffer.camera, depth)), planes(nearest.extended(gbuffer.normal))])
    return node_maps(delit.window, gbuffer.camera, depth, nearest.reached, maps)
