"""Stills of every kind we promise to read: their numbers are known because the tests wrote them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from OpenImageIO import ImageInput, ImageOutput, ImageSpec, TypeDesc
from tests.synthetic_plates import write_image

from chiaro.runtime.plate import open_plate
from chiaro.runtime.plate.colour import ACES_AP1, REC2020, Encoded, linear_rec709

RANDOM = np.random.default_rng(7)
AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)


def noise(count: int = 3, height: int = 5, width: int = 7) -> NDArray[np.float32]:
    return RANDOM.random((height, width, count), np.float32)


def codes(stored: type, count: int = 3) -> NDArray[Any]:
    return (noise(count) * np.iinfo(stored).max).astype(stored)


@pytest.mark.parametrize(("name", "stored"), [("a.png", np.uint8), ("a.png", np.uint16), ("a.tif", np.uint16)])
def test_integers_are_srgb(tmp_path: Path, name: str, stored: type) -> None:
    pixels = codes(stored)
    with open_plate(write_image(tmp_path / name, pixels)) as plate:
        frame = plate.read(1)
    assert (plate.width, plate.height) == (7, 5)
    assert frame.image.dtype == np.float32
    assert frame.image.flags.c_contiguous
    assert frame.alpha is None
    np.testing.assert_array_equal(frame.image, linear_rec709(pixels, Encoded("srgb")))


@pytest.mark.parametrize(("name", "stored"), [("a.exr", "float"), ("a.exr", "half"), ("a.tif", "float")])
def test_floats_are_linear(tmp_path: Path, name: str, stored: str) -> None:
    pixels = noise() * 20 - 1
    frame = open_plate(write_image(tmp_path / name, pixels, stored)).read(1)
    expected = pixels.astype(np.float16).astype(np.float32) if stored == "half" else pixels
    np.testing.assert_array_equal(frame.image, expected)


def test_hdr_is_linear(tmp_path: Path) -> None:
    pixels = noise() * 20 + 0.1
    frame = open_plate(write_image(tmp_path / "a.hdr", pixels)).read(1)
    np.testing.assert_allclose(frame.image, pixels, rtol=0.01, atol=pixels.max() / 128)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_lossy_formats_come_close(tmp_path: Path, name: str) -> None:
    ramp = np.broadcast_to(np.linspace(40, 200, 64, dtype=np.uint8)[None, :, None], (64, 64, 3))
    frame = open_plate(write_image(tmp_path / name, ramp)).read(1)
    np.testing.assert_allclose(frame.image, linear_rec709(ramp, Encoded("srgb")), atol=0.03)


def test_colour_space_can_be_given(tmp_path: Path) -> None:
    pixels = codes(np.uint8)
    path = write_image(tmp_path / "a.png", pixels)
    np.testing.assert_allclose(open_plate(path, colour_space="linear").read(1).image, pixels / 255, rtol=1e-6)
    np.testing.assert_array_equal(
        open_plate(path, colour_space="rec709").read(1).image, linear_rec709(pixels, Encoded("rec709"))
    )
    exr = write_image(tmp_path / "a.exr", noise())
    stored = open_plate(exr, colour_space="linear").read(1).image
    np.testing.assert_allclose(
        open_plate(exr, colour_space="acescg").read(1).image,
        linear_rec709(stored, Encoded("linear", ACES_AP1)),
        rtol=1e-6,
    )


def test_exr_chromaticities_count_unless_overruled(tmp_path: Path) -> None:
    pixels = noise()
    path = write_image(tmp_path / "a.exr", pixels, attributes={"chromaticities": (TypeDesc("float[8]"), AP1)})
    np.testing.assert_allclose(
        open_plate(path).read(1).image, linear_rec709(pixels, Encoded("linear", ACES_AP1)), atol=1e-6
    )
    np.testing.assert_array_equal(open_plate(path, colour_space="linear").read(1).image, pixels)


def test_unusual_chromaticities(tmp_path: Path) -> None:
    values = (*REC2020.red, *REC2020.green, *REC2020.blue, *REC2020.white)
    pixels = noise()
    path = write_image(tmp_path / "a.exr", pixels, attributes={"chromaticities": (TypeDesc("float[8]"), values)})
    np.testing.assert_allclose(
        open_plate(path).read(1).image, linear_rec709(pixels, Encoded("linear", REC2020)), atol=1e-6
    )


def test_damaged_chromaticities_are_passed_over(tmp_path: Path) -> None:
    pixels = noise()
    path = write_image(tmp_path / "a.exr", pixels, attributes={"chromaticities": (TypeDesc("float[8]"), (0.0,) * 8)})
    np.testing.assert_array_equal(open_plate(path).read(1).image, pixels)


@pytest.mark.parametrize("stored", [np.uint8, np.uint16])
def test_straight_alpha_of_png_stays_straight(tmp_path: Path, stored: type) -> None:
    pixels = codes(stored, 4)
    pixels[0, 0, 3] = 0
    path = write_image(tmp_path / "a.png", pixels, attributes={"oiio:UnassociatedAlpha": 1})
    frame = open_plate(path).read(1)
    np.testing.assert_array_equal(frame.image, linear_rec709(pixels[..., :3], Encoded("srgb")))
    assert frame.alpha is not None
    np.testing.assert_allclose(frame.alpha, pixels[..., 3] / np.iinfo(stored).max, rtol=1e-6)


def test_alpha_of_exr_is_divided_out(tmp_path: Path) -> None:
    straight, alpha = noise(), noise(1) * 0.9 + 0.1
    frame = open_plate(write_image(tmp_path / "a.exr", np.dstack([straight * alpha, alpha]))).read(1)
    np.testing.assert_allclose(frame.image, straight, rtol=1e-5)
    np.testing.assert_array_equal(frame.alpha, alpha[..., 0])


def test_premultiplied_codes_of_tiff_are_divided_before_decoding(tmp_path: Path) -> None:
    straight, alpha = codes(np.uint16), (noise(1) * 0.5 + 0.5) * 65535
    stored = np.dstack([straight * (alpha / 65535), alpha]).round().astype(np.uint16)
    frame = open_plate(write_image(tmp_path / "a.tif", stored)).read(1)
    np.testing.assert_allclose(frame.image, linear_rec709(straight, Encoded("srgb")), atol=1e-4)
    np.testing.assert_allclose(frame.alpha, stored[..., 3] / 65535, rtol=1e-6)


def test_colour_without_alpha_is_kept(tmp_path: Path) -> None:
    pixels = np.zeros((1, 2, 4), np.float32)
    pixels[0, 0] = [0.5, 0.25, 2.0, 0.0]
    frame = open_plate(write_image(tmp_path / "glow.exr", pixels)).read(1)
    np.testing.assert_array_equal(frame.image[0, 0], [0.5, 0.25, 2.0])


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.exr"])
def test_one_channel_is_grey(tmp_path: Path, name: str) -> None:
    pixels = noise(1) if name == "a.exr" else codes(np.uint8, 1)
    frame = open_plate(write_image(tmp_path / name, pixels)).read(1)
    decoded = linear_rec709(np.repeat(pixels, 3, axis=-1), Encoded("linear" if name == "a.exr" else "srgb"))
    np.testing.assert_array_equal(frame.image, decoded)


def test_grey_with_alpha(tmp_path: Path) -> None:
    pixels = codes(np.uint8, 2)
    path = write_image(tmp_path / "a.png", pixels, attributes={"oiio:UnassociatedAlpha": 1}, channels=["Y", "A"])
    frame = open_plate(path).read(1)
    np.testing.assert_array_equal(frame.image, linear_rec709(np.repeat(pixels[..., :1], 3, -1), Encoded("srgb")))
    np.testing.assert_allclose(frame.alpha, pixels[..., 1] / 255, rtol=1e-6)


def test_smallest_plate(tmp_path: Path) -> None:
    frame = open_plate(write_image(tmp_path / "dot.png", np.full((1, 1, 3), 255, np.uint8))).read(1)
    np.testing.assert_array_equal(frame.image, np.ones((1, 1, 3), np.float32))


@pytest.mark.slow
def test_8k_plate(tmp_path: Path) -> None:
    pixels = np.zeros((4320, 7680, 3), np.uint8)
    pixels[-1, -1] = 255
    with open_plate(write_image(tmp_path / "large.png", pixels, attributes={"png:compressionLevel": 1})) as plate:
        image = plate.read(1).image
    assert image.shape == (4320, 7680, 3)
    np.testing.assert_array_equal(image[-1, -1], [1, 1, 1])
    assert image.sum() == 3


@pytest.mark.parametrize("wanted", ["Composite.Combined", "ViewLayer.Combined", "rgba", "beauty"])
def test_main_layer_of_many(tmp_path: Path, wanted: str) -> None:
    pixels = noise(7)
    names = ["albedo.R", "albedo.G", "albedo.B", f"{wanted}.R", f"{wanted}.G", f"{wanted}.B", "depth.Z"]
    frame = open_plate(write_image(tmp_path / "layers.exr", pixels, channels=names)).read(1)
    np.testing.assert_array_equal(frame.image, pixels[..., 3:6])


def test_plain_rgb_beside_other_passes(tmp_path: Path) -> None:
    pixels = noise(5)
    frame = open_plate(write_image(tmp_path / "aov.exr", pixels, channels=["R", "G", "B", "Z", "id"])).read(1)
    np.testing.assert_array_equal(frame.image, pixels[..., :3])
    assert frame.alpha is None


def test_only_layer_with_colour(tmp_path: Path) -> None:
    pixels = noise(4)
    frame = open_plate(write_image(tmp_path / "one.exr", pixels, channels=["x.Z", "key.R", "key.G", "key.B"])).read(1)
    np.testing.assert_array_equal(frame.image, pixels[..., 1:])


def test_part_with_the_colour(tmp_path: Path) -> None:
    depth, colour = noise(1), noise(3)
    specs = [ImageSpec(7, 5, 1, "float"), ImageSpec(7, 5, 3, "float")]
    specs[0].channelnames = ("Z",)
    for spec, name in zip(specs, ("depth", "rgba"), strict=True):
        spec.attribute("oiio:subimagename", name)
    path = tmp_path / "parts.exr"
    output = ImageOutput.create(str(path))
    assert output.open(str(path), tuple(specs))
    assert output.write_image(depth)
    assert output.open(str(path), specs[1], "AppendSubimage")
    assert output.write_image(colour)
    output.close()
    np.testing.assert_array_equal(open_plate(path).read(1).image, colour)


def test_display_window_pads_and_crops(tmp_path: Path) -> None:
    pixels = noise()
    padded = open_plate(write_image(tmp_path / "pad.exr", pixels, display_window=(-2, -1, 12, 9)))
    assert (padded.width, padded.height) == (12, 9)
    expected = np.zeros((9, 12, 3), np.float32)
    expected[1:6, 2:9] = pixels
    np.testing.assert_array_equal(padded.read(1).image, expected)
    cropped = open_plate(write_image(tmp_path / "overscan.exr", pixels, display_window=(1, 2, 4, 2)))
    np.testing.assert_array_equal(cropped.read(1).image, pixels[2:4, 1:5])
    beside = open_plate(write_image(tmp_path / "beside.exr", pixels, display_window=(100, 100, 3, 2)))
    np.testing.assert_array_equal(beside.read(1).image, np.zeros((2, 3, 3)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_tag(tmp_path: Path, orientation: int) -> None:
    """The first row and column of the file lie on these sides of the upright picture (EXIF 2.32, 0x0112)."""
    row_side, column_side = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }[orientation]
    pixels = np.zeros((3, 5, 3), np.uint8)
    pixels[0, :, 0] = 255
    pixels[:, 0, 1] = 255
    path = write_image(tmp_path / "photo.tif", pixels, attributes={"Orientation": orientation})
    plate = open_plate(path)
    image = plate.read(1).image
    assert image.shape[:2] == (plate.height, plate.width)
    edges = {"top": image[0], "bottom": image[-1], "left": image[:, 0], "right": image[:, -1]}
    assert (edges[row_side][:, 0] == 1).all()
    assert (edges[column_side][:, 1] == 1).all()
    as_stored = open_plate(path, upright=False).read(1).image
    np.testing.assert_array_equal(as_stored, linear_rec709(pixels, Encoded("srgb")))


def test_pixel_aspect(tmp_path: Path) -> None:
    path = write_image(tmp_path / "anamorphic.exr", noise(), attributes={"PixelAspectRatio": 2.0})
    assert open_plate(path).read(1).pixel_aspect == 2.0


def test_a_still_is_the_same_at_every_frame(tmp_path: Path) -> None:
    plate = open_plate(write_image(tmp_path / "still.png", codes(np.uint8)))
    assert (plate.first_frame, plate.last_frame, list(plate.frames), plate.frame_rate) == (1, 1, [1], None)
    np.testing.assert_array_equal(plate.read(1).image, plate.read(250).image)
    assert plate.read(250).frame == 250
    assert plate.identity(1) == plate.identity(250) == plate.read(3).identity


def test_identity_is_the_content_and_how_it_is_read(tmp_path: Path) -> None:
    first, other = codes(np.uint8), codes(np.uint8)
    path = write_image(tmp_path / "one.png", first)
    identity = open_plate(path).identity(1)
    (tmp_path / "renamed.png").write_bytes(path.read_bytes())
    assert open_plate(tmp_path / "renamed.png").identity(1) == identity
    assert open_plate(path, colour_space="linear").identity(1) != identity
    assert open_plate(path, upright=False).identity(1) != identity
    plate = open_plate(path)
    assert plate.identity(1) == identity
    write_image(path, other)
    assert plate.identity(1) != identity  # seen although the plate was open all the time


def test_description_is_one_line(tmp_path: Path) -> None:
    text = open_plate(write_image(tmp_path / "still.exr", noise(), "half")).description
    assert text == "still.exr: still, 7x5, half, auto"


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.exr", noise())
    before = path.read_bytes()
    with open_plate(path) as plate:
        plate.read(1)
    assert path.read_bytes() == before
    assert ImageInput.open(str(path)) is not None
