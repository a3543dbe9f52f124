"""Says that something waits for its turn; names a job that has held the worker for long, and lets a person end it."""

from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.compute.job import Job
from studio.compute.worker import WorkerLike
from studio.core.translation import N_, _, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.steady_label import SteadyLabel

LOOK_INTERVAL_MS: Final = 1000
PATIENCE_S: Final = 10.0
_WIDEST: Final = N_("“A rather long title” has not responded for 9,999 s")


class HeldJob(QWidget):
    """Hidden while all goes well.

    Where a job has waited from one look to the next, it says so, and for which one; where one has not yielded for ten
    seconds, its name, the seconds and Stop.
    """

    def __init__(self, worker: WorkerLike) -> None:
        super().__init__()
        self._worker = worker
        self._job: Job | None = None
        self._waiting: frozenset[int] = frozenset()  # tickets of those that waited at the last look
        self._text = SteadyLabel(translate(_WIDEST), "small")
        self.stop = Button(kind="quiet", icon_name="close", hint=N_("Stop it so that everything else can continue"))
        self.stop.clicked.connect(self._on_stop_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._text)
        layout.addWidget(self.stop)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.hide()

    def look(self) -> None:
        """Ask the worker how it stands."""
        held = self._worker.held()
        self._job = held[0] if held is not None and held[1] >= PATIENCE_S else None
        text = self._waiting_text()
        if held is not None and self._job is not None:
            name = translate(self._job.title) or _("A task from a panel")
            text = _("“{name}” has not responded for {n:,.0f} s").format(name=name, n=held[1])
        self._text.set_text(text)
        self.stop.setVisible(self._job is not None)
        self.setVisible(bool(text))

    def _waiting_text(self) -> str:
        """A sentence about the first job that waited at the last look too; empty where there is none."""
        jobs = [job for job in self._worker.jobs() if not (job.is_cancelled or job.is_paused)]
        waiting = [job for job in jobs if not job.is_started]
        before, self._waiting = self._waiting, frozenset(job.ticket for job in waiting)
        long = next((job for job in waiting if job.ticket in before), None)
        other = next((translate(job.title) for job in jobs if job.is_started and job.title), "")
        return "" if long is None else waiting_text(translate(long.title), other)

    def _on_stop_clicked(self) -> None:
        if self._job is not None:
            self._worker.give_up(self._job)
        self.look()


def waiting_text(name: str, other: str) -> str:
    """What is said of a job that waits for another one; either may have no name."""
    if name and other:
        return _("“{name}” is waiting for “{other}”").format(name=name, other=other)
    if name:
        return _("“{name}” is waiting its turn").format(name=name)
    return _("Waiting for “{other}”").format(other=other) if other else _("Waiting for another task")
