"""What the plate never saw, painted from the field into a view of the plate's surface.

The plate's surface stays where the plate saw it well. Elsewhere (the side of the head, under the chin, behind an edge
of depth) the field's surface stands in, in the plate's colours, and the two pass into each other along the surface.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import BoolArray, Float32Array, Float64Array
from ..camera import Camera
from ..encoding import Encoding
from ..field.carved_field import CarvedField
from ..field.render import FieldView, render_field
from ..gbuffer import GBuffer, Painted
from ..light.harmonics import harmonics_rotation
from .border import border_fade_at, smoothstep
from .extension import push_pull
from .moved_view import positions
from .seam import closed, feathered, opened, widened

PAINTED_BELOW, KEPT_ABOVE = 0.1, 0.7
"""Confidence at which the plate's surface gives way to the field's altogether, and from which it stays whole."""
SAME_SURFACE, OTHER_SURFACE = 0.008, 0.025
"""Metres of depth between plate and field up to which they show one surface, and from which they show two."""
FEATHER = 6
"""Pixels of a view of 256 over which the field passes into the plate."""
GAP = 3
"""Half the width, in pixels of a view of 256, of gaps between plate and field that are closed."""
RIM = 1
"""Half the width, in pixels of a view of 256, up to which the field beside the plate's outline is taken for the
inaccuracy of one of them: there the outline is the plate's, with its hair."""
LARGEST_RATIO = 3.0
"""The plate's albedo and the field's differ by less than this factor, or one of them is wrong."""
WHOLLY_PAINTED = 0.99
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
    plate_share = smoothstep(PAINTED_BELOW, KEPT_ABOVE, seen.confidence)
    reach = _pixels(FEATHER, seen.camera)
    found = _field_view(seen, encoding, field, world_from_crop, widened(plate_share < 1, reach))
    cover = closed(_cover(found), _pixels(GAP, seen.camera))
    layers = _layers(seen, found, cover, plate_share)
    share = _share(layers, reach)
    if not (share > 0).any():
        return seen
    return _blended(seen, encoding, found, layers, share, world_from_crop)


@dataclass(frozen=True)
class _Layers:
    """Plate and field over each other; all (h, w).

    Attributes:
        hit: where the plate's surface is met.
        there: where the field's surface is.
        plate: 0..1 how far the plate's surface is to be kept.
        cover: 0..1 of the field.
        same: 0..1 whether both show one surface.
        depth: metres, of what shows.
    """

    hit: BoolArray
    there: BoolArray
    plate: Float32Array
    cover: Float32Array
    same: Float32Array
    depth: Float32Array

    @property
    def painted(self) -> Float32Array:
        """0..1 share of the field before it is feathered into the plate."""
        share: Float32Array = np.where(self.hit, self.cover * (1 - self.plate), self.cover > 0) * self.there
        return share.astype(np.float32)


def _pixels(at_256: int, camera: Camera) -> int:
    return max(1, round(at_256 * camera.width / 256))


def _field_view(
    seen: GBuffer, encoding: Encoding, field: CarvedField, world_from_crop: Float64Array, wanted: BoolArray
) -> FieldView:
    """The field on the view's pixels."""
    camera = seen.camera
    side = -(-camera.width // _COARSE) * _COARSE
    padded = Camera(
        side, side, camera.focal_x, camera.focal_y, camera.principal_x, camera.principal_y, camera.world_from_camera
    )
    asked = np.zeros((side, side), np.bool_)
    asked[: camera.height, : camera.width] = wanted
    crop_from_view = np.linalg.inv(world_from_crop) @ camera.world_from_camera
    found = render_field(field, field.grid, encoding.crop, padded, crop_from_view, wanted=asked)
    if side == camera.width:
        return found
    return FieldView(**{name: values[: camera.height, : camera.width] for name, values in vars(found).items()})


def _cover(found: FieldView) -> Float32Array:
    """(h, w) 0..1 of the field, fading to nothing at the crop's border."""
    # Crop coordinates as pixels of a crop two wide.
    return found.alpha * border_fade_at(found.crop_points[..., :2] + 1, 2)


def _layers(seen: GBuffer, found: FieldView, cover: Float32Array, plate_share: Float32Array) -> _Layers:
    hit = seen.matte > 0
    there = found.alpha > 0
    same = 1 - smoothstep(SAME_SURFACE, OTHER_SURFACE, np.abs(found.depth - seen.depth))
    rim = _pixels(RIM, seen.camera)
    broad = widened(opened((plate_share < 0.5) & (cover > 0.5), rim), 8 * rim)
    there &= hit | broad
    cover = np.where(there | hit, cover, np.float32(0))
    return _Layers(
        hit=hit,
        there=there,
        plate=np.where(hit, plate_share, np.float32(0)),
        cover=cover,
        same=np.where(hit & there, same, np.float32(0)),
        depth=np.where(there & ~(hit & (plate_share > 0.5)), found.depth, seen.depth),
    )


def _share(layers: _Layers, reach: int) -> Float32Array:
    """(h, w) 0..1 share of the field, feathered into the plate where both show one surface."""
    painted = layers.painted
    feather = smoothstep(0.0, 1.0, feathered(painted, layers.depth, reach))
    share: Float32Array = np.maximum(painted, feather * layers.same * layers.cover)
    return share


def _blended(  # noqa: PLR0917 - the two layers and what places them
    seen: GBuffer,
    encoding: Encoding,
    found: FieldView,
    layers: _Layers,
    share: Float32Array,
    world_from_crop: Float64Array,
) -> GBuffer:
    rotation = world_from_crop[:3, :3]
    harmonics = harmonics_rotation(rotation).astype(np.float32)
    normal = _mixed(seen.normal, found.normal @ rotation.T.astype(np.float32), share)
    length = np.sqrt(np.einsum("hwc,hwc->hw", normal, normal))[..., None]
    depth = _mixed(seen.depth, found.depth, share)
    unseen = np.isnan(seen.plate_pixels[..., 0])
    wholly = share >= WHOLLY_PAINTED
    # The plate's view only guessed at sides of the body that it never saw: there the field knows better.
    matte = np.where(layers.hit & ~unseen, np.maximum(seen.matte, layers.cover), layers.cover)
    broad = opened(share > 0.5, _pixels(RIM, seen.camera))
    beside_paint = widened(broad, _pixels(GAP + RIM, seen.camera))
    backed = np.where(beside_paint, layers.cover, np.float32(0))
    touched = (share > 0) | beside_paint | unseen
    return replace(
        seen,
        albedo=_mixed(seen.albedo, _matched_albedo(seen, found, layers), share),
        normal=np.where(share[..., None] > 0, normal / np.maximum(length, np.float32(1e-6)), seen.normal),
        position=np.where(share[..., None] > 0, positions(seen.camera, depth), seen.position),
        depth=depth,
        matte=np.where(touched, matte, seen.matte),
        transport=_mixed(seen.transport, found.transport @ harmonics.T, share),
        roughness=_mixed(seen.roughness, found.roughness, share),
        specular=_mixed(seen.specular, np.full_like(share, _mean_specular(encoding)), share),
        confidence=seen.confidence * (1 - share),
        plate_pixels=np.where(wholly[..., None], np.float32(np.nan), seen.plate_pixels),
        painted=Painted(share, backed),
    )


def _mixed(plate: Float32Array, field: Float32Array, share: Float32Array) -> Float32Array:
    """The plate's (h, w, ...) where the share is zero, to the last bit; the field's where it is one."""
    weight = share.reshape(*share.shape, *[1] * (plate.ndim - 2))
    mixed: Float32Array = np.where(weight > 0, plate + weight * (field - plate), plate)
    return mixed


def _matched_albedo(seen: GBuffer, found: FieldView, layers: _Layers) -> Float32Array:
    """(h, w, 3) the field's albedo in the colours that the plate's maps have nearby.

    The ratio of both where they show one surface goes on smoothly to where only the field shows one.
    """
    weight = layers.plate * layers.same * layers.cover
    if not (weight > 0).any():
        return found.albedo
    floor, limit = np.float32(0.01), np.float32(np.log(LARGEST_RATIO))
    ratio = np.log(np.maximum(seen.albedo, floor) / np.maximum(found.albedo, floor))
    ratio = np.where(weight[..., None] > 0, np.clip(ratio, -limit, limit), np.float32(0))
    smooth = push_pull(np.ascontiguousarray(ratio.transpose(2, 0, 1)), weight)
    matched: Float32Array = np.clip(found.albedo * np.exp(smooth).transpose(1, 2, 0), 0, 1)
    return matched


def _mean_specular(encoding: Encoding) -> np.float32:
    """Reflectance over the person: the field names none."""
    total = max(float(encoding.matte.sum()), 1e-6)
    return np.float32(float((encoding.specular * encoding.matte).sum()) / total)
