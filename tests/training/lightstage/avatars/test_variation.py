"""Mixed faces and what the textures say, on a small made-up mesh."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chiaro.training.lightstage.avatars.layout import MIDDLE, plane_weights, surface_points
from chiaro.training.lightstage.avatars.registration import similarity
from chiaro.training.lightstage.avatars.shape import AvatarShape, ShapeKeys, Wig
from chiaro.training.lightstage.avatars.topology import JOINTS, Chart, Topology
from chiaro.training.lightstage.avatars.variation import Mixture, face_weight, mixed, random_mixture

ONES = np.ones(3, np.float32)


def _topology() -> Topology:
    """A grid over the texture of the head, below the charts of the inner mouth."""
    side = 25
    u, v = np.meshgrid(np.linspace(0.01, 0.64, side), np.linspace(0.09, 0.53, side))
    index = np.arange(side * side).reshape(side, side)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)])
    count = side * side
    return Topology(
        np.stack([u.ravel(), v.ravel()], axis=1).astype(np.float32),
        triangles.astype(np.int32),
        np.full(len(triangles), Chart.HEAD, np.uint8),
        np.arange(count, dtype=np.int32),
        np.zeros(count, np.uint8),
    )


def _shape(topology: Topology, name: str, seed: int) -> AvatarShape:
    random = np.random.default_rng(seed)
    uv = topology.uv
    vertices = np.c_[uv[:, 0] - MIDDLE, 1.8 - uv[:, 1], 0.1 + 0 * uv[:, 0]] + 0.004 * random.normal(size=(len(uv), 3))
    joints = np.zeros((len(JOINTS), 3), np.float32)
    joints[JOINTS.index("Neck"), 1], joints[JOINTS.index("Head"), 1] = 1.45, 1.55
    joints[JOINTS.index("LeftEye")] = [0.031, 1.62, 0.1]
    joints[JOINTS.index("RightEye")] = [-0.031, 1.62, 0.1]
    keys = ShapeKeys(("smile",), np.array([0, 1]), np.array([7], np.int32), np.array([[0, 4.0, 0]], np.float16))
    wig = Wig(np.zeros((0, 3), np.float32), np.zeros((0, 2), np.float32), np.zeros((0, 3), np.int32))
    count = len(vertices)
    return AvatarShape(
        name, vertices.astype(np.float32), np.zeros((count, 4), np.uint8), np.eye(4, dtype=np.float32)[[0] * count],
        joints, keys, wig,
    )  # fmt: skip


def test_a_face_of_its_own_features_is_itself() -> None:
    topology = _topology()
    shape = _shape(topology, "a", 1)
    vertices, joints, wig = mixed(Mixture((shape, shape), (0.3, 0.7), ONES, 1.0), topology, {"smile": 0.5})
    expected = shape.vertices.copy()
    expected[7, 1] += 0.002
    np.testing.assert_allclose(vertices, expected, atol=1e-5)
    np.testing.assert_allclose(joints, shape.joint_positions, atol=1e-5)
    assert wig.shape == (0, 3)


def test_only_the_face_takes_features_of_others() -> None:
    topology = _topology()
    base, other = _shape(topology, "a", 1), _shape(topology, "b", 2)
    vertices, _, _ = mixed(Mixture((base, other), (0.0, 1.0), ONES, 1.0), topology, {})
    weight = face_weight(topology)
    np.testing.assert_allclose(vertices[weight == 0.0], base.vertices[weight == 0.0], atol=1e-6)
    np.testing.assert_allclose(vertices[weight == 1.0], other.vertices[weight == 1.0], atol=1e-5)
    assert (weight == 0.0).any()
    assert (weight == 1.0).any()


@given(st.floats(0.92, 1.08), st.floats(0.88, 1.12))
def test_proportions_leave_the_neck_in_one_piece(height: float, breadth: float) -> None:
    topology = _topology()
    shape = _shape(topology, "a", 1)
    stretch = np.array([1.0, height, 1.0], np.float32)
    vertices, _, _ = mixed(Mixture((shape,), (1.0,), stretch, breadth), topology, {})
    top, bottom = shape.vertices[:, 1] > 1.56, shape.vertices[:, 1] < 1.44
    np.testing.assert_allclose(vertices[top, 1] - 1.55, (shape.vertices[top, 1] - 1.55) * height, atol=1e-5)
    np.testing.assert_allclose(vertices[bottom, 0], shape.vertices[bottom, 0] * breadth, atol=1e-5)
    np.testing.assert_allclose(vertices[bottom, 1], shape.vertices[bottom, 1], atol=1e-6)


@given(st.integers(0, 10_000))
def test_shares_of_a_mixture_sum_to_one(seed: int) -> None:
    topology = _topology()
    shapes = [_shape(topology, name, k) for k, name in enumerate("abc")]
    mixture = random_mixture(shapes[0], shapes[1:], np.random.default_rng(seed))
    assert abs(sum(mixture.shares) - 1.0) < 1e-9
    assert mixture.shapes[0] is shapes[0]
    assert len(mixture.shapes) == 3


@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3))
def test_weights_in_a_triangle_find_the_point_again(values: list[float]) -> None:
    weights = np.array(values) / sum(values)
    corners = np.array([[0.0, 0.0], [2.0, 0.3], [0.4, 1.0]])
    np.testing.assert_allclose(plane_weights(corners[None], (weights @ corners)[None])[0], weights, atol=1e-9)


def test_points_named_by_texture_coordinates_lie_there() -> None:
    topology = _topology()
    uv = np.array([[0.2, 0.3], [0.33, 0.41]], np.float32)
    flat = np.c_[topology.uv, np.zeros(len(topology.uv))].astype(np.float32)
    np.testing.assert_allclose(surface_points(topology, uv).on(flat)[:, :2], uv, atol=1e-5)


@given(st.integers(0, 1000), st.floats(0.5, 2.0))
def test_a_similarity_is_found_again(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    points = random.normal(size=(12, 3))
    found = similarity(points, scale * points @ rotation.T + [1.0, 2.0, 3.0])
    np.testing.assert_allclose(found[0], scale, rtol=1e-6)
    np.testing.assert_allclose(found[1], rotation, atol=1e-6)
    np.testing.assert_allclose(found[2], [1.0, 2.0, 3.0], atol=1e-6)
