"""Brings deliveries from the Worker into the main thread; made there once and kept as long as the program lives."""

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Delivery
from studio.compute.latest_queue import LatestQueue


class Dispatcher(QObject):
    """Owns the latest_queue. Signals: delivered(Delivery), on the main thread, in the order of the jobs."""

    delivered = Signal(object)
    _woken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.latest_queue = LatestQueue(self._woken.emit)
        self._woken.connect(self._on_woken)

    def _on_woken(self) -> None:
        for delivery in self.latest_queue.fetch():
            self.delivered.emit(delivery)

    def deliver(self, delivery: Delivery) -> None:
        """Put a delivery in the latest_queue; called on the Worker."""
        self.latest_queue.put(delivery)
