"""What is painted takes the colours that the plate has near by for what looks alike."""

from dataclasses import replace

import numpy as np
from tests.analytic_field import AnalyticField
from tests.analytic_head import analytic_head, side_light

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.part_names import PARTS
from chiaro.runtime.view.painted_colour import FACE_WEIGHT, plate_colours

HEAD = analytic_head()
ENCODING = HEAD.encoding(side_light())


class EvenField(AnalyticField):
    """A field that knows no colours."""

    def surface(self, points: Float32Array, /) -> dict[str, Float32Array]:
        return super().surface(points) | {"albedo": np.full((len(points), 3), 0.3, np.float32)}


def test_a_field_that_is_right_keeps_its_colours() -> None:
    colours = plate_colours(ENCODING, AnalyticField(HEAD))
    albedo = AnalyticField(HEAD).surface(colours.points)["albedo"]
    np.testing.assert_allclose(colours.brought_to(colours.points, albedo), albedo, atol=0.02)


def test_a_field_in_other_colours_gets_the_plates() -> None:
    field = AnalyticField(HEAD, tint=(0.3, 0.6, 1.5))
    colours = plate_colours(ENCODING, field)
    assert 20 < len(colours.points) < 800
    truth = AnalyticField(HEAD).surface(colours.points)["albedo"]
    found = colours.brought_to(colours.points, field.surface(colours.points)["albedo"])
    assert np.abs(found - truth).mean() < 0.5 * np.abs(field.surface(colours.points)["albedo"] - truth).mean()


def test_points_lie_on_the_plates_surface_well_inside_it() -> None:
    colours = plate_colours(ENCODING, AnalyticField(HEAD))
    distance = AnalyticField(HEAD).distance(colours.points)
    assert np.abs(distance).max() < 0.02
    pixels = ((colours.points[:, :2] + 1.0) * 128.0).astype(int)
    assert (ENCODING.matte[pixels[:, 1], pixels[:, 0]] > 0.95).all()


def test_hair_and_cloth_count_more_than_the_face() -> None:
    parts = np.zeros((256, 256, len(PARTS)), np.uint8)
    parts[:128, :, PARTS.index("hair")] = 255
    parts[128:, :, PARTS.index("skin")] = 255
    albedo: Float32Array = np.where(np.arange(256)[:, None, None] < 128, 0.1, 0.6).astype(np.float32)
    encoding = replace(ENCODING, parts=parts, albedo=np.broadcast_to(albedo, (256, 256, 3)).copy())
    colours = plate_colours(encoding, EvenField(HEAD))
    upper = colours.points[:, 1] < 0
    assert (colours.weight[upper] == 1.0).all()
    np.testing.assert_allclose(colours.weight[~upper], FACE_WEIGHT, rtol=1e-5)
    # Behind the middle, as far from both, what is painted is hair.
    middle = np.array([[0.0, 0.0, 0.9]], np.float32)
    assert (colours.brought_to(middle, np.full((1, 3), 0.3, np.float32)) < 0.2).all()


def test_with_nobody_in_the_plate_the_field_keeps_its_colours() -> None:
    nobody = replace(ENCODING, matte=np.zeros_like(ENCODING.matte))
    colours = plate_colours(nobody, AnalyticField(HEAD))
    albedo = np.full((4, 3), 0.3, np.float32)
    assert len(colours.points) == 0
    assert (colours.brought_to(np.zeros((4, 3), np.float32), albedo) == albedo).all()
