"""A small asset folder goes into a pack and comes out of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from chiaro.training.assets import AssetError, blender_worlds, environment_files, load_face_model, read_image
from chiaro.training.lightstage.avatars.atlas import atlas_paths, load_atlas
from chiaro.training.lightstage.avatars.prepare_avatars import FORMAT, format_path, prepare_avatars
from chiaro.training.lightstage.avatars.shape import (
    load_rest,
    load_shape,
    load_topology,
    rest_path,
    save_arrays,
    shape_path,
    topology_path,
)
from chiaro.training.pack.archive import read_archive
from chiaro.training.pack.packing import Packing, pack
from chiaro.training.pack.radiance import write_radiance
from chiaro.training.pack.record import RECORD
from chiaro.training.pack.unpacking import unpack
from chiaro.training.perceptual import FEATURES_FILE
from chiaro.training.real_plates import load_real_plates, real_plates_path

NAMES = ("A_F_1", "A_F_2", "B_M_1", "B_M_2", "C_F_1", "C_F_2", "C_F_3")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An asset folder of small files, with Blender's environment maps in it."""
    folder, random = tmp_path / "assets", np.random.default_rng(1)
    for name in ("ict_facekit", "hdri/blender", "metrics", "avatars"):
        (folder / name).mkdir(parents=True)
    save_arrays(
        folder / "ict_facekit" / "ict_facekit.npz",
        {
            "vertices": random.normal(size=(50, 3)).astype(np.float32),
            "faces": random.integers(-1, 50, (40, 4)).astype(np.int32),
            "identity": random.normal(size=(4, 50, 3)).astype(np.float16),
            "expression": random.normal(size=(2, 50, 3)).astype(np.float16),
            "expression_names": np.array(["jawOpen", "eyeBlink_L"]),
        },
    )
    indices = {"idx_to_landmark_verts": list(range(0, 48, 2))}
    (folder / "ict_facekit" / "vertex_indices.json").write_text(json.dumps(indices))
    (folder / "avatars" / "LICENSE").write_text("Do as you like, and keep this line.")
    (folder / FEATURES_FILE).write_bytes(random.bytes(300))
    for name in ("hdri/park.hdr", "hdri/night.hdr", "hdri/blender/city.exr"):
        write_radiance(random.uniform(0.1, 2.0, (32, 64, 3)).astype(np.float32), folder / name, "float")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of training with small avatars and crops of plates."""
    folder, random = tmp_path / "prepared", np.random.default_rng(2)
    save_arrays(topology_path(folder), {
        "uv": random.uniform(size=(60, 2)).astype(np.float32),
        "triangles": random.integers(0, 60, (90, 3)).astype(np.int32),
        "charts": random.integers(0, 8, 90).astype(np.uint8),
        "weld": np.arange(60, dtype=np.int32),
        "mesh": np.zeros(60, np.uint8),
    })  # fmt: skip
    np.save(rest_path(folder), random.normal(size=(60, 3)).astype(np.float32))
    for name in NAMES:
        save_arrays(shape_path(folder, name), _shape(random))
        maps = (np.full((64, 64, 4), 90), np.full((64, 64, 3), 128), random.integers(0, 8, (128, 128)))
        for path, values in zip(atlas_paths(folder, name), maps, strict=True):
            np.save(path, values.astype(np.uint8))
    format_path(folder).write_text(FORMAT)
    with real_plates_path(folder).open("wb") as file:
        np.savez(file, colour=np.full((3, 64, 64, 3), 70, np.uint8), matte=np.full((3, 64, 64), 200, np.uint8))
    return folder


def _shape(random: np.random.Generator) -> dict[str, np.ndarray]:  # type: ignore[type-arg]  # of several types
    return {
        "vertices": random.normal(size=(60, 3)).astype(np.float32),
        "joints": np.zeros((60, 4), np.uint8),
        "weights": np.tile(np.array([1.0, 0.0, 0.0, 0.0], np.float32), (60, 1)),
        "joint_positions": random.normal(size=(14, 3)).astype(np.float32),
        "key_names": np.array(["AE_AA"]),
        "key_ends": np.array([0, 30]),
        "key_indices": np.arange(30, dtype=np.int32),
        "key_offsets": (random.integers(1, 90, (30, 3)) * 0.1176).astype(np.float16),
        "wig_vertices": np.zeros((0, 3), np.float32),
        "wig_uv": np.zeros((0, 2), np.float32),
        "wig_triangles": np.zeros((0, 3), np.int32),
    }


def packed(data: Path, cache: Path, file: Path, limit: int = 10_000_000) -> Packing:
    """Pack without a word."""
    return pack(data, cache, file, limit, lambda _: None)


def test_everything_comes_out_where_training_looks_for_it(data: Path, cache: Path, tmp_path: Path) -> None:
    packing = packed(data, cache, tmp_path / "pack.zip")
    assert packing.avatars == NAMES
    assert packing.size == (tmp_path / "pack.zip").stat().st_size
    assert sum(part.after for part in packing.parts) < packing.size
    assert not list(tmp_path.glob("*.part"))
    there, kept = tmp_path / "there", tmp_path / "kept"
    assert unpack(tmp_path / "pack.zip", there, kept).left_out == ()
    _same_head(data, there)
    assert [path.name for path in environment_files(there)[0]] == ["park.hdr", "city.exr"]
    assert [path.name for path in environment_files(there)[1]] == ["night.hdr"]
    assert blender_worlds(there)[0].read_bytes() == (data / "hdri" / "blender" / "city.exr").read_bytes()
    before, after = (read_image(folder / "hdri" / "park.hdr") for folder in (data, there))
    assert np.abs(before - after).mean() < 0.05
    assert (there / FEATURES_FILE).read_bytes() == (data / FEATURES_FILE).read_bytes()
    assert (there / "avatars" / "LICENSE").read_text().startswith("Do as you like")
    assert tuple(prepare_avatars(there, kept)) == NAMES
    _same_avatars(cache, kept)
    assert load_real_plates(kept).colour.shape == (3, 64, 64, 3)
    np.testing.assert_allclose(load_real_plates(kept).matte.astype(float), 200.0, atol=2.0)


def _same_head(data: Path, there: Path) -> None:
    before, after = load_face_model(data), load_face_model(there)
    for name, value in vars(before).items():
        np.testing.assert_array_equal(getattr(after, name), value)


def _same_avatars(cache: Path, kept: Path) -> None:
    np.testing.assert_array_equal(load_rest(kept), load_rest(cache))
    np.testing.assert_array_equal(load_topology(kept).triangles, load_topology(cache).triangles)
    for name in NAMES:
        before, after = load_shape(cache, name), load_shape(kept, name)
        np.testing.assert_allclose(after.vertices, before.vertices, atol=2e-6)
        np.testing.assert_array_equal(after.keys.offsets, before.keys.offsets)
        assert after.keys.names == before.keys.names
        np.testing.assert_array_equal(load_atlas(kept, name).classes, load_atlas(cache, name).classes)
        assert np.abs(load_atlas(kept, name).colour[..., :3].astype(int) - 90).max() < 4


def test_avatars_that_do_not_fit_are_left_out_and_the_held_out_stay(data: Path, cache: Path, tmp_path: Path) -> None:
    whole = packed(data, cache, tmp_path / "whole.zip")
    each = sum(part.after for part in whole.parts if part.name.startswith("avatars")) // len(NAMES)
    limit = whole.size - each // 2
    packing = packed(data, cache, tmp_path / "pack.zip", limit)
    assert packing.size <= limit
    assert set(packing.avatars) | set(packing.left_out) == set(NAMES)
    assert packing.left_out
    assert not set(packing.left_out) & set(NAMES[-4:])
    assert read_archive(tmp_path / "pack.zip").left_out == packing.left_out
    unpack(tmp_path / "pack.zip", tmp_path / "there", tmp_path / "kept")
    assert tuple(prepare_avatars(tmp_path / "there", tmp_path / "kept")) == packing.avatars


def test_a_limit_without_room_is_refused_with_what_takes_how_much(data: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"0\.0 MB hold 0 avatars.*morphable head 0\.0 MB.*allow more with --limit"):
        packed(data, cache, tmp_path / "pack.zip", 20_000)
    assert not (tmp_path / "pack.zip").exists()


def test_avatars_of_another_version_are_refused(data: Path, cache: Path, tmp_path: Path) -> None:
    format_path(cache).write_text("0")
    with pytest.raises(AssetError, match="no avatars of this version; run `chiaro-train prepare-avatars`"):
        packed(data, cache, tmp_path / "pack.zip")


def test_originals_are_not_written_over(data: Path, cache: Path, tmp_path: Path) -> None:
    packed(data, cache, tmp_path / "pack.zip")
    for there, kept in ((data, tmp_path / "kept"), (tmp_path / "there", cache)):
        with pytest.raises(AssetError, match="was not unpacked: the pack's copies are not as good"):
            unpack(tmp_path / "pack.zip", there, kept)
    with pytest.raises(AssetError, match="name a folder for each"):
        unpack(tmp_path / "pack.zip", tmp_path / "there", tmp_path / "there")
    assert not (data / RECORD).exists()
    assert not (tmp_path / "there").exists()


def test_a_damaged_folder_is_refused_and_unpacking_again_mends_it(data: Path, cache: Path, tmp_path: Path) -> None:
    file, there, kept = tmp_path / "pack.zip", tmp_path / "there", tmp_path / "kept"
    packed(data, cache, file)
    unpack(file, there, kept)
    (there / "hdri" / "park.hdr").write_bytes(b"#?RADIANCE")
    shape_path(kept, "A_F_1").write_bytes(b"")
    with pytest.raises(AssetError, match=r"park\.hdr is not as it was unpacked"):
        environment_files(there)
    with pytest.raises(AssetError, match=r"A_F_1\.npz is not as it was unpacked"):
        list(prepare_avatars(there, kept))
    unpack(file, there, kept)
    assert len(environment_files(there)[0]) == 2
    assert tuple(prepare_avatars(there, kept)) == NAMES
