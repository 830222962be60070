"""What a march missed between pixels that it met is taken from these; nothing else changes."""

import numpy as np

from chiaro.runtime.field.render import FieldView
from chiaro.runtime.view.field_gaps import without_gaps

SIDE = 32


def met(mask: np.ndarray) -> FieldView:  # type: ignore[type-arg]  # bool
    """A slope that rises to the right, where it was met."""
    ramp = np.broadcast_to(np.arange(SIDE, dtype=np.float32), (SIDE, SIDE)) * mask
    return FieldView(
        alpha=mask.astype(np.float32),
        depth=ramp,
        crop_points=np.repeat(ramp[..., None], 3, axis=2),
        albedo=np.repeat(ramp[..., None], 3, axis=2),
        normal=np.repeat(ramp[..., None], 3, axis=2),
        transport=np.repeat(ramp[..., None], 9, axis=2),
        roughness=ramp.copy(),
    )


def test_a_missed_row_is_filled_from_the_rows_beside_it() -> None:
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[6:26, 6:26] = True
    mask[15:17, 6:26] = False
    filled = without_gaps(met(mask), 1)
    inner = (slice(15, 17), slice(10, 22))
    assert (filled.alpha[inner] == 1).all()
    truth = np.broadcast_to(np.arange(10, 22, dtype=np.float32), (2, 12))
    for values in (filled.depth, filled.roughness, filled.albedo[..., 1], filled.transport[..., 8]):
        np.testing.assert_allclose(values[inner], truth, atol=1e-4)


def test_what_was_met_and_what_lies_outside_stay() -> None:
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[6:26, 6:26] = True
    mask[15, 6:26] = False
    before = met(mask)
    after = without_gaps(before, 1)
    for name, values in vars(before).items():
        assert np.array_equal(getattr(after, name)[mask], values[mask])
    assert not after.alpha[:6].any()
    assert not after.alpha[:, 26:].any()


def test_wide_holes_stay_open_and_nothing_gives_nothing() -> None:
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[4:28, 4:28] = True
    mask[12:20, 12:20] = False
    assert not without_gaps(met(mask), 2).alpha[14:18, 14:18].any()
    nothing = met(np.zeros((SIDE, SIDE), np.bool_))
    assert without_gaps(nothing, 3) is nothing
