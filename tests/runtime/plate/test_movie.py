"""Movies: every frame exact in any order, and colours that follow from the codes in the file."""

import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.synthetic_plates import constant_frame, number_in, numbered_picture, write_movie

from chiaro.runtime.errors import PlateError
from chiaro.runtime.plate import Plate, open_plate
from chiaro.runtime.plate.colour import REC2020, Encoded, linear_from_srgb, linear_rec709
from chiaro.runtime.plate.movie_pixels import rgb_codes

COUNT = 30
LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
MATRIX_TAGS = {"bt601": 6, "bt709": 1, "bt2020": 9}
MOVIES = [
    ("a.mp4", "libx264", "yuv420p", {"x264-params": "open-gop=1:keyint=12:bframes=3:b-pyramid=normal:log-level=-1"}),
    ("a.mp4", "libx264", "yuv420p", {"x264-params": "keyint=250:log-level=-1"}),
    ("a.mkv", "libx264", "yuv420p", {"x264-params": "keyint=7:log-level=-1"}),
    ("a.ts", "libx264", "yuv420p", {"x264-params": "keyint=9:log-level=-1"}),
    ("a.avi", "mpeg4", "yuv420p", {"bf": "2", "g": "12"}),
    ("a.mpg", "mpeg2video", "yuv420p", {"bf": "2", "g": "12"}),
    ("a.mov", "prores_ks", "yuv422p10le", {}),
    ("a.mov", "mjpeg", "yuvj420p", {}),
    ("a.mov", "png", "rgb24", {}),
]


def numbered(count: int = COUNT) -> list[np.ndarray]:
    return [numbered_picture(number) for number in range(1, count + 1)]


def numbers(plate: Plate, frames: list[int]) -> list[int]:
    return [number_in(plate.read(frame).image) for frame in frames]


@pytest.mark.parametrize(("name", "codec", "pixel_format", "options"), MOVIES)
def test_every_frame_in_any_order(
    tmp_path: Path, name: str, codec: str, pixel_format: str, options: dict[str, str]
) -> None:
    path = write_movie(tmp_path / name, numbered(), codec, pixel_format, options=options)
    with open_plate(path) as plate:
        assert (plate.width, plate.height, plate.frame_rate) == (64, 48, 25)
        assert list(plate.frames) == list(range(1, COUNT + 1))
        in_order = list(plate.frames)
        assert numbers(plate, in_order) == in_order
        backwards = in_order[::-1]
        assert numbers(plate, backwards) == backwards
        shuffled = [int(frame) for frame in np.random.default_rng(5).permutation(in_order)]
        assert numbers(plate, shuffled) == shuffled


@pytest.fixture(scope="module")
def long_plate(tmp_path_factory: pytest.TempPathFactory) -> Plate:
    path = tmp_path_factory.mktemp("movie") / "long.mp4"
    options = {"x264-params": "keyint=24:bframes=3:log-level=-1"}
    return open_plate(write_movie(path, numbered(120), options=options))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 120), min_size=1, max_size=8))
def test_any_jumps(long_plate: Plate, frames: list[int]) -> None:
    assert numbers(long_plate, frames) == frames


def test_order_read_decodes_each_frame_once(long_plate: Plate, monkeypatch: pytest.MonkeyPatch) -> None:
    from chiaro.runtime.plate.movie import MoviePlate  # noqa: PLC0415 - to look inside

    assert isinstance(long_plate, MoviePlate)
    seeks = []
    container = long_plate._container

    class Watched:
        def seek(self, *arguments: object, **options: object) -> None:
            seeks.append(arguments)
            container.seek(*arguments, **options)

        def __getattr__(self, name: str) -> object:
            return getattr(container, name)

    monkeypatch.setattr(long_plate._decoder, "_container", Watched())
    long_plate.read(1)
    seeks.clear()
    assert numbers(long_plate, list(range(2, 121))) == list(range(2, 121))
    assert seeks == []


def test_looking_ahead_and_back_decodes_each_frame_once(long_plate: Plate, monkeypatch: pytest.MonkeyPatch) -> None:
    from chiaro.runtime.plate.movie import MoviePlate  # noqa: PLC0415 - to look inside

    assert isinstance(long_plate, MoviePlate)
    long_plate.read(10)
    monkeypatch.setattr(long_plate._decoder, "_starts", None)  # what seeks
    for frame in range(10, 60):
        around = [frame, frame + 3, frame + 1, frame + 2]
        assert numbers(long_plate, around) == around


def test_uneven_times(tmp_path: Path) -> None:
    times = list(np.cumsum([1, 2, 5, 1, 1, 3, 2, 2, 4, 1]))
    plate = open_plate(write_movie(tmp_path / "vfr.mp4", numbered(10), times=times))
    assert any(later - earlier > 1 for earlier, later in pairwise(times))
    assert numbers(plate, [10, 1, 5, 6, 2]) == [10, 1, 5, 6, 2]
    assert plate.last_frame == 10


def expected_rgb(codes: tuple[int, int, int], matrix: str, bits: int, *, full: bool) -> np.ndarray:
    """R'G'B' by the definition of Y'CbCr (ITU-R BT.601/709/2020), in double precision."""
    red, blue = LUMA_WEIGHTS[matrix]
    step, top = 2 ** (bits - 8), 2**bits - 1
    foot, luma_span, chroma_span = (0, top, top) if full else (16 * step, 219 * step, 224 * step)
    luma, cb, cr = (codes[0] - foot) / luma_span, *((code - 128 * step) / chroma_span for code in codes[1:])
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    return np.array([r, (luma - red * r - blue * b) / (1 - red - blue), b])


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", LUMA_WEIGHTS)
@pytest.mark.parametrize(
    ("pixel_format", "bits"), [("yuv444p", 8), ("yuv420p", 8), ("yuv420p10le", 10), ("yuv444p12le", 12)]
)
def test_colours_follow_matrix_range_and_depth(
    tmp_path: Path, matrix: str, pixel_format: str, bits: int, full: bool
) -> None:
    codes = tuple(code * 2 ** (bits - 8) + bits - 8 for code in (126, 110, 150))
    path = write_movie(
        tmp_path / "flat.mkv",
        [constant_frame(codes, pixel_format)],
        "ffv1",
        pixel_format,
        tags={"colorspace": MATRIX_TAGS[matrix], "color_range": 2 if full else 1},
    )
    pixel = open_plate(path).read(1).image[16, 24]
    expected = linear_from_srgb(expected_rgb(codes, matrix, bits, full=full))
    # FFmpeg rounds 8-bit sources to 8-bit R'G'B': at most half a code, of a slope of up to 2.3 in linear light.
    np.testing.assert_allclose(pixel, expected, atol=0.55 * 2.3 / 255 if bits == 8 else 2e-5)


def test_untagged_movies_are_bt601_as_in_blender(tmp_path: Path) -> None:
    for height in (32, 720):
        frame = constant_frame((126, 100, 160), "yuv444p", 48, height)
        path = write_movie(tmp_path / f"{height}.mkv", [frame], "ffv1", "yuv444p")
        expected = linear_from_srgb(expected_rgb((126, 100, 160), "bt601", 8, full=False))
        np.testing.assert_allclose(open_plate(path).read(1).image[5, 5], expected, atol=0.005)


def test_deep_movies_keep_whiter_than_white(tmp_path: Path) -> None:
    frames = [constant_frame((code, 512, 512), "yuv444p10le") for code in (940, 1000, 64, 40)]
    plate = open_plate(write_movie(tmp_path / "super.mkv", frames, "ffv1", "yuv444p10le"))
    white, above, black, below = (float(plate.read(frame).image[0, 0, 1]) for frame in (1, 2, 3, 4))
    assert (white, black) == pytest.approx((1, 0), abs=1e-6)
    assert above > 1.1
    assert below < -0.001


def test_ten_bits_are_more_than_eight(tmp_path: Path) -> None:
    frames = [constant_frame((code, 512, 512), "yuv444p10le") for code in range(500, 508)]
    plate = open_plate(write_movie(tmp_path / "ramp.mkv", frames, "ffv1", "yuv444p10le"))
    levels = [float(plate.read(frame).image[3, 3, 0]) for frame in plate.frames]
    assert all(earlier < later for earlier, later in pairwise(levels))


def test_wide_primaries_are_converted(tmp_path: Path) -> None:
    codes = (126, 110, 150)
    tags = {"colorspace": 9, "color_primaries": 9, "color_trc": 14}
    path = write_movie(tmp_path / "wide.mkv", [constant_frame(codes, "yuv444p")], "ffv1", "yuv444p", tags=tags)
    rgb = expected_rgb(codes, "bt2020", 8, full=False)[None]
    np.testing.assert_allclose(
        open_plate(path).read(1).image[0, 0], linear_rec709(rgb, Encoded("srgb", REC2020))[0], atol=0.01
    )


def test_colour_space_can_be_given(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "flat.mkv", [constant_frame((126, 128, 128), "yuv444p")], "ffv1", "yuv444p")
    value = round((126 - 16) / 219 * 255) / 255
    assert open_plate(path, colour_space="linear").read(1).image[0, 0, 0] == pytest.approx(value, abs=1e-6)
    assert open_plate(path, colour_space="rec709").read(1).image[0, 0, 0] == pytest.approx(
        ((value + 0.0993) / 1.0993) ** (1 / 0.45), abs=1e-4
    )


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rotation_is_applied(tmp_path: Path, rotation: int) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:, :32] = (200, 20, 20)
    path = write_movie(tmp_path / "phone.mp4", [picture] * 3, rotation=rotation, options={"crf": "4"})
    plate = open_plate(path)
    image = plate.read(2).image
    assert image.shape[:2] == (plate.height, plate.width) == ((64, 48) if rotation % 180 else (48, 64))
    # The red half was on the left; counter-clockwise quarter turns take left to bottom, to right, to top.
    sides = {0: image[24, 8], 90: image[-8, 24], 180: image[24, -8], 270: image[8, 24]}
    side = sides[rotation]
    assert side[0] > 0.4
    assert side[2] < 0.1


def test_blender_shows_a_rotated_movie_the_same_way(tmp_path: Path) -> None:
    """Blender 4.5 and 5.2 were seen to bring the top right corner to the top left at 90 degrees."""
    picture = np.full((48, 64, 3), 20, np.uint8)
    picture[:24, 32:] = 220
    path = write_movie(tmp_path / "phone.mp4", [picture], rotation=90, options={"crf": "4"})
    image = open_plate(path).read(1).image
    assert image[4, 4, 0] > 0.5
    assert max(image[60, 4, 0], image[4, 44, 0], image[60, 44, 0]) < 0.1


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize(("width", "height"), [(67, 49), (64, 49), (67, 48), (17, 1)])
def test_odd_sizes(tmp_path: Path, pixel_format: str, width: int, height: int) -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, width).astype(np.uint8)[None, :, None], (height, width, 3))
    path = write_movie(tmp_path / "odd.mkv", [np.ascontiguousarray(ramp)], "ffv1", pixel_format)
    plate = open_plate(path)
    assert (plate.width, plate.height) == (width, height)
    np.testing.assert_allclose(plate.read(1).image, linear_rec709(ramp, Encoded("srgb")), atol=0.03)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 150), st.integers(1, 60), st.sampled_from(["yuv420p10le", "yuv422p10le", "yuv444p12le"]))
def test_every_pixel_of_deep_frames_keeps_its_luma(width: int, height: int, pixel_format: str) -> None:
    bits = 12 if "12" in pixel_format else 10
    luma = np.random.default_rng(width * height).integers(0, 1 << bits, (height, width), dtype=np.uint16)
    frame = constant_frame((0, 1 << (bits - 1), 1 << (bits - 1)), pixel_format, width, height)
    np.frombuffer(frame.planes[0], np.uint16).reshape(height, -1)[:, :width] = luma
    step = 1 << (bits - 8)
    expected = (luma[..., None] - 16.0 * step) / (219 * step)
    np.testing.assert_allclose(rgb_codes(frame), np.broadcast_to(expected, (height, width, 3)), atol=2e-6)


def test_alpha_of_prores_4444(tmp_path: Path) -> None:
    frame = constant_frame((504, 512, 512, 256), "yuva444p10le", 64, 64)
    path = write_movie(tmp_path / "alpha.mov", [frame], "prores_ks", "yuva444p10le", options={"profile": "4444"})
    read = open_plate(path).read(1)
    assert read.alpha is not None
    np.testing.assert_allclose(read.alpha, 256 / 1023, atol=0.01)
    np.testing.assert_allclose(read.image, linear_from_srgb(np.array((504 - 64) / 876)), atol=0.01)  # straight


def test_pixel_aspect(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "dv.mp4", numbered(2), tags={"sample_aspect_ratio": Fraction(16, 11)})
    assert open_plate(path).read(1).pixel_aspect == pytest.approx(16 / 11)


def test_identities(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(3))
    first = open_plate(path)
    assert first.identity(1) == first.read(1).identity == open_plate(path).identity(1)
    assert len({first.identity(1), first.identity(2), open_plate(path, colour_space="linear").identity(1)}) == 3


def test_description(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(3))
    assert open_plate(path).description == "a.mp4: movie, frames 1-3, 64x48, 25 fps, h264 yuv420p, auto"


@pytest.mark.parametrize("frame", [0, 4, -1])
def test_missing_frame(tmp_path: Path, frame: int) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(3))
    with pytest.raises(PlateError) as caught:
        open_plate(path).read(frame)
    assert str(caught.value) == f'Frame {frame} of the movie "{path}" does not exist; it has frames 1 to 3.'


def test_a_closed_movie(tmp_path: Path) -> None:
    with open_plate(write_movie(tmp_path / "a.mp4", numbered(3))) as plate:
        plate.read(2)
    with pytest.raises(PlateError, match=r'The movie ".*a\.mp4" was closed; open it again\.$'):
        plate.read(2)


def test_movie_cut_short_before_its_table(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered())
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(PlateError, match=r'The movie ".*a\.mp4" is cut short, damaged or of an unknown kind \('):
        open_plate(path)


@pytest.mark.parametrize("share", [0.6, 0.95])
def test_movie_cut_short_after_its_table(tmp_path: Path, share: float) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(), container_options={"movflags": "+faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(PlateError, match=r"is cut short or damaged after \d+ of 30 frames; copy or export it again\.$"):
        open_plate(path)


def test_matroska_cut_short(tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mkv", numbered(), "ffv1", "yuv444p")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.7)])
    with pytest.raises(PlateError, match=r"is cut short or damaged after \d+ frames; copy or export it again\.$"):
        open_plate(path)


def test_no_movie_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(PlateError, match="does not exist; check the path"):
        open_plate(path)
    path.write_text("this is no movie " * 50)
    with pytest.raises(PlateError, match="is cut short, damaged or of an unknown kind"):
        open_plate(path)
    path.write_bytes(b"")
    with pytest.raises(PlateError, match="is an empty file"):
        open_plate(path)


def test_sound_alone(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(PlateError, match="has no pictures that can be decoded: it is cut short, or holds only sound"):
        open_plate(path)


@pytest.mark.parametrize(("code_point", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_video(tmp_path: Path, code_point: int, name: str) -> None:
    frame = constant_frame((500, 512, 512), "yuv420p10le")
    tags = {"color_trc": code_point, "colorspace": 9, "color_primaries": 9}
    path = write_movie(tmp_path / "hdr.mkv", [frame], "ffv1", "yuv420p10le", tags=tags)
    with pytest.raises(PlateError) as caught:
        open_plate(path)
    assert str(caught.value) == (
        f'The movie "{path}" is HDR video ({name}), which is not converted here; '
        "convert it to Rec.709 or to scene-linear EXR."
    )
    assert open_plate(path, colour_space="srgb").last_frame == 1


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le"])
@pytest.mark.parametrize("code_point", [0, 1, 2, 3, 4, 5, 6, 7, 9, 10])
def test_every_known_matrix_keeps_grey_grey(tmp_path: Path, code_point: int, pixel_format: str) -> None:
    step = 4 if "10" in pixel_format else 1
    frame = constant_frame((126 * step, 128 * step, 128 * step), pixel_format)
    path = write_movie(tmp_path / "grey.mkv", [frame], "ffv1", pixel_format, tags={"colorspace": code_point})
    np.testing.assert_allclose(open_plate(path).read(1).image, linear_from_srgb(np.array(110 / 219)), atol=0.003)


@pytest.mark.parametrize("code_point", [8, 14])
def test_unknown_matrix(tmp_path: Path, code_point: int) -> None:
    frame = constant_frame((126, 128, 128), "yuv444p")
    path = write_movie(tmp_path / "odd.mkv", [frame], "ffv1", "yuv444p", tags={"colorspace": code_point})
    with pytest.raises(PlateError) as caught:
        open_plate(path)
    assert str(caught.value) == (
        f'The movie "{path}" mixes its colours by a matrix that is not read here (H.273 code {code_point}); '
        "convert it to BT.709."
    )


def test_metadata_in_another_encoding(tmp_path: Path) -> None:
    """Old movies name their makers in Latin-1."""
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "XXXXXXXXXX"
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_picture(3), format="rgb24")))
        container.mux(stream.encode(None))
    content = path.read_bytes()
    assert content.count(b"XXXXXXXXXX") == 1
    path.write_bytes(content.replace(b"XXXXXXXXXX", "Jörg Möß ÄÖ"[:10].encode("latin-1")))
    assert numbers(open_plate(path), [1]) == [3]


def test_without_pyav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_movie(tmp_path / "a.mp4", numbered(2))
    monkeypatch.setitem(sys.modules, "chiaro.runtime.plate.movie", None)
    with pytest.raises(PlateError, match=r"cannot be read because PyAV is not installed; install the package `av`, or"):
        open_plate(path)
