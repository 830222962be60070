"""Any frame of a movie by its position, exact in any order and fast in rising order."""

from collections import OrderedDict
from collections.abc import Iterator

import av
import av.container
import av.video.stream

from .movie_index import MovieIndex

LOOK_AHEAD_FRAMES = 16
"""How far ahead decoding goes on even past a frame to start from: seeking costs about as much."""

KEPT_FRAMES = 8
"""Decoded frames that are kept: a head's track looks three frames ahead and back again, frame after frame."""


class MovieDecoder:
    """The state of decoding: the last frames that were decoded, and what comes next.

    Attributes:
        index: the frames of the stream.
    """

    def __init__(
        self, container: av.container.InputContainer, stream: av.video.stream.VideoStream, index: MovieIndex
    ) -> None:
        self.index = index
        self._container = container
        self._stream = stream
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._latest: int | None = None
        self._kept: OrderedDict[int, av.VideoFrame] = OrderedDict()

    def frame(self, position: int) -> av.VideoFrame | None:
        """The frame at a position in the order they are shown, from 0; None where the file does not yield it.

        Raises:
            av.error.FFmpegError: the stream cannot be decoded there.
        """
        stamp = self.index.stamps[position]
        if stamp in self._kept:
            return self._kept[stamp]
        if self._is_just_ahead(position):
            found = self._decoded_until(stamp)
            if found is not None:
                return found
        for start in self._starts(stamp):
            self._container.seek(start, stream=self._stream, backward=True)
            self._frames = self._container.decode(self._stream)
            found = self._decoded_until(stamp)
            if found is not None:
                return found
        return None

    def _is_just_ahead(self, position: int) -> bool:
        if self._latest is None or self._latest >= self.index.stamps[position]:
            return False
        near = self.index.stamps[max(0, position - LOOK_AHEAD_FRAMES)]
        return self._latest >= min(near, self.index.key_before(self.index.stamps[position]))

    def _starts(self, stamp: int) -> Iterator[int]:
        # A container may seek by decoding time and land a little late: then start earlier, at last from the beginning.
        key = self.index.key_before(stamp)
        yield key
        yield self.index.key_before(key - 1)
        yield min(0, self.index.stamps[0])

    def _decoded_until(self, stamp: int) -> av.VideoFrame | None:
        self._latest = None
        for frame in self._frames:
            shown_at = frame.pts if frame.pts is not None else frame.dts
            if shown_at is None:
                continue
            self._keep(shown_at, frame)
            if shown_at < stamp:
                continue
            self._latest = shown_at
            return frame if shown_at == stamp else None
        return None

    def _keep(self, stamp: int, frame: av.VideoFrame) -> None:
        self._kept[stamp] = frame
        self._kept.move_to_end(stamp)
        while len(self._kept) > KEPT_FRAMES:
            self._kept.popitem(last=False)
