"""Lets the run on the timeline grow by a clock: a frame after each tick, none while it is paused or scrubbed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic, Protocol, Self, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer

from studio.api.engine import Engine
from studio.api.engine_tasks import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import SteeredRuns
from studio.api.timeline.run_source import PlacelessSource
from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.steered_walk import SteeredWalk
from studio.core.view import State

MomentT = TypeVar("MomentT")
WORK: Final = "step "
"""What the key of the work begins with that makes a run's next frame; the run's id follows."""


class Stepper(Protocol):
    """Lets runs grow."""

    def begin(self, recording: Recording, source: Any) -> None:
        """A run is on the timeline."""


@dataclass(frozen=True, eq=False)
class TickedSource(PlacelessSource):
    """A run whose frames the stepper asks for one by one; see studio.api.timeline.run_source.

    Attributes:
        start: what it goes on from; None for what the settings alone say.
    """

    params: Any
    start: State | None
    stepper: Stepper

    @property
    def n_frames(self) -> int:
        """Not known: it goes on as long as a person looks."""
        return 0

    def begin(self, recording: Recording) -> None:
        """Let the stepper have it."""
        self.stepper.begin(recording, self)

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same run where nobody watches: it ends by itself."""
        return engine.generate(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> Self:
        """Go on from the frame's state."""
        return replace(self, start=frame.state or self.start)


@dataclass(frozen=True, eq=False)
class TickedRun(Generic[MomentT]):
    """A run that can grow: its frames, and where it stands on the Worker."""

    recording: Recording
    walk: SteeredWalk[MomentT]


class TickedRuns(SteeredRuns[TickedRun[MomentT]]):
    """Signals: see SteeredRuns; a run has begun or ceased to grow, or is at its end.

    The engine makes frames by `walk_on(walk, order)`, the first one where the order is None.
    """

    max_frames: ClassVar[int]

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, interval_ms: int, parent: QObject) -> None:
        super().__init__(timeline, tasks, parent)
        self._asked: set[str] = set()  # the tracks whose next frames are under way
        self._tick = QTimer(self, interval=interval_ms)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)
        timeline.playback.changed.connect(self._follow)
        timeline.playback.moved.connect(self._follow)  # one that plays comes to the head without any other news
        timeline.source_changed.connect(self._follow)

    @property
    def is_at_head(self) -> bool:
        """Whether the newest frame of a run that can grow is shown, or the first one is still to come."""
        playback = self._timeline.playback  # its length is what was shown; the Worker may have made another frame since
        return self.current is not None and playback.index >= playback.n_frames - 1

    @property
    def is_playing(self) -> bool:
        """Whether the run on the timeline grows by itself."""
        return self.current is not None and self._timeline.playback.is_following

    @property
    def is_busy(self) -> bool:
        """Whether a frame is under way."""
        return bool(self._asked)

    def begin(self, recording: Recording, source: TickedSource) -> None:
        """A run is on the timeline: make its first frame."""
        run = TickedRun[MomentT](recording, SteeredWalk(source.params.seed, source.start or {}))
        self._watched[recording.info.id] = run
        self._ask(run, None)

    def _go_on(self, run: TickedRun[MomentT]) -> None:
        """A tick: ask for a run's next frame, unless it shall wait."""
        raise NotImplementedError

    def _n_steps(self, moment: MomentT) -> int:
        """How many steps led to a frame; 0 where their time says nothing."""
        return 1

    def _ask(self, run: TickedRun[MomentT], order: object | None) -> None:
        """Ask for the next frame; None for the first one."""
        recording, walk = run.recording, run.walk
        work = self._tasks.handle.recorded(lambda engine: engine.walk_on(walk, order), recording, is_whole=False)
        self._asked.add(recording.info.id)
        self._tasks.run(WORK + recording.info.id, work, failed=self._on_failed, ended=self._on_work_ended)

    def _on_tick(self) -> None:
        run = self.current
        if run is None or not self.is_playing or run.recording.info.id in self._asked:
            return
        if len(run.recording) >= self.max_frames:
            self._timeline.recorder.stop(run.recording.info.id)
        else:
            self._go_on(run)

    def _on_work_timed(self, key: str, ms: float) -> None:
        run = self._watched.get(key.removeprefix(WORK))
        if run is not None and run.walk.moment is not None and (n_steps := self._n_steps(run.walk.moment)):
            self.timed.emit(ms / n_steps)

    def _on_work_ended(self, key: str) -> None:
        track_id = key.removeprefix(WORK)
        if track_id in self._asked:
            self._asked.remove(track_id)
            self._timeline.recorder.grow(track_id)

    def _on_failed(self, error: BaseException) -> None:
        self._timeline.stop_current()
        self.failed.emit(error)

    def _on_ended(self, track_id: str) -> None:
        run = self._watched.pop(track_id, None)
        if run is not None:
            run.recording.finish()
            self._follow()

    def _follow(self, _: object = None) -> None:
        """Tick while the run on the timeline plays at its head."""
        if self.is_playing != self._tick.isActive():
            if self.is_playing:
                self._tick.start()
            else:
                self._tick.stop()
            self.changed.emit()
