"""Lets the run on the timeline learn while it plays: one frame after another, none while it is paused or scrubbed."""

from PySide6.QtCore import QObject, QTimer

from studio.api.panel import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.ticked_runs import TickedRun, TickedRuns, TickedSource
from studio.core.view import State

from ..frames import PlaygroundMoment
from ..params import PlaygroundParams
from ..scene import SPEEDS, PlaygroundScene
from ..state import WatchedOrder


class PlaygroundRun(TickedRuns[PlaygroundMoment]):
    """Signals: see TickedRuns."""

    max_frames = 2000  # a frame weighs about 80 kB

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        self.scene = PlaygroundScene()
        super().__init__(timeline, tasks, SPEEDS[self.scene.speed].interval_ms, parent)
        self._is_stepping = False
        self._renewal = QTimer(self, singleShot=True, interval=0)  # not in the midst of an undo, which adds no steps
        self._renewal.timeout.connect(self._renew)

    # What stands on the timeline

    @property
    def is_busy(self) -> bool:
        """Whether a frame is under way, or another run about to begin."""
        return super().is_busy or self._renewal.isActive()

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
            self._ask(watched, self._order(1))

    def _renew(self, start: State | None = None) -> None:
        """Begin the scene's run, in place of the newest one where nothing hangs on that."""
        timeline, scene, params = self._timeline, self.scene, self.scene.params
        source = TickedSource(params, start or scene.start(), self)
        self._put(source)
        if scene.is_learnt or start is not None:
            timeline.playback.pause()
        else:
            timeline.playback.play()

    # How runs grow

    def _order(self, stride: int) -> WatchedOrder:
        return WatchedOrder(self.scene.settings, self.scene.target, stride)

    def _go_on(self, run: TickedRun[PlaygroundMoment]) -> None:
        if not self.scene.target.is_empty:  # nobody learns before something is painted
            self._ask(run, self._order(self.scene.stride))

    def _n_steps(self, moment: PlaygroundMoment) -> int:
        return moment.stride if moment.n_steps else 0

    def _on_work_ended(self, key: str) -> None:
        super()._on_work_ended(key)
        if self._is_stepping:
            self._is_stepping = False
            self._timeline.playback.to_end()
            self._timeline.playback.pause()

    def _on_failed(self, error: BaseException) -> None:
        self._is_stepping = False
        super()._on_failed(error)
