"""Irises are found where they are, the shoot's lights go from them, and new ones come in their place."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.analytic_head import AnalyticHead, analytic_head, orbited, posed_camera, side_light

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.camera import Camera
from chiaro.runtime.compose.catchlights import with_eyes
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import DelitPlate, delight
from chiaro.runtime.compose.iris import found_iris
from chiaro.runtime.compose.kept_light import KeptLight
from chiaro.runtime.compose.mirrored_light import mirrored_light
from chiaro.runtime.compose.planes import planes
from chiaro.runtime.compose.plate_eyes import plate_eyes
from chiaro.runtime.compose.window import plate_window
from chiaro.runtime.crop import transform_pixels
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.eyes import CORNEA_METRES, IRIS_METRES
from chiaro.runtime.gbuffer import GBuffer, Shaded
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.light import AreaLamp, Light
from chiaro.runtime.light.shade import no_light
from chiaro.runtime.parts import PARTS
from chiaro.runtime.view.view import view

SKIN, WHITE, IRIS = (0.4, 0.25, 0.18), (0.5, 0.48, 0.45), (0.05, 0.03, 0.02)


def drawn_eye(
    size: tuple[int, int], middle: tuple[float, float], radius: float, lid: float
) -> tuple[Float32Array, Float32Array]:
    """(3, h, w) an eye with its iris at a column and row, and (h, w) how far it is open: lids at ± lid radii."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]] + 0.5

    def disc(distance: NDArray[np.float64], edge: float) -> NDArray[np.float64]:
        return np.clip(edge - distance + 0.5, 0, 1)

    iris = disc(np.hypot(x - middle[0], y - middle[1]), radius)
    opening = disc(np.abs(y - size[0] / 2), lid * radius) * disc(np.abs(x - size[1] / 2), 2.4 * radius)
    colour = np.multiply.outer(WHITE, 1 - iris) + np.multiply.outer(IRIS, iris)
    skin = np.multiply.outer(SKIN, np.ones(size))
    return (skin + opening * (colour - skin)).astype(np.float32), opening.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(radius=st.floats(4, 40), across=st.floats(-0.8, 0.8), lid=st.floats(0.7, 1.3))
def test_an_iris_is_found_wherever_the_eye_looks(radius: float, across: float, lid: float) -> None:
    size = (round(4.6 * radius), round(5.8 * radius))
    middle = (size[1] / 2 + across * radius, size[0] / 2)
    person, opening = drawn_eye(size, middle, radius, lid)
    found = found_iris(person, opening, np.full(2, radius))
    assert found is not None
    np.testing.assert_allclose(found.middle, middle, atol=0.15 * radius)
    assert found.sureness > 0.9


def test_skin_is_no_iris() -> None:
    flat = np.multiply.outer(SKIN, np.ones((60, 80))).astype(np.float32)
    shaded = flat * np.linspace(0.8, 1.2, 80).astype(np.float32)
    opening = drawn_eye((60, 80), (40, 30), 12, 0.9)[1]
    for person in (flat, shaded):
        assert found_iris(person, opening, np.full(2, 12.0)) is None
    assert found_iris(flat, np.zeros_like(opening), np.full(2, 12.0)) is None


def test_a_lamp_in_an_iris_is_light_and_the_iris_is_not() -> None:
    person, opening = drawn_eye((60, 80), (40, 30), 12, 0.9)
    y, x = np.mgrid[0:60, 0:80] + 0.5
    iris = np.hypot(x - 40, y - 30) < 10.8
    within = np.where(np.hypot(x - 40, y - 30) < 10.8, opening, np.float32(0)) * (np.abs(y - 30) < 10)
    none = mirrored_light(person, within, iris & (opening > 0.7), 0.47, 1)
    assert np.abs(none.radiance).max() < 1e-6
    assert none.sureness == 1
    lamp = (np.abs(x - 44) < 2) & (np.abs(y - 27) < 2)
    lit = person + lamp.astype(np.float32) * 0.7
    found = mirrored_light(lit, within, iris & (opening > 0.7), 0.47, 1)
    left = lit - found.radiance
    assert left[:, lamp].max() < 1.2 * max(IRIS)
    np.testing.assert_allclose(found.radiance[:, lamp], 0.7, rtol=0.05)
    far = np.hypot(x - 44, y - 27) > 6
    assert np.abs(found.radiance[:, far]).max() < 1e-6


def test_a_pale_iris_behind_lashes_is_no_lamp() -> None:
    person, opening = drawn_eye((60, 80), (40, 30), 12, 0.9)
    y, x = np.mgrid[0:60, 0:80] + 0.5
    lashes = x % 5 < 3
    person = np.where(lashes, np.float32(0.01), np.float32(0.35)) * np.ones((3, 1, 1), np.float32)
    inside = (np.hypot(x - 40, y - 30) < 10.8) & (opening > 0.7)
    assert mirrored_light(person.astype(np.float32), opening, inside, 0.4, 1).sureness == 0


@dataclass(frozen=True)
class Face:
    """An analytic head with two eyes drawn on it, lamps in them, and how it is delit."""

    head: AnalyticHead
    encoding: Encoding
    plate: Float32Array
    glints: NDArray[np.bool_]
    irises: tuple[NDArray[np.float64], ...]
    own: Shaded
    gbuffer: GBuffer
    delit: DelitPlate


EYES = ((-0.032, 0.02), (0.032, 0.02))
"""Metres to the right of and above the head's centre, crop camera axes."""


def shaded(gbuffer: GBuffer) -> Shaded:
    there = (gbuffer.matte > 0)[..., None] * np.ones(3, np.float32)
    return Shaded(0.8 * there.astype(np.float32), 0.01 * there.astype(np.float32))


def face(
    *, looks: tuple[float, float] = (0.003, 0.003), closed: int | None = None, camera: Camera | None = None
) -> Face:
    """Eyes of 28 by 9 mm, whose irises lie so many metres to the right of their middles."""
    camera = camera or posed_camera(1920, 1080)
    # As large a head whatever the shape of the pixels.
    box = HeadBox(0.55 * camera.width, 0.45 * camera.height, 0.15 * camera.focal_x, roll=0.1)
    head = analytic_head(plate_camera=camera, box=box)
    crop, encoding = head.crop, head.encoding(side_light())
    plate = head.plate(side_light(), np.full((camera.height, camera.width, 3), 0.2, np.float32))
    parts = np.zeros((256, 256, len(PARTS)), np.uint8)
    parts[..., PARTS.index("skin")] = 255 * (encoding.matte > 0)
    pixels = transform_pixels(crop.crop_from_plate, head.plate_camera.pixel_centres())
    glints, irises = np.zeros(plate.shape[:2], bool), []
    for index, ((x, y), look) in enumerate(zip(EYES, looks, strict=True)):
        point = np.array([x, y, -crop.head_distance + np.sqrt(0.11**2 - x * x - y * y)])
        middle, scale = crop.camera.project(point), crop.camera.focal_x / -point[2]
        if index == closed:
            continue
        in_crop = (crop.camera.pixel_centres() - middle) / scale
        in_plate = (pixels - middle) / scale
        parts[np.hypot(in_crop[..., 0] / 0.014, in_crop[..., 1] / 0.0045) < 1] = 0
        parts[np.hypot(in_crop[..., 0] / 0.014, in_crop[..., 1] / 0.0045) < 1, PARTS.index("eyes")] = 255
        opening = np.hypot(in_plate[..., 0] / 0.0145, in_plate[..., 1] / 0.005) < 1
        plate[opening] = WHITE
        plate[opening & (np.hypot(in_plate[..., 0] - look, in_plate[..., 1]) < IRIS_METRES)] = IRIS
        lamp = opening & (np.abs(in_plate[..., 0] - look + 0.002) < 0.0008) & (np.abs(in_plate[..., 1]) < 0.0008)
        plate[lamp] = 0.9
        glints |= lamp
        irises.append(transform_pixels(crop.plate_from_crop, middle + np.array([look, 0.0]) * scale))
    encoding = replace(encoding, parts=parts)
    gbuffer = view(encoding, head.plate_camera, head.plate_camera)
    own = shaded(gbuffer)
    return Face(head, encoding, plate, glints, tuple(irises), own, gbuffer, delight(plate, encoding, own))


@pytest.fixture(scope="module")
def lit_face() -> Face:
    return face()


def pixels_per_metre(one: Face) -> float:
    depth = one.head.crop.head_distance - 0.105
    first, second = transform_pixels(one.head.crop.plate_from_crop, np.array([[128.0, 128.0], [129.0, 128.0]]))
    return float(np.linalg.norm(second - first) * one.head.crop.camera.focal_x / depth)


def softbox(one: Face, *, right: float, up: float) -> AreaLamp:
    """A metre before the head, so far to its right and above, facing it; crop camera axes."""
    pose = one.head.world_from_crop
    rotation, centre = pose[:3, :3], pose[:3, :3] @ np.array([0, 0, -one.head.crop.head_distance]) + pose[:3, 3]
    towards = np.array([right, up, 1.0]) / np.linalg.norm([right, up, 1.0])
    x = np.cross([0.0, 1.0, 0.0], towards)
    x /= np.linalg.norm(x)
    place = centre + rotation @ towards
    return AreaLamp(place, 0.12 * rotation @ x, 0.12 * rotation @ np.cross(towards, x), np.full(3, 40.0))


def check_both_eyes(one: Face) -> None:
    eyes, crop = one.delit.eyes, one.head.crop
    assert len(eyes) == 2
    corner = np.array([one.delit.window.left, one.delit.window.top])
    from_left = sorted(eyes, key=lambda eye: eye.columns.start)
    for eye, iris in zip(from_left, sorted(one.irises, key=lambda place: place[0]), strict=True):
        assert eye.sureness > 0.99
        y, x = np.mgrid[eye.pixels] + 0.5
        found = np.array([(eye.cornea * x).sum(), (eye.cornea * y).sum()]) / eye.cornea.sum() + corner
        apart = np.diff(transform_pixels(crop.crop_from_plate, np.stack([found, iris])), axis=0)
        assert np.linalg.norm(apart) * (crop.head_distance - 0.105) / crop.camera.focal_x < 0.0008
        depth = -float(eye.centre @ crop.plate_camera_from_crop_camera[:, 2])
        assert depth == pytest.approx(crop.head_distance - 0.105 + CORNEA_METRES, abs=0.003)


def test_both_eyes_are_found_where_they_look(lit_face: Face) -> None:
    check_both_eyes(lit_face)


def test_pixels_need_not_be_square() -> None:
    pose = posed_camera().world_from_camera
    check_both_eyes(face(camera=Camera(1400, 1400, 2000.0, 4000.0, 700.0, 700.0, pose)))


def test_the_shoots_lamps_go_from_the_albedo_and_stay_in_the_own_light(lit_face: Face) -> None:
    delit = lit_face.delit
    glints = lit_face.glints[delit.window.slices]
    assert glints.sum() > 12
    assert (delit.own_specular[:, glints] > 0.7).all()
    assert delit.albedo[:, glints].mean() < 0.16
    assert delit.albedo[:, glints].max() < 0.3
    kept = KeptLight(1.0, lambda: lit_face.own)
    camera = lit_face.head.plate_camera
    back = compose(lit_face.plate, None, delit, lit_face.gbuffer, no_light(lit_face.gbuffer), camera, kept)
    assert back.image[..., :3].tobytes() == lit_face.plate.tobytes()
    rebuilt = back.albedo * back.shading + back.specular
    whole = back.matte == 1
    assert np.abs(rebuilt - lit_face.plate)[whole].max() < 1e-5


@pytest.mark.parametrize("yaw", [0.0, 15.0])
def test_new_lamps_mirror_where_the_law_of_reflection_says(lit_face: Face, yaw: float) -> None:
    head, camera = lit_face.head, orbited(lit_face.head, yaw=yaw)
    gbuffer = lit_face.gbuffer if yaw == 0 else view(lit_face.encoding, head.plate_camera, camera)
    lamp = softbox(lit_face, right=0.6, up=0.1)
    pose = head.plate_camera.world_from_camera
    centres = [pose[:3, :3] @ eye.centre + pose[:3, 3] for eye in lit_face.delit.eyes]
    dark, delit, light = no_light(gbuffer), lit_face.delit, Light(lamps=(lamp,))
    eyes = with_eyes(dark, gbuffer, delit, plate_camera=head.plate_camera, render_camera=camera, light=light)
    with_lamp = compose(lit_face.plate, None, delit, gbuffer, eyes, camera)
    without = compose(lit_face.plate, None, lit_face.delit, gbuffer, dark, camera)
    added = (with_lamp.image - without.image)[..., 1]
    origin = camera.world_from_camera[:3, 3]
    for centre in centres:
        to_camera = (origin - centre) / np.linalg.norm(origin - centre)
        to_lamp = (lamp.position - centre) / np.linalg.norm(lamp.position - centre)
        half = (to_camera + to_lamp) / np.linalg.norm(to_camera + to_lamp)
        point = camera.camera_from_world @ np.append(centre + CORNEA_METRES * half, 1)
        expected = camera.project(point[:3])
        y, x = np.mgrid[0 : added.shape[0], 0 : added.shape[1]] + 0.5
        near = np.hypot(x - expected[0], y - expected[1]) < 0.005 * pixels_per_metre(lit_face)
        weight = np.where(near, added, 0)
        assert weight.max() > 0.4
        found = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
        np.testing.assert_allclose(found, expected, atol=1.2)
        added = np.where(near, 0, added)
    assert np.abs(added).max() < 0.02


@pytest.mark.parametrize("case", [{"closed": 0}, {"closed": 1}])
def test_one_open_eye_is_enough(case: dict[str, int]) -> None:
    assert len(face(**case).delit.eyes) == 1  # type: ignore[arg-type]  # an index


def test_eyes_that_look_apart_are_none() -> None:
    assert face(looks=(-0.006, 0.006)).delit.eyes == ()


def test_without_parts_or_in_a_small_plate_there_are_no_eyes(lit_face: Face) -> None:
    window = plate_window(lit_face.head.crop)
    person = planes(lit_face.plate[window.slices])
    assert len(plate_eyes(person, window, lit_face.encoding)) == 2
    assert plate_eyes(person, window, replace(lit_face.encoding, parts=None)) == ()
    small = analytic_head(plate_camera=posed_camera(480, 270))
    encoding = replace(small.encoding(side_light()), parts=lit_face.encoding.parts)
    window = plate_window(small.crop)
    assert plate_eyes(planes(lit_face.plate[::4, ::4][window.slices]), window, encoding) == ()
