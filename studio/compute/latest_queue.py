"""Carries news from the Worker to the window: one place per job and one wake-up, however many yields there were."""

import threading
from collections.abc import Callable

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
