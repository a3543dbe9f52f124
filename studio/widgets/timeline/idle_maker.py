"""Makes small things out of frames while nobody needs the window, a few milliseconds at a time."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_SLICE_S: Final = 0.004


class IdleMaker(QObject):
    """Keeps what it made, at most `n_kept` things.

    Signals: made(): at least one more thing is there.
    """

    made = Signal()

    def __init__(self, make: Callable[[int], object], n_kept: int, parent: QObject) -> None:
        super().__init__(parent)
        self._make = make
        self._n_kept = n_kept
        self._kept: OrderedDict[tuple[str, int], object] = OrderedDict()
        self._source = ""
        self._wanted: list[int] = []
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._work)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be made."""
        return bool(self._wanted)

    def set_source(self, source: str) -> None:
        """Work for the recording with this id from now on; what was made for others is kept."""
        if source != self._source:
            self._source = source
            self._wanted = []

    def want(self, indices: Iterable[int]) -> None:
        """Make these frames next, the first one first, instead of what was wanted before."""
        self._wanted = [index for index in indices if (self._source, index) not in self._kept][::-1]
        if self._wanted:
            self._timer.start()

    def get(self, index: int) -> object | None:
        """What was made of a frame, or None."""
        found = self._kept.get((self._source, index))
        if found is not None:
            self._kept.move_to_end((self._source, index))
        return found

    def clear(self) -> None:
        """Forget everything, as when another size is needed."""
        self._kept.clear()
        self._wanted = []

    def _work(self) -> None:
        end_s = time.perf_counter() + _SLICE_S
        while self._wanted and time.perf_counter() < end_s:
            index = self._wanted.pop()
            self._kept[(self._source, index)] = self._make(index)
        while len(self._kept) > self._n_kept:
            self._kept.popitem(last=False)
        if self._wanted:
            self._timer.start()
        self.made.emit()
