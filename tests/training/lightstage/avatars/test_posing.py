"""Turns of the skeleton."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from chiaro.training.lightstage.avatars.posing import (
    HEAD,
    joint_motions,
    random_arms,
    random_turn,
    share_of_rotation,
    skinned_vertices,
    turn_rotations,
    wig_weights,
)
from chiaro.training.lightstage.avatars.topology import JOINTS

JOINT_POSITIONS = np.random.default_rng(3).normal(size=(len(JOINTS), 3)).astype(np.float32)


@given(st.integers(0, 10_000), st.floats(0.0, 1.0))
def test_shares_of_a_turn_make_the_turn(seed: int, share: float) -> None:
    turn = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    both = share_of_rotation(turn, share) @ share_of_rotation(turn, 1.0 - share)
    np.testing.assert_allclose(both, turn, atol=1e-6)


@given(st.integers(0, 10_000))
def test_the_head_stays_and_the_torso_turns_the_other_way(seed: int) -> None:
    random = np.random.default_rng(seed)
    turn = random_turn(random)
    motions = joint_motions(JOINT_POSITIONS, {**random_arms(random), **turn_rotations(turn)})
    np.testing.assert_allclose(motions[HEAD], np.eye(4), atol=1e-9)
    np.testing.assert_allclose(motions[JOINTS.index("Spine2"), :3, :3], turn.T, atol=1e-6)
    for matrix in motions:
        np.testing.assert_allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-9)


def test_joints_turn_about_themselves() -> None:
    positions = JOINT_POSITIONS
    index = JOINTS.index("LeftArm")
    motions = joint_motions(positions, random_arms(np.random.default_rng(4)))
    shoulder = motions[JOINTS.index("LeftShoulder")] @ np.append(positions[index], 1.0)
    np.testing.assert_allclose(motions[index] @ np.append(positions[index], 1.0), shoulder, atol=1e-6)


def test_arms_come_down() -> None:
    positions = np.zeros((len(JOINTS), 3), np.float32)
    for seed in range(20):
        motions = joint_motions(positions, random_arms(np.random.default_rng(seed)))
        for name, side in (("LeftForeArm", 1.0), ("RightForeArm", -1.0)):
            hand = motions[JOINTS.index(name), :3, :3] @ np.array([side, 0.0, 0.0])
            assert hand[1] < -0.75
            assert hand[0] * side > -0.1


def test_vertices_follow_their_joints_by_weight() -> None:
    motions = np.tile(np.eye(4), (len(JOINTS), 1, 1))
    motions[2, :3, 3] = [0.0, 2.0, 0.0]
    joints = np.array([[1, 2], [2, 2], [1, 1]], np.uint8)
    weights = np.array([[0.5, 0.5], [0.3, 0.7], [1.0, 0.0]], np.float32)
    moved = skinned_vertices(np.zeros((3, 3), np.float32), joints, weights, motions)
    np.testing.assert_allclose(moved[:, 1], [1.0, 2.0, 0.0], atol=1e-6)


def test_hair_lies_on_the_shoulders_and_turns_with_the_head() -> None:
    positions = np.zeros((len(JOINTS), 3), np.float32)
    positions[HEAD, 1], positions[JOINTS.index("Neck"), 1] = 1.55, 1.46
    height = np.array([[0, 1.7, 0], [0, 1.5, 0], [0, 1.3, 0]], np.float32)
    _, weights = wig_weights(height, positions)
    assert weights[0, 0] == pytest.approx(1.0)
    assert 0.0 < weights[1, 0] < 1.0
    assert weights[2, 0] == pytest.approx(0.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
