"""Every number that is measured on a picture of the benchmark."""

from dataclasses import dataclass

import numpy as np

from ...runtime.arrays import AnyFloatArray, BoolArray, Float32Array
from ...runtime.encoding import Encoding
from ...runtime.errors import HeadError
from ...runtime.parts import PARTS
from ...runtime.passes import Passes
from ..lightstage.parts import PartClass
from .held_out import FIRM, HeldOutCase, MovedTruth, RelitTruth
from .light_measures import dominant_angle, relative_error, scale_free_error
from .map_measures import IntegerArray, confusion, extent, intersection_over_union, mean_angle, scaled_depth_error
from .picture_measures import psnr, scale_free_psnr, shown, ssim
from .product import Contestant, PreparedPlate
from .stage_face import StageFace
from .stage_plate import StagePlate
from .true_encoding import true_encoding

Numbers = dict[str, float]
PART_CLASSES = 8
CLOTHING = PARTS.index("clothing")
SURELY_SEEN = 0.05
"""Confidence from which on the plate's own pixels are what a moved camera shows."""


@dataclass(frozen=True)
class Measured:
    """One picture, measured.

    Attributes:
        numbers: by name; NaN where a picture does not tell.
        parts: (8, 8) pixels by true and predicted class, None without part maps.
    """

    numbers: Numbers
    parts: IntegerArray | None


def measured_contestant(case: HeldOutCase, contestant: Contestant, face: StageFace | None = None) -> Measured:
    """What networks make of a picture; a head turned too far for the product counts as not measured.

    Args:
        case: the picture.
        contestant: the networks.
        face: to be recognised in the relit picture; None to leave that out.
    """
    try:
        recorded = prepared(case.plate, contestant)
        clean = prepared(case.clean, contestant)
    except HeadError:
        return Measured({"refused": 1.0}, None)
    numbers = {"refused": 0.0, **_map_numbers(recorded.encoding, case), **_light_numbers(recorded.encoding, case)}
    numbers |= _pass_numbers(recorded, case)
    numbers |= _relit_numbers(recorded, case, case.plate, "photographed")
    numbers |= _relit_numbers(clean, case, case.clean, "scene-linear", face)
    for moved in case.moved:
        _append(numbers, _moved_numbers(clean, moved), len(case.moved))
    return Measured(numbers, _part_counts(recorded.encoding, case))


def measured_truth(case: HeldOutCase, face: StageFace | None = None) -> Measured:
    """What the product makes of a picture with a perfect network: the limit of its road.

    With a face, also how well it is recognised in the stage's own picture under the other light.
    """
    recorded, clean = (perfect(plate, case) for plate in (case.plate, case.clean))
    numbers = _pass_numbers(recorded, case)
    numbers |= _relit_numbers(recorded, case, case.plate, "photographed")
    numbers |= _relit_numbers(clean, case, case.clean, "scene-linear", face)
    for moved in case.moved:
        _append(numbers, _moved_numbers(clean, moved), len(case.moved))
    if face is not None:
        numbers["identity, stage's own picture"] = face.likeness(case.environment.radiance)
    return Measured(numbers, None)


def measured_plate(case: HeldOutCase) -> Measured:
    """The plate itself as the answer to everything that it can be an answer to."""
    numbers: Numbers = {}
    for plate, kind in ((case.plate, "photographed"), (case.clean, "scene-linear")):
        picture = plate.on_square(plate.image)
        for name, truth in (("environment", case.environment), ("lamp", case.lamp)):
            numbers |= _picture_numbers(picture, truth.radiance, case.inside, f"{name}, {kind}")
    picture = case.plate.on_square(case.plate.image)
    numbers["albedo, network"] = scale_free_psnr(picture, case.view.maps.albedo, case.inside)
    numbers["albedo, pass"] = numbers["albedo, network"]
    still = case.clean.on_square(case.clean.image)
    for moved in case.moved:
        ours, theirs = (shown(image, moved.radiance, moved.known) for image in (still, moved.radiance))
        _append(numbers, {"moved": psnr(ours, theirs, moved.known)}, len(case.moved))
    return Measured(numbers, None)


def prepared(plate: StagePlate, contestant: Contestant) -> PreparedPlate:
    """A plate of the stage, encoded alone."""
    return contestant.prepared(plate.image, plate.camera, plate.box)


def perfect(plate: StagePlate, case: HeldOutCase) -> PreparedPlate:
    """A plate of the stage with the true maps."""
    return PreparedPlate(plate.image, plate.camera, true_encoding(plate, case.view, case.light))


def _append(numbers: Numbers, further: Numbers, count: int) -> None:
    """Add to means over several cameras."""
    for name, value in further.items():
        numbers[name] = numbers.get(name, 0.0) + value / count


def _map_numbers(encoding: Encoding, case: HeldOutCase) -> Numbers:
    maps, inside = case.view.maps, case.inside
    depth = extent(maps.depth, case.head)
    return {
        "normal, skin": mean_angle(encoding.normal, maps.normal, case.skin),
        "normal, all": mean_angle(encoding.normal, maps.normal, inside),
        "depth": scaled_depth_error(encoding.depth, maps.depth, inside) / depth,
        "depth, head": scaled_depth_error(encoding.depth, maps.depth, case.head) / depth,
        "albedo, network": scale_free_psnr(encoding.albedo, maps.albedo, inside),
        "matte, network": _matte_overlap(encoding.matte, case),
    }


def _matte_overlap(matte: AnyFloatArray, case: HeldOutCase) -> float:
    recorded = case.plate.recorded
    return intersection_over_union(matte[recorded] > 0.5, case.view.maps.matte[recorded] > 0.5)


def _light_numbers(encoding: Encoding, case: HeldOutCase) -> Numbers:
    return {
        "light": relative_error(encoding.light, case.light),
        "light, scale free": scale_free_error(encoding.light, case.light),
        "light, direction": dominant_angle(encoding.light, case.light),
    }


def _part_counts(encoding: Encoding, case: HeldOutCase) -> IntegerArray | None:
    """Pixels by true and predicted class, glasses counted as clothing; None of a network that names no parts."""
    if encoding.parts is None:
        return None
    named = encoding.parts.astype(np.float32) / np.float32(255.0)
    named[..., CLOTHING] += named[..., PARTS.index("glasses")]
    background = 1.0 - named.sum(axis=-1, keepdims=True)
    scores = np.concatenate([background, named[..., : PART_CLASSES - 1]], axis=-1)
    # Glasses were added to clothing, so background is what is missing to one of all others.
    scores[..., 0] += named[..., PARTS.index("glasses")]
    return confusion(scores.argmax(axis=-1).astype(np.uint8), case.parts, case.plate.recorded, PART_CLASSES)


def _pass_numbers(recorded: PreparedPlate, case: HeldOutCase) -> Numbers:
    passes = recorded.under(recorded.own_light, wanted=frozenset({"albedo", "matte"}))
    return {
        "matte, pass": _matte_overlap(case.plate.on_square(passes.matte), case),
        "albedo, pass": scale_free_psnr(case.plate.on_square(passes.albedo), case.view.maps.albedo, case.inside),
    }


def _relit_numbers(
    plate: PreparedPlate, case: HeldOutCase, place: StagePlate, kind: str, face: StageFace | None = None
) -> Numbers:
    numbers: Numbers = {}
    for name, truth in (("environment", case.environment), ("lamp", case.lamp)):
        picture = relit_picture(plate, truth, place)
        numbers |= _picture_numbers(picture, truth.radiance, case.inside, f"{name}, {kind}")
        if face is not None and truth is case.environment:
            numbers["identity, stage"] = face.likeness(picture)
    return numbers


def relit_picture(plate: PreparedPlate, truth: RelitTruth, place: StagePlate) -> Float32Array:
    """(size, size, 3) the plate under a light, linear, on the stage picture's pixels."""
    passes = plate.under(truth.light, wanted=frozenset({"image"}))
    return place.on_square(passes.image[..., :3])


def _picture_numbers(picture: Float32Array, true: Float32Array, inside: BoolArray, name: str) -> Numbers:
    ours, theirs = shown(picture, true, inside), shown(true, true, inside)
    return {
        f"{name}, PSNR": psnr(ours, theirs, inside),
        f"{name}, SSIM": ssim(ours, theirs, inside),
        f"{name}, PSNR scale free": scale_free_psnr(ours, theirs, inside),
    }


def moved_passes_of(plate: PreparedPlate, moved: MovedTruth) -> Passes:
    """The plate under its own light as a moved camera sees it."""
    return plate.turned(moved.camera)


def _moved_numbers(plate: PreparedPlate, moved: MovedTruth) -> Numbers:
    passes = moved_passes_of(plate, moved)
    picture = passes.image[..., :3] * passes.image[..., 3:]
    ours, theirs = (shown(image, moved.radiance, moved.known) for image in (picture, moved.radiance))
    shown_there = moved.known & (passes.matte > 0.5)
    seen = moved.known & (passes.confidence > SURELY_SEEN) & (passes.matte > FIRM)
    maps = moved.view.maps
    head = moved.known & (maps.parts != PartClass.CLOTHING)
    return {
        "moved": psnr(ours, theirs, moved.known),
        "moved, where the plate saw it": psnr(ours, theirs, seen),
        "moved, depth": scaled_depth_error(passes.depth, maps.depth, shown_there) / extent(maps.depth, head),
        "moved, holes": 1.0 - float(shown_there.sum()) / max(1.0, float(moved.known.sum())),
    }
