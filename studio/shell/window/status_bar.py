"""The bar at the bottom: where it computes and what draws, how fast the last picture was, memory, running jobs."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from studio.compute.job import Delivery, Job, Policy
from studio.compute.worker import WorkerLike
from studio.core.frame import Frame
from studio.core.learning import Pace
from studio.core.translation import N_, _, translate
from studio.shell.training.desk import KEY as TRAINING
from studio.shell.window.held_job import HeldJob
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, set_tip
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.plots.learning_card import time_text
from studio.widgets.theme import theme, theme_source
from studio.widgets.throttle import Throttle

if TYPE_CHECKING:
    from studio.api.panel import Timing

MAX_ROWS = 2
PROGRESS_PX = 80
HEIGHT_PX = 28
MEMORY_INTERVAL_MS = 2000
_LONG: Final = (Policy.QUEUE, Policy.BACKGROUND)
_PAUSE: Final = N_("Pause this job")
_CONTINUE: Final = N_("Resume this job")
_LEAST_LEFT_S: Final = 3.0
_WIDEST_LEFT_S: Final = 3000.0
JOB_PACE_S: Final = 8.0
"""The time left is told by so many seconds before: what else this computer does changes within an export."""
_WIDEST_MS: Final = 99_999.9
TIMING_INTERVAL_MS = 120  # numbers that change faster cannot be read


class JobRow(QWidget):
    """One job; `title` is what it is called. `pause`, of the worker, is None where it has a pause of its own."""

    def __init__(self, job: Job, pause: Callable[[Job, bool], None] | None) -> None:
        super().__init__()
        self._job = job
        self._pause = pause
        self._pace = Pace(JOB_PACE_S)
        self.title = title = translate(job.title)
        label = Label(title)
        label.setProperty("role", "small")
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setFixedWidth(PROGRESS_PX)
        self._progress.setTextVisible(False)  # the bar is lower than any text
        self._progress.setAccessibleName(title)
        self._left = SteadyLabel(time_text(_WIDEST_LEFT_S), "small")
        self._left.hide()
        self._stop = Button(kind="quiet", icon_name="close", hint=N_("Stop this job"))
        self._stop.clicked.connect(self._on_stop_clicked)
        self._pause_button = Button(kind="quiet", icon_name="pause", hint=_PAUSE)
        self._pause_button.clicked.connect(self._on_pause_clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (label, self._progress, self._left, self._stop):
            layout.addWidget(part)
        layout.insertWidget(layout.count() - 1, self._pause_button)
        self._pause_button.setVisible(pause is not None)

    def show_progress(self, latest: object) -> None:
        """Show how far a job is that yields frames, and after its first tenth how long it will take."""
        if isinstance(latest, Frame) and latest.n_steps > 0:
            self._progress.setRange(0, latest.n_steps)
            self._progress.setValue(latest.step + 1)
            set_tip(self._progress, translate(latest.label))
            self._pace.note(time.monotonic(), latest.step + 1)
            left_s = self._pace.seconds_left(latest.n_steps - latest.step - 1)
            is_known = left_s is not None and left_s >= _LEAST_LEFT_S and 10 * (latest.step + 1) >= latest.n_steps
            self._left.set_text(time_text(left_s))
            self._left.setVisible(is_known)

    def _on_pause_clicked(self) -> None:
        assert self._pause is not None
        is_paused = not self._job.is_paused
        self._pause(self._job, is_paused)
        self._pace = Pace(JOB_PACE_S)  # what it waited is no part of its pace
        self._left.set_text(_("paused"))
        self._left.setVisible(is_paused)
        self._pause_button.set_icon("play" if is_paused else "pause")
        set_tip(self._pause_button, translate(_CONTINUE if is_paused else _PAUSE))

    def _on_stop_clicked(self) -> None:
        self._job.cancel()
        if self._pause is not None:
            self._pause(self._job, False)
        self._stop.setEnabled(False)
        set_tip(self._stop, _("Stopping at the next step…"))


class JobList(QWidget):
    """Follows all jobs that have a title."""

    def __init__(self, dispatcher: Dispatcher, worker: WorkerLike | None = None) -> None:
        """`worker` lets jobs be paused."""
        super().__init__()
        self._worker = worker
        self._rows: dict[int, JobRow] = {}
        self._none = Label(_("No jobs running"))
        self._none.setProperty("role", "small")
        self._more = Label()
        self._more.setProperty("role", "small")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(16)
        self._layout.addWidget(self._more)
        self._layout.addWidget(self._none)
        dispatcher.delivered.connect(self._on_delivered)
        self._show_rows()

    def __len__(self) -> int:
        return len(self._rows)

    def titles(self) -> list[str]:
        """What is running, in words."""
        return [row.title for row in self._rows.values()]

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
                self._rows[job.ticket] = JobRow(job, self._pause_of(job))
                self._layout.addWidget(self._rows[job.ticket])
            self._rows[job.ticket].show_progress(delivery.latest)
        self._show_rows()

    def _pause_of(self, job: Job) -> Callable[[Job, bool], None] | None:
        """How it is paused: a training and what a hand asks for are not, by this row."""
        can_wait = job.policy in _LONG and job.key[-1] != TRAINING
        return self._worker.pause if self._worker is not None and can_wait else None

    def _show_rows(self) -> None:
        for place, row in enumerate(self._rows.values()):
            row.setVisible(place < MAX_ROWS)
        self._none.setVisible(not self._rows)
        n_more = len(self._rows) - MAX_ROWS
        self._more.setVisible(n_more > 0)
        self._more.setText(_("{n} more").format(n=n_more))


class StatusBar(QFrame):
    """Plain facts in small print.

    Attributes:
        has_device: whether the device is known.
    """

    def __init__(self, dispatcher: Dispatcher, worker: WorkerLike, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self._process = psutil.Process()
        self._device = Label()
        self._device.setProperty("role", "hue")
        self._device.setProperty("size", "small")
        self._graphics = Label()
        self._graphics.setProperty("size", "small")
        self._graphics.hide()
        self._picture = _fact("", N_("How long the last picture took to compute"))
        self._screen = _fact(N_("Response 9,999 ms"), N_("How long after your last movement its effect was on screen"))
        self._memory = _fact(N_("Memory 99,999 MB"), N_("Memory used by this program"))
        self._ready = _fact(
            N_("Getting models ready: 100 %"), N_("Done once on this computer, so that models open quickly")
        )
        self._timing: Timing | None = None
        self._timing_shown = Throttle(TIMING_INTERVAL_MS, self._write_timing, self)
        self.jobs = JobList(dispatcher, worker)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(20)
        layout.addWidget(self._device)
        layout.addWidget(self._graphics)
        layout.addWidget(self._picture)
        layout.addWidget(self._screen)
        layout.addStretch(1)
        layout.addWidget(self._ready)
        layout.addWidget(self._memory)
        layout.addWidget(HeldJob(worker))
        layout.addWidget(self.jobs)
        self._timer = QTimer(self)
        self._timer.setInterval(MEMORY_INTERVAL_MS)
        self._timer.timeout.connect(self._show_memory)
        self._timer.start()
        theme_source().theme_changed.connect(self._fit_height)
        self._fit_height()
        self._show_memory()
        self.show_device("")
        self.show_preparation("")

    def show_device(self, title: str) -> None:
        """Name the device; an empty title means that it is not known yet."""
        self.has_device = bool(title)
        self._device.setText("● " + (title or _("starting…")))
        set_tip(self._device, _("Where the models run, and how precisely they compute"))

    def show_graphics(self, title: str, sentence: str) -> None:
        """Say what OpenGL is worth here; nothing stands there until a scene was opened."""
        self._graphics.setText(translate(title))
        set_tip(self._graphics, translate(sentence))
        self._graphics.show()

    def show_preparation(self, text: str) -> None:
        """Say how far it is with what is compiled in the background; an empty text says nothing."""
        self._ready.set_text(text)
        self._ready.setVisible(bool(text))

    def show_timing(self, timing: "Timing | None") -> None:
        """Say how long the last picture of the tab in front took and how soon it was seen; None without one."""
        self._timing = timing
        self._timing_shown.request()

    def _write_timing(self) -> None:
        timing = self._timing
        if timing is None:
            self._picture.set_text("")
            self._screen.set_text("")
            return
        text = translate(timing.text)
        self._picture.keep_room(text.format(ms=_WIDEST_MS))
        self._picture.set_text(text.format(ms=timing.picture_ms))
        if timing.screen_ms is not None:
            self._screen.set_text(_("Response {ms:,.0f} ms").format(ms=timing.screen_ms))

    def _fit_height(self) -> None:
        self.setFixedHeight(theme().scaled(HEIGHT_PX))

    def _show_memory(self) -> None:
        used_mb = self._process.memory_info().rss / 1e6
        self._memory.set_text(_("Memory {mb:,.0f} MB").format(mb=used_mb))


def _fact(widest: str, hint: str) -> SteadyLabel:
    label = SteadyLabel(translate(widest), "small")
    set_tip(label, translate(hint))
    return label
