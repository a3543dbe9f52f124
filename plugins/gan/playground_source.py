"""What a watched run of the playground is made from: it grows while a person plays it, and a branch grows as well."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from studio.api.engine import Engine
from studio.core.frame import Frame
from studio.core.position import Position
from studio.core.recording import Recording
from studio.core.view import State

from .playground_params import PlaygroundParams


class Learner(Protocol):
    """Lets watched runs grow."""

    def begin(self, recording: Recording, source: "WatchedSource") -> None:
        """A run is on the timeline."""


@dataclass(frozen=True, eq=False)
class WatchedSource:
    """A run from `start` on, whose frames the learner asks for one by one; see studio.api.run_source."""

    params: PlaygroundParams
    start: State
    learner: Learner

    @property
    def n_frames(self) -> int:
        """Not known: it goes on as long as a person looks."""
        return 0

    @property
    def moved(self) -> float:
        """It has no positions."""
        return 0.0

    def begin(self, recording: Recording) -> None:
        """Let the learner have it."""
        self.learner.begin(recording, self)

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same run where nobody watches: it ends by itself."""
        return engine.generate(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> "WatchedSource":
        """Go on from the frame's state."""
        return replace(self, start=frame.state or self.start)

    def changed(self, index: int, params: Any, position: Position) -> "WatchedSource":
        """The same with another seed; settings change while it runs."""
        return replace(self, params=params)
