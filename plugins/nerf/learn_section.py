"""The inspector's part for learning: the curve of the quality on photos not learnt from, and what steers it."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, Curve, PlotView, SliderRow, SteadyLabel, ValueRange
from studio.core.text import N_, translate

Phase = Literal["idle", "waiting", "running", "paused", "failed"]
VIEWING: Final = ValueRange(10.0, 90.0, step=5.0, default=50.0, unit="%", is_whole=True)


@dataclass(frozen=True)
class LearnState:
    """What is known of the learning at one moment.

    Attributes:
        phase: "idle" before it began, "waiting" while photos are read, "failed" where it cannot go on.
        psnr_db: on photos that are not learnt from; None before the first measure.
        seconds: that it has learnt so far.
        has_scene: whether there are photos of our own scene to learn from.
        label: what it is doing or why it failed, a finished text.
    """

    phase: Phase = "idle"
    n_steps: int = 0
    psnr_db: float | None = None
    seconds: float = 0.0
    has_scene: bool = True
    label: str = ""


class LearnSection(QWidget):
    """Shows a learning; changes nothing itself.

    Signals:
        learn_requested(): learn our scene from the photos that came with it.
        photos_requested(): choose a folder of one's own photos.
        pause_requested(), continue_requested(), keep_requested(), discard_requested().
        share_changed(share): of the machine that is kept for viewing, 0..1.
        step_chosen(step): a place on the curve.
    """

    learn_requested = Signal()
    photos_requested = Signal()
    pause_requested = Signal()
    continue_requested = Signal()
    keep_requested = Signal()
    discard_requested = Signal()
    share_changed = Signal(float)
    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_begun = self._has_curve = False
        self.plot = PlotView(N_("Quality on photos not learnt from"))
        self.plot.setObjectName("learning_curve")
        self.plot.setToolTip(
            translate(
                N_(
                    "How near the pictures come to photos that were held back, in decibels: 6 dB more is half the "
                    "error (peak signal-to-noise ratio, PSNR)"
                )
            )
        )
        self.plot.x_chosen.connect(lambda x: self.step_chosen.emit(round(x)))
        self.figures = SteadyLabel()
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setProperty("role", "problem")
        self._make_buttons()
        share_help = N_("How much of the machine draws the scene while it learns; the rest learns.")
        self.share = SliderRow("viewing_share", N_("For viewing"), VIEWING, share_help)
        self.share.value_changed.connect(lambda percent: self.share_changed.emit(percent / 100))
        self._lay_out()
        self.show_state(LearnState())

    def _make_buttons(self) -> None:
        self.learn = Button(N_("Learn our scene"), kind="primary")
        self.learn.setToolTip(translate(N_("Begin from nothing with the photos that came with it, and watch")))
        self.learn.clicked.connect(self.learn_requested)
        self.photos = Button(N_("Learn my photos…"))
        self.photos.setToolTip(translate(N_("A folder with photos and their cameras (transforms.json)")))
        self.photos.clicked.connect(self.photos_requested)
        self.pause = Button(N_("Pause"), icon_name="pause")
        self.pause.setToolTip(translate(N_("Keep all that was learnt and go on later")))
        self.pause.clicked.connect(self.pause_requested)
        self.go_on = Button(N_("Continue training"), kind="primary")
        self.go_on.setToolTip(translate(N_("Go on from where it stopped")))
        self.go_on.clicked.connect(self.continue_requested)
        self.keep = Button(N_("Keep as model"))
        self.keep.setToolTip(translate(N_("Save what was learnt so far as a model of your own")))
        self.keep.clicked.connect(self.keep_requested)
        self.discard = Button(kind="quiet", icon_name="trash", hint=N_("Discard what was learnt"))
        self.discard.clicked.connect(self.discard_requested)
        names = ("learn", "photos", "pause", "go_on", "keep", "discard")
        for name in names:
            getattr(self, name).setObjectName(f"learn_{name}")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.learn, self.photos, self.pause, self.go_on, self.keep, self.discard):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.plot)
        column.addWidget(self.figures)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        column.addWidget(self.share)

    def show_state(self, state: LearnState) -> None:
        """Show how far it is."""
        is_going, is_resting = state.phase in ("waiting", "running"), state.phase in ("paused", "failed")
        is_idle = state.phase == "idle"
        self._has_begun = not is_idle
        self.plot.setVisible(self._has_begun or self._has_curve)
        self.figures.setVisible(self._has_begun or state.n_steps > 0)
        self.figures.set_text(figures_text(state))
        self.problem.setText(state.label if state.phase == "failed" else "")
        self.problem.setVisible(state.phase == "failed")
        self.learn.setVisible(is_idle and state.has_scene)
        self.photos.setVisible(is_idle)
        self.pause.setVisible(is_going)
        self.go_on.setVisible(is_resting)
        self.keep.setVisible(is_resting or is_going)
        self.keep.setEnabled(state.n_steps > 0)
        self.discard.setVisible(is_resting)
        self.share.setVisible(is_going)

    def set_curve(self, steps: npt.ArrayLike, psnr_db: npt.ArrayLike) -> None:
        """Draw the quality (N,) over the steps (N,) at which it was measured."""
        x, values = np.asarray(steps, np.float64), np.asarray(psnr_db, np.float64)
        self._has_curve = bool(len(x))
        self.plot.setVisible(self._has_begun or self._has_curve)
        self.plot.set_curves([Curve(translate(N_("PSNR in dB")), x, values)] if len(x) else [], N_("step"))

    def set_marker(self, step: float | None) -> None:
        """Mark the step whose picture is on the canvas."""
        self.plot.set_marker(step)

    def set_share(self, share: float) -> None:
        """Show how much is kept for viewing, 0..1; emits nothing."""
        self.share.set_value(100 * share)


def figures_text(state: LearnState) -> str:
    """How good it is after how much: "31.4 dB · 3,200 steps · 48 s"."""
    if state.phase == "waiting" and state.label:
        return state.label
    parts = [] if state.psnr_db is None else [translate(N_("{n:.1f} dB")).format(n=state.psnr_db)]
    parts.append(translate(N_("{n:,} steps")).format(n=state.n_steps))
    parts.append(time_text(state.seconds))
    if state.label and state.phase != "failed":
        parts.append(state.label)
    return " · ".join(parts)


def time_text(seconds: float) -> str:
    """A span of time: "48 s", "4 min 12 s"."""
    whole = round(seconds)
    if whole < 60:
        return translate(N_("{s} s")).format(s=whole)
    return translate(N_("{min} min {s} s")).format(min=whole // 60, s=whole % 60)
