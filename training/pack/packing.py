"""Write everything that training needs into one file."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..assets import AssetError
from ..lightstage.avatars.avatar_model import HELD_OUT_AVATARS
from ..lightstage.avatars.prepare_avatars import avatar_names
from .archive import Packed, archive_bytes
from .choice import by_importance, that_fit
from .codings import CODINGS
from .contents import Source, asset_sources, avatar_sources, shared_sources

MEGABYTE = 1_000_000
OVERHEAD = 400
"""Bytes of names, hashes and dates that a file costs besides its content, at most."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A row of the table of what takes how much.

    Attributes:
        name: of the part.
        files: how many.
        before: bytes of the files themselves.
        after: bytes of them packed.
        loss: what does not come back bit for bit.
    """

    name: str
    files: int
    before: int
    after: int
    loss: str


@dataclass(frozen=True)
class Packing:
    """What was packed.

    Attributes:
        size: bytes of the file.
        parts: what takes how much.
        avatars: names of those that went along.
        left_out: names of those that did not fit.
    """

    size: int
    parts: tuple[Part, ...]
    avatars: tuple[str, ...]
    left_out: tuple[str, ...]


Encoded = list[tuple[Source, Packed]]


def _encoded(sources: Iterable[Source]) -> Encoded:
    return [(each, Packed(each.path, each.coding, CODINGS[each.coding].encode(each.file))) for each in sources]


def _size(encoded: Encoded) -> int:
    return sum(len(packed.content) + OVERHEAD for _, packed in encoded)


def _parts(encoded: Encoded) -> tuple[Part, ...]:
    names = dict.fromkeys(source.part for source, _ in encoded)
    rows = []
    for name in names:
        of_part = [(source, packed) for source, packed in encoded if source.part == name]
        losses = dict.fromkeys(CODINGS[source.coding].loss for source, _ in of_part)
        before = sum(source.file.stat().st_size for source, _ in of_part)
        after = sum(len(packed.content) for _, packed in of_part)
        rows.append(Part(name, len(of_part), before, after, ", ".join(losses)))
    return tuple(rows)


def _listed(parts: Iterable[Part]) -> str:
    return ", ".join(f"{part.name} {part.after / MEGABYTE:.1f} MB" for part in parts)


def pack(data: Path | None, cache: Path, file: Path, limit: int, report: Report) -> Packing:
    """Write the pack: everything but avatars, and as many of these as there is room for.

    Args:
        data: the asset folder.
        cache: of training, with converted avatars, and crops of real plates if there are to be any.
        file: to write.
        limit: bytes that it may have.
        report: receives lines of progress.

    Raises:
        AssetError: when something is missing, or the limit leaves no room for an avatar to train on.
    """
    fixed = _encoded([*asset_sources(data), *shared_sources(cache)])
    order = by_importance(avatar_names(cache))
    avatars: dict[str, Encoded] = {}
    for name in order:
        avatars[name] = _encoded(avatar_sources(cache, name))
        report(f"{name}: {_size(avatars[name]) / MEGABYTE:.2f} MB")
    chosen = that_fit({name: _size(files) for name, files in avatars.items()}, limit - _size(fixed))
    if len(chosen) <= HELD_OUT_AVATARS:
        every = sum(_size(files) for files in avatars.values()) / MEGABYTE
        raise AssetError(
            f"{limit / MEGABYTE:.1f} MB hold {len(chosen)} avatars, and the last {HELD_OUT_AVATARS} are never trained "
            f"on: besides them there are {_listed(_parts(fixed))}, and all {len(order)} avatars take {every:.1f} MB; "
            "allow more with --limit."
        )
    encoded = fixed + [each for name in chosen for each in avatars[name]]
    left_out = tuple(sorted(set(order) - set(chosen)))
    content = archive_bytes([packed for _, packed in encoded], left_out)
    if len(content) > limit:
        raise AssetError(
            f"The pack has {len(content) / MEGABYTE:.2f} MB and may have {limit / MEGABYTE:.1f}: "
            f"{_listed(_parts(encoded))}; allow more with --limit."
        )
    _write(content, file)
    return Packing(len(content), _parts(encoded), chosen, left_out)


def _write(content: bytes, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.{os.getpid()}.part")
    temporary.write_bytes(content)
    temporary.replace(file)
