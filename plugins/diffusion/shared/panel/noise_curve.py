"""How much noise is left at every step of a run; a hand on the curve goes to a step."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView, Scatter, WhenSeen
from studio.api.timeline.controller import TimelineController
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate

from ..state import NOISE_LEFT

_SIZE_PX: Final = QSize(308, 112)
_MARK_PX: Final = 11.0
_SHARES: Final = Axis(low=0.0, high=1.0, ticks=((0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")))
_STEPS_BY_KEY: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


class NoiseCurve(PlotView):
    """Signals: seek_requested(step), 0 for pure noise; while a hand drags, at every step that it crosses."""

    seek_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(N_("Noise level"), size_px=_SIZE_PX, parent=parent)
        self._levels: tuple[float, ...] = ()
        self._n_steps = 0
        self._step = 0
        self._branches: tuple[int, ...] = ()
        self._timeline: TimelineController | None = None
        self._run, self._mark = WhenSeen(self, self._show_run), WhenSeen(self, self._show_step)
        self.setObjectName("noise_curve")
        self.setToolTip(
            _("How much noise is left at each step; drag or use the arrow keys to go to one (noise schedule)")
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.x_chosen.connect(lambda x: self._seek(round(x)))

    # What it shows; emits nothing

    def show_run(self, timeline: TimelineController) -> None:
        """Show the run on the timeline, which is another one or has grown."""
        self._timeline = timeline
        self._run.request()

    def _show_run(self) -> None:
        timeline = self._timeline
        if timeline is None:
            return
        recording, own = timeline.recording, None if timeline.track is None else timeline.track.id
        n_steps = recording.stored(0).n_steps - 1 if recording and timeline.is_growing else None
        self.set_levels(levels_of(recording), n_steps)
        self.set_step(timeline.playback.index)
        branches = [track.recording.info.branch for track in timeline.tracks]
        self.set_branches([branch.step for branch in branches if branch and branch.parent_id == own])

    def set_levels(self, levels: Sequence[float], n_steps: int | None = None) -> None:
        """Show how much noise is left, 0..1, before each step that is there; a run that grows will have `n_steps`."""
        self._levels = tuple(levels)
        self._n_steps = max(len(levels) - 1 if n_steps is None else n_steps, 0)
        self._show()

    def set_step(self, step: int) -> None:
        """Put the cursor at a step."""
        self._step = step
        self._mark.request()

    def _show_step(self) -> None:
        self.set_marker(self._step)
        self.setAccessibleDescription(self.text_of(self._step))

    def set_branches(self, steps: Sequence[int]) -> None:
        """Mark the steps from which another ending was tried."""
        self._branches = tuple(steps)
        self._show()

    def _show(self) -> None:
        levels = np.array(self._levels)
        marked = np.array([step for step in self._branches if step < len(levels)], int)
        curve = Curve(_("Noise"), np.arange(len(levels), dtype=float), levels)
        branches = Scatter("", marked.astype(float), levels[marked], "text_strong", _MARK_PX, "diamond")
        items = (curve, branches) if len(levels) else ()
        x = Axis(N_("step"), 0.0, float(self._n_steps))
        self.show_plot(PlotSpec(items, x, _SHARES, read_out=lambda x, _: self.text_of(round(x))))
        self.set_step(self._step)

    # The hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go by one step, Page keys by ten, Home and End to the ends."""
        key = Qt.Key(event.key())
        if key in _STEPS_BY_KEY:
            self._seek(self._step + _STEPS_BY_KEY[key])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._seek(0 if key is Qt.Key.Key_Home else len(self._levels) - 1)
        else:
            super().keyPressEvent(event)

    def _seek(self, step: int) -> None:
        """Ask for a step that is there."""
        step = min(max(step, 0), len(self._levels) - 1)
        if step >= 0 and step != self._step:
            self.set_step(step)
            self.seek_requested.emit(step)

    def place_of(self, step: int) -> QPointF:
        """Where a step lies on the widget."""
        return self.point_of(step, self._levels[step] if step < len(self._levels) else 0.0)

    def text_of(self, step: int) -> str:
        """What is known of a step, in words."""
        if not 0 <= step < len(self._levels):
            return ""
        text = (
            N_("Step {k}: {share:.0f} % noise, branched")
            if step in self._branches
            else N_("Step {k}: {share:.0f} % noise")
        )
        return translate(text).format(k=step, share=100 * self._levels[step])


def levels_of(recording: Recording | None) -> list[float]:
    """How much noise is left in each frame of a run, 0..1; empty for what is no run of this family."""
    if recording is None or NOISE_LEFT not in recording.scalar_names:
        return []
    return [float(value) for value in recording.curve(NOISE_LEFT)[1]]
