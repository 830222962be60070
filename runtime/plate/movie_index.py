"""Where each frame of a movie is: its time stamp, found by listing packets without decoding them."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import av
import av.container
import av.error
import av.video.stream

_DURATION_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True)
class MovieIndex:
    """Time stamps in the stream's time base.

    Attributes:
        stamps: presentation time of every frame that is shown, ascending.
        keys: presentation times of those at which decoding can start, ascending.
        complete: whether the file held all the packets its header promises.
    """

    stamps: tuple[int, ...]
    keys: tuple[int, ...]
    complete: bool

    def key_before(self, stamp: int) -> int:
        """The latest time at or before a stamp at which decoding can start."""
        position = bisect_right(self.keys, stamp)
        return self.keys[position - 1] if position else self.stamps[0]


def index_movie(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> MovieIndex:
    """List the packets of a stream; reads the file once, decodes nothing."""
    stamps: set[int] = set()
    keys: set[int] = set()
    complete = True
    try:
        for packet in container.demux(stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is None:  # the empty packet at the end
                continue
            complete = complete and not packet.is_corrupt
            if packet.is_discard:  # decoded but not shown: cut away by an edit list
                continue
            stamps.add(stamp)
            if packet.is_keyframe:
                keys.add(stamp)
    except (av.error.FFmpegError, OSError):
        complete = False
    ordered = tuple(sorted(stamps))
    return MovieIndex(ordered, tuple(sorted(keys)), complete and _reaches_its_end(stream, ordered))


def _reaches_its_end(stream: av.video.stream.VideoStream, stamps: tuple[int, ...]) -> bool:
    """Whether the last frame ends where Matroska's DURATION tag has the stream end.

    Matroska is the container that does not notice itself when it is cut short. Only evenly spaced frames are judged:
    elsewhere the last frame may rightly last longer than any other.
    """
    tag = _DURATION_TAG.fullmatch(stream.metadata.get("DURATION", ""))
    if tag is None or len(stamps) < 2 or stream.time_base is None:
        return True
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    if max(gaps) > 1.5 * min(gaps):
        return True
    hours, minutes, seconds = (Fraction(part) for part in tag.groups())
    promised = hours * 3600 + minutes * 60 + seconds
    tick = Fraction(stream.time_base.numerator, stream.time_base.denominator)
    return (stamps[-1] + Fraction(3, 2) * max(gaps)) * tick > promised
