"""Lets the run on the timeline learn while it plays: one frame after another, none while it is paused or scrubbed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from studio.api.engine import Engine
from studio.api.panel import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import SteeredRuns
from studio.api.timeline.run_source import PlacelessSource
from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.view import State

from ..params import PlaygroundParams
from ..scene import SPEEDS, PlaygroundScene
from ..state import WatchedOrder, WatchedWalk

MAX_FRAMES: Final = 2000
"""A frame weighs about 80 kB."""
WORK: Final = "learn "
"""What the key of the work begins with that makes a run's next frame; the run's id follows."""


class PlaygroundLearner(Protocol):
    """Lets watched runs grow."""

    def begin(self, recording: Recording, source: "PlaygroundSource") -> None:
        """A run is on the timeline."""


@dataclass(frozen=True, eq=False)
class PlaygroundSource(PlacelessSource):
    """A run from `start` on, whose frames the learner asks for one by one; see studio.api.timeline.run_source."""

    params: PlaygroundParams
    start: State
    learner: PlaygroundLearner

    @property
    def n_frames(self) -> int:
        """Not known: it goes on as long as a person looks."""
        return 0

    def begin(self, recording: Recording) -> None:
        """Let the learner have it."""
        self.learner.begin(recording, self)

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same run where nobody watches: it ends by itself."""
        return engine.generate(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> "PlaygroundSource":
        """Go on from the frame's state."""
        return replace(self, start=frame.state or self.start)


@dataclass(frozen=True, eq=False)
class WatchedRun:
    """A run that can grow: its frames, and where it stands on the Worker."""

    recording: Recording
    walk: WatchedWalk


class PlaygroundRun(SteeredRuns[WatchedRun]):
    """Signals: see SteeredRuns; learning has begun or stopped, or a run is at its end."""

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, tasks, parent)
        self._asked: set[str] = set()  # the tracks whose next frames are under way
        self._is_stepping = False
        self.scene = PlaygroundScene()
        self._tick = QTimer(self, interval=SPEEDS[self.scene.speed].interval_ms)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)
        self._renewal = QTimer(self, singleShot=True, interval=0)  # not in the midst of an undo, which adds no steps
        self._renewal.timeout.connect(self._renew)
        timeline.playback.changed.connect(self._follow)
        timeline.playback.moved.connect(self._follow)  # one that plays comes to the head without any other news
        timeline.source_changed.connect(self._follow)

    # What stands on the timeline

    @property
    def is_at_head(self) -> bool:
        """Whether the newest frame of a run that can grow is shown, or the first one is still to come."""
        playback = self._timeline.playback  # its length is what was shown; the Worker may have made another frame since
        return self.current is not None and playback.index >= playback.n_frames - 1

    @property
    def is_learning(self) -> bool:
        """Whether the run on the timeline grows by itself."""
        return self.current is not None and self._timeline.playback.is_following

    @property
    def is_busy(self) -> bool:
        """Whether a frame is under way, or another run about to begin."""
        return bool(self._asked) or self._renewal.isActive()

    # What a person asks for

    def take(self, scene: PlaygroundScene) -> None:
        """Learn by other settings from the next frame on, or begin another run where the scene asks for one."""
        is_other_run = scene.n_run != self.scene.n_run
        self.adopt(scene)
        if is_other_run:
            self._renewal.start()

    def adopt(self, scene: PlaygroundScene) -> None:
        """Learn by these settings from the next frame on; the run stays."""
        self.scene = scene
        self._tick.setInterval(SPEEDS[scene.speed].interval_ms)

    def shows(self, params: PlaygroundParams) -> bool:
        """Whether the run on the timeline has this seed."""
        return params == self.scene.params

    def renew(self, scene: PlaygroundScene, is_instant: bool, start: State | None = None) -> None:
        """Begin a run of the scene at once; from a saved state it begins at rest."""
        self._renewal.stop()
        self.adopt(scene)
        self._renew(start)

    def learn_once(self) -> None:
        """Let the run on the timeline take one step from its newest frame, and stay there."""
        watched = self.current
        if watched is not None and not self._asked and not self.scene.target.is_empty:
            self._timeline.pause()
            self._is_stepping = True
            self._ask(watched, 1)

    def _renew(self, start: State | None = None) -> None:
        """Begin the scene's run, in place of the newest one where nothing hangs on that."""
        timeline, scene, params = self._timeline, self.scene, self.scene.params
        source = PlaygroundSource(params, start or scene.start(), self)
        self._put(source)
        if scene.is_learnt or start is not None:
            timeline.playback.pause()
        else:
            timeline.playback.play()

    # How runs grow

    def begin(self, recording: Recording, source: PlaygroundSource) -> None:
        """A run is on the timeline: make its first frame."""
        watched = WatchedRun(recording, WatchedWalk(source.params.seed, source.start))
        self._watched[recording.info.id] = watched
        self._ask(watched, None)

    def _ask(self, watched: WatchedRun, stride: int | None) -> None:
        """Ask for the next frame, so many steps later; None for the first one."""
        order = None if stride is None else WatchedOrder(self.scene.settings, self.scene.target, stride)
        recording, walk = watched.recording, watched.walk
        work = self._tasks.handle.recorded(lambda engine: engine.walk_on(walk, order), recording, is_whole=False)
        track_id = recording.info.id
        self._asked.add(track_id)
        self._tasks.run(WORK + track_id, work, failed=self._on_failed, ended=self._on_work_ended)

    def _on_tick(self) -> None:
        watched = self.current
        if watched is None or not self.is_learning or watched.recording.info.id in self._asked:
            return
        if self.scene.target.is_empty:  # nobody learns before something is painted
            return
        if len(watched.recording) >= MAX_FRAMES:
            self._timeline.recorder.stop(watched.recording.info.id)
        else:
            self._ask(watched, self.scene.stride)

    def _on_work_timed(self, key: str, ms: float) -> None:
        watched = self._watched.get(key.removeprefix(WORK))
        if watched is not None and watched.walk.moment is not None and watched.walk.moment.n_steps:
            self.timed.emit(ms / watched.walk.moment.stride)

    def _on_work_ended(self, key: str) -> None:
        track_id = key.removeprefix(WORK)
        if track_id not in self._asked:
            return
        self._asked.remove(track_id)
        self._timeline.recorder.grow(track_id)
        if self._is_stepping:
            self._is_stepping = False
            self._timeline.playback.to_end()
            self._timeline.playback.pause()

    def _on_failed(self, error: BaseException) -> None:
        self._is_stepping = False
        self._timeline.stop_current()
        self.failed.emit(error)

    def _on_ended(self, track_id: str) -> None:
        watched = self._watched.pop(track_id, None)
        if watched is not None:
            watched.recording.finish()
            self._follow()

    def _follow(self, _: object = None) -> None:
        """Tick while the run on the timeline plays at its head."""
        if self.is_learning != self._tick.isActive():
            if self.is_learning:
                self._tick.start()
            else:
                self._tick.stop()
            self.changed.emit()
