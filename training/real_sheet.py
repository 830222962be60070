"""Rows of real portraits and clip frames through the portrait network."""

import json
from pathlib import Path

from ..runtime.arrays import Float32Array
from ..runtime.network_input import network_input
from .evaluation import PortraitModel
from .real_pictures import CLIPS, PORTRAITS, real_crop, real_picture
from .sheets import map_row


def real_rows(models: tuple[PortraitModel, ...], data: Path | None, labels: Path) -> list[Float32Array]:
    """A row of each model (see `sheets.map_row`) for each portrait and the middle labelled frame of each clip."""
    table = json.loads(labels.read_text())
    rows = []
    for name in (*PORTRAITS, *CLIPS):
        found = {int(index): boxes for index, boxes in table[Path(name).name].items() if boxes}
        middle = sorted(found)[len(found) // 2]
        plate, _ = network_input(real_crop(real_picture(data, name, middle), found[middle][0]))
        rows += [map_row(plate[0], model(plate)) for model in models]
    return rows
