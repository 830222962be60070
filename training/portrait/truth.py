"""Truth as the losses want it: reduced to 64², or a window at full resolution."""

from torch import Tensor
from torch.nn import functional

Batch = dict[str, Tensor]
MAPS = ("albedo", "normal", "depth", "transport", "roughness", "specular")


def reduced_truth(batch: Batch, factor: int) -> Batch:
    """Truth at a lower resolution: maps averaged over the matte, so that the background does not bleed in."""
    # Every second row and column is enough of an average at a quarter of the cost.
    half = factor // 2
    matte = batch["matte"][..., ::2, ::2].float()
    small = functional.avg_pool2d(matte, half)
    truth = {"matte": small, "parts": batch["parts"][:, half::factor, half::factor].long()}
    for name in MAPS:
        if name in batch:
            covered = functional.avg_pool2d(batch[name][..., ::2, ::2].float() * matte, half)
            truth[name] = covered / small.clamp_min(1e-3)
    truth["normal"] = functional.normalize(truth["normal"], dim=1, eps=1e-4)
    return truth


def window_truth(batch: Batch, window: tuple[int, int, int]) -> Batch:
    """Truth of a window (top, left, side in units of four pixels) at full resolution."""
    top, left, side = (4 * value for value in window)
    rows, columns = slice(top, top + side), slice(left, left + side)
    truth = {name: batch[name][..., rows, columns].float() for name in (*MAPS, "matte") if name in batch}
    truth["parts"] = batch["parts"][:, rows, columns].long()
    return truth
