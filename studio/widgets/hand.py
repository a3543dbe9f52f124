"""Knows when a hand changes something, and lets what computes in the background wait until it rests."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.compute.worker import WorkerLike

REST_MS: Final = 300
"""A hand that has changed nothing for so long rests."""


class Hand(QObject):
    """The hand of the person, in whichever tab it is at work.

    Signals: changed() when it begins to move something, and when it rests again.
    """

    changed = Signal()

    def __init__(self, worker: WorkerLike) -> None:
        super().__init__()
        self._worker = worker
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rested)

    @property
    def is_moving(self) -> bool:
        """Whether it changes something, or did so a moment ago."""
        return self._rest.isActive()

    def move(self) -> None:
        """It has just changed something, or is about to."""
        was_moving = self.is_moving
        self._rest.start()
        if not was_moving:
            self._tell()

    def _on_rested(self) -> None:
        self._tell()

    def _tell(self) -> None:
        self._worker.give_way(self.is_moving)
        self.changed.emit()
