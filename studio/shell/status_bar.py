"""The bar at the bottom: where it computes and what draws, how fast the last picture was, memory, running jobs."""

from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from studio.core.text import N_, translate
from studio.shell.job_list import JobList
from studio.widgets.courier import Courier
from studio.widgets.steady_label import SteadyLabel
from studio.widgets.theme import theme, theme_source
from studio.widgets.throttle import Throttle

if TYPE_CHECKING:
    from studio.api.panel import Timing

HEIGHT_PX = 28
MEMORY_INTERVAL_MS = 2000
TIMING_INTERVAL_MS = 120  # numbers that change faster cannot be read


class StatusBar(QFrame):
    """Plain facts in small print.

    Attributes:
        has_device: whether the device is known.
    """

    def __init__(self, courier: Courier, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self._process = psutil.Process()
        self._device = QLabel()
        self._device.setProperty("role", "hue")
        self._device.setProperty("size", "small")
        self._graphics = QLabel()
        self._graphics.setProperty("size", "small")
        self._graphics.hide()
        self._picture = _fact(N_("Picture 9,999.9 ms"), N_("How long the last picture took to compute"))
        self._screen = _fact(N_("Hand to screen 9,999 ms"), N_("How soon after the hand’s last move it was seen"))
        self._memory = _fact(N_("Memory 99,999 MB"), N_("Memory that this program uses"))
        self._timing: Timing | None = None
        self._timing_shown = Throttle(TIMING_INTERVAL_MS, self._write_timing, self)
        self.jobs = JobList(courier)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(20)
        layout.addWidget(self._device)
        layout.addWidget(self._graphics)
        layout.addWidget(self._picture)
        layout.addWidget(self._screen)
        layout.addStretch(1)
        layout.addWidget(self._memory)
        layout.addWidget(self.jobs)
        self._timer = QTimer(self)
        self._timer.setInterval(MEMORY_INTERVAL_MS)
        self._timer.timeout.connect(self._show_memory)
        self._timer.start()
        theme_source().theme_changed.connect(self._fit_height)
        self._fit_height()
        self._show_memory()
        self.show_device("")

    def show_device(self, title: str) -> None:
        """Name the device; an empty title means that it is not known yet."""
        self.has_device = bool(title)
        self._device.setText("● " + (title or translate(N_("starting…"))))
        self._device.setToolTip(translate(N_("Where the models run, and how exactly they compute")))

    def show_graphics(self, title: str, sentence: str) -> None:
        """Say what OpenGL is worth here; nothing stands there until a scene was opened."""
        self._graphics.setText(translate(title))
        self._graphics.setToolTip(translate(sentence))
        self._graphics.show()

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
        self._picture.set_text(translate(timing.text).format(ms=timing.picture_ms))
        if timing.screen_ms is not None:
            self._screen.set_text(translate(N_("Hand to screen {ms:,.0f} ms")).format(ms=timing.screen_ms))

    def _fit_height(self) -> None:
        self.setFixedHeight(theme().scaled(HEIGHT_PX))

    def _show_memory(self) -> None:
        used_mb = self._process.memory_info().rss / 1e6
        self._memory.set_text(translate(N_("Memory {mb:,.0f} MB")).format(mb=used_mb))


def _fact(widest: str, hint: str) -> SteadyLabel:
    label = SteadyLabel(translate(widest), "small")
    label.setToolTip(translate(hint))
    return label
