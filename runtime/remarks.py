"""What an artist should be told of a frame that is right, but perhaps not what was meant."""

from .compose.kept_light import KeptLight
from .gbuffer import GBuffer, Shaded


def remarks(seen: GBuffer, shaded: Shaded, kept: KeptLight | None) -> tuple[str, ...]:
    """One sentence on each thing that leaves nothing to see.

    A light that fades to nothing is no error: the frame is black, as it would be on the set.

    Args:
        seen: the surface from the render camera.
        shaded: the new light on it.
        kept: what stays of the plate's own light.
    """
    if not (seen.matte > 0).any():
        return ("The render camera does not see the person on this frame; check where it stands and looks.",)
    if kept is None and not (shaded.shading.any() or shaded.specular.any()):
        return (
            "No light reaches the person on this frame, so the person is black; check the strength and the direction "
            "of the world and the lamps.",
        )
    return ()
