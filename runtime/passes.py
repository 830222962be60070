"""The plate-sized result."""

from dataclasses import dataclass

from .arrays import Float32Array
from .camera import Camera


@dataclass(frozen=True)
class Passes:
    """What a compositor gets, at the size of the render camera's image (H, W); scene-linear Rec.709, unpremultiplied.

    Where the matte is zero, albedo, shading, specular, normal, position and confidence are zero, and depth is
    1e10 (Blender's own value for "nothing there").

    Attributes:
        camera: the render camera.
        image: (H, W, 4) the relit plate. From the plate's own camera the background is the plate, bit for bit, and
            alpha is the plate's; from another camera alpha is the matte and the background is zero.
        albedo: (H, W, 3).
        shading: (H, W, 3) albedo × shading is the diffuse part.
        specular: (H, W, 3) albedo × shading + specular is the relit person.
        depth: (H, W) metres along the viewing axis.
        normal: (H, W, 3) unit, world.
        position: (H, W, 3) metres, world.
        matte: (H, W) 0..1.
        confidence: (H, W) 0..1; 0 where the plate never saw the surface.
    """

    camera: Camera
    image: Float32Array
    albedo: Float32Array
    shading: Float32Array
    specular: Float32Array
    depth: Float32Array
    normal: Float32Array
    position: Float32Array
    matte: Float32Array
    confidence: Float32Array


ALL_PASSES = frozenset({"image", "albedo", "shading", "specular", "depth", "normal", "position", "matte", "confidence"})
"""Names of the arrays of Passes."""
