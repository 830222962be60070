"""What Blender is given: facing, light and lamps."""

import numpy as np
import pytest
from tests.training.lightstage.volume.shapes import sphere

from chiaro.runtime.light.equirectangular import map_directions
from chiaro.training.lightstage.agreement.exported_scene import bilinear_lookup, described_lamps, outward_triangles
from chiaro.training.lightstage.illumination import Lamps


@pytest.mark.parametrize("mirrored", [False, True])
def test_triangles_face_the_way_their_normals_do(mirrored: bool) -> None:
    vertices, triangles = sphere(1.0, rows=13)
    vertices = vertices * np.float32([-1.0 if mirrored else 1.0, 1.0, 1.0])
    triangles = triangles.copy()
    triangles[::3] = triangles[::3, [0, 2, 1]]
    wound, order = outward_triangles(vertices, vertices, triangles)
    corners = vertices[wound]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", cross, corners.mean(axis=1)) > 0.0).all()
    np.testing.assert_array_equal(np.take_along_axis(triangles, order, axis=1), wound)


def test_a_map_looked_up_along_its_own_pixels_is_itself() -> None:
    radiance = np.random.default_rng(1).uniform(size=(32, 64, 3)).astype(np.float32)
    directions = map_directions(32, 64).reshape(-1, 3).astype(np.float32)
    np.testing.assert_allclose(bilinear_lookup(radiance, directions).reshape(radiance.shape), radiance, atol=2e-3)


def test_lamps_in_blender_s_terms() -> None:
    lamps = Lamps(
        direction=np.array([[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]]),
        distance=np.array([np.inf, 2.0]),
        radius=np.array([0.1, 0.25]),
        irradiance=np.array([[3.0, 2.0, 1.0], [0.5, 0.5, 1.0]]),
    )
    sun, point = described_lamps(lamps, np.array([0.0, 0.1, -1.5]))
    assert sun == {"direction": [0.0, 0.6, 0.8], "angle": 0.2, "strength": [3.0, 2.0, 1.0]}
    assert point["position"] == pytest.approx([2.0, 0.1, -1.5])
    assert point["radius"] == pytest.approx(2.0 * np.sin(0.25))
    # Blender's point light: intensity = strength / 4π, and irradiance = intensity / distance².
    irradiance = np.array(point["strength"]) / (4.0 * np.pi) / 2.0**2
    np.testing.assert_allclose(irradiance, [0.5, 0.5, 1.0])
