"""Where each frame of a movie is: its time stamp, found by listing packets without decoding them."""

from bisect import bisect_right
from dataclasses import dataclass

import av
import av.container
import av.error
import av.video.stream


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
    except av.error.FFmpegError:
        complete = False
    return MovieIndex(tuple(sorted(stamps)), tuple(sorted(keys)), complete)
