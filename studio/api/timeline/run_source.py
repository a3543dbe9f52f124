"""What a run is made from, so that it can be made again from any of its frames with other settings."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self, cast, runtime_checkable

import numpy as np

from studio.api.engine import Engine
from studio.compute.travel import travel_with_pauses
from studio.core.frame import Frame
from studio.core.path.keyframe import KeyframePath
from studio.core.path.position import Position, offset_between, shift
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import State


class RunSource(Protocol):
    """Makes the frames of a run; called on the Worker."""

    @property
    def params(self) -> Any:
        """The parameters of the run."""

    @property
    def n_frames(self) -> int:
        """How many frames it will have; 0 where that is not known."""

    @property
    def moved(self) -> float:
        """How far its positions lie from those of the run that it branched from."""

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """Yield the frames, and None where one takes long, so that others get a turn."""

    def branched(self, index: int, frame: Frame) -> "RunSource":
        """The same run from its frame `index` on."""

    def changed(self, index: int, params: Any, position: Position) -> "RunSource":
        """The same run with other parameters and, at its frame `index`, at another position."""


@runtime_checkable
class SteeredSource(Protocol):
    """A run source whose frames a panel asks for one by one, while a person steers; `frames` is not called then.

    Such a run grows until the recorder stops it, without an end that would be known.
    """

    def begin(self, recording: Recording) -> None:
        """The run is on the timeline: append its frames to `recording`, and tell the recorder of each (`grow`)."""


class PlacelessSource:
    """What sources of runs have in common that have no positions: frozen dataclasses with `params`."""

    @property
    def moved(self) -> float:
        """It has no positions."""
        return 0.0

    def changed(self, index: int, params: Any, position: Position) -> Self:
        """The same with other settings: there is no path that a position could move."""
        return cast(Self, replace(cast(Any, self), params=params))


@dataclass(frozen=True, eq=False)
class GeneratedSource(PlacelessSource):
    """A run of the engine's own process, from its beginning or from the state of a frame.

    Attributes:
        n_frames: how many frames it will have, where an earlier run told; else only the process knows, while it runs.
    """

    params: Any
    start: State | None = None
    n_frames: int = 0

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """Yield the frames of the process."""
        return engine.generate_with_pauses(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> RunSource:
        """Go on from the frame's state."""
        return replace(self, start=frame.state, n_frames=max(0, self.n_frames - index))


@dataclass(frozen=True, eq=False)
class PathPlan:
    """What the pictures of a path depend on; `info` names the frame rate, among others."""

    path: KeyframePath
    params: Any
    info: RunInfo

    @property
    def n_frames(self) -> int:
        """How many pictures the path has at the run's frame rate."""
        return self.path.n_frames(self.info.fps)

    def is_of(self, path: KeyframePath, params: Any, fps: float) -> bool:
        """Whether a plan of these would give the same pictures."""
        return self.path is path and self.info.fps == fps and bool(self.params == params)

    def position_at(self, index: int) -> dict[str, Any]:
        """The position of a frame."""
        return self.path.position_at(self.path.frame_time_s(index, self.info.fps))


@dataclass(frozen=True, eq=False)
class PathSource:
    """A run along a path from its frame `first` on, moved as a whole by `offset`."""

    plan: PathPlan
    first: int = 0
    offset: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> Any:
        """The parameters of the run."""
        return self.plan.params

    @property
    def n_frames(self) -> int:
        """As many as the rest of the path has."""
        return self.plan.n_frames - self.first

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """Draw the positions one after another."""
        plan, n_frames = self.plan, self.plan.n_frames
        positions = (self._moved(plan.position_at(index)) for index in range(self.first, n_frames))
        return travel_with_pauses(engine, plan.params, positions, n_frames, self.first)

    def branched(self, index: int, frame: Frame) -> "PathSource":
        """The rest of the path."""
        return replace(self, first=self.first + index)

    def changed(self, index: int, params: Any, position: Position) -> "PathSource":
        """The same stretch of the path, moved so that its frame `index` lies at `position`."""
        here = self.plan.position_at(self.first + index)
        moved = [name for name in here if name in position and not np.array_equal(here[name], position[name])]
        rules = self.plan.path.rules
        offset = {name: offset_between(here[name], position[name], rules[name]) for name in moved}
        return PathSource(replace(self.plan, params=params), self.first, offset)

    @property
    def moved(self) -> float:
        """How far the positions were moved, over all arrays together."""
        return math.sqrt(sum(float(np.square(way).sum()) for way in self.offset.values()))

    def _moved(self, position: Position) -> Position:
        rules = self.plan.path.rules
        moved = {name: shift(position[name], way, rules[name]) for name, way in self.offset.items()}
        return {**position, **moved}
