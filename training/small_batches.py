"""Batches of small views for a run: those that come after what the runs before it have seen."""

from collections.abc import Callable
from typing import Any

from torch.utils.data import DataLoader

from .configuration import RunConfiguration
from .lightstage.sample import Sample
from .lightstage.small_views import SmallViews
from .portrait.dataset import ViewBatches
from .portrait.truth import Batch
from .triplanes.dataset import moment_batches


def small_batches(
    source: SmallViews, configuration: RunConfiguration, stack: Callable[[list[Sample]], Batch]
) -> Callable[[int, int], DataLoader[Any]]:
    """A function that gives a run's batches: of the first one's number, and how many.

    Args:
        source: of the pictures.
        configuration: the run.
        stack: makes a batch of samples.
    """

    def batches(first: int, count: int) -> DataLoader[Any]:
        first += configuration.seen // configuration.batch
        return moment_batches(ViewBatches(source, configuration.views, first, count, stack), configuration.workers)

    return batches
