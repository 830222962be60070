"""The Relight node's outputs and the float images that carry them into the compositor.

An image has four channels and most passes three or one, so the single-channel passes ride in the alpha of the colour
passes ("Channel Packed" keeps both bit-exact): six images instead of nine to write per frame.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PassSocket:
    """One output socket.

    Attributes:
        name: the socket's label.
        pass_name: the field of `runtime.passes.Passes` it shows.
        socket_type: Blender's socket class.
        description: the tooltip.
    """

    name: str
    pass_name: str
    socket_type: str
    description: str


@dataclass(frozen=True)
class PassImage:
    """One float image: a colour, and a pass of one channel in its alpha.

    Attributes:
        name: part of the datablock's name.
        colour: the pass in RGB; "image" fills the alpha as well.
        alpha: the pass in alpha, or None.
        colour_space: Blender's name; data is left alone by "Non-Color".
    """

    name: str
    colour: str
    alpha: str | None
    colour_space: str

    @property
    def alpha_mode(self) -> str:
        """Blender's alpha mode: the relit image is premultiplied, everything else independent channels."""
        return "PREMUL" if self.colour == "image" else "CHANNEL_PACKED"


PASS_SOCKETS = (
    PassSocket(
        "Image",
        "image",
        "NodeSocketColor",
        "The plate with the person in the scene's light; from another camera, the person alone with alpha",
    ),
    PassSocket("Albedo", "albedo", "NodeSocketColor", "Diffuse colour of the person without any light, scene-linear"),
    PassSocket(
        "Shading",
        "shading",
        "NodeSocketColor",
        "Light on the person as if all surfaces were white; Albedo × Shading is the diffuse part of the relit person",
    ),
    PassSocket(
        "Specular",
        "specular",
        "NodeSocketColor",
        "Light reflected by skin, hair and eyes; Albedo × Shading + Specular is the relit person",
    ),
    PassSocket(
        "Depth", "depth", "NodeSocketFloat", "Distance along the camera's viewing axis in metres, as the Z pass"
    ),
    PassSocket(
        "Normal", "normal", "NodeSocketVector", "Direction of the surface in world space, as Cycles' Normal pass"
    ),
    PassSocket(
        "Position", "position", "NodeSocketVector", "Place of the surface in world space, as Cycles' Position pass"
    ),
    PassSocket("Matte", "matte", "NodeSocketFloat", "How much of each pixel the person covers, 0 to 1"),
    PassSocket(
        "Confidence", "confidence", "NodeSocketFloat", "1 where the plate shows the surface, 0 where it never saw it"
    ),
)

PASS_IMAGES = (
    PassImage("Image", "image", None, "Linear Rec.709"),
    PassImage("Albedo Matte", "albedo", "matte", "Linear Rec.709"),
    PassImage("Shading Confidence", "shading", "confidence", "Linear Rec.709"),
    PassImage("Specular Depth", "specular", "depth", "Linear Rec.709"),
    PassImage("Normal", "normal", None, "Non-Color"),
    PassImage("Position", "position", None, "Non-Color"),
)
