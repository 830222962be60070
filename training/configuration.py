"""The settings of a training run, read from a TOML file."""

import tomllib
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from ..runtime.errors import SettingsError


class OptimiserName(StrEnum):
    """Which optimiser a run uses, see optimiser.py."""

    ADAMW = "adamw"
    MUON = "muon"


@dataclass(frozen=True)
class RunConfiguration:
    """One training run; everything that decides its result.

    Attributes:
        seed: of the people, the pictures and the initial weights.
        variants: prepared people with ICT-FaceKit heads to draw from.
        avatars: prepared textured people to draw from.
        avatar_share: how often a textured one is drawn, where there are any.
        cached_views: prepared views that pictures are made from again and again; 0 draws every view anew.
        views: views in a batch.
        relights: pictures of each view.
        real_plates: crops of real clips that join a batch.
        features: whether a perceptual term counts.
        occupancy_from: share of the samples after which the field is taught its side of the surface.
        samples: pictures until the end of the schedule.
        seen: small pictures that the overview or the close-up has seen in runs before this one, which draws those after
            them; other networks have no use for it.
        learning_rate: peak.
        weight_decay: share of a weight lost per step, times the learning rate.
        optimiser: of the weights.
        warm_up: share of the samples over which the learning rate rises.
        hold: share of the samples after which it falls, along a cosine, to zero.
        average: decay of the running average of the weights that is exported.
        half_precision: whether convolutions run in bfloat16.
        device: that trains: "cpu", "cuda", or "auto" for a GPU where there is one.
        workers: processes that draw pictures.
        threads: threads of the trainer.
        checkpoint_minutes: minutes between checkpoints.
    """

    seed: int = 1
    variants: int = 400
    avatars: int = 0
    avatar_share: float = 0.45
    cached_views: int = 0
    views: int = 8
    relights: int = 2
    real_plates: int = 0
    features: bool = False
    occupancy_from: float = 0.0
    samples: int = 120_000
    seen: int = 0
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    optimiser: OptimiserName = OptimiserName.ADAMW
    warm_up: float = 0.01
    hold: float = 0.4
    average: float = 0.998
    half_precision: bool = True
    device: str = "auto"
    workers: int = 2
    threads: int = 2
    checkpoint_minutes: float = 4.0

    def __post_init__(self) -> None:
        """Reject counts and shares that make no schedule."""
        counts = (self.variants, self.views, self.relights, self.samples, self.threads)
        if min(counts) < 1 or not 0.0 < self.warm_up < self.hold < 1.0 or not self.learning_rate > 0.0:
            raise SettingsError(
                f"The run has {self.variants} people, {self.views} views, {self.relights} pictures each, "
                f"{self.samples} samples, warm-up {self.warm_up:g} and hold {self.hold:g}; "
                "counts above zero and 0 < warm_up < hold < 1 are expected."
            )

    @property
    def torch_device(self) -> str:
        """The device as torch names it."""
        import torch  # noqa: PLC0415 - settings are read by commands that need no torch

        if self.device == "auto":
            return "cuda" if torch.cuda.is_available() else "cpu"
        return self.device

    @property
    def batch(self) -> int:
        """Pictures in a batch."""
        return self.views * self.relights

    @property
    def steps(self) -> int:
        """Batches until the end of the schedule."""
        return max(1, self.samples // self.batch)


def read_configuration(path: Path) -> RunConfiguration:
    """Settings from a TOML file of `name = value` lines; names that are missing keep their defaults.

    Raises:
        SettingsError: when the file is missing, is no TOML, or names a setting that does not exist.
    """
    if not path.is_file():
        raise SettingsError(
            f"{path} was not found; a TOML file of settings is expected: training/portrait/portrait.toml is one."
        )
    try:
        values = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML ({error}); correct the line it names.") from error
    known = {field.name for field in fields(RunConfiguration)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingsError(
            f"{path} sets {', '.join(unknown)}, which is no setting; known are {', '.join(sorted(known))}."
        )
    name = values.get("optimiser", OptimiserName.ADAMW)
    if name not in set(OptimiserName):
        raise SettingsError(f'{path} sets optimiser = "{name}"; {" or ".join(OptimiserName)} is expected.')
    return RunConfiguration(**{**values, "optimiser": OptimiserName(name)})


def configuration_text(configuration: RunConfiguration) -> str:
    """The settings as TOML."""
    return "\n".join(f"{name} = {_toml(value)}" for name, value in asdict(configuration).items()) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
