"""Runs of the scene: one that is made anew as the controls change, and those that Generate keeps."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import EngineHandle
from studio.api.panel import PICTURE_KEY, TaskScope
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.view import State

from ..scene import DiffusionScene

SETTLE_MS: Final = 450
"""So long must all controls rest before a run in full begins."""
RUN: Final = "run "
"""What the key of a run's work begins with; its id follows."""


class SceneRuns(PanelRuns):
    """Attributes:
        is_due: whether the scene is another one than that of the newest run.

    Signals:
        drafted(Frame): the last frame of a quick run of the scene as it is now.
        changed(): a run has begun or ended, or is due.
        timed(ms): how long a step of the run that has just ended took.
    """

    drafted = Signal(object)
    timed = Signal(float)

    def __init__(self, timeline: TimelineController, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._tasks = tasks
        self._handle = handle
        self._scene = DiffusionScene()
        self.is_due = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._run)
        tasks.timed.connect(self._on_timed)

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on, or is about to."""
        return self._settle.isActive() or self._timeline.recorder.is_running(self._attempt)

    @property
    def is_busy(self) -> bool:
        """The same."""
        return self.is_running

    def renew(self, scene: DiffusionScene, is_instant: bool) -> None:
        """Run what is asked for now at once, in place of the newest run where nothing hangs on that."""
        self._scene = scene
        self._run()

    def follow(self, scene: DiffusionScene) -> None:
        """The person has changed the scene: draw a draft, and the whole run once the hand rests."""
        self._scene = scene
        self._mark(is_due=True)
        if scene.is_live and not self._is_on_branch():
            self.stop()
            self._settle.start()
            self.draft(scene.start())

    def draft(self, start: State | None) -> None:
        """Run the scene's settings quickly from a start."""
        params = self._scene.params
        work = self._handle.work(lambda engine: engine.draft(params, start))
        self._tasks.run(PICTURE_KEY, work, done=self.drafted.emit)

    def _is_on_branch(self) -> bool:
        """A branch follows the controls by itself."""
        track = self._timeline.track
        return track is not None and track.recording.info.branch is not None

    def generate(self) -> None:
        """Run the scene, and keep what was made before."""
        self.keep()
        self._run()

    def _run(self) -> None:
        self._settle.stop()
        self._put(GeneratedSource(self._scene.params, self._scene.start()))
        self._mark(is_due=False)

    def stop(self) -> None:
        """End what runs within one step."""
        self._settle.stop()
        if self._timeline.recorder.is_running(self._attempt):
            self._timeline.stop(self._attempt)
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            self.changed.emit()

    def _on_timed(self, key: str, ms: float) -> None:
        track = self._timeline.tracks.find(key.removeprefix(RUN))
        if key.startswith(RUN) and track is not None and len(track.recording) > 1:
            self.timed.emit(ms / (len(track.recording) - 1))

    def _mark(self, is_due: bool) -> None:
        self.is_due = is_due
        self.changed.emit()
