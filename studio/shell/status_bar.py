"""The bar at the bottom: where it computes, how fast the last picture was, memory, running jobs."""

from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from studio.core.text import N_, translate
from studio.shell.job_list import JobList
from studio.widgets.courier import Courier
from studio.widgets.theme import theme, theme_source

if TYPE_CHECKING:
    from studio.api.panel import Timing

HEIGHT_PX = 28
MEMORY_INTERVAL_MS = 2000


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
        self._picture = _small_label(translate(N_("How long the last picture took to compute")))
        self._screen = _small_label(translate(N_("How soon after the last move of the hand the picture was seen")))
        self._memory = _small_label(translate(N_("Memory that this program uses")))
        self.jobs = JobList(courier)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(20)
        layout.addWidget(self._device)
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

    def show_timing(self, timing: "Timing | None") -> None:
        """Say how long the last picture of the tab in front took and how soon it was seen; None without one."""
        if timing is None:
            self._picture.setText("")
            self._screen.setText("")
            return
        self._picture.setText(translate(N_("Picture {ms:.1f} ms")).format(ms=timing.picture_ms))
        if timing.screen_ms is not None:
            self._screen.setText(translate(N_("Hand to screen {ms:.0f} ms")).format(ms=timing.screen_ms))

    def _fit_height(self) -> None:
        self.setFixedHeight(theme().scaled(HEIGHT_PX))

    def _show_memory(self) -> None:
        used_mb = self._process.memory_info().rss / 1e6
        self._memory.setText(translate(N_("Memory {mb:,.0f} MB")).format(mb=used_mb))


def _small_label(hint: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", "small")
    label.setToolTip(hint)
    return label
