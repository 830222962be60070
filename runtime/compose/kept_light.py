"""The light of the shoot that stays beside a new one.

Light adds up, so what the person shows under both is the sum of what they show under each; and under the light of the
shoot alone they show what the plate shows, whatever is estimated of that light.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..gbuffer import Shaded


@dataclass(frozen=True)
class KeptLight:
    """How much of the plate's own light stays.

    Attributes:
        share: factor on it, zero or more; 1 for the light of the shoot as it was.
        estimated: gives that light on the G-buffer that is composed, for what the plate never saw; not asked for from
            the plate's own camera, which sees nothing else.
    """

    share: float
    estimated: Callable[[], Shaded]
