"""The line under a comparison: how the runs are locked together, and what the present layout can be told."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.render.difference import Amount
from studio.widgets.compare.lock import Lock
from studio.widgets.compare.scene import Mode
from studio.widgets.controls.button import Button
from studio.widgets.controls.chip import Choice
from studio.widgets.controls.label import set_tip
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.controls.value_range import ValueRange

_LOCK_LABELS: Final = {"step": N_("Same step"), "share": N_("Same fraction")}
_SIGN_LABELS: Final = {"colour": N_("Colour"), "brightness": N_("Brightness")}
# Three flashes a second are the most that is safe to look at (WCAG 2.3.1), so that no turn is shorter than this.
_INTERVAL: Final = ValueRange(0.35, 3.0, step=0.05, default=0.8, unit="s")
_FIGURES: Final = N_("Typical {rms:.3f}, largest {largest:.3f}")


class Blinker(QWidget):
    """Turns from A to B and back at an interval, once the person has started it: nothing flashes unasked.

    Signals: turned() for each turn.
    """

    turned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._button = Button(N_("Start blinking"), icon_name="play")
        self._button.setObjectName("compare_blink")
        self._interval = SliderRow("compare_interval", N_("Each for"), _INTERVAL, N_("How long each picture is shown."))
        self._interval.set_value(_INTERVAL.default)
        self._interval.setMinimumWidth(240)
        self._timer = QTimer(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._interval)
        layout.addWidget(self._button)
        self._button.clicked.connect(self._on_clicked)
        self._interval.value_changed.connect(self._on_interval_changed)
        self._timer.timeout.connect(self.turned)

    @property
    def is_running(self) -> bool:
        """Whether it turns by itself."""
        return self._timer.isActive()

    @property
    def interval_ms(self) -> int:
        """How long each picture is shown."""
        return round(_INTERVAL.clamped(self._interval.value()) * 1000)

    def set_running(self, is_running: bool) -> None:
        """Start or stop."""
        if is_running:
            self._timer.start(self.interval_ms)
        else:
            self._timer.stop()
        text = _("Stop blinking") if is_running else _("Start blinking")
        self._button.setText(text)
        self._button.setAccessibleName(text)
        self._button.set_icon("pause" if is_running else "play")

    def _on_clicked(self) -> None:
        self.set_running(not self.is_running)

    def _on_interval_changed(self) -> None:
        if self.is_running:
            self._timer.start(self.interval_ms)


class ToolRow(QFrame):
    """Signals: lock_chosen(lock), sign_chosen(is_signed), turned() from the blinker."""

    lock_chosen = Signal(str)
    sign_chosen = Signal(bool)
    turned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "caption")
        self._lock = Choice("compare_lock", _LOCK_LABELS, N_("Which frames to compare"))
        self._sign = Choice("compare_sign", _SIGN_LABELS, N_("How to show the difference"))
        self._figures = SteadyLabel(translate(_FIGURES).format(rms=0.888, largest=0.888) + "0", "small")
        set_tip(self._figures, _("Root mean square (RMS) over all pixels, and the largest difference"))
        self.blinker = Blinker()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(12)
        layout.addWidget(self._lock, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._sign, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._figures)
        layout.addWidget(self.blinker)
        self._lock.value_chosen.connect(self.lock_chosen)
        self._sign.value_chosen.connect(self._on_sign_chosen)
        self.blinker.turned.connect(self.turned)

    def show_mode(self, mode: Mode | None) -> None:
        """Show what a layout can be told; None where the frames are no pictures."""
        self._figures.setVisible(mode == "difference")
        self._sign.setVisible(mode == "difference")
        self.blinker.setVisible(mode == "blink")
        self.blinker.set_running(False)

    def set_lock(self, lock: Lock) -> None:
        """Show how the runs are locked; emits nothing."""
        self._lock.set_value(lock)

    def show_amount(self, amount: Amount | None) -> None:
        """Say how much the pictures differ."""
        figures = translate(_FIGURES)
        self._figures.set_text("" if amount is None else figures.format(rms=amount.rms, largest=amount.largest))

    def _on_sign_chosen(self, value: str) -> None:
        self.sign_chosen.emit(value == "brightness")
