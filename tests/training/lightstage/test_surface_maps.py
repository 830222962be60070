"""Maps of a ball before a camera, against geometry."""

import numpy as np
import pytest
from tests.training.lightstage.ball_person import RADIUS, ball_mesh, person_of

from chiaro.runtime.light.harmonics import lambert_transport
from chiaro.training.lightstage.appearance import random_appearance
from chiaro.training.lightstage.avatars.atlas import Atlas, Region
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.head_mesh import Mesh, merged
from chiaro.training.lightstage.parts import Part, PartClass
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.surface_maps import SurfaceMaps, draw_surface, eye_axes

DISTANCE = 1.0
TANGENT = 0.15
SIZE = 64
NO_MASKS = np.zeros((8, 400, 250), np.float32)


def drawn(
    person: Person,
    camera_from_head: np.ndarray | None = None,  # type: ignore[type-arg]  # any matrix
    atlas: Atlas | None = None,
) -> SurfaceMaps:
    return draw_surface(
        person,
        camera_from_head=np.eye(3) if camera_from_head is None else camera_from_head,
        offset=np.array([0.0, 0.0, -DISTANCE]),
        tangent=TANGENT,
        size=SIZE,
        appearance=random_appearance(np.random.default_rng(1)),
        masks=NO_MASKS,
        atlas=atlas,
    )


@pytest.fixture(scope="module")
def ball() -> Person:
    return person_of(ball_mesh((0.0, 0.0, 0.0), RADIUS))


def test_a_ball_is_a_disc_of_the_right_size(ball: Person) -> None:
    maps = drawn(ball)
    # The outline is where rays touch the ball: sine r/d.
    outline = np.tan(np.arcsin(RADIUS / DISTANCE)) / TANGENT * SIZE / 2
    assert maps.matte.sum() == pytest.approx(np.pi * outline**2, rel=0.01)
    assert ((maps.matte > 0.0) & (maps.matte < 1.0)).sum() > 40


def test_position_normal_and_depth_are_those_of_the_ball(ball: Person) -> None:
    for rotation in (np.eye(3), rotation_yaw_pitch_roll(0.5, 0.2, 0.1), np.diag([-1.0, 1.0, 1.0])):
        maps = drawn(ball, rotation)
        inside = maps.matte == 1.0
        centre = np.array([0.0, 0.0, -DISTANCE])
        from_centre = maps.position[inside] - centre
        # A pixel at the limb averages over a chord.
        assert np.abs(np.linalg.norm(from_centre, axis=1) - RADIUS).max() < 1.5e-3
        middle = inside & (maps.normal[..., 2] > 0.4)
        expected = maps.position[middle] - centre
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        assert np.degrees(np.arccos(np.clip((maps.normal[middle] * expected).sum(axis=1), -1, 1))).max() < 1.5
        np.testing.assert_array_equal(maps.depth[inside], -maps.position[inside][:, 2])
        columns = np.nonzero(inside)[1]
        x = ((columns + 0.5) / SIZE * 2 - 1) * TANGENT * maps.depth[inside]
        assert np.abs(maps.position[inside][:, 0] - x).max() < 2.5e-3


def test_a_mirrored_camera_draws_the_mirror_image(ball: Person) -> None:
    two = person_of(merged([ball_mesh((0.05, 0.02, 0.0), 0.05), ball_mesh((-0.04, -0.03, 0.02), 0.03)]))
    plain, mirrored = drawn(two), drawn(two, np.diag([-1.0, 1.0, 1.0]))
    assert np.abs(plain.matte[:, ::-1] - mirrored.matte).mean() < 0.01
    both = (plain.matte[:, ::-1] == 1.0) & (mirrored.matte == 1.0)
    flipped = plain.normal[:, ::-1] * np.array([-1.0, 1.0, 1.0])
    assert np.abs(flipped - mirrored.normal)[both].mean() < 0.02


def test_samples_average_to_the_maps(ball: Person) -> None:
    maps = drawn(ball)
    pixel = maps.samples.pixel
    counts = np.bincount(pixel, minlength=SIZE * SIZE)
    assert (np.diff(pixel) >= 0).all()
    assert ((counts > 0).reshape(SIZE, SIZE) == (maps.matte > 0)).all()
    red = np.bincount(pixel, maps.samples.albedo[:, 0], SIZE * SIZE) / np.maximum(counts, 1)
    np.testing.assert_allclose(red.reshape(SIZE, SIZE), maps.albedo[..., 0], atol=1e-5)
    world = maps.samples.position @ maps.camera_from_head.T
    assert np.abs(np.linalg.norm(world, axis=1) - RADIUS).max() < 6e-4


def test_a_clear_lens_is_seen_through() -> None:
    ball, lens = ball_mesh((0.0, 0.0, 0.0), RADIUS), ball_mesh((0.0, 0.0, 0.2), 0.02, Part.LENS, rows=10)
    maps = drawn(person_of(merged([ball, lens])))
    assert (maps.samples.lens >= 0).any()
    assert (maps.samples.lens < 0).any()
    # Nothing of the lens enters the truth.
    assert maps.depth[SIZE // 2, SIZE // 2] == pytest.approx(DISTANCE - RADIUS, abs=1e-3)
    assert maps.parts[SIZE // 2, SIZE // 2] == PartClass.SKIN


def test_a_cut_out_texture_covers_as_much_as_its_alpha() -> None:
    mesh = ball_mesh((0.0, 0.0, 0.0), RADIUS)
    textured = np.full(len(mesh.triangles), 2, np.uint8)
    person = person_of(mesh, textured, np.full((len(mesh.vertices), 2), 0.5, np.float32))
    colour = np.full((4, 4, 4), 128, np.uint8)
    normal = np.broadcast_to(np.array([128, 128, 255], np.uint8), (4, 4, 3)).copy()
    atlas = Atlas(colour, normal, np.full((4, 4), Region.HAIR, np.uint8))
    maps = drawn(person, atlas=atlas)
    # Two layers, front and back, of a half each.
    covered = maps.matte[24:40, 24:40].mean()
    assert covered == pytest.approx(0.75, abs=0.04)
    assert (maps.parts[maps.matte > 0] == PartClass.HAIR).all()


def test_eye_axes_are_found_from_the_normals() -> None:
    turn = rotation_yaw_pitch_roll(0.3, -0.2, 0.0)
    eyes = []
    for x in (-0.03, 0.03):
        eye = ball_mesh((x, 0.0, 0.0), 0.012, Part.EYE)
        eyes.append(eye)
    mesh = merged(eyes)
    mesh.rest[:] = 10.0 * mesh.normals @ turn
    np.testing.assert_allclose(eye_axes(person_of(mesh)), np.stack([turn, turn]), atol=1e-4)
    np.testing.assert_array_equal(eye_axes(person_of(ball_mesh((0, 0, 0), 0.1)))[0], np.eye(3))


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_normals_and_transport_turn_with_the_normal_map(way: float) -> None:
    mesh = ball_mesh((0.0, 0.0, 0.0), RADIUS)
    polar, azimuth = np.arccos(mesh.normals[:, 1]), np.arctan2(mesh.normals[:, 2], mesh.normals[:, 0])
    uv = np.stack([way * azimuth, polar], axis=1).astype(np.float32)
    person = person_of(mesh, np.ones(len(mesh.triangles), np.uint8), uv)
    normal = np.broadcast_to(np.array([180, 100, 200], np.uint8), (4, 4, 3)).copy()
    atlas = Atlas(np.full((4, 4, 4), 200, np.uint8), normal, np.full((4, 4), Region.SKIN, np.uint8))
    maps = drawn(person, atlas=atlas)
    # Away from the seam, and where the tilted normal is still seen.
    inside = (maps.matte == 1.0) & (maps.normal[..., 2] > 0.3) & (maps.position[..., 0] > -0.06)
    plain = maps.position[inside] - np.array([0.0, 0.0, -DISTANCE])
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    cosine = (plain * maps.normal[inside]).sum(axis=1)
    slant = np.array([180 - 128, 100 - 128, 200 - 128]) / 127.0
    expected = slant[2] / np.linalg.norm(slant)
    np.testing.assert_allclose(np.median(cosine), expected, atol=0.01)
    # x leans along u (the azimuth), y against v (the polar angle).
    x, z = plain[:, 0], plain[:, 2]
    along_u = way * np.stack([-z, np.zeros_like(x), x], axis=1) / np.hypot(x, z)[:, None]
    along_v = way * np.cross(plain, along_u)
    turned = maps.normal[inside] * np.linalg.norm(slant)
    assert np.median((turned * along_u).sum(axis=1)) == pytest.approx(slant[0], abs=0.02)
    assert np.median((turned * along_v).sum(axis=1)) == pytest.approx(-slant[1], abs=0.02)
    np.testing.assert_allclose(maps.transport[inside], lambert_transport(maps.normal[inside]), atol=0.01)


def test_a_sheet_shows_the_side_that_the_camera_sees() -> None:
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32) * 0.1
    leaning = np.array([0.6, 0.0, 0.8], np.float32)
    sheet = Mesh(
        vertices=corners,
        normals=np.broadcast_to(leaning, corners.shape).copy(),
        rest=np.zeros((4, 3), np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        parts=np.full(2, Part.HAIR, np.uint8),
    )
    person = person_of(sheet)
    front, back = drawn(person), drawn(person, rotation_yaw_pitch_roll(np.pi, 0.0, 0.0))
    middle = (SIZE // 2, SIZE // 2)
    np.testing.assert_allclose(front.normal[middle], leaning, atol=1e-3)
    # Seen from behind, the other side looks at the camera: the normal is turned about, not bent to grazing.
    np.testing.assert_allclose(back.normal[middle], [0.6, 0.0, 0.8], atol=1e-3)
