"""Brings deliveries from the Lane into the main thread; made there once and kept as long as the program lives."""

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Delivery
from studio.compute.mailbox import Mailbox


class Courier(QObject):
    """Owns the mailbox. Signals: delivered(Delivery), on the main thread, in the order of the jobs."""

    delivered = Signal(object)
    _woken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = Mailbox(self._woken.emit)
        self._woken.connect(self._on_woken)

    def _on_woken(self) -> None:
        for delivery in self.mailbox.fetch():
            self.delivered.emit(delivery)

    def deliver(self, delivery: Delivery) -> None:
        """Put a delivery in the mailbox; called on the Lane."""
        self.mailbox.put(delivery)
