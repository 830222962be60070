"""A hand at the face: on the cheek, or as a fist under the chin."""

import numpy as np

from ....runtime.arrays import AnyFloatArray
from ..head_mesh import Mesh
from ..implicit import capsule, grid_points, smooth_minimum, surface
from ..parts import Part
from ..skin_distance import SkinDistance

SPACING = 0.0042
BLEND = 0.006


def hand_mesh(landmarks: AnyFloatArray, skin: SkinDistance, random: np.random.Generator) -> Mesh | None:
    """A hand with its forearm in the head frame, or None where it would not be seen.

    Args:
        landmarks: (68, 3) posed, metres.
        skin: of the head; the hand never enters it.
        random: source of chance.
    """
    side = float(random.choice([-1.0, 1.0]))
    bones = (
        _on_the_cheek(landmarks, skin, side, random)
        if random.uniform() < 0.55
        else _under_the_chin(landmarks, side, random)
    )
    ends = np.array([point for bone in bones for point in bone[:2]])
    low, high = ends.min(axis=0) - 0.045, ends.max(axis=0) + 0.045
    low[1] = max(low[1], -0.36)
    points, shape = grid_points(low, high, SPACING)
    field = np.full(len(points), 1.0, np.float32)
    for start, end, radius in bones:
        field = smooth_minimum(field, capsule(points, start, end, radius), BLEND).astype(np.float32)
    near = np.flatnonzero(field < 0.01)
    if len(near) == 0:
        return None
    distance, _ = skin.nearest(points[near])
    field[near] = np.maximum(field[near], 0.0012 - distance)
    vertices, normals, triangles = surface(field, shape, low, SPACING)
    if len(triangles) == 0:
        return None
    rest = ((vertices - low) * 100.0).astype(np.float32)
    return Mesh(vertices, normals, rest, triangles, np.full(len(triangles), Part.HAND, np.uint8))


Bone = tuple[AnyFloatArray, AnyFloatArray, float]


def _on_the_cheek(landmarks: AnyFloatArray, skin: SkinDistance, side: float, random: np.random.Generator) -> list[Bone]:
    """Fingers that lie along the cheek, the heel of the hand at the jaw."""
    jaw = landmarks[11 if side > 0 else 5] + np.array([side * 0.012, -0.006, 0.004])
    upwards = np.array([side * 0.10, 1.0, random.uniform(-0.45, 0.1)])
    across = np.array([-side * 0.25, 0.0, 1.0])
    bones: list[Bone] = []
    knuckles = []
    for k in range(4):
        radius = (0.0088, 0.0092, 0.0088, 0.0076)[k]
        base = jaw + upwards * (0.004 + 0.003 * (k in (1, 2))) + across * 0.0175 * (1.5 - k)
        spread = upwards + across * 0.10 * (1.5 - k) + 0.04 * random.normal(size=3)
        lengths = np.array([0.040, 0.026, 0.021]) * (0.95, 1.06, 1.0, 0.8)[k]
        point = _on_skin(base, skin, radius)
        knuckles.append(point)
        for length in lengths:
            following = _on_skin(point + spread / np.linalg.norm(spread) * length, skin, radius)
            bones.append((point, following, radius))
            point, radius = following, radius * 0.93
    wrist = jaw + np.array([side * 0.025, -0.085, 0.0])
    for knuckle in knuckles:
        bones.append((knuckle, 0.65 * wrist + 0.35 * knuckle, 0.0125))
        bones.append((0.65 * wrist + 0.35 * knuckle, wrist, 0.017))
    thumb = _on_skin(jaw + np.array([-side * 0.02, -0.02, 0.03]), skin, 0.011)
    bones.append((0.6 * wrist + 0.4 * jaw, thumb, 0.0125))
    bones.append((thumb, _on_skin(thumb + np.array([-side * 0.02, 0.018, 0.008]), skin, 0.0095), 0.0098))
    elbow = wrist + np.array([side * random.uniform(0.0, 0.09), -0.2, random.uniform(-0.02, 0.05)])
    bones.append((wrist, elbow, 0.029))
    return bones


def _under_the_chin(landmarks: AnyFloatArray, side: float, random: np.random.Generator) -> list[Bone]:
    """A loose fist that carries the chin."""
    chin = landmarks[8] + np.array([side * random.uniform(-0.01, 0.02), -0.019, -0.004])
    bones: list[Bone] = []
    for k in range(4):
        centre = chin + np.array([side * 0.0185 * (k - 1.2), -0.002 * abs(k - 1), 0.004])
        knuckle, middle = centre + np.array([0.0, 0.0, -0.012]), centre + np.array([0.0, -0.003, 0.020])
        tip = middle + np.array([0.0, -0.027, -0.010])
        bones += [(knuckle, middle, 0.0105), (middle, tip, 0.0096), (tip, knuckle + np.array([0, -0.03, 0.006]), 0.009)]
        bones.append((knuckle, chin + np.array([side * 0.008 * (k - 1.2), -0.07, -0.016]), 0.014))
    base = chin + np.array([-side * 0.030, -0.045, 0.0])
    joint = chin + np.array([-side * 0.034, -0.016, 0.026])
    bones += [(base, joint, 0.012), (joint, chin + np.array([-side * 0.018, 0.006, 0.034]), 0.0098)]
    wrist = chin + np.array([0.0, -0.085, -0.018])
    elbow = wrist + np.array([side * random.uniform(0.02, 0.16), -0.2, random.uniform(-0.02, 0.06)])
    bones.append((wrist, elbow, 0.030))
    return bones


def _on_skin(point: AnyFloatArray, skin: SkinDistance, clearance: float) -> AnyFloatArray:
    """A point moved along the nearest normal to so far above the skin."""
    for _ in range(2):
        distance, normal = skin.nearest(point[None])
        point = point + normal[0] * (clearance * 0.95 - distance[0])
    return point
