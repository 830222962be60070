"""Which avatars go along."""

import pytest

from chiaro.training.pack.choice import by_importance, that_fit

NAMES = ["A_F_1", "A_F_2", "A_M_1", "B_F_1", "B_F_2", "B_F_3", "X_B_1", "X_B_2", "X_B_3", "X_B_4"]


def test_the_held_out_come_first_then_groups_take_turns() -> None:
    expected = ["X_B_1", "X_B_2", "X_B_3", "X_B_4", "A_F_1", "A_M_1", "B_F_1", "A_F_2", "B_F_2", "B_F_3"]
    assert by_importance(NAMES[::-1]) == expected


@pytest.mark.parametrize(
    ("room", "expected"), [(0, ()), (9, ("b",)), (15, ("a", "b")), (24, ("a", "b")), (25, ("a", "b", "c"))]
)
def test_they_are_taken_while_there_is_room(room: int, expected: tuple[str, ...]) -> None:
    assert that_fit({"b": 5, "a": 10, "c": 10}, room) == expected
