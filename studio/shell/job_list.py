"""The running jobs in the status bar: title, progress and a button that stops them."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from studio.compute.job import Delivery, Job
from studio.core.frame import Frame
from studio.core.text import N_, translate
from studio.widgets.button import Button
from studio.widgets.courier import Courier

MAX_ROWS = 2
PROGRESS_PX = 80


class JobRow(QWidget):
    """One job."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        title = translate(job.title)
        label = QLabel(title)
        label.setProperty("role", "small")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setFixedWidth(PROGRESS_PX)
        self._progress.setTextVisible(False)  # the bar is lower than any text
        self._progress.setAccessibleName(title)
        stop = Button(kind="quiet", icon_name="close", hint=N_("Stop this job"))
        stop.clicked.connect(self._on_stop_clicked)
        self._stop = stop
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (label, self._progress, stop):
            layout.addWidget(part)

    def show_progress(self, latest: object) -> None:
        """Show how far a job is that yields frames."""
        if isinstance(latest, Frame) and latest.n_steps > 0:
            self._progress.setRange(0, latest.n_steps)
            self._progress.setValue(latest.step + 1)
            self._progress.setToolTip(translate(latest.label))

    def _on_stop_clicked(self) -> None:
        self._job.cancel()
        self._stop.setEnabled(False)
        self._stop.setToolTip(translate(N_("Stopping at the next step…")))


class JobList(QWidget):
    """Follows all jobs that have a title."""

    def __init__(self, courier: Courier) -> None:
        super().__init__()
        self._rows: dict[int, JobRow] = {}
        self._none = QLabel(translate(N_("No jobs running")))
        self._none.setProperty("role", "small")
        self._more = QLabel()
        self._more.setProperty("role", "small")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(16)
        self._layout.addWidget(self._more)
        self._layout.addWidget(self._none)
        courier.delivered.connect(self._on_delivered)
        self._show_rows()

    def __len__(self) -> int:
        return len(self._rows)

    def _on_delivered(self, delivery: Delivery) -> None:
        job = delivery.job
        if not job.title:
            return
        if delivery.is_finished:
            row = self._rows.pop(job.ticket, None)
            if row is not None:
                row.hide()
                row.deleteLater()
        else:
            if job.ticket not in self._rows:
                self._rows[job.ticket] = JobRow(job)
                self._layout.addWidget(self._rows[job.ticket])
            self._rows[job.ticket].show_progress(delivery.latest)
        self._show_rows()

    def _show_rows(self) -> None:
        for place, row in enumerate(self._rows.values()):
            row.setVisible(place < MAX_ROWS)
        self._none.setVisible(not self._rows)
        n_more = len(self._rows) - MAX_ROWS
        self._more.setVisible(n_more > 0)
        self._more.setText(translate(N_("{n} more")).format(n=n_more))
