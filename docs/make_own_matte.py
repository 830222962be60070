"""Renders the picture of a matte of one's own: held-out people of the light stage, with and without their true matte.

    python docs/make_own_matte.py [--cache FOLDER]    needs the training extra, its assets and prepared people

The people are those of the benchmark whose mattes the network gets most wrong, of its first pictures. A row is a plate,
the matte pass, and the person seen from the side; first as estimated, then within the true matte.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from make_pictures import Picture, in_rows, write_jpeg

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.compose.compose import compose
from chiaro.runtime.compose.delight import delight
from chiaro.runtime.compose.given_matte import GivenMatte, held_to
from chiaro.runtime.errors import HeadError
from chiaro.runtime.light.light import Light
from chiaro.runtime.light.shade import shade
from chiaro.runtime.mattes import over_grey
from chiaro.runtime.orbit import turned_around
from chiaro.runtime.transfer import srgb_from_linear
from chiaro.runtime.view.view_camera import head_centre
from chiaro.runtime.weights import WEIGHTS_FOLDER
from chiaro.training.assets import default_data_folder
from chiaro.training.evaluate.held_out import HeldOutCase, benchmark_stage, held_out_case
from chiaro.training.evaluate.map_measures import intersection_over_union
from chiaro.training.evaluate.product import Contestant, PreparedPlate, contestant

CANDIDATES, SHOWN = 24, 2
YAW = -25.0
GREY = 0.18


def true_matte(case: HeldOutCase) -> GivenMatte:
    """Of the plate."""
    values = case.view.maps.matte[case.plate.rows, case.plate.columns]
    return GivenMatte(np.ascontiguousarray(values, np.float32), f"true {case.index}")


def overlap(case: HeldOutCase, networks: Contestant) -> float:
    """How much of the matte the network gets right; nothing to show where it refuses the head."""
    try:
        found = networks.prepared(case.plate.image, case.plate.camera, case.plate.box).encoding.matte
    except HeadError:
        return 1.0
    true, recorded = case.view.maps.matte > 0.5, case.plate.recorded
    return intersection_over_union(found[recorded] > 0.5, true[recorded])


def seen(
    plate: PreparedPlate, light: Light, given: GivenMatte | None, turned: bool
) -> tuple[Float32Array, Float32Array]:
    """(H, W, 3) relit over grey, and the matte pass."""
    camera = plate.camera
    if turned:
        camera = turned_around(camera, head_centre(plate.encoding.crop, camera), yaw=np.deg2rad(YAW), pitch=0.0)
    gbuffer = plate.seen_from(camera) if turned else plate.gbuffer
    delit = delight(plate.plate, plate.encoding, plate.own, given=given)
    passes = compose(plate.plate, None, delit, gbuffer, shade(gbuffer, light), camera)
    alpha = passes.image[..., 3:]
    return passes.image[..., :3] * alpha + np.float32(GREY) * (1 - alpha), passes.matte


def row(case: HeldOutCase, networks: Contestant, given: GivenMatte | None) -> list[Picture]:
    """Plate, matte, relit, and from the side, on the stage's square."""
    image = case.plate.image if given is None else over_grey(case.plate.image, given)
    plate = replace(networks.prepared(image, case.plate.camera, case.plate.box), plate=case.plate.image)
    if given is not None:
        plate = replace(plate, encoding=held_to(plate.encoding, given))
    front, matte = seen(plate, case.environment.light, given, turned=False)
    side, _ = seen(plate, case.environment.light, given, turned=True)
    grey = np.repeat(matte[..., None], 3, axis=2)
    return [
        case.plate.on_square(cell)
        for cell in (srgb_from_linear(case.plate.image), grey, *map(srgb_from_linear, (front, side)))
    ]


def main() -> None:
    """Draw the page's picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="folder of prepared people")
    stage, networks = benchmark_stage(default_data_folder(), parser.parse_args().cache), contestant(WEIGHTS_FOLDER)
    cases = [held_out_case(stage, number) for number in range(CANDIDATES)]
    worst = sorted(cases, key=lambda case: overlap(case, networks))[:SHOWN]
    cells = [cell for case in worst for given in (None, true_matte(case)) for cell in row(case, networks, given)]
    write_jpeg("own_matte", in_rows(cells, 4), 1100)


if __name__ == "__main__":
    main()
