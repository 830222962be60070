"""Which frame of a plate an image node in Blender shows at a frame of the scene."""


def plate_frame_for_scene_frame(
    scene_frame: int,
    *,
    start: int = 1,
    offset: int = 0,
    duration: int,
    cyclic: bool = False,
) -> int | None:
    """The frame number that Blender asks of an image sequence or a movie.

    The same arithmetic as Blender's image user (`frame_start`, `frame_offset`, `frame_duration`, `use_cyclic`),
    compared with renders of Blender 4.5 and 5.2 by a test. `use_auto_refresh` has no say: it only spares redraws while
    scrubbing, renders always follow the scene's frame.

    After its end a plate that is not cyclic holds its last frame. Before its start Blender asks for the number
    `offset`, one before the first: a sequence that lacks that file shows nothing, a movie clamps to its first frame.

    Args:
        scene_frame: the scene's current frame.
        start: scene frame at which the plate starts.
        offset: added to the number; an image sequence that starts with file 1001 has offset 1000.
        duration: how many frames of the plate are used.
        cyclic: whether it repeats for ever, before its start too.

    Returns:
        The number in the file's name for a sequence, the 1-based frame for a movie; None when the duration is zero,
        where nothing is shown.
    """
    if duration < 1:
        return None
    position = scene_frame - start + 1
    position = (position - 1) % duration + 1 if cyclic else min(max(position, 0), duration)
    return position + offset
