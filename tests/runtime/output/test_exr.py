"""EXR files of passes: what is stored, under which names, and what comes back."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenImageIO import ImageInput

from chiaro.runtime.camera import Camera
from chiaro.runtime.errors import OutputError, PlateError
from chiaro.runtime.output.camera_matrices import camera_from_matrices, world_to_camera, world_to_ndc
from chiaro.runtime.output.exr import CHANNELS, read_passes_exr, write_passes_exr
from chiaro.runtime.passes import Passes
from chiaro.runtime.plate import open_plate

RANDOM = np.random.default_rng(11)
FIELDS = ("image", "albedo", "shading", "specular", "depth", "normal", "position", "matte", "confidence")
ALWAYS_FLOAT = ("depth", "position")


def posed_camera(width: int = 21, height: int = 13) -> Camera:
    axis, angle = np.array([0.36, 0.48, 0.8]), 0.7
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    pose = np.eye(4)
    pose[:3, :3] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    pose[:3, 3] = (1.5, -4.0, 1.7)
    return Camera(width, height, 30.0, 33.0, 9.0, 7.5, pose)


def random_passes(camera: Camera) -> Passes:
    def channels(*count: int) -> np.ndarray:
        return RANDOM.random((camera.height, camera.width, *count), np.float32)

    image = channels(4)
    image[..., 3] = image[..., 3] * 0.9 + 0.1
    image[0, :1, 3] = 0.0
    depth = channels() * 3 + 1
    depth[0, 0] = 1e10
    return Passes(
        camera=camera,
        image=image,
        albedo=channels(3),
        shading=channels(3) * 30,
        specular=channels(3),
        depth=depth,
        normal=channels(3) * 2 - 1,
        position=channels(3) * 100 - 50,
        matte=channels(),
        confidence=channels(),
    )


PASSES = random_passes(posed_camera())


@pytest.mark.parametrize("colour_type", ["half", "float"])
def test_round_trip(tmp_path: Path, colour_type: str) -> None:
    path = tmp_path / "passes.exr"
    write_passes_exr(path, PASSES, colour_type=colour_type)
    back = read_passes_exr(path)
    for name in FIELDS:
        written, read = getattr(PASSES, name), getattr(back, name)
        assert read.dtype == np.float32
        if name in ALWAYS_FLOAT or (colour_type == "float" and name != "image"):
            np.testing.assert_array_equal(read, written)
        elif name == "image":  # multiplied by alpha and divided again
            visible = written[..., 3] > 0
            np.testing.assert_allclose(read[visible], written[visible], rtol=2e-3 if colour_type == "half" else 1e-6)
        else:
            np.testing.assert_array_equal(read, written.astype(np.float16).astype(np.float32))


def test_where_alpha_is_one_float_keeps_the_plate_bit_for_bit(tmp_path: Path) -> None:
    image = PASSES.image.copy()
    image[..., 3] = 1
    passes = Passes(**{**vars(PASSES), "image": image})
    write_passes_exr(tmp_path / "a.exr", passes, colour_type="float")
    np.testing.assert_array_equal(read_passes_exr(tmp_path / "a.exr").image, image)


def test_eight_bit_plates_survive_half_floats(tmp_path: Path) -> None:
    """Every 8-bit code comes back from half floats: they are finer than sRGB's steps."""
    from chiaro.runtime.output.png import srgb_picture  # noqa: PLC0415 - used here alone
    from chiaro.runtime.plate.colour import Encoded, linear_rec709  # noqa: PLC0415

    codes = np.arange(256, dtype=np.uint8).reshape(1, -1, 1).repeat(3, axis=2)
    half = linear_rec709(codes, Encoded("srgb")).astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(srgb_picture(half), codes)


def test_header(tmp_path: Path) -> None:
    path = tmp_path / "passes.exr"
    write_passes_exr(
        path, PASSES, frame=1017, metadata={"chiaro:light": "studio", "chiaro:mix": 0.5, "Software": "Mine"}
    )
    source = ImageInput.open(str(path))
    spec = source.spec()
    assert set(spec.channelnames) == set(CHANNELS)
    assert " ".join(CHANNELS) == (
        "Relight.R Relight.G Relight.B Relight.A Albedo.R Albedo.G Albedo.B Shading.R Shading.G Shading.B "
        "Specular.R Specular.G Specular.B Depth.Z Normal.X Normal.Y Normal.Z Position.X Position.Y Position.Z "
        "Matte.A Confidence.V"
    )
    types = dict(zip(spec.channelnames, map(str, spec.channelformats), strict=True))
    floats = {name for name, stored in types.items() if stored == "float"}
    assert floats == {"Depth.Z", "Position.X", "Position.Y", "Position.Z"}
    assert set(types.values()) == {"half", "float"}
    assert not source.seek_subimage(1, 0)  # a single part
    assert spec.get_string_attribute("compression") == "zip"
    assert spec.get_int_attribute("imageCounter") == 1017
    assert spec.get_string_attribute("Software") == "Mine"
    assert spec.get_string_attribute("chiaro:light") == "studio"
    assert spec.get_float_attribute("chiaro:mix") == 0.5
    assert spec.get_float_attribute("PixelAspectRatio") == pytest.approx(33 / 30)


def raw_matrix(path: Path, name: str) -> np.ndarray:
    """An M44f attribute read from the bytes of the header, by the EXR file layout."""
    content = path.read_bytes()
    tag = name.encode() + b"\0m44f\0" + struct.pack("<i", 64)
    start = content.index(tag) + len(tag)
    return np.frombuffer(content, "<f4", 16, start).reshape(4, 4).astype(np.float64)


def test_camera_attributes_follow_the_standard(tmp_path: Path) -> None:
    """WorldToNDC takes row vectors to (0, 0) at the top left and (1, 1) at the bottom right; z is forward in camera."""
    path = tmp_path / "passes.exr"
    write_passes_exr(path, PASSES)
    camera = PASSES.camera
    world_points = (camera.world_from_camera @ np.array([[0.3, -0.2, -2.0, 1], [-0.4, 0.5, -7.0, 1]]).T).T
    projected = world_points @ raw_matrix(path, "worldToNDC")
    ndc = projected[:, :2] / projected[:, 3:]
    pixels = camera.project(np.array([[0.3, -0.2, -2.0], [-0.4, 0.5, -7.0]]))
    np.testing.assert_allclose(ndc * [camera.width, camera.height], pixels, atol=1e-3)
    seen = world_points @ raw_matrix(path, "worldToCamera")
    np.testing.assert_allclose(seen, [[0.3, -0.2, 2.0, 1], [-0.4, 0.5, 7.0, 1]], atol=1e-5)


def test_camera_comes_back(tmp_path: Path) -> None:
    write_passes_exr(tmp_path / "a.exr", PASSES)
    back, camera = read_passes_exr(tmp_path / "a.exr").camera, PASSES.camera
    assert (back.width, back.height) == (camera.width, camera.height)
    for name in ("focal_x", "focal_y", "principal_x", "principal_y"):
        assert getattr(back, name) == pytest.approx(getattr(camera, name), rel=1e-5)
    np.testing.assert_allclose(back.world_from_camera, camera.world_from_camera, atol=1e-5)


@given(
    st.floats(5, 5000),
    st.floats(5, 5000),
    st.floats(-500, 500),
    st.floats(-500, 500),
    st.tuples(*[st.floats(-1000, 1000)] * 3),
)
def test_matrices_describe_any_camera(
    focal_x: float, focal_y: float, principal_x: float, principal_y: float, place: tuple[float, float, float]
) -> None:
    pose = posed_camera().world_from_camera.copy()
    pose[:3, 3] = place
    camera = Camera(640, 480, focal_x, focal_y, principal_x, principal_y, pose)
    back = camera_from_matrices(world_to_camera(camera), world_to_ndc(camera), 640, 480)
    for name in ("focal_x", "focal_y", "principal_x", "principal_y"):
        assert getattr(back, name) == pytest.approx(getattr(camera, name), rel=1e-9, abs=1e-6)
    np.testing.assert_allclose(back.world_from_camera, pose, atol=1e-8)


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 9), st.integers(1, 200))
def test_any_size(tmp_path_factory: pytest.TempPathFactory, width: int, height: int) -> None:
    path = tmp_path_factory.mktemp("size") / "a.exr"
    passes = random_passes(posed_camera(width, height))
    write_passes_exr(path, passes)
    np.testing.assert_array_equal(read_passes_exr(path).position, passes.position)


def test_values_beyond_half_are_clipped_not_infinite(tmp_path: Path) -> None:
    shading = np.full_like(PASSES.shading, 1e6)
    write_passes_exr(tmp_path / "a.exr", Passes(**{**vars(PASSES), "shading": shading}))
    assert read_passes_exr(tmp_path / "a.exr").shading.max() == 65504


def test_relight_is_what_a_reader_of_plates_finds(tmp_path: Path) -> None:
    write_passes_exr(tmp_path / "a.exr", PASSES, colour_type="float")
    frame = open_plate(tmp_path / "a.exr").read(1)
    visible = PASSES.image[..., 3] > 0
    np.testing.assert_allclose(frame.image[visible], PASSES.image[..., :3][visible], rtol=1e-5)
    np.testing.assert_array_equal(frame.alpha, PASSES.image[..., 3])


def test_wrong_shape(tmp_path: Path) -> None:
    bad = Passes(**{**vars(PASSES), "albedo": PASSES.albedo[:-1]})
    with pytest.raises(OutputError) as caught:
        write_passes_exr(tmp_path / "a.exr", bad)
    assert str(caught.value) == (
        '"a.exr" cannot be written: the Albedo pass has shape (12, 21, 3) where (13, 21, 3) is expected.'
    )
    assert list(tmp_path.iterdir()) == []


def test_not_finite(tmp_path: Path) -> None:
    normal = PASSES.normal.copy()
    normal[3, 3] = np.nan
    with pytest.raises(OutputError, match=r"the Normal pass holds NaN or infinite values; check the lights and"):
        write_passes_exr(tmp_path / "a.exr", Passes(**{**vars(PASSES), "normal": normal}))


def test_reading_what_is_no_passes_file(tmp_path: Path) -> None:
    with pytest.raises(PlateError, match="cannot be read as an EXR file; check the path"):
        read_passes_exr(tmp_path / "none.exr")
    path = tmp_path / "a.exr"
    write_passes_exr(path, PASSES)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PlateError, match=r'"a.*|is cut short or damaged; render it again\.$'):
        read_passes_exr(path)
    from tests.synthetic_plates import write_image  # noqa: PLC0415 - used here alone

    plain = write_image(tmp_path / "plain.exr", np.ones((3, 3, 3), np.float32))
    with pytest.raises(PlateError, match=r"is not an EXR with all passes: it lacks Albedo\.B, Albedo\.G,"):
        read_passes_exr(plain)
