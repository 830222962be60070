"""The stages that the commands draw from: of training, and of evaluation with other people and environments."""

from pathlib import Path

from .assets import default_cache_folder, environment_files, load_face_model
from .configuration import RunConfiguration
from .lightstage.avatars.avatar_person import HELD_OUT_FIRST
from .lightstage.panorama import load_panorama
from .lightstage.prepare import HELD_OUT_AVATARS, HELD_OUT_HEADS
from .lightstage.stage import People, Stage, make_stage
from .lightstage.view_store import StoredViews, ViewSource


def training_stage(data: Path | None, cache: Path | None, configuration: RunConfiguration) -> Stage:
    """The stage that a run's configuration describes."""
    people = People(configuration.variants, configuration.avatars, configuration.avatar_share)
    return _stage(data, cache, people, configuration, environment_files(data)[0])


def training_views(data: Path | None, cache: Path | None, configuration: RunConfiguration) -> ViewSource:
    """What a run draws its pictures from: the stage itself, or stored views where the configuration names some."""
    stage = training_stage(data, cache, configuration)
    return StoredViews(stage, configuration.cached_views) if configuration.cached_views else stage


def held_out_stage(data: Path | None, cache: Path | None, configuration: RunConfiguration) -> Stage:
    """People and environments that are never trained on."""
    people = People(HELD_OUT_HEADS, HELD_OUT_AVATARS, configuration.avatar_share, HELD_OUT_FIRST)
    return _stage(data, cache, people, configuration, environment_files(data)[1])


def _stage(
    data: Path | None, cache: Path | None, people: People, configuration: RunConfiguration, maps: list[Path]
) -> Stage:
    return make_stage(
        load_face_model(data),
        tuple(load_panorama(path) for path in maps),
        cache or default_cache_folder(),
        seed=configuration.seed,
        people=people,
        relights=configuration.relights,
    )
