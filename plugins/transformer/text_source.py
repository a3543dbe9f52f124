"""What a watched text is made from: it grows as far as a person wants, and so does a branch of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from studio.api.engine import Engine, EngineHandle
from studio.core.frame import Frame
from studio.core.position import Position
from studio.core.recording import Recording
from studio.core.view import State

from .params import SampleParams


class Writer(Protocol):
    """Lets watched texts grow."""

    def begin(self, recording: Recording, source: "WatchedText") -> None:
        """A text is on the timeline."""


@dataclass(frozen=True, eq=False)
class WatchedText:
    """A text whose tokens the writer asks for as a person wants them; see studio.api.run_source.

    Attributes:
        start: what it goes on from; None for the prompt.
        n_first: how many tokens are written without being asked.
        handle: the model that writes it; None for the panel's.
    """

    params: SampleParams
    start: State | None
    n_first: int
    writer: Writer
    handle: EngineHandle | None = None

    @property
    def n_frames(self) -> int:
        """One at least: a number, so that the playhead is not drawn to the head, where only the writer puts it."""
        return 1

    @property
    def moved(self) -> float:
        """It has no positions."""
        return 0.0

    def begin(self, recording: Recording) -> None:
        """Let the writer have it."""
        self.writer.begin(recording, self)

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same text where nobody watches: it ends by itself."""
        return engine.generate(replace(self.params, length=self.n_first), self.start)

    def branched(self, index: int, frame: Frame) -> "WatchedText":
        """Go on from the frame's state."""
        return replace(self, start=frame.state)

    def changed(self, index: int, params: Any, position: Position) -> "WatchedText":
        """The same with other settings."""
        return replace(self, params=params)
