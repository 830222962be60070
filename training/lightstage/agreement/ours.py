"""The stage's own rendering of a scene."""

from ..shading import shade_surface
from ..view import draw_view
from .scene import BytesArray, Rendering, Scene


def render_ours(scene: Scene) -> tuple[Rendering, BytesArray]:
    """Draw and light a scene as training does, before any camera, but without the softness of skin.

    Light that travels under the skin is left out because the path tracer's diffuse surfaces know none.

    Returns:
        The rendering, and (h, w) `PartClass` of each pixel.
    """
    subject = scene.subject
    maps = draw_view(subject, scene.pose, scene.size, scene.masks).maps
    picture = shade_surface(subject.person, maps, scene.light, gloss=subject.gloss, softness=0.0, atlas=subject.atlas)
    rendering = Rendering(
        diffuse=picture.diffuse,
        specular=picture.specular,
        albedo=maps.albedo,
        normal=maps.normal,
        depth=maps.depth,
        matte=maps.matte,
    )
    return rendering, maps.parts
