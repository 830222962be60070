"""Renders the pictures of the limits page: held-out people of the light stage as plates, relit, beside the truth.

    python docs/make_limits.py [--cache FOLDER]    needs the training extra, its assets and prepared people

Each row is a plate, what the shipped networks make of it under another light, and what the light stage renders under
that light. Nobody in them was trained on. The rows are chosen by rule, not by how well they came out: of the held-out
people the one with the most glasses, with the longest hair, with the most on the head. The child is one of them whose
face and neck are drawn to a child's proportions; its light transport is still the adult's.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from make_pictures import in_rows, write_jpeg

from chiaro.runtime.arrays import Float32Array
from chiaro.runtime.head import CROP_HALF_WIDTH_METRES
from chiaro.runtime.transfer import srgb_from_linear
from chiaro.runtime.weights import WEIGHTS_FOLDER
from chiaro.training.assets import default_data_folder, load_face_model
from chiaro.training.benchmark import SEED
from chiaro.training.evaluate.held_out import benchmark_stage, mean_luminance, relit_truth
from chiaro.training.evaluate.product import Contestant, contestant
from chiaro.training.evaluate.stage_plate import stage_plate
from chiaro.training.lightstage.body import rotation_yaw_pitch_roll
from chiaro.training.lightstage.ict_person import build_ict_person
from chiaro.training.lightstage.illumination import Lamps
from chiaro.training.lightstage.lights import SceneLight
from chiaro.training.lightstage.panorama import PANORAMA_FROM_UPRIGHT
from chiaro.training.lightstage.parts import Part
from chiaro.training.lightstage.person import Person
from chiaro.training.lightstage.picture import over
from chiaro.training.lightstage.pose import Pose, mesh_rotation
from chiaro.training.lightstage.stage import Stage
from chiaro.training.lightstage.view import Subject, draw_view, lit

SIZE = 288
BRIGHTNESS = 0.22
"""Mean luminance of a person of middle skin in the plate."""

PERSON_WITH_HAND = 90050
"""The first held-out index at which chance puts a hand."""

CANDIDATES = 40
"""Held-out people who are looked at for a rule."""

Rule = Callable[[Person], float]


@dataclass(frozen=True)
class Row:
    """A plate of the page.

    Attributes:
        subject: who.
        yaw: of the head, degrees.
        pitch: of the head, degrees.
    """

    subject: Subject
    yaw: float = 12.0
    pitch: float = 0.0


def held_out_people(stage: Stage, *, seed: int = 3) -> list[Subject]:
    """The candidates, each with an appearance of its own, of middle skin."""
    found: dict[str, Subject] = {}
    for index in range(8 * CANDIDATES):
        subject = stage.subject(np.random.default_rng((seed, index)))
        middle = replace(subject.appearance, melanin=0.7, tattoo=0.0, acne=0.0)
        found.setdefault(str(subject.file), replace(subject, appearance=middle))
        if len(found) == CANDIDATES:
            break
    return list(found.values())


def most(people: Sequence[Subject], rule: Rule) -> Subject:
    """Of the people the one for whom a rule says most.

    Raises:
        ValueError: it says nothing for anybody.
    """
    best = max(people, key=lambda subject: rule(subject.person))
    if not rule(best.person) > 0:
        raise ValueError("None of the held-out people fits the rule; prepare more of them.")
    return best


def area_of(*parts: Part) -> Rule:
    """Square metres of some materials."""

    def rule(person: Person) -> float:
        corners = person.vertices[person.triangles[np.isin(person.parts, parts)]]
        return float(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])).sum() / 2)

    return rule


def length_of_hair(person: Person) -> float:
    """How far hair hangs below the ears, metres."""
    hair = person.vertices[person.triangles[person.parts == Part.HAIR].ravel()]
    return float(-hair[:, 1].min()) if len(hair) else 0.0


def childlike(subject: Subject) -> Subject:
    """A larger brain case over a smaller face, and a thin neck; in the head frame y is up and z is forward."""
    vertices = subject.person.vertices.copy()
    y = vertices[:, 1]
    below = np.clip(-y / 0.12, 0.0, 1.0)
    above = np.clip(y / 0.10, 0.0, 1.0)
    vertices[:, 0] *= 1.0 - 0.14 * below + 0.04 * above
    vertices[:, 2] *= 1.0 - 0.16 * below
    vertices[:, 1] *= np.where(y < 0, 0.80, 1.06)
    appearance = replace(subject.appearance, wrinkle=0.0, under_eye=0.0, stubble=0.0, age_spots=0.0, melanin=0.4)
    return replace(subject, person=replace(subject.person, vertices=vertices), appearance=appearance)


def with_skin(subject: Subject, melanin: float) -> Subject:
    """The same person with another skin."""
    return replace(subject, appearance=replace(subject.appearance, melanin=melanin))


class Pictures:
    """Plates, relit plates and truths."""

    def __init__(self, stage: Stage, networks: Contestant) -> None:
        self._stage, self._networks = stage, networks
        by_name = {panorama.name.split(".")[0]: panorama for panorama in stage.panoramas}
        self._shoot, self._new = by_name.get("studio", stage.panoramas[0]), by_name.get("sunset", stage.panoramas[-1])

    def row(self, row: Row) -> list[Float32Array]:
        """(h, w, 3) each, as shown on a screen."""
        pose = Pose(
            rotation_yaw_pitch_roll(np.deg2rad(row.yaw), np.deg2rad(row.pitch), 0.0),
            np.array([0.0, 0.0, -1.4]),
            CROP_HALF_WIDTH_METRES,
            mirrored=False,
        )
        view = draw_view(row.subject, pose, SIZE, self._stage.masks)
        # Without its suns: what hard light does to a plate is another limit than these.
        soft = replace(self._shoot.environment, suns=Lamps.none())
        light = SceneLight(soft, PANORAMA_FROM_UPRIGHT, Lamps.none(), self._shoot)
        inside = view.maps.matte > 0.9
        white = replace(view.maps, albedo=np.full_like(view.maps.albedo, 0.3))
        level = BRIGHTNESS / mean_luminance(
            lit(replace(view, maps=white), light.on(mesh_rotation(pose))).radiance, inside
        )
        own = (lit(view, light.on(mesh_rotation(pose))).radiance * np.float32(level)).astype(np.float32)
        background = self._background()
        plate = stage_plate(over(own, view.maps.matte, background), pose, (0, SIZE - 1, 0, SIZE - 1))
        truth = relit_truth(view, self._key_light(), own)
        prepared = self._networks.prepared(plate.image, plate.camera, plate.box)
        relit = prepared.under(truth.light, wanted=frozenset({"image"})).image[..., :3]
        rendered = over(truth.radiance, view.maps.matte, background)
        return [srgb_from_linear(np.clip(picture, 0, 1)) for picture in (plate.image, relit, rendered)]

    def _key_light(self) -> SceneLight:
        """A hard warm lamp, high on the left, and a little of an environment."""
        side, height = np.deg2rad(-62.0), np.deg2rad(30.0)
        towards = np.array([np.cos(height) * np.sin(side), np.sin(height), np.cos(height) * np.cos(side)])
        colour = np.array([[3.2, 2.7, 2.2]])
        lamps = Lamps(towards[None], np.full(1, np.inf), np.full(1, 0.03), colour)
        mean = float(self._new.environment.levels[0].mean())
        return SceneLight(self._new.environment.scaled(0.07 / mean), PANORAMA_FROM_UPRIGHT, lamps, self._new)

    @staticmethod
    def _background() -> Float32Array:
        """A grey wall that gets darker downwards."""
        ramp = np.linspace(0.28, 0.12, SIZE, dtype=np.float32)[:, None, None]
        return np.broadcast_to(ramp, (SIZE, SIZE, 3)).copy()


def with_hand(data: Path | None, like: Subject) -> Subject:
    """A person who holds a hand to the face; such ones are rare, so one is built that is not among the prepared."""
    person = build_ict_person(load_face_model(data), SEED, PERSON_WITH_HAND)
    return replace(like, person=person, atlas=None, file=None)


def pages(people: Sequence[Subject], data: Path | None) -> dict[str, list[Row]]:
    """Picture → its rows."""
    plain = min(people, key=lambda subject: area_of(Part.GLASSES, Part.HEADWEAR, Part.HAND)(subject.person))
    glasses = most(people, area_of(Part.LENS))
    return {
        "limits_glasses": [Row(glasses), Row(glasses, yaw=35.0)],
        "limits_hands": [Row(with_hand(data, plain), yaw=5.0)],
        "limits_children": [Row(childlike(plain))],
        "limits_skin": [Row(with_skin(plain, 0.03)), Row(with_skin(plain, 2.1))],
        "limits_pose": [Row(plain, yaw=30.0), Row(plain, yaw=45.0), Row(plain, yaw=55.0), Row(plain, 10.0, -28.0)],
        "limits_hair": [Row(most(people, length_of_hair)), Row(most(people, area_of(Part.HEADWEAR)))],
    }


def main() -> None:
    """Render all."""
    parser = argparse.ArgumentParser(description="Make the pictures of the limits page.")
    parser.add_argument("--cache", type=Path, help="folder of prepared people")
    data = default_data_folder()
    stage = benchmark_stage(data, parser.parse_args().cache)
    pictures = Pictures(stage, contestant(WEIGHTS_FOLDER))
    for name, rows in pages(held_out_people(stage), data).items():
        write_jpeg(name, in_rows([picture for row in rows for picture in pictures.row(row)], 3))


if __name__ == "__main__":
    main()
