"""Encodings on disk: what comes back, what is thrown away, and who may write."""

import hashlib
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiaro.runtime.cache import UNFINISHED_SUFFIX, EncodingCache, cache_key
from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.crop import crop_around
from chiaro.runtime.encoding import Encoding
from chiaro.runtime.encoding_file import DamagedEncodingError, encoding_from_bytes, encoding_to_bytes
from chiaro.runtime.errors import CacheError
from chiaro.runtime.field.planes import PLANES, FieldPlanes
from chiaro.runtime.head import HeadBox
from chiaro.runtime.parts import PARTS

KEYS = [cache_key(number=number) for number in range(12)]
LIMIT = 10**9


def make_planes(seed: int = 0) -> FieldPlanes:
    random = np.random.default_rng(seed)
    planes = {name: random.normal(size=(3, 8, 8)).astype(np.float32) for name in PLANES}
    return FieldPlanes(
        **planes, depth=random.normal(size=(8, 8)).astype(np.float32), matte=random.random((8, 8), np.float32)
    )


def with_everything(encoding: Encoding, seed: int = 0) -> Encoding:
    """The encoding with all that a network may leave out."""
    random = np.random.default_rng(seed)
    return replace(
        encoding,
        planes=make_planes(seed),
        parts=random.integers(0, 256, (*encoding.matte.shape, len(PARTS)), np.uint8),
        environment=(1e6 * random.random((16, 16, 3))).astype(np.float32),
    )


def make_encoding(seed: int = 0, size: int = 16) -> Encoding:
    random = np.random.default_rng(seed)

    def maps(*count: int) -> np.ndarray:
        return random.random((size, size, *count), np.float32)

    box = HeadBox(812.5, 431.25, 200.1, roll=0.1, yaw=-0.3, pitch=0.2, score=0.9)
    return Encoding(
        crop=crop_around(box, camera_from_lens(1921, 1080), size),
        box=box,
        albedo=maps(3),
        normal=maps(3) * 2 - 1,
        depth=maps() + 1,
        matte=maps(),
        transport=maps(9) - 0.5,
        roughness=maps(),
        specular=maps(),
        light=random.normal(size=(9, 3)),
        crop_camera_from_head=np.eye(4) + random.normal(size=(4, 4)),
    )


ENCODING = make_encoding()
ENTRY_SIZE = len(encoding_to_bytes(ENCODING))
WHOLE_ENCODING = with_everything(ENCODING)


@pytest.fixture
def cache(tmp_path: Path) -> EncodingCache:
    return EncodingCache(tmp_path / "cache", LIMIT)


def entry_path(cache: EncodingCache) -> Path:
    return cache.entries()[0].path


def test_round_trip(cache: EncodingCache) -> None:
    assert cache.get(KEYS[0]) is None
    assert cache.put(KEYS[0], ENCODING)
    back = cache.get(KEYS[0])
    assert back is not None
    for name in ("albedo", "normal", "matte", "transport", "roughness", "specular"):
        read, written = getattr(back, name), getattr(ENCODING, name)
        assert read.dtype == np.float32
        assert read.flags.writeable
        np.testing.assert_array_equal(read, written.astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(back.depth, ENCODING.depth)
    np.testing.assert_array_equal(back.light, ENCODING.light)
    np.testing.assert_array_equal(back.crop_camera_from_head, ENCODING.crop_camera_from_head)
    assert back.box == ENCODING.box
    assert (back.crop.plate_width, back.crop.plate_height) == (1921, 1080)
    assert back.crop.head_distance == ENCODING.crop.head_distance
    np.testing.assert_array_equal(back.crop.plate_from_crop, ENCODING.crop.plate_from_crop)
    np.testing.assert_array_equal(back.crop.camera.world_from_camera, ENCODING.crop.camera.world_from_camera)
    assert replace(back.crop.camera, world_from_camera=np.eye(4)).focal_x == ENCODING.crop.camera.focal_x


def test_planes_parts_and_environment_come_back(cache: EncodingCache) -> None:
    assert WHOLE_ENCODING.planes is not None
    cache.put(KEYS[0], WHOLE_ENCODING)
    back = cache.get(KEYS[0])
    assert back is not None
    assert back.planes is not None
    for name, written in vars(WHOLE_ENCODING.planes).items():
        read = getattr(back.planes, name)
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read, written.astype(np.float16).astype(np.float32))
    assert back.parts is not None
    assert back.parts.dtype == np.uint8
    np.testing.assert_array_equal(back.parts, WHOLE_ENCODING.parts)
    np.testing.assert_array_equal(back.environment, WHOLE_ENCODING.environment)


@pytest.mark.parametrize("missing", ["planes", "parts", "environment"])
def test_what_a_network_did_not_give_stays_missing(cache: EncodingCache, missing: str) -> None:
    cache.put(KEYS[0], replace(WHOLE_ENCODING, **{missing: None}))
    back = cache.get(KEYS[0])
    assert back is not None
    there = {name for name in ("planes", "parts", "environment") if getattr(back, name) is not None}
    assert there == {"planes", "parts", "environment"} - {missing}


@pytest.mark.parametrize("encoding", [ENCODING, WHOLE_ENCODING])
def test_what_was_stored_once_does_not_change_again(cache: EncodingCache, encoding: Encoding) -> None:
    cache.put(KEYS[0], encoding)
    first = cache.get(KEYS[0])
    assert first is not None
    assert encoding_to_bytes(first) == encoding_to_bytes(encoding)


def test_parts_of_a_person_take_little_room() -> None:
    parts = np.zeros((256, 256, len(PARTS)), np.uint8)
    parts[64:192, 64:128, 0], parts[64:192, 128:192, 5] = 255, 255
    parts[60:64, 64:192, 0] = np.random.default_rng(0).integers(0, 256, (4, 128))
    encoding = make_encoding(size=256)
    assert len(encoding_to_bytes(replace(encoding, parts=parts))) - len(encoding_to_bytes(encoding)) < 20_000


def resealed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The entry with a part of its body changed, under a checksum that fits."""
    body = content[28:].replace(old, new, 1)
    assert body != content[28:]
    return content[:12] + hashlib.blake2b(body, digest_size=16).digest() + body


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'["planes/matte"', b'["planes/satte"', "other arrays"),
        (b'["parts"', b'["starp"', "other arrays"),
        (b'["parts", "|u1", [16, 16, 8]', b'["parts", "|u1", [16, 16, 9]', "2048 bytes where 2304"),
        (b'["parts", "|u1", [16, 16, 8]', b'["parts", "|u1", [16, 16, 7]', "1793 bytes where 1792"),
        (b'"planes/albedo_top", "<f2", [3, 8, 8]', b'"planes/albedo_top", "<f2", [3, 8, 9]', "384 bytes where 432"),
        (b'"planes/albedo_top", "<f2"', b'"planes/albedo_top", "<f4"', "of type float32"),
    ],
)
def test_headers_that_do_not_fit_their_arrays_are_noticed(old: bytes, new: bytes, reason: str) -> None:
    with pytest.raises(DamagedEncodingError, match=reason):
        encoding_from_bytes(resealed(encoding_to_bytes(WHOLE_ENCODING), old, new))


def test_an_entry_of_the_version_before_is_not_misread() -> None:
    content = encoding_to_bytes(ENCODING)
    with pytest.raises(DamagedEncodingError, match="format version 1"):
        encoding_from_bytes(content[:8] + struct.pack("<I", 1) + content[12:])


def test_entries_size_and_clear(cache: EncodingCache) -> None:
    assert cache.entries() == []
    assert cache.clear() == 0
    for key in KEYS[:3]:
        cache.put(key, ENCODING)
    assert {entry.key for entry in cache.entries()} == set(KEYS[:3])
    assert cache.total_bytes() == 3 * ENTRY_SIZE
    (cache.folder / "notes.txt").write_text("not ours")
    (cache.folder / f".{KEYS[0]}.abcdef{UNFINISHED_SUFFIX}").write_text("half")
    assert cache.clear() == 3
    assert [path.name for path in cache.folder.iterdir()] == ["notes.txt"]
    assert cache.get(KEYS[0]) is None


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:20],
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content + b"x",
        lambda content: b"PK\x03\x04" + content[4:],
        lambda content: content[:8] + struct.pack("<I", 3) + content[12:],
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        lambda content: content[:15] + bytes([content[15] ^ 1]) + content[16:],
        lambda content: b"\x80\x04\x95 a pickle is never loaded" * 40,
    ],
)
def test_damaged_entries_are_as_if_absent(cache: EncodingCache, damage: Damage) -> None:
    cache.put(KEYS[0], ENCODING)
    path = entry_path(cache)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.get(KEYS[0]) is None
    assert not path.exists()
    assert cache.put(KEYS[0], ENCODING)
    assert cache.get(KEYS[0]) is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, ENTRY_SIZE - 1), st.integers(1, 255))
def test_no_flipped_byte_goes_unnoticed(position: int, change: int) -> None:
    content = bytearray(encoding_to_bytes(ENCODING))
    content[position] ^= change
    with TemporaryDirectory() as folder:
        cache = EncodingCache(Path(folder), LIMIT)
        (Path(folder) / f"{KEYS[0]}.encoding").write_bytes(content)
        assert cache.get(KEYS[0]) is None


def test_valid_checksum_over_nonsense_is_noticed(cache: EncodingCache) -> None:
    cache.put(KEYS[0], ENCODING)
    path = entry_path(cache)
    path.write_bytes(resealed(path.read_bytes(), b'"half_size": 200.1', b'"half_size": -20.1'))
    assert cache.get(KEYS[0]) is None


def test_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path, 4 * ENTRY_SIZE)
    now = time.time()
    for age, key in enumerate(KEYS[:4]):
        cache.put(key, ENCODING)
        os.utime(cache.folder / f"{key}.encoding", (now - 1000 + age, now - 1000 + age))
    assert cache.get(KEYS[0]) is not None  # the oldest, but used just now
    cache.put(KEYS[4], ENCODING)
    kept = {entry.key for entry in cache.entries()}
    assert {KEYS[0], KEYS[4]} <= kept
    assert KEYS[1] not in kept
    assert cache.total_bytes() <= 4 * ENTRY_SIZE


def test_never_over_its_limit(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path, int(3.5 * ENTRY_SIZE))
    for key in KEYS:
        assert cache.put(key, ENCODING)
        assert cache.total_bytes() <= cache.size_limit_bytes
        assert cache.get(key) is not None


def test_an_entry_larger_than_the_limit(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path / "cache", ENTRY_SIZE - 1)
    assert not cache.put(KEYS[0], ENCODING)
    assert cache.problem == (
        f"The frame was not cached: it takes {ENTRY_SIZE} bytes where the cache may hold {ENTRY_SIZE - 1}; "
        "raise the limit."
    )
    assert cache.entries() == []


def test_leftovers_of_ended_processes_are_swept(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path, ENTRY_SIZE)
    old, fresh = (tmp_path / f".{key}.abcdef{UNFINISHED_SUFFIX}" for key in KEYS[:2])
    for path in (old, fresh):
        path.write_text("half")
    os.utime(old, (0, 0))
    cache.put(KEYS[2], ENCODING)
    cache.put(KEYS[3], ENCODING)  # over the limit: this is when it tidies up
    assert not old.exists()
    assert fresh.exists()


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Root may write anywhere: become somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_may_only_be_read() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        EncodingCache(folder, LIMIT).put(KEYS[0], ENCODING)
        folder.chmod(0o555)
        cache = EncodingCache(folder, LIMIT)
        with an_ordinary_user():
            assert cache.get(KEYS[0]) is not None
            assert not cache.put(KEYS[1], ENCODING)
        assert cache.problem == (
            f'The frame was not cached because "{folder}" cannot be written to (Permission denied); '
            "free some space or choose another cache folder."
        )
        folder.chmod(0o755)
        assert [entry.key for entry in cache.entries()] == [KEYS[0]]
        assert cache.put(KEYS[1], ENCODING)
        assert cache.problem is None


def test_full_disk(cache: EncodingCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEYS[0], ENCODING)

    def full(path: Path, content: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert not cache.put(KEYS[1], ENCODING)
    assert cache.problem is not None
    assert "(No space left on device)" in cache.problem
    assert [path.name for path in cache.folder.iterdir()] == [f"{KEYS[0]}.encoding"]


def test_nothing_is_written_before_the_first_entry(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path / "a" / "b", LIMIT)
    assert cache.get(KEYS[0]) is None
    assert cache.total_bytes() == 0
    assert list(tmp_path.iterdir()) == []
    assert cache.put(KEYS[0], ENCODING)


def test_bad_settings(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheError, match=r'The cache folder ".*file" is a file; choose a folder\.$'):
        EncodingCache(tmp_path / "file", LIMIT)
    with pytest.raises(CacheError, match=r"The cache's limit is 0 bytes; it must be above zero\.$"):
        EncodingCache(tmp_path, 0)
    for key in ("../../etc/passwd", "", "A" * 64, KEYS[0] + "/x"):
        with pytest.raises(CacheError, match="is no cache key; make keys with cache_key"):
            EncodingCache(tmp_path, LIMIT).get(key)


HAMMER = """
import sys
from pathlib import Path
from chiaro.runtime.cache import EncodingCache
from tests.runtime.test_cache import ENTRY_SIZE, KEYS, make_encoding

cache = EncodingCache(Path(sys.argv[1]), int(4.5 * ENTRY_SIZE))
found = 0
for turn in range(60):
    key = turn * int(sys.argv[2]) % 8
    encoding = cache.get(KEYS[key])
    if encoding is None:
        assert cache.put(KEYS[key], make_encoding(key)), cache.problem
    else:
        assert (encoding.depth == make_encoding(key).depth).all()
        found += 1
print(found)
"""


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'build' / 'source'}{os.pathsep}{root}"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(tmp_path), step],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for step in ("3", "5")
    ]
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.strip().isdigit()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(UNFINISHED_SUFFIX)]


def test_keys_depend_on_every_part() -> None:
    crop = ENCODING.crop
    variants = [
        {"plate": "a", "weights": "b"},
        {"plate": "a", "weights": "c"},
        {"plate": "ab", "weights": ""},
        {"plate": "a", "weights": "b", "box": ENCODING.box},
        {"plate": "a", "weights": "b", "box": replace(ENCODING.box, roll=0.1000001)},
        {"plate": "a", "weights": "b", "crop": crop},
        {"plate": "a", "weights": "b", "crop": replace(crop, head_distance=2.0)},
        {"n": 1},
        {"n": 1.0},
        {"n": True},
        {"n": None},
        {"n": "1"},
        {"n": b"1"},
        {"n": [1]},
        {"n": [[1]]},
        {"n": [1, []]},
        {"n": np.ones(1)},
        {"n": np.ones(1, np.float32)},
        {"n": np.ones((1, 1))},
        {"n": {"a": 1}},
        {"n": ["a", 1]},
    ]
    keys = [cache_key(**parts) for parts in variants]
    assert len(set(keys)) == len(keys)


def test_keys_do_not_depend_on_order_or_spelling() -> None:
    assert cache_key(a=1, b=2.5) == cache_key(b=2.5, a=1)
    assert cache_key(a=(1, 2)) == cache_key(a=[1, 2])
    assert cache_key(a=np.float64(0.5), b=np.int64(3)) == cache_key(a=0.5, b=3)
    assert cache_key(a=-0.0) == cache_key(a=0.0)


def test_keys_are_the_same_in_another_process() -> None:
    code = "from chiaro.runtime.cache import cache_key; print(cache_key(a='x', b=[1, 2.5], c={'q': None}))"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root / "build" / "source"), "PYTHONHASHSEED": "77"}
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == cache_key(a="x", b=[1, 2.5], c={"q": None})


def test_parts_of_other_kinds() -> None:
    with pytest.raises(TypeError, match="a cache key cannot be made of a object"):
        cache_key(a=object())
    with pytest.raises(TypeError, match="a cache key cannot be made of a set"):
        cache_key(a={1, 2})


HEADS = [HeadBox(10.25, 20.5, 30.125, 0.1, -0.2, 0.3, 0.9), HeadBox(1.0, 2.0, 3.0)]


@pytest.mark.parametrize("heads", [[], HEADS])
def test_heads_come_back_to_the_last_bit(tmp_path: Path, heads: list[HeadBox]) -> None:
    cache = EncodingCache(tmp_path, 10**9)
    key = cache_key(frame=1)
    assert cache.get_heads(key) is None
    assert cache.put_heads(key, heads)
    assert cache.get_heads(key) == heads
    assert cache.get(key) is None, "an encoding of the same key is another file"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 0, "heads": []}', b'{"version": 1, "heads": [{"centre_x": 1}]}']
)
def test_damaged_heads_are_as_if_they_were_not_there(tmp_path: Path, content: bytes) -> None:
    cache = EncodingCache(tmp_path, 10**9)
    key = cache_key(frame=1)
    cache.put_heads(key, HEADS)
    (entry,) = cache.entries()
    entry.path.write_bytes(content)
    assert cache.get_heads(key) is None
    assert not entry.path.exists()


def test_clearing_removes_heads_too(tmp_path: Path) -> None:
    cache = EncodingCache(tmp_path, 10**9)
    cache.put_heads(cache_key(frame=1), HEADS)
    (tmp_path / "note.txt").write_text("not ours")
    assert cache.clear() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]
