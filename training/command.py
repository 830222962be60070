"""`chiaro-train`: prepare people, look at samples, train, export, evaluate."""

# ruff: noqa: PLC0415 - each command imports only what it needs: torch alone takes seconds

import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console

from ..runtime.errors import ChiaroError, SettingsError
from .assets import default_cache_folder, default_data_folder
from .avatar_commands import application as avatar_application
from .cards import (
    LOCATOR_DATA,
    LOCATOR_HISTORY,
    LOCATOR_LIMITS,
    PORTRAIT_DATA,
    PORTRAIT_LIMITS,
    TRIPLANES_DATA,
    card,
    commit_hash,
    write_text,
)
from .configuration import RunConfiguration, read_configuration
from .evaluate.command import application as evaluate_application
from .pack_commands import application as pack_application
from .stage_commands import CacheOption, DataOption
from .stage_commands import application as stage_application
from .stages import training_stage, training_views
from .truth_commands import application as truth_application

if TYPE_CHECKING:
    from torch.nn import Module

application = typer.Typer(
    help="Train Chiaro's networks in the virtual light stage.", no_args_is_help=True, add_completion=False
)
application.add_typer(stage_application)
application.add_typer(truth_application)
application.add_typer(avatar_application)
application.add_typer(pack_application)
application.add_typer(evaluate_application, name="evaluate")
console = Console()

WEIGHTS = Path(__file__).resolve().parents[1] / "runtime" / "weights"
RECIPES = Path(__file__).resolve().parent

FolderOption = Annotated[
    Path | None, typer.Option("--run-folder", help="Folder of checkpoints; below the cache when not given.")
]
LabelsOption = Annotated[Path | None, typer.Option("--labels", help="JSON written by label_frames.py.")]


class NetworkName(StrEnum):
    """The networks that this command trains."""

    PORTRAIT = "portrait"
    TRIPLANES = "triplanes"
    OVERVIEW = "overview"
    CLOSEUP = "closeup"
    TEMPORAL = "temporal"
    LOCATOR = "locator"


INNER = (NetworkName.OVERVIEW, NetworkName.CLOSEUP)
"""Those that are exported into the portrait network."""


def _cache(cache: Path | None) -> Path:
    return cache or default_cache_folder()


def _recipe(path: Path | None, network: NetworkName) -> RunConfiguration:
    folder = "triplanes" if network is NetworkName.TEMPORAL else network.value
    return read_configuration(path or RECIPES / folder / f"{network.value}.toml")


@application.command()
def prepare_locator(
    labels: LabelsOption = None,
    data: DataOption = None,
    cache: CacheOption = None,
) -> None:
    """Draw the locator's pictures, once, into the cache; `prepare` comes first."""
    from .locator.pictures import CHUNKS, draw_chunk
    from .locator.sample import read_labelled_frames

    settings, data = _recipe(None, NetworkName.LOCATOR), data or default_data_folder()
    stage, frames = training_stage(data, cache, settings), read_labelled_frames(data, _labels(labels))
    for chunk in range(CHUNKS):
        console.print(f"{draw_chunk(stage, frames, settings.seed, chunk).name}")


@application.command()
def run(  # noqa: PLR0917 - options of a command
    network: Annotated[NetworkName, typer.Argument(help="Which network.")],
    configuration: Annotated[
        Path | None, typer.Argument(help="TOML of the run; the one in training/ when not given.")
    ] = None,
    data: DataOption = None,
    cache: CacheOption = None,
    run_folder: FolderOption = None,
    trunk: Annotated[
        Path | None,
        typer.Option(
            help="Folder of exported networks whose network of this kind to begin with; for the tri-planes or the "
            "temporal network also the checkpoint of an earlier run, for the tri-planes also the first network's."
        ),
    ] = None,
    encoder: Annotated[
        Path,
        typer.Option(
            help="Folder of the exported portrait network that the temporal network steadies and the close-up adds to."
        ),
    ] = WEIGHTS,
) -> None:
    """Train a network; goes on exactly where the last run stopped."""
    settings, data = _recipe(configuration, network), data or default_data_folder()
    folder = run_folder or _cache(cache) / f"run_{network.value}"

    def report(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    if network is NetworkName.PORTRAIT:
        from .portrait.train import train_portrait

        train_portrait(settings, training_views(data, cache, settings), folder, report)
    elif network is NetworkName.TRIPLANES:
        from .triplanes.train import train_triplanes

        train_triplanes(settings, training_views(data, cache, settings), folder, report, data=data, trunk=trunk)
    elif network is NetworkName.OVERVIEW:
        from .overview.train import train_overview

        train_overview(settings, training_stage(data, cache, settings), folder, report, trunk)
    elif network is NetworkName.CLOSEUP:
        from .closeup.train import train_closeup

        train_closeup(settings, training_stage(data, cache, settings), encoder, folder, report, trunk)
    elif network is NetworkName.TEMPORAL:
        from .triplanes.temporal_train import train_temporal

        train_temporal(settings, training_stage(data, cache, settings), encoder, folder, report, trunk)
    else:
        from .locator.pictures import CHUNKS, read_chunk
        from .locator.train import train_locator

        chunks = range(CHUNKS)
        drawn = [sample for chunk in chunks for sample in read_chunk(_cache(cache), settings.seed, chunk)]
        train_locator(settings, drawn, folder, report)


def _labels(labels: Path | None) -> Path:
    if labels is None:
        raise SettingsError(
            "No labels were given; the locator needs --labels FILE, made by training/locator/label_frames.py."
        )
    return labels


@dataclass(frozen=True)
class _Product:
    """What `export` needs to know about a network: the untrained network, its interface, the words of its card."""

    network: "Module"
    outputs: tuple[str, ...]
    channels: int
    data: str
    limits: str


def _product(network: NetworkName, seed: int, weights: Path) -> _Product:
    if network is NetworkName.PORTRAIT:
        from .portrait.train import new_network
        from .portrait_model import OUTPUTS

        return _Product(new_network(seed), OUTPUTS, 5, PORTRAIT_DATA, PORTRAIT_LIMITS)
    if network is NetworkName.TRIPLANES:
        from .triplanes.model import OUTPUTS as ENCODER_OUTPUTS
        from .triplanes.train import new_model

        return _Product(new_model(seed), ENCODER_OUTPUTS, 5, TRIPLANES_DATA, PORTRAIT_LIMITS)
    if network is NetworkName.OVERVIEW:
        from .overview.train import new_overview

        return _Product(new_overview(seed), (), 5, "", "")
    if network is NetworkName.CLOSEUP:
        from .closeup.train import new_closeup

        return _Product(new_closeup(seed), (), 5, "", "")
    if network is NetworkName.TEMPORAL:
        from .triplanes.temporal_exported import TEMPORAL_DATA, TEMPORAL_LIMITS
        from .triplanes.temporal_train import new_temporal

        return _Product(new_temporal(seed, weights), (), 0, TEMPORAL_DATA, TEMPORAL_LIMITS)
    from .locator.train import new_locator

    return _Product(new_locator(seed), ("score", "box"), 3, f"{LOCATOR_DATA}\n\n{LOCATOR_HISTORY}", LOCATOR_LIMITS)


@application.command()
def export(  # noqa: PLR0917 - options of a command
    network: Annotated[NetworkName, typer.Argument(help="Which network.")],
    configuration: Annotated[
        Path | None, typer.Argument(help="TOML of the run; the one in training/ when not given.")
    ] = None,
    cache: CacheOption = None,
    run_folder: FolderOption = None,
    weights: Annotated[Path, typer.Option(help="Folder to write into.")] = WEIGHTS,
    results: Annotated[Path | None, typer.Option(help="Markdown table that `evaluate` wrote, for the card.")] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="Checkpoint this run began with: the exported weights lie between both.")
    ] = None,
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Of this run in them.")] = 0.75,
) -> None:
    """Write the averaged weights as ONNX, the model card and the manifest."""
    from .checkpoint import load_average, load_between
    from .export import export_network, write_manifest
    from .pose_export import export_pose

    settings = _recipe(configuration, network)
    folder = run_folder or _cache(cache) / f"run_{network.value}"
    product = _product(network, settings.seed, weights)
    checkpoint, data = folder / f"{network.value}.npz", product.data
    if earlier is None:
        step = load_average(checkpoint, product.network)
    else:
        step = load_between(checkpoint, earlier, share, product.network)
        data += f"\n\nThe exported weights lie between this run's and those it began with: {share:g} of this run's."
    table = results.read_text().strip() if results else "Not evaluated yet: run `chiaro-train evaluate`."

    def text(title: str, limits: str) -> str:
        commit = commit_hash(RECIPES)
        return card(title, data=data, limits=limits, configuration=settings, step=step, results=table, commit=commit)

    weights.mkdir(parents=True, exist_ok=True)
    if network is NetworkName.TRIPLANES:
        from .triplanes.product import FIELD_LIMITS, export_product

        _with_locator(weights)
        cards = {"portrait": text("portrait", product.limits), "field": text("field", FIELD_LIMITS)}
        entries = export_product(product.network, weights, cards)
    elif network in INNER:
        from .inner_cards import section, write_section
        from .triplanes.overseen import export_closeup, export_overseen

        (export_overseen if network is NetworkName.OVERVIEW else export_closeup)(product.network, weights)
        export_pose(weights)
        heading = network.value.capitalize()
        part = None if earlier is None else share
        body = section(heading, settings, step, commit_hash(RECIPES), share=part)
        write_section(heading, body, weights / "portrait.md")
        entries = write_manifest(weights)
    else:
        if network is NetworkName.TEMPORAL:
            from .triplanes.temporal_exported import export_temporal

            export_temporal(product.network, weights)
        else:
            export_network(product.network, product.outputs, product.channels, weights / f"{network.value}.onnx")
        if network is NetworkName.PORTRAIT:
            export_pose(weights)
        write_text(text(network.value, product.limits), weights / f"{network.value}.md")
        entries = write_manifest(weights)
    for name, entry in entries.items():
        console.print(f"{name}: {weights / entry.file}, sha256 {entry.sha256}")


def _with_locator(weights: Path) -> None:
    """Put the shipped locator into a folder of weights that has none, so that the product runs from that folder."""
    for name in ("locator.onnx", "locator.md"):
        if not (weights / name).exists() and (WEIGHTS / name).exists():
            shutil.copyfile(WEIGHTS / name, weights / name)


def main() -> None:
    """Entry point: errors that a user can mend become one sentence and exit code 2."""
    np.seterr(over="ignore", under="ignore")
    try:
        application(standalone_mode=False)
    except ChiaroError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        raise SystemExit(2) from error
    except typer.Abort:
        raise SystemExit(130) from None
    except Exception as error:
        if error.__class__.__module__.startswith("click"):
            error.show()  # type: ignore[attr-defined]  # click's own usage errors
            raise SystemExit(2) from error
        raise


if __name__ == "__main__":
    main()
