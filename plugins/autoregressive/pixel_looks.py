"""Looks into the marked pixel as the panel shows it: asked for once the hand rests, kept for the same picture."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope

from .pixel_call import Look, look
from .pixel_seen import Seen
from .pixel_state import Bytes

KEY: Final = "look"


class PixelLooks(QObject):
    """Signals: found(Look). failed(error)."""

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._wanted: tuple[int, int, bytes] | None = None
        self.look: Look | None = None

    def want(self, seen: Seen, ending: int, place: int) -> None:
        """Look at a pixel of one ending; what was found for another moment is given up."""
        values, label = _before(seen.values[ending], place), int(seen.labels[ending])
        key = (place, label, values.tobytes())
        if label < 0 or key == self._wanted:
            return
        self._wanted, self.look = key, None
        work = self._handle.work(partial(look, values=values, label=label, place=place, key=key))
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


def _before(values: Bytes, place: int) -> Bytes:
    """The picture with nothing behind a place: nothing there can matter, and so the same look serves longer."""
    flat = values.ravel().copy()
    flat[place + 1 :] = 0
    return flat.reshape(values.shape)
