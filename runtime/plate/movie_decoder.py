"""Any frame of a movie by its position, exact in any order and fast in rising order."""

from collections.abc import Iterator

import av
import av.container
import av.video.stream

from .movie_index import MovieIndex

LOOK_AHEAD_FRAMES = 16
"""How far ahead decoding goes on even past a frame to start from: seeking costs about as much."""


class MovieDecoder:
    """The state of decoding: what was decoded last, and what comes next.

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
        self._latest: tuple[int, av.VideoFrame] | None = None

    def frame(self, position: int) -> av.VideoFrame | None:
        """The frame at a position in the order they are shown, from 0; None where the file does not yield it.

        Raises:
            av.error.FFmpegError: the stream cannot be decoded there.
        """
        stamp = self.index.stamps[position]
        if self._latest is not None and self._latest[0] == stamp:
            return self._latest[1]
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
        if self._latest is None or self._latest[0] >= self.index.stamps[position]:
            return False
        near = self.index.stamps[max(0, position - LOOK_AHEAD_FRAMES)]
        return self._latest[0] >= min(near, self.index.key_before(self.index.stamps[position]))

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
            if shown_at is None or shown_at < stamp:
                continue
            self._latest = (shown_at, frame)
            return frame if shown_at == stamp else None
        return None
