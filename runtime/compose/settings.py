"""What the artist can set when the relit person is put back."""

from dataclasses import dataclass

import numpy as np

from ..errors import SettingsError

ALL_PASSES = frozenset({"image", "albedo", "shading", "specular", "depth", "normal", "position", "matte", "confidence"})
"""Names of the arrays of Passes."""


@dataclass(frozen=True)
class ComposeSettings:
    """Settings of the compose step.

    Attributes:
        strength: factor on the new light.
        mix: 0 leaves the plate as it is, 1 relights it.
    """

    strength: float = 1.0
    mix: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers outside their range."""
        if not np.isfinite(self.strength) or self.strength < 0:
            raise SettingsError(f"The strength is {self.strength:g}; a number of zero or more is expected.")
        if not 0.0 <= self.mix <= 1.0:
            raise SettingsError(f"The mix is {self.mix:g}; a number from 0 to 1 is expected.")
