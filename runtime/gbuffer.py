"""The surface as one camera sees it, ready to be lit: all vectors are in world axes."""

from dataclasses import dataclass, replace

import numpy as np

from .arrays import Float32Array, Float64Array
from .camera import Camera


@dataclass(frozen=True)
class Twin:
    """What of a G-buffer was painted from the head's other side, on its pixel grid.

    Attributes:
        share: (h, w) 0..1 of it in the maps.
        plate_pixels: (h, w, 2) float32 where in the plate the twin of the surface point lies, pixels; NaN where the
            plate saw none.
        plate_pixels_per_pixel: how many there are to one of the crop, as fine as which the maps are.
    """

    share: Float32Array
    plate_pixels: Float32Array
    plate_pixels_per_pixel: float


@dataclass(frozen=True)
class Painted:
    """What of a G-buffer was painted from the field, on its pixel grid.

    Attributes:
        share: (h, w) 0..1 share of the field in the maps.
        hidden: (h, w) 0..1 how little of the plate's own pixels is to be seen, at least the share: beside what was
            painted, those along the plate's outline are part background.
        matte: (h, w) 0..1 matte that the field vouches for, wherever it was painted and just beside: there the plate's
            own matte ends inside the person.
        twin: what of it is mirrored from the other side of the head; None where nothing is.
    """

    share: Float32Array
    hidden: Float32Array
    matte: Float32Array
    twin: Twin | None = None


@dataclass(frozen=True)
class GBuffer:
    """Surface maps on the pixel grid of `camera` (h, w = its height and width).

    Attributes:
        camera: a square camera that looks at the head, with its pose in the world: it stands where the render camera
            stands, and covers the head only.
        albedo: (h, w, 3) scene-linear Rec.709, 0..1, as the network estimates it.
        normal: (h, w, 3) unit, world axes.
        position: (h, w, 3) metres, world.
        depth: (h, w) metres along this camera's viewing axis.
        matte: (h, w) 0..1.
        transport: (h, w, 9) diffuse transport in world axes (see Encoding.transport).
        roughness: (h, w) GGX roughness.
        specular: (h, w) F0.
        confidence: (h, w) 0..1; 0 where the plate never saw the surface.
        plate_pixels: (h, w, 2) float32 where the surface point lies in the plate, pixels; NaN where the plate never
            saw it.
        own_light: (9, 3) spherical harmonics of the plate's own light, radiance, world axes.
        is_plate_view: whether the render camera is the plate's, so that the maps are the crop's own.
        cover: (h, w) 0..1 share of each pixel in which there is a surface, however soft its matte; None where the maps
            have one everywhere.
        front: (h, w) 0..1 share of the nearer surface in pixels on an edge of depth or beside one, NaN in others; None
            where pixels were looked at once.
        painted: what the field filled in; None where there is no field to fill from, or nothing to fill.
    """

    camera: Camera
    albedo: Float32Array
    normal: Float32Array
    position: Float32Array
    depth: Float32Array
    matte: Float32Array
    transport: Float32Array
    roughness: Float32Array
    specular: Float32Array
    confidence: Float32Array
    plate_pixels: Float32Array
    own_light: Float64Array
    is_plate_view: bool = False
    cover: Float32Array | None = None
    front: Float32Array | None = None
    painted: Painted | None = None


@dataclass(frozen=True)
class CornealReflection:
    """What mirrors in the cornea of an eye, as the render camera sees it.

    Attributes:
        radiance: (n, n, 3) of the ball's picture, which touches the edges; zero beside it.
        pixel: (2,) of the render where the ball's centre is.
        radius: (2,) of the ball, pixels of the render across and down.
    """

    radiance: Float32Array
    pixel: Float64Array
    radius: Float64Array


@dataclass(frozen=True)
class Shaded:
    """Light on a G-buffer, on its pixel grid.

    Attributes:
        shading: (h, w, 3) radiance that leaves a white diffuse surface; albedo × shading is the diffuse part.
        specular: (h, w, 3) radiance of the specular reflection.
        corneas: what mirrors in each eye that the plate shows, finer than the grid; None for an eye behind the camera.
    """

    shading: Float32Array
    specular: Float32Array
    corneas: tuple[CornealReflection | None, ...] = ()

    def scaled(self, factor: float) -> "Shaded":
        """Under a light so many times as bright."""
        if factor == 1.0:
            return self
        by = np.float32(factor)
        corneas = tuple(one and replace(one, radiance=one.radiance * by) for one in self.corneas)
        return Shaded(self.shading * by, self.specular * by, corneas)
