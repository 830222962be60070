"""Put a pack's files where training looks for them."""

import os
from pathlib import Path

from ..assets import AssetError
from .archive import Pack, read_archive
from .codings import CODINGS
from .record import RECORD, file_hash, write_record

TAKEN = {"data": ("ict_facekit", "hdri"), "cache": ("avatars",)}
"""What must not be there already, unless it was unpacked too: packed files replace better originals."""


def unpack(file: Path, data: Path, cache: Path) -> Pack:
    """Unpack everything and keep the hashes of what was written.

    Args:
        file: a pack.
        data: folder to serve as the asset folder.
        cache: folder to serve as the cache of training.

    Raises:
        AssetError: when the pack is damaged, or a folder holds files of the same names that were not unpacked.
    """
    if data.resolve() == cache.resolve():
        raise AssetError(f"--data and --cache both name {data}; name a folder for each.")
    pack = read_archive(file)
    folders = {"data": data, "cache": cache}
    for name, folder in folders.items():
        _check_free(folder, TAKEN[name])
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
        # Until all files are there the folder counts as damaged.
        write_record(folder, None)
    written: dict[str, dict[str, str]] = {name: {} for name in folders}
    for packed in pack.files:
        name, _, place = packed.path.partition("/")
        path = folders[name] / place
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
        CODINGS[packed.coding].decode(packed.content, temporary)
        temporary.replace(path)
        written[name][place] = file_hash(path)
    for name, folder in folders.items():
        write_record(folder, written[name])
    return pack


def _check_free(folder: Path, taken: tuple[str, ...]) -> None:
    if (folder / RECORD).exists():
        return
    for name in taken:
        if (folder / name).exists():
            raise AssetError(
                f"{folder / name} is there and was not unpacked: the pack's copies are not as good; "
                "name an empty folder with --data and --cache."
            )
