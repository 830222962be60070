"""The temporal network, where the weights folder has one: portrait networks can do without."""

from collections.abc import Sequence

from ..network import Network, is_listed, load_network

NAME = "temporal"


def temporal_network(providers: Sequence[str] | None = None) -> Network | None:
    """The temporal network, loaded once per process; None where there is none.

    Args:
        providers: see `network.choose_providers`.

    Raises:
        WeightsError: it is listed, and missing, damaged, or does not start.
    """
    return load_network(NAME, providers=providers) if is_listed(NAME) else None
