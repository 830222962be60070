"""One person as one camera sees them, and their radiance under a light."""

from dataclasses import dataclass
from pathlib import Path

from ...runtime.arrays import Float32Array
from .appearance import Appearance
from .avatars.atlas import Atlas
from .illumination import Illumination
from .person import Person
from .pose import Pose, mesh_rotation, turned_transport
from .shading import Picture, shade_surface
from .surface_maps import SurfaceMaps, draw_surface


@dataclass(frozen=True)
class Subject:
    """Whoever stands on the stage, and how they look today.

    Attributes:
        person: the prepared person.
        atlas: textures of a textured person.
        appearance: colours.
        gloss: factor on all highlights.
        file: the prepared person's, None for one that was never on disk.
    """

    person: Person
    atlas: Atlas | None
    appearance: Appearance
    gloss: float
    file: Path | None = None


@dataclass(frozen=True)
class View:
    """A subject before a camera, under no light yet.

    Attributes:
        subject: who is seen.
        pose: of the head against the camera.
        maps: what the camera sees.
        transport: (h, w, 9) camera axes.
    """

    subject: Subject
    pose: Pose
    maps: SurfaceMaps
    transport: Float32Array


def draw_view(subject: Subject, pose: Pose, size: int, masks: Float32Array) -> View:
    """Draw a subject.

    Args:
        subject: who is seen.
        pose: of the head against the camera.
        size: pixels along each side.
        masks: `skin.facial_masks`.
    """
    maps = draw_surface(
        subject.person,
        camera_from_head=mesh_rotation(pose),
        offset=pose.offset,
        tangent=pose.tangent,
        size=size,
        appearance=subject.appearance,
        masks=masks,
        atlas=subject.atlas,
    )
    return View(subject, pose, maps, turned_transport(maps.transport, pose))


def lit(view: View, illumination: Illumination) -> Picture:
    """The subject of a view under a light: diffuse and specular radiance, no background."""
    return shade_surface(
        view.subject.person, view.maps, illumination, gloss=view.subject.gloss, atlas=view.subject.atlas
    )
