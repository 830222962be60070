"""The relit person as a camera sees it that is not the plate's."""

from dataclasses import dataclass

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..gbuffer import CornealReflection, GBuffer, Shaded
from ..parallel import in_parallel
from ..passes import Passes
from ..small_matrices import inverse
from ..view.border import smoothstep
from ..view.extension import push_pull
from .catchlights import lay_over_points
from .delight import DelitPlate
from .geometry_passes import write_geometry
from .kept_light import KeptLight
from .matched_colours import matched_colours
from .node_maps import NodeMaps, node_maps
from .pass_canvas import PassCanvas
from .planes import planes
from .plate_mapping import PlateMapping, plate_mapping
from .projection import PlateSamples, ProjectedPlate, albedo_and_gain, project_plate
from .twin_detail import TwinDetail, is_finer
from .upsampling import inside_weight, mean_shading
from .window import Band, window

_OFFSET, _SHADING, _SPECULAR, _ALBEDO = slice(0, 2), slice(2, 5), slice(5, 8), slice(8, 11)
_SEEN, _CONFIDENCE, _GEOMETRY, _OWN, _OWN_SPECULAR = 11, 12, slice(13, 19), slice(19, 22), slice(22, 25)
_TWIN = slice(-3, None)
"""Where there is texture; the own look stands before it where own light is kept."""
_LEAST_ALBEDO = np.float32(1e-4)
"""What is less would be divided by: there the shading of the light that stays is not told."""


def moved_passes(
    delit: DelitPlate,
    gbuffer: GBuffer,
    new: Shaded,
    camera: Camera,
    *,
    kept: KeptLight | None,
    wanted: frozenset[str],
) -> Passes:
    """All passes at the render camera's size; the person alone, unpremultiplied, alpha is the matte.

    Full-resolution albedo and matte come from the plate where it saw the surface. Elsewhere the gbuffer's own stand in,
    its albedo brought to the plate's colours nearby.

    Args:
        delit: the plate without its own light.
        gbuffer: the surface.
        new: new light on it.
        camera: the render camera.
        kept: what stays of the plate's own light.
        wanted: names of the passes.
    """
    render_from_view = _render_from_view(gbuffer.camera, camera)
    target = window(render_from_view, gbuffer.camera.width, camera.width, camera.height)
    canvas = PassCanvas(camera, target, wanted)
    seen = np.isfinite(gbuffer.plate_pixels[..., 0])
    present = seen | (gbuffer.matte > 0)
    if not present.any():
        return canvas.passes()
    view_in_render, in_front = _homography(render_from_view, gbuffer.camera.pixel_centres())
    mapped = seen & in_front
    mapping = plate_mapping(gbuffer.plate_pixels, mapped, view_in_render)
    plate = project_plate(delit, mapping.scale, with_own=kept is not None)
    twin = gbuffer.painted.twin if gbuffer.painted else None
    detail = None
    if twin is not None and is_finer(plate, twin):
        detail = TwinDetail(delit, plate, twin, view_in_render, in_front)
    maps = np.concatenate(
        [
            mapping.left_over(gbuffer.plate_pixels, mapped, view_in_render),
            _light(gbuffer, new),
            np.minimum(matched_colours(planes(gbuffer.albedo), gbuffer, seen, plate, plate.brightest_albedo), 1),
            np.stack([_plate_share(gbuffer, seen), gbuffer.confidence]),
            planes(gbuffer.position),
            planes(gbuffer.normal),
            *_own_look(gbuffer, kept, seen, plate),
            *([] if detail is None else [detail.planes]),
        ]
    )
    nodes = node_maps(target, gbuffer.camera, gbuffer.depth, present, maps, gbuffer.front)
    backed = np.zeros_like(gbuffer.matte) if gbuffer.painted is None else gbuffer.painted.matte
    surface = present.astype(np.float32) if gbuffer.cover is None else gbuffer.cover
    cover = target.on_nodes(np.stack([gbuffer.matte, backed, surface]))
    level, kept_share = mean_shading(new, gbuffer.matte)[:, None], np.float32(kept.share if kept else 0)
    look = _Look(plate, mapping, level, kept_share, detail, new.corneas)
    in_parallel(lambda band: _write_band(canvas, nodes, cover, look, band), target.bands(nodes.present))
    return canvas.passes()


def _plate_share(gbuffer: GBuffer, seen: BoolArray) -> Float32Array:
    """(h, w) 0..1 how far the plate's own pixels are to be seen."""
    share = seen.astype(np.float32)
    return share if gbuffer.painted is None else share * (1 - gbuffer.painted.hidden)


def _render_from_view(view: Camera, render: Camera) -> Float64Array:
    """(3, 3) homography between the pixels of two cameras at one place."""
    rotation = render.world_from_camera[:3, :3].T @ view.world_from_camera[:3, :3]
    homography: Float64Array = render.pixel_from_camera @ rotation @ inverse(view.pixel_from_camera)
    return homography


def _homography(matrix: Float64Array, pixels: Float64Array) -> tuple[Float64Array, BoolArray]:
    """Pixels (h, w, 2) carried over, and whether they lie in front of the camera (h, w)."""
    x, y, w = np.moveaxis(pixels @ matrix[:, :2].T + matrix[:, 2], -1, 0)
    in_front = w > 0
    divisor = np.where(in_front, w, 1.0)
    return np.stack([x / divisor, y / divisor], axis=-1), in_front


def _light(gbuffer: GBuffer, shaded: Shaded) -> Float32Array:
    """(6, h, w) shading and specular, taken from inside the matte and carried on outside it."""
    light = np.concatenate([planes(shaded.shading), planes(shaded.specular)])
    return push_pull(light, inside_weight(gbuffer.matte))


def _own_look(gbuffer: GBuffer, kept: KeptLight | None, seen: BoolArray, plate: ProjectedPlate) -> list[Float32Array]:
    """The person under the plate's own light, and what of it is reflected, (3, h, w) each; none where none is kept.

    Where the plate never saw the surface this is an estimate, as bright as the plate is nearby.
    """
    if plate.own is None or kept is None:
        return []
    light = _light(gbuffer, kept.estimated())
    whole = planes(gbuffer.albedo) * light[:3] + light[3:]
    return [matched_colours(whole, gbuffer, seen, plate, plate.own), light[3:]]


@dataclass(frozen=True)
class _Look:
    """What points are lit by.

    Attributes:
        plate: to project.
        mapping: where it lies.
        level: (3, 1) mean of the new shading.
        share: of the own light that stays.
        detail: twins' texture.
        corneas: what mirrors in each of the plate's eyes.
    """

    plate: ProjectedPlate
    mapping: PlateMapping
    level: Float32Array
    share: np.float32
    detail: TwinDetail | None
    corneas: tuple[CornealReflection | None, ...]


def _write_band(canvas: PassCanvas, nodes: NodeMaps, cover: Float32Array, look: _Look, band: Band) -> None:
    target = nodes.window
    share = target.enlarged(nodes.share[None], band)[0].reshape(-1)
    pixel = np.flatnonzero(share > 0)
    maps = nodes.in_band(band).reshape(len(nodes.maps), -1)[:, pixel]
    view_cover = target.enlarged(cover, band).reshape(len(cover), -1)[:, pixel]
    row, column = np.divmod(pixel, band.size[1])
    corner = (band.columns.start + target.left + 0.5, band.rows.start + target.top + 0.5)
    render_pixels = np.stack([column, row], axis=-1) + corner
    samples = look.plate.at(look.mapping.at(render_pixels) + maps[_OFFSET].T)
    matte = _matte(look.plate, samples, maps[_SEEN], share[pixel], view_cover)
    kept = matte > 0
    if not kept.any():
        return
    samples, maps, matte, pixel = samples.chosen(kept), maps[:, kept], matte[kept], pixel[kept]
    if look.detail is not None:
        texture = look.detail.factor(render_pixels[kept], maps[_TWIN])
        maps[_ALBEDO] *= texture
        if look.plate.own is not None:
            maps[_OWN] *= texture
    there = np.zeros(band.size, np.bool_)
    there.reshape(-1)[pixel] = True

    def spread(values: Float32Array) -> Float32Array:
        """Put (..., N) values at their pixels of the band."""
        image = np.zeros((*values.shape[:-1], there.size), np.float32)
        image[..., pixel] = values
        return image.reshape(*values.shape[:-1], *band.size)

    albedo, shading, specular, relit = _relit(look, samples, maps, render_pixels[kept])
    canvas.write("image", band, there, spread(np.concatenate([relit, matte[None]])))
    for name, values in (
        ("albedo", albedo),
        ("shading", shading),
        ("specular", specular),
        ("matte", matte),
        ("confidence", maps[_CONFIDENCE]),
    ):
        if canvas.wants(name):
            canvas.write(name, band, there, spread(values))
    if canvas.wants("depth", "normal", "position"):
        write_geometry(canvas, spread(maps[_GEOMETRY]), there, band, canvas.camera)


def _matte(
    plate: ProjectedPlate, samples: PlateSamples, seen: Float32Array, share: Float32Array, cover: Float32Array
) -> Float32Array:
    """(N,) the plate's own matte where the plate saw the surface, else the view's; at least what the field vouches for.

    The plate's is as fine as the plate, and ends where its surface does. The view's is coarse: brought up across the
    outline, as if there were a surface beside it with no cover, it falls off within a pixel of the view instead of
    ending in its stairs.

    Args:
        plate: as the plate's pixels are to be seen.
        samples: of them.
        seen: (N,) 0..1 how far the plate saw the surface.
        share: (N,) 0..1 how far the maps are there.
        cover: (3, N) matte of the view, what the field vouches for, and how far there is a surface at all.
    """
    matte, backed, surface = cover
    there = smoothstep(0.0, 0.25, share)
    projected = np.where(samples.outside, np.float32(0), samples.of(plate.matte)) * smoothstep(0.25, 0.75, surface)
    matte = matte + smoothstep(0.25, 0.75, seen) * (projected - matte)
    shown: Float32Array = there * np.maximum(matte, backed)
    return shown


def _relit(
    look: _Look, samples: PlateSamples, maps: Float32Array, render_pixels: Float64Array
) -> tuple[Float32Array, Float32Array, Float32Array, Float32Array]:
    """(3, N) albedo, shading, specular and the relit colour."""
    plate = look.plate
    seen = smoothstep(0.25, 0.75, maps[_SEEN])
    albedo, gain = albedo_and_gain(samples.of(plate.brightest_albedo))
    shading, specular = maps[_SHADING], maps[_SPECULAR]
    if plate.fill is not None:
        shading = shading + seen * samples.of(plate.fill) * look.level
    if plate.specular_ratio is not None:
        specular = specular * (1 + seen * (samples.of(plate.specular_ratio) - 1))
    if plate.cornea is not None:
        specular = specular.copy()
        lay_over_points(specular, seen * samples.of(plate.cornea), look.corneas, render_pixels)
    albedo = maps[_ALBEDO] + seen * (albedo - maps[_ALBEDO])
    shading = shading * (1 + seen * (gain - 1))
    relit = albedo * shading + specular
    if plate.own is not None:
        own = look.share * (maps[_OWN] + seen * (samples.of(plate.own) - maps[_OWN]))
        reflected = np.minimum(look.share * maps[_OWN_SPECULAR], own)
        shading = shading + (own - reflected) / np.maximum(albedo, _LEAST_ALBEDO)
        specular, relit = specular + reflected, relit + own
    return albedo, shading, specular, relit
