"""Take the plate's own light out of the plate, at full resolution, once per plate frame."""

from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Float32Array
from ..box_sum import box_sum
from ..crop import Crop
from ..encoding import Encoding
from ..errors import PlateError, SettingsError
from ..gbuffer import Shaded
from ..parallel import in_parallel
from .division import darkness, specular_ratio
from .foreground import Foreground
from .given_matte import GivenMatte, GivenPlateMatte
from .planes import LUMINANCE, largest_channel, planes
from .plate_eyes import PlateEye, plate_eyes
from .plate_matte import PlateMatte
from .unexplained import UnexplainedLight, lit_share, unexplained_light
from .upsampling import (
    NodeLight,
    Upsampling,
    light_on_nodes,
    mean_shading,
    prepare_upsampling,
    shading_in_band,
)
from .window import Band, Window, plate_window

LARGEST_ALBEDO = 1.0
"""Reflectance of the whitest surface; a brighter pixel got more light than was estimated."""
SPECULAR_RADIUS = 1
"""Nodes around a pixel over which it is asked how much of a reflection the plate can hold."""


@dataclass(frozen=True)
class DelitPlate:
    """The person without the plate's own light, as planes on a window of the plate (h, w = its height and width).

    Everywhere albedo × (own_shading + unexplained) + own_specular is the person's own colour in the plate.

    Attributes:
        upsampling: how other light is brought up to the same window.
        bands: the blocks of the window that hold the person; elsewhere all arrays are zero.
        albedo: (3, h, w) scene-linear, at most LARGEST_ALBEDO.
        own_shading: (3, h, w) the part of the plate's own light that was taken out.
        unexplained: (3, h, w) what else of the plate's light was taken out, see `unexplained`; negative in shadows.
        own_specular: (3, h, w) its specular reflection.
        specular_ratio: (h, w) 0..1 share of the estimated specular reflection that the plate can hold around a pixel;
            the new reflection is held back by the same share.
        shading_gain: (h, w) at least 1: how much more light a pixel got than was estimated, as its albedo would be over
            LARGEST_ALBEDO otherwise.
        shading_fill: (h, w) share of the mean shading that is added where the own shading is darker than
            DARKEST_SHADING; added to any light alike, so the own light gives the plate back and no light gives black.
        matte: (h, w) 0..1, fading to 0 at the crop's border.
        eyes: whose irises are to be told; what mirrored in them is the own specular's.
        own_light_removal: 0..1.
        plate_width: pixels of the whole plate.
        plate_height: pixels of the whole plate.
    """

    upsampling: Upsampling
    bands: tuple[Band, ...]
    albedo: Float32Array
    own_shading: Float32Array
    unexplained: Float32Array
    own_specular: Float32Array
    specular_ratio: Float32Array
    shading_gain: Float32Array
    shading_fill: Float32Array
    matte: Float32Array
    eyes: tuple[PlateEye, ...]
    own_light_removal: float
    plate_width: int
    plate_height: int

    def whole_shading(self, pixels: tuple[slice, slice]) -> Float32Array:
        """(3, rows, columns) all of the own light that was taken out, at rows and columns of the window."""
        shading: Float32Array = self.own_shading[:, *pixels] + self.unexplained[:, *pixels]
        return shading

    @property
    def window(self) -> Window:
        """Where in the plate it lies."""
        return self.upsampling.window


def delight(
    plate_image: Float32Array,
    encoding: Encoding,
    own: Shaded,
    *,
    own_light_removal: float = 1.0,
    given: GivenMatte | None = None,
) -> DelitPlate:
    """Divide the plate by its own light.

    albedo = (plate − specular) ÷ (shading + unexplained), all brought up from the crop to the plate's pixels.

    Args:
        plate_image: (H, W, 3) scene-linear Rec.709.
        encoding: of this frame.
        own: the plate's own light on the encoding's surface, on the crop's grid.
        own_light_removal: 1 takes all own light out; 0 only its mean level, so that its shadows and colour stay in the
            albedo.
        given: the artist's matte, which the encoding was held to (`given_matte.held_to`); None for the network's.

    Raises:
        PlateError: the plate or the given matte has another size than the plate that was encoded.
        SettingsError: own_light_removal is not from 0 to 1.
    """
    check_plate_size(plate_image, encoding)
    if given is not None:
        given.check_size(encoding.crop.plate_width, encoding.crop.plate_height)
    if not 0.0 <= own_light_removal <= 1.0:
        raise SettingsError(f"The own-light removal is {own_light_removal:g}; a number from 0 to 1 is expected.")
    window = plate_window(encoding.crop)
    plate = planes(plate_image[window.slices])
    eyes = plate_eyes(plate, window, encoding)
    for eye in eyes:
        plate[:, *eye.pixels] -= np.float32(own_light_removal) * eye.mirrored
    plate_nodes = window.averaged_on_nodes(plate)
    upsampling = prepare_upsampling(plate, plate_nodes, encoding, window)
    removed, removal = _removed_light(own, encoding, own_light_removal)
    light = light_on_nodes(upsampling, removed, mean_shading(removed, encoding.matte))
    unexplained = unexplained_light(upsampling, plate_nodes, encoding, light, removal=removal)
    matte: PlateMatte | GivenPlateMatte
    if given is None:
        matte = PlateMatte(window, plate_nodes, encoding.matte, encoding.crop, upsampling.person_brightness)
    else:
        matte = GivenPlateMatte(window, given, encoding.matte, encoding.crop)
    foreground = Foreground(window, plate_nodes, matte.nodes)

    result = _empty(upsampling, tuple(window.bands(matte.reach)), encoding.crop, eyes, own_light_removal)

    def fill(band: Band) -> None:
        pixels = plate[:, *band.pixels]
        share, limit = matte.in_band(pixels, band)
        person, share = foreground.in_band(pixels, share, band, sure=given is not None)
        result.matte[band.pixels] = share * limit
        _delight_band(result, person, light, unexplained, band)

    in_parallel(fill, result.bands)
    _even_out(result)
    for eye in eyes:
        result.own_specular[:, *eye.pixels] += np.float32(own_light_removal) * eye.mirrored
    return result


def check_plate_size(plate_image: Float32Array, encoding: Encoding) -> None:
    """Refuse a plate that is not the one that was encoded.

    Raises:
        PlateError: its size differs.
    """
    crop = encoding.crop
    height, width = plate_image.shape[:2]
    if (width, height) != (crop.plate_width, crop.plate_height):
        raise PlateError(
            f"The plate frame is {width}x{height} pixels but was analysed at {crop.plate_width}x{crop.plate_height}; "
            "analyse this frame again."
        )


def _removed_light(own: Shaded, encoding: Encoding, removal: float) -> tuple[Shaded, float]:
    """The part of the own light to take out, and how much of what it leaves unexplained.

    Where no own light was found at all, it is white light at level one.
    """
    level = float(np.dot(mean_shading(own, encoding.matte), LUMINANCE))
    if level <= 1e-6:
        return replace(own, shading=np.ones_like(own.shading), specular=np.zeros_like(own.specular)), 0.0
    if removal == 1.0:
        return own, removal
    share = np.float32(removal)
    return Shaded(share * own.shading + (1 - share) * np.float32(level), share * own.specular), removal


def _empty(
    upsampling: Upsampling, bands: tuple[Band, ...], crop: Crop, eyes: tuple[PlateEye, ...], removal: float
) -> DelitPlate:
    size = upsampling.window.height, upsampling.window.width
    return DelitPlate(
        upsampling=upsampling,
        bands=bands,
        albedo=np.zeros((3, *size), np.float32),
        own_shading=np.zeros((3, *size), np.float32),
        unexplained=np.zeros((3, *size), np.float32),
        own_specular=np.zeros((3, *size), np.float32),
        specular_ratio=np.zeros(size, np.float32),
        shading_gain=np.zeros(size, np.float32),
        shading_fill=np.zeros(size, np.float32),
        matte=np.zeros(size, np.float32),
        eyes=eyes,
        own_light_removal=removal,
        plate_width=crop.plate_width,
        plate_height=crop.plate_height,
    )


def _delight_band(
    result: DelitPlate, person: Float32Array, light: NodeLight, unexplained: UnexplainedLight, band: Band
) -> None:
    """Fill a band of the result from the person's colours, and light that is estimated or not explained."""
    factor = unexplained.in_band(result.upsampling, band)
    shading = shading_in_band(result.upsampling, light, band)
    fill = darkness(shading, light)
    shading += fill * light.level

    lit = lit_share(shading, light)
    specular = result.window.enlarged(light.specular, band)
    ratio = specular_ratio(person, specular)
    specular *= ratio
    albedo = person - specular
    albedo /= shading
    albedo /= factor
    gain = np.maximum(largest_channel(albedo) * np.float32(1 / LARGEST_ALBEDO), 1)
    albedo /= gain
    shading *= gain
    factor *= _albedo_where_unlit(albedo, result.window.enlarged(unexplained.albedo, band), lit)

    rows, columns = band.pixels
    result.albedo[:, rows, columns] = albedo
    result.own_shading[:, rows, columns] = shading
    result.unexplained[:, rows, columns] = shading * (factor - 1)
    result.own_specular[:, rows, columns] = specular
    result.specular_ratio[rows, columns] = ratio
    result.shading_gain[rows, columns] = gain
    result.shading_fill[rows, columns] = fill


def _even_out(result: DelitPlate) -> None:
    """Take the mean of the specular ratio around each pixel.

    A pixel that is darker than the reflection that was estimated shows a hair that lies deeper, or an estimate that is
    too bright thereabouts. Under another light each such pixel for itself would be a black speck in a highlight.
    """
    window, weight = result.window, (result.matte > 0).astype(np.float32)
    nodes = window.averaged_on_nodes(np.stack([result.specular_ratio * weight, weight]))
    mean = box_sum(nodes, SPECULAR_RADIUS)
    mean[0] /= np.maximum(mean[1], np.float32(1e-6))

    def spread(band: Band) -> None:
        result.specular_ratio[band.pixels] = window.enlarged(mean[:1], band)[0]

    in_parallel(spread, result.bands)


def _albedo_where_unlit(albedo: Float32Array, network: Float32Array, lit: Float32Array) -> Float32Array:
    """Bring albedo (3, ...) to the network's where unlit; returns the factor on light that keeps their product."""
    mixed = network + lit * (albedo - network)
    factor: Float32Array = np.where(lit < 1, albedo / np.maximum(mixed, np.float32(1e-6)), np.float32(1))
    np.copyto(albedo, mixed, where=lit < 1)
    return factor
