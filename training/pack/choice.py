"""Which avatars go along where not all of them fit."""

from ..lightstage.avatars.avatar_model import HELD_OUT_AVATARS


def by_importance(names: list[str]) -> list[str]:
    """Avatars in the order in which they are taken along.

    The last ones in alphabetical order come first: `avatars_of` holds out the last four of whoever is there, so that
    without them four of the others would be lost to training. Then one of each group in turn; a group is a name
    without its number.
    """
    ordered = sorted(names)
    held_out, others = ordered[-HELD_OUT_AVATARS:], ordered[:-HELD_OUT_AVATARS]
    groups: dict[str, list[str]] = {}
    for name in others:
        groups.setdefault(name.rpartition("_")[0], []).append(name)
    turns = max((len(group) for group in groups.values()), default=0)
    return held_out + [group[turn] for turn in range(turns) for group in groups.values() if turn < len(group)]


def that_fit(sizes: dict[str, int], room: int) -> tuple[str, ...]:
    """The avatars that fit, sorted.

    Args:
        sizes: bytes of each, in the order in which they are taken along.
        room: bytes.
    """
    chosen = []
    for name, size in sizes.items():
        if size > room:
            break
        room -= size
        chosen.append(name)
    return tuple(sorted(chosen))
