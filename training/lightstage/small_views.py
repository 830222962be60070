"""Small views drawn ahead of training, and pictures made of them: a half or a quarter as wide as the network's crop."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .reduced import DRAWN, HALF, QUARTER, reduced_view
from .sample import Sample
from .stage import Stage
from .stored_environments import load_environments, save_environments, separate_environments
from .stored_picture import stored_picture
from .stored_view import MARGIN, StoredView, load_stored_view, save_stored_view, separate_lights, stored_view, widened
from .view import draw_view
from .view_store import random_stored_moment

SMALL_STREAM = 982451653
ORDER_STREAM, PICTURE_STREAM = 7, 11
FOLDERS = {HALF: "half_views", QUARTER: "small_views"}
"""Below the cache."""


def small_view_path(folder: Path, seed: int, index: int, reduction: int) -> Path:
    """Where a small view is kept."""
    return folder / FOLDERS[reduction] / f"view_{seed}_{index:06d}.npz"


def small_environments_path(folder: Path, seed: int, index: int) -> Path:
    """Where what surrounds the person of a view of a quarter is kept, light by light."""
    return folder / FOLDERS[QUARTER] / f"environments_{seed}_{index:06d}.npz"


def draw_small_view(stage: Stage, index: int, *, half: bool = False) -> None:
    """Draw a view of a quarter by (seed, index) and its environments into the cache, unless they are there.

    Args:
        stage: to draw on.
        index: of the view.
        half: keep the view of a half too that the one of a quarter is made of.
    """
    paths = {one: small_view_path(stage.folder, stage.seed, index, one) for one in (QUARTER, HALF)}
    around = small_environments_path(stage.folder, stage.seed, index)
    if paths[QUARTER].exists() and around.exists() and (paths[HALF].exists() or not half):
        return
    random, size = stage.random(index, SMALL_STREAM), DRAWN * stage.size // QUARTER
    moment = random_stored_moment(stage, random)
    view = draw_view(moment.subject, widened(moment.pose, size), size + 2 * MARGIN, stage.masks)
    lights = separate_lights(stage.panoramas, moment.upright_from_camera, random)
    drawn: StoredView = stored_view(view, moment.pose, lights, stage.panoramas)
    save_stored_view(reduced_view(drawn), paths[QUARTER])
    save_environments(separate_environments(lights), around)
    if half:
        save_stored_view(replace(drawn, reduction=HALF), paths[HALF])


@dataclass(frozen=True)
class SmallViews:
    """Pictures of 64² or 128² from small views: each epoch shows every view once, in another order.

    Attributes:
        stage: the views were drawn on.
        count: of views.
        reduction: HALF or QUARTER.
    """

    stage: Stage
    count: int
    reduction: int = QUARTER

    def view(self, index: int) -> list[Sample]:
        """Pictures of one view under new light: (seed, index) decides everything.

        Raises:
            AssetError: when it has not been prepared.
        """
        folder, seed = self.stage.folder, self.stage.seed
        epoch, place = divmod(index, self.count)
        stored = int(np.random.default_rng((seed, ORDER_STREAM, epoch)).permutation(self.count)[place])
        view = load_stored_view(small_view_path(folder, seed, stored, self.reduction))
        quarter = self.reduction == QUARTER
        environments = load_environments(small_environments_path(folder, seed, stored)) if quarter else None
        random = np.random.default_rng((seed, PICTURE_STREAM, index))
        return [stored_picture(self.stage, view, random, environments) for _ in range(self.stage.relights)]
