"""What the plate never saw, painted from the field into a view of the plate's surface.

The plate's surface stays where the plate saw it. Where it saw it at a grazing angle, or next to what it never saw, its
maps pass into what the field says of the same points. Where it saw nothing (the side of the head, under the chin,
behind an edge of depth) rays are marched through the field; what they meet stands in, in the plate's colours.
"""

from dataclasses import replace

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..encoding import Encoding, per_encoding
from ..field.carved_field import CarvedField
from ..field.enlarged import enlarged
from ..field.render import FieldView, render_field
from ..gbuffer import GBuffer, Painted
from ..scattered import scattered
from ..small_matrices import inverse_pose
from .border import smoothstep
from .field_gaps import without_gaps
from .fringe import outline_fringe
from .heightfield import largest_step
from .moved_view import positions
from .other_side import with_other_side
from .outline import front_of_neighbours
from .painted_maps import PaintedMaps, matched_albedo, mixed, mixed_normal, painted_maps
from .painted_place import GAP, RIM, PaintedPlace, PlateSurface, painted_place, plate_surface
from .seam import feathered, widened
from .view_camera import pixels_of_view

FEATHER = 6
"""Pixels of a view of 256 over which the field passes into the plate."""
STEEPER_COVER = 1.3
"""How much faster cover falls off beside a surface than it was marched with, in pixels twice as wide: outlines of
analytic heads then lie where they are from cameras of every size, to a quarter of a pixel of the view."""
_COARSE = 4
"""`field.march` wants pictures whose sides are a multiple of this."""


def painted_view(seen: GBuffer, encoding: Encoding, field: CarvedField, world_from_crop: Float64Array) -> GBuffer:
    """Fill a moved view from the field.

    Args:
        seen: the plate's surface from the view's camera, see `moved_view`.
        encoding: of the plate frame.
        field: of the encoding.
        world_from_crop: (4, 4) pose of the crop's camera in the world.

    Returns:
        The view with `painted`, or itself where there is nothing to paint. Where the plate is confident it is what it
        was, bit for bit.
    """
    surface = plate_surface(seen, encoding.crop)
    marched = _marched(seen, encoding, field, world_from_crop, ~surface.firm)
    place = painted_place(seen, surface, marched, encoding)
    beside = widened(place.surely, pixels_of_view(FEATHER, seen.camera))
    touched = surface.firm & ((surface.keep < 1) | beside)
    if not (place.filled.any() or touched.any()):
        return seen
    maps = painted_maps(seen, marched, touched, field, encoding, world_from_crop)
    same = scattered(maps.same, maps.pixel, touched.shape)
    share = _share(seen, surface, place, marched, same)
    fringe = outline_fringe(seen, encoding, surface.firm & surface.in_plate, place.surely)
    plain = surface.firm * surface.keep * (1 - fringe)
    maps = replace(maps, albedo=matched_albedo(seen, maps, plain * same))
    painted = Painted(share, np.maximum(share, fringe), place.backed)
    filled = _filled(seen, surface, place, marched, painted)
    specular = np.where(place.filled, _mean_specular(encoding), seen.specular)
    of_maps = share.reshape(-1)[maps.pixel]
    maps, twin = with_other_side(maps, of_maps, seen, plain, filled.position, encoding, world_from_crop)
    return _mixed(replace(filled, specular=specular, painted=replace(painted, twin=twin)), maps, of_maps)


def _share(
    seen: GBuffer, surface: PlateSurface, place: PaintedPlace, marched: FieldView, same: Float32Array
) -> Float32Array:
    """(h, w) 0..1 of the field in the maps: all where it stands in, and fading out along the plate's surface beside."""
    depth = np.where(place.surely, marched.depth, seen.depth)
    feather = feathered(place.missing, depth, pixels_of_view(FEATHER, seen.camera))
    beside = np.maximum(1 - surface.keep, smoothstep(0.0, 1.0, feather)) * same
    return np.where(surface.firm, beside, place.filled.astype(np.float32))


def _filled(seen: GBuffer, surface: PlateSurface, place: PaintedPlace, marched: FieldView, painted: Painted) -> GBuffer:
    """The view with the field's depth and cover where it stands in; the maps are still the plate's."""
    filled, plate_pixels = place.filled, seen.plate_pixels
    # Between the plate's outline and the field's there may be neither: there the plate's surface is carried on.
    carried = np.isfinite(plate_pixels[..., 0]) & ~filled
    # As a surface, and not in the plate's colours, which are the background's there; beside what is painted not at all.
    beside = widened(filled, pixels_of_view(RIM + 1, seen.camera))
    beyond = carried & ~surface.met & ((place.backed > 0) | beside)
    depth = np.where(filled, marched.depth, seen.depth)
    position = seen.position.copy()
    position[filled] = positions(seen.camera, depth, filled)
    plates = np.maximum(np.where(beyond, 0, seen.matte), place.backed)
    matte = np.where(surface.met | carried, plates, place.missing)
    return replace(
        seen,
        position=position,
        depth=depth,
        matte=matte,
        confidence=seen.confidence * (1 - painted.hidden),
        plate_pixels=np.where((filled | beyond)[..., None], np.float32(np.nan), plate_pixels),
        cover=None if seen.cover is None else np.maximum(seen.cover, filled.astype(np.float32)),
        front=_front(seen, depth, matte, filled),
        painted=painted,
    )


def _mixed(filled: GBuffer, maps: PaintedMaps, share: Float32Array) -> GBuffer:
    """The view with painted maps by their share (N,)."""
    return replace(
        filled,
        albedo=mixed(filled.albedo, maps.albedo, maps.pixel, share),
        normal=mixed_normal(filled.normal, maps, share, filled.position, filled.camera),
        transport=mixed(filled.transport, maps.transport, maps.pixel, share),
        roughness=mixed(filled.roughness, maps.roughness, maps.pixel, share),
    )


def _front(seen: GBuffer, depth: Float32Array, matte: Float32Array, filled: BoolArray) -> Float32Array | None:
    """(h, w) `Shares.front` of the plate's surface, and beside what stands in for it of the pixels around."""
    if seen.front is None:
        return None
    return np.where(widened(filled, 1), front_of_neighbours(seen.camera, depth, matte > 0), seen.front)


def _marched(
    seen: GBuffer, encoding: Encoding, field: CarvedField, world_from_crop: Float64Array, wanted: BoolArray
) -> FieldView:
    """The field on the view's pixels, marched at half of them each way."""
    camera = seen.camera
    side = -(-camera.width // (2 * _COARSE)) * 2 * _COARSE
    asked = np.zeros((side, side), np.bool_)
    asked[: camera.height, : camera.width] = wanted
    asked = asked.reshape(side // 2, 2, side // 2, 2).any(axis=(1, 3))
    half = _widened(camera, side).resized(side // 2, side // 2)
    crop_from_view = inverse_pose(world_from_crop) @ camera.world_from_camera
    found = render_field(field, field.grid, encoding.crop, half, crop_from_view, wanted=widened(asked, 1))
    found = without_gaps(found, pixels_of_view(GAP, half))
    found = enlarged(found, largest_step(half, found.depth, found.alpha > 0))
    found = replace(found, alpha=np.maximum(1 - np.float32(STEEPER_COVER) * (1 - found.alpha), 0))
    return FieldView(**{name: values[: camera.height, : camera.width] for name, values in vars(found).items()})


def _widened(camera: Camera, side: int) -> Camera:
    """With more rows and columns at its lower right, square."""
    focal, principal = (camera.focal_x, camera.focal_y), (camera.principal_x, camera.principal_y)
    return Camera(side, side, *focal, *principal, camera.world_from_camera)


@per_encoding
def _mean_specular(encoding: Encoding) -> np.float32:
    """Reflectance over the person: the field names none."""
    total = max(float(encoding.matte.sum()), 1e-6)
    return np.float32(float((encoding.specular * encoding.matte).sum()) / total)
