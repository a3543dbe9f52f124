"""Background work that belongs to a widget: it drops outdated news and ends all its work when the widget goes."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from PySide6.QtCore import QObject, Signal

from studio.compute.job import Attention, Delivery, Job, Policy, Work
from studio.compute.worker import WorkerLike
from studio.widgets.dispatcher import Dispatcher

Callback = Callable[[Any], None]
_scope_ids = itertools.count(1)


class Answers(TypedDict, total=False):
    """Who hears of a job: see `TaskScope.run`."""

    event: Callback | None
    done: Callback | None
    failed: Callback | None
    ended: Callable[[str], None] | None


@dataclass
class _Listener:
    event: Callback | None = None
    done: Callback | None = None
    failed: Callback | None = None
    ended: Callable[[str], None] | None = None
    n_seen: int = 0


class TaskScope(QObject):
    """Runs work on a worker for `owner`. Callbacks are bound methods and run on the main thread.

    Signals: failed(error) for every failure that has no callback of its own; timed(key, ms) with the compute
    time of every job that finished.
    """

    failed = Signal(object)
    timed = Signal(str, float)

    def __init__(self, owner: QObject, worker: WorkerLike, dispatcher: Dispatcher) -> None:
        super().__init__(owner)
        self.attention = Attention()
        self._worker = worker
        self._listeners: dict[int, _Listener] = {}
        self._tickets: dict[str, list[int]] = {}
        self._scope_id = scope_id = next(_scope_ids)
        dispatcher.delivered.connect(self._on_delivered)
        self.destroyed.connect(lambda: worker.cancel(lambda job: job.key[0] == scope_id))

    def run(
        self,
        key: str,
        work: Work,
        policy: Policy = Policy.LATEST,
        *,
        title: str = "",
        **answers: Unpack[Answers],
    ) -> int:
        """Start work; returns its ticket.

        `event` gets the newest yielded value (some may be skipped), `done` the value that the work returned, `failed`
        the exception. `ended` gets the key at the end, however that came, where no other work of the key is left.
        Cancelled or replaced work calls nothing more. A `title` makes the job visible in the status bar.
        """
        job = Job((self._scope_id, key), work, policy, title, self.attention)
        if policy is Policy.RESTART:
            self._forget(key)
        self._tickets.setdefault(key, []).append(job.ticket)
        self._listeners[job.ticket] = _Listener(**answers)
        self._worker.submit(job)
        return job.ticket

    def is_running(self, key: str) -> bool:
        """Whether work of this key has not ended."""
        return bool(self._tickets.get(key))

    def cancel(self, key: str) -> None:
        """Stop all work of this key; nothing of it is delivered any more."""
        self._forget(key)
        self._worker.cancel(lambda job: job.key == (self._scope_id, key))

    def close(self) -> None:
        """Stop everything; called when the panel goes."""
        self._listeners.clear()
        self._tickets.clear()
        self._worker.cancel(lambda job: job.key[0] == self._scope_id)

    def _forget(self, key: str) -> None:
        for ticket in self._tickets.pop(key, []):
            self._listeners.pop(ticket, None)

    def _on_delivered(self, delivery: Delivery) -> None:
        listener = self._listeners.get(delivery.job.ticket)
        if listener is None:
            return
        if listener.event is not None and delivery.n_events > listener.n_seen and not delivery.job.is_cancelled:
            listener.n_seen = delivery.n_events
            listener.event(delivery.latest)
        if delivery.is_finished:
            self._finish(delivery, listener)

    def _finish(self, delivery: Delivery, listener: _Listener) -> None:
        job = delivery.job
        self._listeners.pop(job.ticket, None)
        waiting = self._tickets.get(job.key[1], [])
        if job.ticket in waiting:
            waiting.remove(job.ticket)
        if delivery.error is not None:
            (listener.failed or self.failed.emit)(delivery.error)
        elif not job.is_cancelled:
            self.timed.emit(str(job.key[1]), job.compute_s * 1000)
            if listener.done is not None:
                listener.done(delivery.result)
        if listener.ended is not None and not self.is_running(job.key[1]):
            listener.ended(job.key[1])
