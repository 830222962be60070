"""A plate whose last frames stay in memory, for work that goes over a stretch of it twice."""

from .plate import Plate, PlateFrame

BUDGET_BYTES = 256 * 1024**2
"""Of memory for the frames: ten of 1920x1080."""

BYTES_PER_PIXEL = 4 * 4


class KeptFrames(Plate):
    """Another plate, read through a small memory; closing it closes the other.

    The frame that was decoded longest ago goes first, however often it was asked for: the work moves on.
    A frame that is overwritten on disk between two readings is read again, as its identity tells.
    """

    def __init__(self, plate: Plate, budget_bytes: int = BUDGET_BYTES) -> None:
        self._plate = plate
        self.path, self.width, self.height = plate.path, plate.width, plate.height
        self.frames, self.frame_rate = plate.frames, plate.frame_rate
        self.capacity = budget_bytes // (plate.width * plate.height * BYTES_PER_PIXEL)
        self._kept: dict[tuple[int, str], PlateFrame] = {}

    @property
    def description(self) -> str:
        """The other plate's."""
        return self._plate.description

    def read(self, frame: int) -> PlateFrame:
        """The frame, from memory where it was read lately."""
        key = (frame, self.identity(frame))
        if key in self._kept:
            return self._kept[key]
        while self._kept and len(self._kept) >= self.capacity:
            del self._kept[next(iter(self._kept))]
        read = self._plate.read(frame)
        if self.capacity:
            self._kept[key] = read
        return read

    def identity(self, frame: int) -> str:
        """The other plate's."""
        return self._plate.identity(frame)

    def close(self) -> None:
        """Close the other plate and forget its frames."""
        self._kept.clear()
        self._plate.close()
