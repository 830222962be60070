"""Where one surface of a turned view stands before another: in pictures much finer than the view, and no stairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.analytic_head import HEAD_WITH_BALL, analytic_head, orbited, posed_camera, side_light

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.compose.edge_aware import edge_aware_samples
from chiaro.runtime.gbuffer import Shaded
from chiaro.runtime.view import view

JUMP = 0.03


def _edges(depth: Float32Array, there: np.ndarray) -> dict[int, np.ndarray]:  # type: ignore[type-arg]  # bool, int
    """Columns of each row after which the depth jumps within the person."""
    jumps = (np.abs(np.diff(np.where(there, depth, 0), axis=1)) > JUMP) & there[:, 1:] & there[:, :-1]
    return {int(row): np.flatnonzero(jumps[row]) for row in np.flatnonzero(jumps.any(axis=1))}


def _edge_error(yaw: float) -> float:
    """Pixels between a ball's edge before the head and the true one, on average over the picture's rows."""
    head = analytic_head(HEAD_WITH_BALL, plate_camera=posed_camera(1920, 1080))
    encoding, camera = head.encoding(side_light()), orbited(head, yaw=yaw)
    plate = head.plate(side_light(), np.zeros((1080, 1920, 3), np.float32))
    seen, turned = (view(encoding, head.plate_camera, other) for other in (head.plate_camera, camera))
    white, turned_white = (Shaded(np.ones_like(g.albedo), np.zeros_like(g.albedo)) for g in (seen, turned))
    passes = compose(plate, None, delight(plate, encoding, white), turned, turned_white, camera)
    trace = head.trace(camera)
    # On the far side, the ball hides the head; on the near one it uncovers what the plate never saw.
    side = -1 if yaw < 0 else 0
    found, true = _edges(passes.depth, passes.matte > 0.5), _edges(trace.depth, trace.hit)
    rows = sorted(true.keys() & found.keys())[20:-20]
    assert len(rows) > 60
    return float(np.mean([np.abs(found[row] - true[row][side]).min() for row in rows]))


def test_a_ball_before_the_head_has_a_round_edge() -> None:
    errors = [_edge_error(yaw) for yaw in (12.0, -12.0, 15.0, 20.0)]
    assert max(errors) < 0.7  # pixels, four to one of the view
    assert np.mean(errors) < 0.45  # with one ray for each pixel of the view it is 0.73, the worst 0.92


@given(arrays(np.float32, (2, 2), elements=st.floats(0, 1, width=32)), st.floats(0.51, 1.49), st.floats(0.51, 1.49))
def test_a_sample_is_of_the_side_that_has_most_of_it(front: Float32Array, x: float, y: float) -> None:
    depth = np.array([[1.0, 2.0], [2.0, 1.0]], np.float32)
    samples = edge_aware_samples(depth, np.ones((2, 2), np.bool_), np.array([[x, y]]), 0.1, front)
    across, down = x - 0.5, y - 0.5
    share = (1 - down) * ((1 - across) * front[0, 0] + across * front[0, 1])
    share += down * ((1 - across) * front[1, 0] + across * front[1, 1])
    assert samples.front[0] == pytest.approx(share, abs=1e-5)
    if abs(share - 0.5) > 1e-4:
        assert samples.of(depth[None])[0, 0] == pytest.approx(1.0 if share > 0.5 else 2.0)


def test_without_shares_it_is_the_side_with_more_of_the_neighbours() -> None:
    depth, there = np.array([[1.0, 2.0], [1.0, 2.0]], np.float32), np.ones((2, 2), np.bool_)
    unknown = np.full((2, 2), np.nan, np.float32)
    for front in (None, unknown):
        found = edge_aware_samples(depth, there, np.array([[0.9, 1.0], [1.1, 1.0]]), 0.1, front)
        assert found.of(depth[None])[0].tolist() == [1.0, 2.0]
    smooth = edge_aware_samples(depth, there, np.array([[1.0, 1.0]]), 2.0)
    assert smooth.of(depth[None])[0, 0] == pytest.approx(1.5)
    assert np.isnan(smooth.front[0])
