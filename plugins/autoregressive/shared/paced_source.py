"""A run of which it is known how long it will be."""

from dataclasses import dataclass, replace

from studio.api.run_source import GeneratedSource
from studio.core.frame import Frame


@dataclass(frozen=True, eq=False)
class PacedSource(GeneratedSource):
    """The playhead goes its own pace then, however fast the run is made; `length` 0 where it is not known."""

    length: int = 0

    @property
    def n_frames(self) -> int:
        """How many frames it will have."""
        return self.length

    def branched(self, index: int, frame: Frame) -> "PacedSource":
        """Go on from the frame's state."""
        return replace(self, start=frame.state, length=max(self.length - index, 0))
