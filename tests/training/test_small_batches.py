"""A run that goes on from another draws the pictures that come after that one's."""

import torch

from chiaro.training.configuration import RunConfiguration
from chiaro.training.small_batches import small_batches


class _Views:
    """Each view's pictures are its number."""

    def view(self, index: int) -> list[int]:
        return [index]


def numbers(seen: int, first: int, count: int) -> list[list[int]]:
    configuration = RunConfiguration(views=4, relights=2, workers=0, seen=seen)
    batches = small_batches(_Views(), configuration, lambda samples: {"index": torch.tensor(samples)})  # type: ignore[arg-type]  # numbers in place of views
    return [batch["index"].tolist() for batch in batches(first, count)]


def test_batches_come_after_what_was_seen() -> None:
    assert numbers(0, 0, 2) == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert numbers(0, 3, 1) == [[12, 13, 14, 15]]
    assert numbers(16, 1, 1) == numbers(0, 3, 1), "16 pictures are two batches of four views"
