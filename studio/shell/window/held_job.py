"""Names a job that has held the worker for long, so that everything else waits, and lets a person end it."""

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
    """Hidden until a job has not yielded for ten seconds; then its name, the seconds and Stop."""

    def __init__(self, worker: WorkerLike) -> None:
        super().__init__()
        self._worker = worker
        self._job: Job | None = None
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
        self.setVisible(self._job is not None)
        if held is not None and self._job is not None:
            name = translate(self._job.title) or _("A task from a panel")
            self._text.set_text(_("“{name}” has not responded for {n:,.0f} s").format(name=name, n=held[1]))

    def _on_stop_clicked(self) -> None:
        if self._job is not None:
            self._worker.give_up(self._job)
        self.look()
