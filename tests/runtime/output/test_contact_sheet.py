"""Sheets of labelled pictures."""

from pathlib import Path

import numpy as np
import pytest

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.errors import OutputError
from chiaro.runtime.output.contact_sheet import GAP, LABEL_HEIGHT, PAPER, contact_sheet, write_contact_sheet
from chiaro.runtime.output.pass_sheet import pass_pictures, write_pass_sheet
from chiaro.runtime.output.png import Picture
from chiaro.runtime.passes import Passes
from chiaro.runtime.plate import open_plate


def flat(colour: tuple[int, ...], height: int = 30, width: int = 40) -> Picture:
    return np.full((height, width, len(colour)), colour, np.uint8)


def test_layout() -> None:
    colours = [(200, 10, 10), (10, 200, 10), (10, 10, 200), (90, 90, 90), (250, 250, 250)]
    sheet = contact_sheet([("", flat(colour)) for colour in colours], columns=3, cell_width=40)
    step_x, step_y = 40 + GAP, 30 + LABEL_HEIGHT + GAP
    assert sheet.shape == (2 * step_y + GAP, 3 * step_x + GAP, 3)
    for index, colour in enumerate(colours):
        left, top = GAP + index % 3 * step_x, GAP + index // 3 * step_y
        cell = sheet[top : top + 30, left : left + 40]
        assert (cell == colour).all()
        assert (sheet[top + 30 : top + 30 + LABEL_HEIGHT, left : left + 40] == PAPER).all()
    assert (sheet[step_y + GAP :, 2 * step_x + GAP :] == PAPER).all()  # no sixth picture


def test_labels_are_drawn_and_differ() -> None:
    def caption(label: str) -> Picture:
        return contact_sheet([(label, flat((0, 0, 0), 10, 120))], cell_width=120)[GAP + 10 : GAP + 10 + LABEL_HEIGHT]

    albedo, normal = caption("Albedo"), caption("Normal")
    assert albedo.max() > 150
    assert (albedo > 100).mean() > 0.01
    assert not np.array_equal(albedo, normal)
    assert np.array_equal(caption("Albedo"), albedo)
    long = caption("A label that is far too long for the width of its cell, and so is cut off at its edge")
    assert (long[:, GAP + 120 :] == PAPER).all()


def test_pictures_are_scaled_without_losing_their_mean() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    sheet = contact_sheet([("", picture), ("", flat((5, 5, 5), 20, 10))], columns=2, cell_width=100)
    cell = sheet[GAP : GAP + 75, GAP : GAP + 100].astype(float)
    np.testing.assert_allclose(cell.mean(axis=(0, 1)), picture.mean(axis=(0, 1)), atol=2)
    tall = sheet[GAP : GAP + 200, 2 * GAP + 100 : 2 * GAP + 200]
    assert (tall == 5).all()


def test_alpha_shows_the_paper() -> None:
    sheet = contact_sheet([("", flat((255, 255, 255, 0)))], cell_width=40)
    assert (sheet == PAPER).all()


def test_nothing_to_lay_out(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"A contact sheet of 0 pictures in 4 columns of 360 pixels cannot be made;"):
        write_contact_sheet(tmp_path / "a.png", [])
    with pytest.raises(OutputError, match=r'picture "depth" of a contact sheet has shape \(4, 4\) and type float32;'):
        contact_sheet([("depth", np.zeros((4, 4), np.float32))])


def small_passes(plate: Float32Array) -> Passes:
    """Someone in the middle third, two metres away."""
    height, width = plate.shape[:2]
    matte = np.zeros((height, width), np.float32)
    matte[height // 3 : 2 * height // 3, width // 4 : 3 * width // 4] = 1
    colour = plate * matte[..., None]
    return Passes(
        camera=camera_from_lens(width, height),
        image=np.dstack([plate, np.ones_like(matte)]),
        albedo=colour,
        shading=colour * 8,
        specular=colour * 0.1,
        depth=np.where(matte > 0, np.float32(2), np.float32(1e10)),
        normal=np.dstack([matte * 0, matte * 0, matte]),
        position=colour,
        matte=matte,
        confidence=matte * np.float32(0.5),
    )


def test_a_large_frame_has_the_sheet_of_a_small_one(tmp_path: Path) -> None:
    small = np.random.default_rng(0).uniform(0.2, 0.4, (600, 800, 3)).astype(np.float32)
    large = small.repeat(3, axis=0).repeat(3, axis=1)
    sheets = []
    for plate in (small, large):
        write_pass_sheet(tmp_path / "sheet.png", plate, small_passes(plate))
        sheets.append(open_plate(tmp_path / "sheet.png").read(1).image)
    # The two differ by how they are filtered, not by what is black, white or labelled how.
    assert np.median(np.abs(sheets[0] - sheets[1])) < 0.01
    assert np.abs(sheets[0] - sheets[1]).mean() < 0.02


def test_sheet_of_passes(tmp_path: Path) -> None:
    plate = np.full((60, 80, 3), 0.3, np.float32)
    passes = small_passes(plate)
    labels = [label for label, _ in pass_pictures(plate, passes)]
    assert labels == [
        "Plate",
        "Relight",
        "Albedo",
        "Shading (exposure 0.42)",
        "Specular",
        "Normal (world)",
        "Depth (near is white)",
        "Matte",
        "Confidence",
    ]
    pictures = dict(pass_pictures(plate, passes))
    np.testing.assert_array_equal(pictures["Plate"], pictures["Relight"][..., :3])
    assert tuple(pictures["Normal (world)"][30, 40]) == (128, 128, 255)
    assert pictures["Confidence"][30, 40, 0] == 128
    write_pass_sheet(tmp_path / "sheet.png", plate, passes)
    sheet = open_plate(tmp_path / "sheet.png")
    assert sheet.width == 3 * (420 + GAP) + GAP
