"""Views drawn ahead of training, and a stage that makes its pictures from them."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from .sample import Sample
from .stage import Stage
from .stored_picture import stored_picture
from .stored_view import load_stored_view, save_stored_view, stored_view, stored_view_path, widened
from .view import draw_view

STORE_STREAM, PICTURE_STREAM, EPOCH_STREAM = 86028157, 122949829, 141650963


class ViewSource(Protocol):
    """What training draws from: a stage, or stored views."""

    def view(self, index: int) -> list[Sample]:
        """The pictures of one view: the same for the same index."""
        ...


def draw_stored_view(stage: Stage, index: int) -> None:
    """Draw a view by (seed, index) into the cache, unless it is there."""
    path = stored_view_path(stage.folder, stage.seed, index)
    if path.exists():
        return
    random = stage.random(index, STORE_STREAM)
    moment = stage.moment(random)
    # The second half of the crops is mirrored when a picture is made, so the person need not be.
    pose = replace(moment.pose, mirrored=False)
    wide = widened(pose, stage.size)
    view = draw_view(moment.subject, wide, round(stage.size * wide.half_width / pose.half_width), stage.masks)
    save_stored_view(stored_view(view, pose, stage.panoramas, moment.upright_from_camera, random), path)


@dataclass(frozen=True)
class StoredViews:
    """A stage whose pictures are made from stored views: each epoch shows every view once, in another order.

    Attributes:
        stage: the views were drawn on.
        count: of views.
    """

    stage: Stage
    count: int

    def view(self, index: int) -> list[Sample]:
        """Pictures of one view under new light: (seed, index) decides everything."""
        epoch, place = divmod(index, self.count)
        order = np.random.default_rng((self.stage.seed, EPOCH_STREAM, epoch)).permutation(self.count)
        view = load_stored_view(stored_view_path(self.stage.folder, self.stage.seed, int(order[place])))
        random = self.stage.random(index, PICTURE_STREAM)
        return [stored_picture(self.stage, view, random) for _ in range(self.stage.relights)]
