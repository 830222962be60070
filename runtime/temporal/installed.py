"""The temporal network, where the weights folder has one: portrait networks can do without."""

from collections.abc import Sequence

from ..errors import WeightsError
from ..network import Network, load_network, weights_file


def has_temporal_network() -> bool:
    """Whether the manifest lists a temporal network; loads none."""
    try:
        weights_file("temporal")
    except WeightsError:
        return False
    return True


def temporal_network(providers: Sequence[str] | None = None) -> Network | None:
    """The temporal network, loaded once per process; None where there is none.

    Args:
        providers: see `network.choose_providers`.

    Raises:
        WeightsError: it is listed, and missing, damaged, or does not start.
    """
    return load_network("temporal", providers=providers) if has_temporal_network() else None
