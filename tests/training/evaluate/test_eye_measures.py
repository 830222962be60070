"""Eyes are measured where they are, and the better of two pictures counts as better."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.training.evaluate.eye_measures import LIGHTS, EyeCase, table, write_eye_sheet

SIZE = 96


def eye_case(*, ours: float, without: float) -> EyeCase:
    """A grey person with a bright pixel in the eye, of which two pictures keep a share."""
    true = np.full((SIZE, SIZE, 3), 0.2, np.float32)
    eyes = np.zeros((SIZE, SIZE), np.bool_)
    eyes[40:50, 30:60] = True
    true[:12] = 1.0  # sets the exposure
    true[44, 40] = 0.9

    def dimmed(share: float) -> np.ndarray:  # type: ignore[type-arg]  # any float
        picture = true.copy()
        picture[44, 40] *= share
        picture[0, 0] = 7.0  # outside the eyes nothing counts
        return picture

    pictures = {light: (true, dimmed(ours), dimmed(without)) for light in LIGHTS}
    return EyeCase(3, pictures, true, eyes, np.ones((SIZE, SIZE), np.bool_))


def test_the_picture_that_keeps_the_highlight_is_the_better() -> None:
    with_lamps, alone = eye_case(ours=1.0, without=0.5).numbers("lamp")
    assert with_lamps.error == pytest.approx(0.0, abs=1e-6)
    assert alone.error > 0.005
    assert with_lamps.highlights == pytest.approx(1.0)
    assert alone.highlights < 0.9
    heading, rows = table([eye_case(ours=1.0, without=0.5), eye_case(ours=0.9, without=0.2)])
    assert [row[2] for row in rows] == ["100%", "0%", "100%", "0%"]
    assert all(len(row) == len(heading) for row in rows)


def test_a_sheet_has_a_row_for_each_picture(tmp_path: Path) -> None:
    path = tmp_path / "eyes.png"
    write_eye_sheet([eye_case(ours=1.0, without=0.5)], path)
    assert path.stat().st_size > 500
