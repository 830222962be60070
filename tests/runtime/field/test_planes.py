"""Planes are taken from the network's outputs, with depth and matte on their pixels."""

import numpy as np
from tests.ball_head import ball_maps

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.field.planes import PLANES, planes_of_outputs


def _outputs() -> dict[str, Float32Array]:
    planes = {name: np.full((1, 4, 64, 64), index, np.float32) for index, name in enumerate(PLANES)}
    return ball_maps() | planes


def test_depth_at_the_mattes_edge_is_the_persons() -> None:
    depth, matte = np.full((1, 1, 256, 256), 5.0, np.float32), np.zeros((1, 1, 256, 256), np.float32)
    matte[..., :130], depth[..., :130] = 1.0, 0.25
    planes = planes_of_outputs(_outputs() | {"depth": depth, "matte": matte})
    assert planes is not None
    np.testing.assert_allclose(planes.matte[10, 31:34], [1.0, 0.5, 0.0])
    np.testing.assert_allclose(planes.depth[10, 31:34], [0.25, 0.25, 5.0], atol=0.01)


def test_inputs_have_the_shapes_that_the_networks_take() -> None:
    planes = planes_of_outputs(_outputs())
    assert planes is not None
    inputs = planes.inputs()
    assert {name: value.shape for name, value in inputs.items()} == {
        **dict.fromkeys(PLANES, (1, 4, 64, 64)),
        "depth": (1, 1, 64, 64),
        "matte": (1, 1, 64, 64),
    }
    assert inputs["shading_top"].max() == PLANES.index("shading_top")


def test_a_network_without_all_planes_has_none() -> None:
    outputs = _outputs()
    del outputs["shading_side"]
    assert planes_of_outputs(outputs) is None
    assert planes_of_outputs(ball_maps()) is None
