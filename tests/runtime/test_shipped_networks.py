"""The networks that ship, on real photographs: heads found, a person cut out, the plate given back by its own light."""

from pathlib import Path

import numpy as np
import pytest
import skimage
from skimage.transform import resize
from tests.asset_folder import ASSETS

from chiaro.runtime.camera import camera_from_lens
from chiaro.runtime.command.bench import astronaut
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.compose.kept_light import KeptLight
from chiaro.runtime.head import HeadBox
from chiaro.runtime.light.environment import environment_from_map
from chiaro.runtime.light.light import Light
from chiaro.runtime.light.shade import no_light, own_shading
from chiaro.runtime.network import load_network
from chiaro.runtime.orbit import looking_along_y
from chiaro.runtime.plate.opening import open_plate
from chiaro.runtime.plate.plate import PlateFrame
from chiaro.runtime.recentre import pose_network, recentred
from chiaro.runtime.relight import Relighter, RelightRequest
from chiaro.runtime.view.view import view

UNIFORM = Light(environment_from_map(np.ones((16, 32, 3), dtype=np.float32)))


def still(path: Path) -> PlateFrame:
    with open_plate(path, kind="still") as plate:
        return plate.read(plate.first_frame)


def test_the_astronaut_is_found_where_she_is() -> None:
    heads = Relighter().find_heads(still(astronaut()))
    assert len(heads) == 1
    assert heads[0].centre_x == pytest.approx(222, abs=20)
    assert heads[0].centre_y == pytest.approx(112, abs=25)
    assert heads[0].half_size == pytest.approx(165, rel=0.25)
    assert abs(np.rad2deg(heads[0].roll)) < 15


def test_her_box_is_the_same_from_the_pose_alone_as_from_the_whole_network() -> None:
    image, box = still(astronaut()).image, HeadBox(225.0, 118.0, 150.0, roll=0.1)
    assert pose_network().name == "pose"
    alone, whole = (vars(recentred(image, box, network)) for network in (pose_network(), load_network("portrait")))
    assert {name: value for name, value in alone.items() if value is not None} == pytest.approx(
        {name: value for name, value in whole.items() if value is not None}, abs=1e-3
    )


@pytest.mark.parametrize("half_sizes", [(250, 120, 80), (120, 120, 120), (90, 90, 90)])
def test_three_people_are_three_heads_the_largest_first(half_sizes: tuple[int, int, int]) -> None:
    image = np.full((1080, 1920, 3), 0.12, dtype=np.float32)
    portrait = still(astronaut()).image
    for third, half_size in enumerate(half_sizes):
        size = round(512 * half_size / 140)
        picture = resize(portrait, (size, size), anti_aliasing=True)[:, : min(size, 640)]
        left = third * 640 + max(0, (640 - size) // 2)
        picture = picture[:880]
        image[200 : 200 + picture.shape[0], left : left + picture.shape[1]] = picture
    heads = Relighter().find_heads(PlateFrame(image, None, 1, 1.0, f"three people {half_sizes}"))
    assert sorted(head.centre_x // 640 for head in heads) == [0, 1, 2]
    assert [head.half_size for head in heads] == pytest.approx(sorted(half_sizes, reverse=True), rel=0.3)


@pytest.mark.parametrize(
    "name", ["coffee.png", "rocket.jpg", "motorcycle_left.png", "brick.png", "page.png", "chelsea.png"]
)
def test_there_is_no_head_where_nobody_is(name: str) -> None:
    assert Relighter().find_heads(still(Path(skimage.__file__).parent / "data" / name)) == []


def test_the_astronaut_is_cut_out_and_lit() -> None:
    frame = still(astronaut())
    camera = camera_from_lens(512, 512, world_from_camera=looking_along_y())
    passes = Relighter().relight(frame, RelightRequest(camera, camera, UNIFORM)).passes
    assert passes.matte[80:150, 190:250].min() > 0.95
    assert passes.matte[:60, 330:].max() < 0.2
    nose_to_camera = passes.normal[125, 222] @ np.array([0.0, -1.0, 0.0])
    assert nose_to_camera > 0.7
    assert np.isfinite(passes.image).all()


def test_her_own_light_gives_the_plate_back() -> None:
    frame = still(astronaut())
    camera = camera_from_lens(512, 512, world_from_camera=looking_along_y())
    encoding = Relighter().analyse(frame, camera).encoding
    seen = view(encoding, camera, camera)
    own = own_shading(seen)
    delit = delight(frame.image, encoding, own)
    kept = compose(frame.image, None, delit, seen, no_light(seen), camera, KeptLight(1.0, lambda: own))
    assert kept.image[..., :3].tobytes() == frame.image.tobytes()
    passes = compose(frame.image, None, delit, seen, own, camera)
    error = np.abs(passes.image[..., :3] - frame.image)
    assert -20 * np.log10(np.sqrt(np.mean(error[passes.matte > 0] ** 2)) + 1e-12) > 20
    assert (error[passes.matte == 0] == 0).all()


@pytest.mark.data
@pytest.mark.parametrize("name", ["obama.jpg", "biden.jpg"])
def test_real_portraits_hold_one_head(name: str) -> None:
    path = ASSETS / "portraits" / name
    if not path.exists():
        pytest.skip(f"the portrait {path} is not there; see training/README.md for where the assets come from")
    assert len(Relighter().find_heads(still(path))) == 1
