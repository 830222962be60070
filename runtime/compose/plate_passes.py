"""Put the relit person back into the plate, seen by the plate's own camera."""

import numpy as np

from ..arrays import Float32Array
from ..camera import Camera
from ..gbuffer import GBuffer, Shaded
from ..passes import Passes
from ..view.confidence import confidence_of_matte
from ..view.extension import nearest_inside
from ..view.heightfield import EXTENSION
from ..view.moved_view import positions
from .delight import DelitPlate
from .geometry_passes import write_geometry
from .node_maps import NodeMaps, node_maps
from .pass_canvas import PassCanvas
from .settings import ComposeSettings
from .upsampling import NodeLight, light_on_nodes, mean_shading, shading_in_band
from .window import Band

_FIRMLY_INSIDE = 0.5
"""Matte from which the network's depth and normal are the person's; beyond, the nearest of these is carried on."""


def plate_passes(
    plate_image: Float32Array,
    alpha: Float32Array | None,
    delit: DelitPlate,
    gbuffer: GBuffer,
    new: Shaded,
    *,
    camera: Camera,
    settings: ComposeSettings,
    wanted: frozenset[str],
) -> Passes:
    """All passes at the plate's size.

    image = plate + mix · matte · (relit − own), where relit and own are the person's own colour under the new and the
    plate's own light. Inside the matte that is the relit person; along its edge only the person's share of each pixel
    changes; outside it is the plate, bit for bit.

    Args:
        plate_image: (H, W, 3).
        alpha: (H, W) of the plate, or None for 1.
        delit: the plate without its own light.
        gbuffer: the plate view.
        new: new light on it.
        camera: the plate's, posed in the world, at the plate's size.
        settings: strength and mix.
        wanted: names of the passes.
    """
    canvas = PassCanvas(camera, delit.window, wanted)
    if canvas.wants("image"):
        canvas.whole("image")[..., :3] = plate_image
        canvas.whole("image")[..., 3] = 1.0 if alpha is None else alpha
    scaled = Shaded(new.shading * np.float32(settings.strength), new.specular * np.float32(settings.strength))
    light = light_on_nodes(delit.upsampling, scaled, mean_shading(scaled, gbuffer.matte))
    geometry = _geometry(delit, gbuffer) if canvas.wants("depth", "normal", "position") else None
    for band in delit.window.bands():
        matte = delit.matte[band.rows]
        if not matte.any():
            continue
        plate = plate_image[delit.window.slices][band.rows]
        _write_light(canvas, plate, delit, light, band=band, mix=settings.mix)
        canvas.write("albedo", band.rows, matte, delit.albedo[band.rows])
        canvas.write("matte", band.rows, matte, matte)
        if canvas.wants("confidence"):
            canvas.write("confidence", band.rows, matte, confidence_of_matte(matte))
        if geometry is not None:
            write_geometry(canvas, geometry.in_band(band), matte, band, camera)
    return canvas.passes()


def _write_light(
    canvas: PassCanvas, plate: Float32Array, delit: DelitPlate, light: NodeLight, *, band: Band, mix: float
) -> None:
    """Shading, specular and the relit image in a band."""
    if not canvas.wants("image", "shading", "specular"):
        return
    rows = band.rows
    matte = delit.matte[rows]
    shading = shading_in_band(delit.upsampling, light, band)
    shading += delit.shading_fill[rows][..., None] * light.level
    shading *= delit.shading_gain[rows][..., None]
    specular = delit.window.enlarged(light.specular, band)
    specular *= delit.specular_ratio[rows][..., None]
    canvas.write("shading", rows, matte, shading)
    canvas.write("specular", rows, matte, specular)
    if canvas.wants("image") and mix > 0:
        change = delit.albedo[rows] * (shading - delit.own_shading[rows])
        change += specular - delit.own_specular[rows]
        change *= (matte * np.float32(mix))[..., None]
        change += plate
        np.maximum(change, 0, out=change, where=plate >= 0)  # rounding must not leave −1e-9 where light is off
        target = canvas.whole("image")[delit.window.slices][rows][..., :3]
        np.copyto(target, change, where=matte[..., None] > 0)


def _geometry(delit: DelitPlate, gbuffer: GBuffer) -> NodeMaps:
    """Position and normal on the window's nodes, carried on beyond the firm part of the matte."""
    size = gbuffer.matte.shape[0]
    nearest = nearest_inside(gbuffer.matte >= _FIRMLY_INSIDE, max(1, round(EXTENSION * size)))
    depth = nearest.extended(gbuffer.depth)
    maps = np.concatenate([positions(gbuffer.camera, depth), nearest.extended(gbuffer.normal)], axis=-1)
    return node_maps(delit.window, gbuffer.camera, depth, nearest.reached, maps)
