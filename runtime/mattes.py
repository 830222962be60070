"""Mattes that the artist brings for the frames of a plate, and a frame as the networks see it within its matte."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from .arrays import Float32Array
from .compose.given_matte import GivenMatte, MatteChannel, matte_of
from .encoding import Encoding
from .plate.plate import Plate, PlateFrame
from .recent import Recent
from .transfer import luminance

GREY = 0.18
"""Radiance of what is put behind the person. On 20 held-out pictures of the light stage, with true mattes, normals of
skin were 0.13 degrees better over it than over what had been there, albedo 0.2 dB, the light's direction 1 degree."""
LARGEST_CONTRAST = 2.0
"""Factor between that and the person's mean luminance, at most: plates are exposed as they like."""
KEPT = 2
PERSON = 0.5
"""Matte from which a pixel shows a person."""
NOT_COVERED = (
    "The given matte holds nothing of the person who was found, so nothing is relit; check its frame, and whether it "
    "is white where the person is."
)


class Mattes(Protocol):
    """A matte for every frame of a plate, by the plate's numbers."""

    def identity(self, number: int) -> str:
        """A fingerprint of the matte at a frame, cheap to ask for; PlateError where there is none."""

    def at(self, number: int) -> GivenMatte:
        """The matte at a frame; PlateError where there is none, or it is no matte."""


@dataclass(frozen=True)
class OneMatte:
    """The same for all frames, as a still's.

    Attributes:
        given: the matte.
    """

    given: GivenMatte

    def identity(self, _number: int) -> str:
        """Its fingerprint."""
        return self.given.identity

    def at(self, _number: int) -> GivenMatte:
        """It."""
        return self.given


@dataclass(frozen=True)
class MatteFiles:
    """Mattes on disk.

    Attributes:
        files: a still, which counts for all frames, a sequence or a movie.
        channel: which channel is meant; None for the alpha where there is one.
        shift: what is added to the plate's frame number.
    """

    files: Plate
    channel: MatteChannel | None = None
    shift: int = 0
    _kept: Recent[GivenMatte] = field(default_factory=lambda: Recent(KEPT), compare=False, repr=False)

    def identity(self, number: int) -> str:
        """Of the file's frame and the channel."""
        return f"{self.channel} of {self.files.identity(self._frame(number))}"

    def at(self, number: int) -> GivenMatte:
        """Read it, or give it again."""
        return self.kept(number, lambda: self.files.read(self._frame(number)))

    def kept(self, number: int, read: Callable[[], PlateFrame]) -> GivenMatte:
        """The same, where the file's frame is at hand already."""
        identity = self.identity(number)
        return self._kept.get(identity, lambda: matte_of(read(), self.channel, identity))

    def _frame(self, number: int) -> int:
        return self.files.first_frame if len(self.files.frames) == 1 else number + self.shift


def over_grey(image: Float32Array, given: GivenMatte) -> Float32Array:
    """(H, W, 3) the person over an even grey: what the networks cannot take for hair.

    Raises:
        PlateError: the matte has another size.
    """
    height, width = image.shape[:2]
    given.check_size(width, height)
    matte = given.values[..., None]
    covered = float(given.values.sum())
    person = float((luminance(image) * given.values).sum()) / covered if covered > 0 else GREY
    grey = np.clip(GREY, person / LARGEST_CONTRAST, person * LARGEST_CONTRAST)
    result: Float32Array = image * matte
    result += np.float32(grey) * (1 - matte)
    return result


def seen_within(image: Float32Array, mattes: Mattes | None, number: int) -> Float32Array:
    """A frame (H, W, 3) as the networks see it: over grey within its matte, or as it is."""
    return image if mattes is None else over_grey(image, mattes.at(number))


def identity_within(identity: str, mattes: Mattes | None, number: int) -> str:
    """Fingerprint of `seen_within`, from the frame's own."""
    return identity if mattes is None else f"{identity} within {mattes.identity(number)}"


def coverage_messages(held: Encoding) -> tuple[str, ...]:
    """What to tell of an encoding that was held to a matte (`given_matte.held_to`)."""
    return () if (held.matte > PERSON).any() else (NOT_COVERED,)
