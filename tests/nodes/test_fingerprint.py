"""Fingerprints tell results apart by every value they are made from."""

from dataclasses import dataclass, replace

import numpy as np

from chiaro.nodes.fingerprint import LARGE_BYTES, fingerprint
from chiaro.runtime.arrays import Float64Array
from chiaro.runtime.light.light import Light, PointLamp


@dataclass(frozen=True)
class Pair:
    first: object
    second: object


def lamp(x: float, power: float = 1.0) -> PointLamp:
    return PointLamp(np.array([x, 0.0, 0.0]), np.full(3, power))


def test_equal_values_have_equal_fingerprints() -> None:
    assert fingerprint("a", Light(None, (lamp(1.0),))) == fingerprint("a", Light(None, (lamp(1.0),)))


def test_every_value_counts() -> None:
    base = Light(None, (lamp(1.0), lamp(2.0)))
    others = [
        Light(None, (lamp(1.0),)),
        Light(None, (lamp(2.0), lamp(1.0))),
        Light(None, (lamp(1.0), lamp(2.0, 3.0))),
        Light(None, (lamp(1.0), replace(lamp(2.0), radius=0.1))),
    ]
    assert len({fingerprint(light) for light in [base, *others]}) == 5


def test_values_do_not_run_into_each_other() -> None:
    assert fingerprint(Pair("ab", "c")) != fingerprint(Pair("a", "bc"))
    assert fingerprint(Pair((1, 2), ())) != fingerprint(Pair((1,), (2,)))


def test_type_and_shape_of_arrays_count() -> None:
    flat: Float64Array = np.zeros(4)
    assert len({fingerprint(array) for array in (flat, flat.reshape(2, 2), flat.astype(np.float32))}) == 3


def test_large_arrays_are_told_apart() -> None:
    arrays = [np.full(LARGE_BYTES // 8, float(value)) for value in range(12)]
    prints = [fingerprint(array) for array in arrays]
    assert len(set(prints)) == 12
    assert [fingerprint(array.copy()) for array in arrays] == prints


def test_the_order_of_a_set_does_not_count() -> None:
    assert fingerprint(frozenset({"image", "depth"})) == fingerprint(frozenset({"depth", "image"}))
