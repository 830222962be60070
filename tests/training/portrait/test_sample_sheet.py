"""The sheet of sample pictures that a run draws."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from chiaro.training.lightstage.sample import Sample
from chiaro.training.portrait.sample_sheet import VIEWS, draw_sample_sheet, sheet_batch
from chiaro.training.portrait.truth import Batch


class _Source:
    def view(self, index: int) -> list[Sample]:
        random = np.random.default_rng(index)

        def image(channels: int) -> np.ndarray:  # type: ignore[type-arg]  # half precision
            return random.uniform(size=(channels, 256, 256)).astype(np.float16)

        return [
            Sample(
                plate=image(3),
                albedo=image(3),
                normal=image(3),
                depth=image(1)[0],
                matte=image(1)[0],
                transport=image(9),
                parts=random.integers(0, 7, (256, 256)).astype(np.uint8),
                light=random.uniform(size=(9, 3)).astype(np.float32),
                head=np.zeros(9, np.float32),
                roughness=image(1)[0],
                specular=image(1)[0],
                tangent=np.array(0.2, np.float32),
                mirrored=np.array(False),
            )
        ]


class _Knowing(nn.Module):
    """A network that says the truth of a batch."""

    def __init__(self, truth: Batch) -> None:
        super().__init__()
        self.truth, self.unused = truth, nn.Linear(1, 1)

    def forward(self, _plate: Tensor) -> dict[str, Tensor]:
        assert not self.training
        said = {name: self.truth[name].float() for name in ("albedo", "normal", "depth", "matte", "transport", "light")}
        said["parts"] = nn.functional.one_hot(self.truth["parts"].long(), 9).permute(0, 3, 1, 2).float()
        return said


def test_truth_stands_above_what_the_network_says(tmp_path: Path) -> None:
    batch = sheet_batch(_Source())
    network = _Knowing(batch).train()
    draw_sample_sheet(batch, network, tmp_path / "sheet.png")
    assert network.training
    picture = np.asarray(Image.open(tmp_path / "sheet.png"))
    rows = picture.reshape(2 * VIEWS, 256, -1, 3)
    for truth, said in zip(rows[::2], rows[1::2], strict=True):
        np.testing.assert_array_equal(truth, said)
    assert not np.array_equal(rows[0], rows[2])
    with torch.no_grad():
        network.truth = {**batch, "albedo": 0.5 * batch["albedo"]}
    draw_sample_sheet(batch, network, tmp_path / "sheet.png")
    darker = np.asarray(Image.open(tmp_path / "sheet.png")).reshape(2 * VIEWS, 256, -1, 3)
    assert darker[1].mean() < darker[0].mean()
