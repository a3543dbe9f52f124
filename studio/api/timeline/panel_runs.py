"""Runs on the timeline that a panel begins: the newest gives way to the next one where nothing hangs on it."""

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.engine_tasks import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import RunSource
from studio.commands.track import Track

WatchedT = TypeVar("WatchedT")


class PanelRuns(QObject):
    """Signals:
    changed(): a run has begun or ended, where it is said also grown.
    """

    changed = Signal()

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._attempt = ""  # the track that the next run may take the place of
        timeline.recorder.grown.connect(self._on_grown)
        timeline.recorder.ended.connect(self._on_ended)

    @property
    def is_growing(self) -> bool:
        """Whether the run on the timeline still grows."""
        track = self._timeline.track
        return track is not None and self._timeline.recorder.is_running(track.id)

    @property
    def is_busy(self) -> bool:
        """Whether what is on the timeline is not all there yet."""
        return self.is_growing

    @property
    def source(self) -> RunSource | None:
        """What the run on the timeline is made from; None where it is none of ours."""
        track = self._timeline.track
        return None if track is None else self._timeline.recorder.source_of(track)

    def shows(self, params: Any) -> bool:
        """Whether the run on the timeline has these settings."""
        source = self.source
        return source is not None and bool(source.params == params)

    def keep(self) -> None:
        """The next change begins a run of its own."""
        self._attempt = ""

    def _put(self, source: RunSource) -> Track:
        """Begin a run in place of the newest one where nothing hangs on that, and put it on the timeline."""
        track = self._timeline.recorder.renew(self._attempt, source, self._timeline.info("run", source.params))
        self._attempt = track.id
        self._timeline.show_track(track)
        return track

    def _on_grown(self, track_id: str) -> None:
        """A run has more frames."""

    def _on_ended(self, track_id: str) -> None:
        """A run has all frames that it will have."""


class SteeredRuns(PanelRuns, Generic[WatchedT]):
    """Runs whose frames are asked for one by one (`SteeredSource`); what is known of each is kept while it can grow.

    Signals, beside changed():
    timed(ms): how long a step took.
    failed(error): a frame could not be made.
    """

    timed = Signal(float)
    failed = Signal(object)

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._tasks = tasks
        self._watched: dict[str, WatchedT] = {}
        tasks.timed.connect(self._on_work_timed)

    @property
    def current(self) -> WatchedT | None:
        """The run on the timeline where it can grow."""
        track = self._timeline.track
        return None if track is None else self._watched.get(track.id)

    @property
    def is_busy(self) -> bool:
        """Whether a frame is under way: such a run can always grow, and is not busy for that."""
        raise NotImplementedError

    def _on_work_timed(self, key: str, ms: float) -> None:
        """Work with a key took so long."""
        raise NotImplementedError
