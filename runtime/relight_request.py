"""What to make of a plate frame."""

from dataclasses import dataclass
from math import isfinite

from .camera import Camera
from .errors import SettingsError
from .head import HeadBox
from .light.light import Light
from .mattes import Mattes
from .passes import ALL_PASSES
from .preview import check_reduction

DETAILS = (1, 2)
"""How many times finer than the crop a turned view may be."""


@dataclass(frozen=True)
class RelightRequest:
    """What to make of a plate frame.

    Attributes:
        plate_camera: the camera the plate was shot with, at the plate's pixel size.
        render_camera: the camera to see the person from, at the wanted pixel size; equal to plate_camera for none of
            the plate's pixels to move.
        light: the light to put the person in.
        strength: factor on the new light.
        plate_light: factor on the light of the shoot, which stays beside the new one: 0 for the new light alone, 1 for
            the plate with the new light added. With any of it the new light may be none.
        mix: 0 is the plate, 1 the relit plate.
        own_light_removal: 0 keeps the plate's own shading under the new light, 1 removes it.
        person: 0 is the largest head, 1 the next, and so on.
        box: the head box, in place of the locator's.
        steady: whether the frames before it steady what the network says of a frame, so that nothing flickers.
        wanted: names of the passes to compute; the others are left zero.
        detail: 1 for turned views of the crop's own size, 256²; 2 for 512², with finer outlines in thrice the time.
        reduction: 1 for the full result; n for a preview whose pixels are n times as large each way. The networks see
            the whole frame all the same, so nothing is analysed twice. What the plate never saw is not painted.
        mattes: the artist's own, of the plate's size, in place of the network's; None for that. The networks then see
            the person over an even grey.
    """

    plate_camera: Camera
    render_camera: Camera
    light: Light
    strength: float = 1.0
    plate_light: float = 0.0
    mix: float = 1.0
    own_light_removal: float = 1.0
    person: int = 0
    box: HeadBox | None = None
    steady: bool = True
    wanted: frozenset[str] = ALL_PASSES
    detail: int = 1
    reduction: int = 1
    mattes: Mattes | None = None

    def __post_init__(self) -> None:
        """Refuse settings outside their range."""
        if not _is_factor(self.strength):
            raise SettingsError(f"The strength is {self.strength:g}; a number of zero or more is expected.")
        if not _is_factor(self.plate_light):
            raise SettingsError(f"The plate light is {self.plate_light:g}; a number of zero or more is expected.")
        if not 0.0 <= self.mix <= 1.0:
            raise SettingsError(f"The mix is {self.mix:g}; a number from 0 to 1 is expected.")
        if not 0.0 <= self.own_light_removal <= 1.0:
            raise SettingsError(
                f"The own-light removal is {self.own_light_removal:g}; a number from 0 to 1 is expected."
            )
        check_reduction(self.reduction)
        if self.detail not in DETAILS:
            raise SettingsError(
                f"The detail of turned views is {self.detail}; 1 (256 pixels) or 2 (512 pixels) is expected."
            )
        unknown = self.wanted - ALL_PASSES
        if unknown:
            raise SettingsError(
                f"There is no pass {', '.join(sorted(unknown))}; there are {', '.join(sorted(ALL_PASSES))}."
            )

    @property
    def share_of_new(self) -> float:
        """Factor on the new light in the result."""
        return self.mix * self.strength

    @property
    def share_of_own(self) -> float:
        """Factor on the plate's own light in the result: mixing with the plate is mixing with its light."""
        return 1.0 - self.mix + self.mix * self.plate_light


def _is_factor(value: float) -> bool:
    return isfinite(value) and value >= 0.0
