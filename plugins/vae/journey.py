"""The way from A to B: measures how fast the picture changes along it, plays it at constant speed."""

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope
from studio.core.position import constant_speed

from .engine_call import measure_way
from .scene import Array, Scene

N_TIMES = 201
BLENDS = np.linspace(0, 1, N_TIMES)
TICK_MS = 33
PLAY_S = 3.0


class Journey(QObject):
    """Knows at which time of the rule's curve a blend lies, and moves the blend to and fro while playing.

    Signals: started(), moved(blend) while playing, stopped().
    """

    started = Signal()
    moved = Signal(float)
    stopped = Signal()

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._handle = handle
        self._way: tuple[bytes, bytes, str] | None = None
        self._text = ""
        self._times: Array | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._blend, self._step = 0.0, TICK_MS / 1000 / PLAY_S

    @property
    def is_playing(self) -> bool:
        """Whether the blend moves by itself."""
        return self._timer.isActive()

    def follow(self, scene: Scene) -> None:
        """Measure the way of `scene` unless it is the one already known."""
        if scene.a is None or scene.b is None:
            self._way = self._times = None
            return
        way = (scene.a.tobytes(), scene.b.tobytes(), scene.rule)
        if way == self._way and scene.text == self._text:
            return
        if way != self._way:
            self._times = None  # for another word the speed is about the same: better than none
        self._way, self._text = way, scene.text
        work = self._handle.work(
            partial(measure_way, a=scene.a, b=scene.b, rule=scene.rule, text=scene.text)
        )
        self._tasks.run("way", work, Policy.RESTART, done=self._on_measured)

    def time(self, blend: float) -> float:
        """Return the time on the rule's curve, 0..1, at which `blend` of the whole change has happened."""
        if self._times is None:
            return blend
        return float(np.interp(blend, BLENDS, self._times))

    def play(self, blend: float) -> None:
        """Start moving from `blend`."""
        self._blend = blend
        self.started.emit()  # before the timer runs: what a listener does must not stop it
        self._timer.start()

    def stop(self) -> None:
        """Stay where we are."""
        if self.is_playing:
            self._timer.stop()
            self.stopped.emit()

    def _on_measured(self, changes: Array) -> None:
        time = self.time(self._blend)
        self._times = constant_speed(list(changes), N_TIMES)
        # What plays goes on from the same place, though another blend belongs to it now.
        self._blend = float(np.interp(time, self._times, BLENDS))

    def _on_tick(self) -> None:
        ahead = self._blend + self._step
        if not 0.0 <= ahead <= 1.0:
            self._step = -self._step
            ahead = self._blend + self._step
        self._blend = min(1.0, max(0.0, ahead))
        self.moved.emit(self._blend)
