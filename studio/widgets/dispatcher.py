"""Brings deliveries from the Worker into the main thread; made there once and kept as long as the program lives."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Delivery


class LatestQueue:
    """Keeps the newest delivery of each job until it is fetched; `wake` is called once per fetch at most."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._places: dict[int, Delivery] = {}

    def put(self, delivery: Delivery) -> None:
        """Replace the job's place by `delivery`; called on the Worker."""
        with self._lock:
            was_empty = not self._places
            self._places[delivery.job.ticket] = delivery
        if was_empty:
            self._wake()

    def fetch(self) -> list[Delivery]:
        """Take everything that waits, oldest job first; called on the main thread."""
        with self._lock:
            places, self._places = self._places, {}
        return [places[ticket] for ticket in sorted(places)]


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
