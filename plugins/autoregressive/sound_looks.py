"""Looks into the marked sample as the panel shows them: kept for the same past, given up for another one."""

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope

from .sound_call import Look, look
from .sound_params import SoundParams
from .sound_seen import Seen

KEY: Final = "look"


class SoundLooks(QObject):
    """Signals: found(Look). failed(error)."""

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._wanted: Any = None
        self.n_seen = 0  # samples that one may depend on, once the model is open
        self.look: Look | None = None

    def want(self, seen: Seen, place: int, params: SoundParams) -> None:
        """Look at a sample that is there."""
        past = seen.levels[max(0, place - self.n_seen) : place + 1]
        told = (params.kind, params.instrument, params.pitch, params.velocity, params.seconds)
        key = (place, told, past.tobytes())
        if key == self._wanted:
            return
        self._wanted, self.look = key, None
        work = self._handle.work(partial(look, levels=seen.levels, place=place, params=params, key=key))
        self._tasks.run(KEY, work, Policy.RESTART, done=self._on_found, failed=self._on_failed)

    def forget(self) -> None:
        """Nothing is looked at."""
        self._tasks.cancel(KEY)
        self._wanted = self.look = None

    @property
    def is_looking(self) -> bool:
        """Whether something is still to be found."""
        return self._tasks.is_running(KEY)

    def _on_found(self, found: Look) -> None:
        if found.key == self._wanted:
            self.look = found
            self.found.emit(found)

    def _on_failed(self, error: BaseException) -> None:
        self._wanted = None
        self.failed.emit(error)
