"""Arrays come back from the pack bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from chiaro.training.assets import default_data_folder
from chiaro.training.pack.arrays import byte_planes, compressed_arrays, decompressed_arrays
from chiaro.training.pack.codings import CODINGS

KINDS = st.sampled_from(["<f4", "<f2", "<i4", "<i8", "|u1", "|b1", "<u2", "<f8"])


@settings(deadline=None, max_examples=60)
@given(st.data(), KINDS)
def test_any_array_comes_back(draw: st.DataObject, kind: str) -> None:
    shape = draw.draw(arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6))
    array = draw.draw(arrays_of.arrays(np.dtype(kind), shape))
    found = decompressed_arrays(compressed_arrays({"name": array, "second": array[..., None]}))
    assert list(found) == ["name", "second"]
    assert found["name"].dtype == array.dtype
    assert found["name"].shape == array.shape
    assert found["name"].tobytes() == array.tobytes()
    assert found["second"].tobytes() == array.tobytes()


def test_words_come_back() -> None:
    words = np.array(["MouthOpen", "ä", ""])
    found = decompressed_arrays(compressed_arrays({"words": words}))["words"]
    np.testing.assert_array_equal(found, words)
    assert found.dtype == words.dtype


def test_planes_take_little_space_where_high_bytes_agree() -> None:
    random = np.random.default_rng(1)
    array = (1000 + random.integers(0, 2, (4000, 3))).astype(np.int32)
    assert byte_planes(array).shape == (4, 3, 4000)
    assert len(compressed_arrays({"array": array})) < array.nbytes / 15


@pytest.mark.data
@pytest.mark.slow
def test_the_morphable_head_comes_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = default_data_folder()
    if data is None:
        pytest.skip("the asset folder (CHIARO_DATA) is not here")
    source, target = data / "ict_facekit" / "ict_facekit.npz", tmp_path_factory.mktemp("pack") / "head.npz"
    content = CODINGS["arrays"].encode(source)
    CODINGS["arrays"].decode(content, target)
    assert len(content) < 0.8 * source.stat().st_size
    with np.load(source) as before, np.load(target) as after:
        assert before.files == after.files
        for name in before.files:
            assert before[name].dtype == after[name].dtype
            assert before[name].tobytes() == after[name].tobytes()
