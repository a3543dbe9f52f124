"""The inspector's part for the way from noise to picture: its curve, sampler, steps, guidance, and the rest."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import (
    Axis,
    Curve,
    PlotSpec,
    PlotView,
    Scatter,
    Segmented,
    SliderRow,
    SteadyLabel,
    WhenSeen,
    named_button,
    param_slider,
    set_tip,
)
from studio.api.timeline.controller import TimelineController
from studio.core.param import ParamSpec, param_specs
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate

from ..params import MANY, SAMPLER_HINTS, SAMPLER_TEXTS, SPACING_HINTS, SPACING_TEXTS, DiffusionParams
from ..state import NOISE_LEFT
from ..straightness import FloatArray, bends, straightness

WITHOUT_ETA: Final = {
    "ddpm": N_("DDPM always adds as much noise as it removed; only DDIM lets you choose."),
    "dpmpp_2m": N_("DPM++ never adds noise; only DDIM lets you choose."),
    "heun": N_("Heun never adds noise; only DDIM lets you choose."),
    "euler": N_("Euler never adds noise; only DDIM lets you choose."),
    "lcm": N_("LCM always takes fresh noise for every step; only DDIM lets you choose."),
    "euler_ancestral": N_("Euler a always adds noise; only DDIM lets you choose."),
}
JUMPS: Final = N_("These are for many steps; “Draw in” is set to few.")
_SLIDERS: Final = ("steps", "guidance", "eta", "rescale", "threshold", "batch")
MOST_BENT: Final = 101
"""Frames of a run whose way is measured: each is read again for it."""
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
        self._bends = np.zeros(0)
        self._n_steps = 0
        self._step = 0
        self._branches: tuple[int, ...] = ()
        self._timeline: TimelineController | None = None
        self._run, self._mark = WhenSeen(self, self._show_run), WhenSeen(self, self._show_step)
        self.setObjectName("noise_curve")
        set_tip(
            self, _("How much noise is left at each step; drag or use the arrow keys to go to one (noise schedule)")
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
        self.set_levels(levels_of(recording), n_steps, bends_of(recording))
        self.set_step(timeline.playback.index)
        branches = [track.recording.info.branch for track in timeline.tracks]
        self.set_branches([branch.step for branch in branches if branch and branch.parent_id == own])

    def set_levels(
        self, levels: Sequence[float], n_steps: int | None = None, bends: Sequence[float] | FloatArray = ()
    ) -> None:
        """Show how much noise is left, 0..1, before each step that is there; a run that grows will have `n_steps`.

        `bends` say how far each step points beside the straight line to the end, of a finished run.
        """
        self._levels, self._bends = tuple(levels), np.asarray(bends, float)
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
        bent = Curve(_("Off the straight line"), np.arange(len(self._bends), dtype=float), self._bends)
        branches = Scatter("", marked.astype(float), levels[marked], "text_strong", _MARK_PX, "diamond")
        items = (curve, bent, branches) if len(levels) else ()
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
        told = translate(text).format(k=step, share=100 * self._levels[step])
        return f"{told} · {self._bend_text(step)}" if len(self._bends) else told

    def _bend_text(self, step: int) -> str:
        """How far a step points beside the straight line from noise to picture; at the end, how far all of them do."""
        if step < len(self._bends):
            return _("{share:.0f} % off the straight line").format(share=100 * self._bends[step])
        whole = straightness(self._bends, self._levels)
        return _("the whole way is {share:.0f} % off the straight line").format(share=100 * whole)


def levels_of(recording: Recording | None) -> list[float]:
    """How much noise is left in each frame of a run, 0..1; empty for what is no run of this family."""
    if recording is None or NOISE_LEFT not in recording.scalar_names:
        return []
    return [float(value) for value in recording.curve(NOISE_LEFT)[1]]


def bends_of(recording: Recording | None) -> FloatArray:
    """How far each step of a finished run bends off the straight line; empty for what is no such run, or a long one."""
    levels = levels_of(recording)
    is_run = recording is not None and recording.is_finished and 1 < len(levels) <= MOST_BENT
    if recording is None or not is_run or np.any(np.diff(levels) >= 0):
        return np.zeros(0)
    states = [recording[k].state or {} for k in range(len(levels))]
    if any("x" not in state or state["x"].shape != states[0]["x"].shape for state in states):
        return np.zeros(0)  # places of a path, or two networks one after the other
    return bends([state["x"] for state in states], levels)


class SamplerSection(QWidget):
    """Shows the settings of a run; changes nothing itself.

    Signals:
        params_changed(changes): new values by the names of DiffusionParams; for every move of a drag.
        edit_started(), edit_finished(): around one step of undo of a slider.
    """

    params_changed = Signal(object)
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(
        self, defaults: DiffusionParams | None = None, parent: QWidget | None = None, knows_lcm: bool = False
    ) -> None:
        """`defaults` are the model's own, to which a double click returns.

        `knows_lcm` is whether it may have been taught few steps: LCM then stands in the place of the slowest one.
        """
        super().__init__(parent)
        defaults = defaults or DiffusionParams()
        specs = param_specs(DiffusionParams)
        texts = {name: text for name, text in SAMPLER_TEXTS.items() if name != ("ddpm" if knows_lcm else "lcm")}
        self.sampler = Segmented("sampler", texts, specs["sampler"].label, SAMPLER_HINTS)
        self.sampler.value_chosen.connect(self._on_sampler_chosen)
        self.rows = {name: self._row(specs[name], defaults) for name in _SLIDERS}
        self.why = SteadyLabel(role="small")
        self.more = named_button("more_settings", N_("More settings"), kind="link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        self.spacing = Segmented("spacing", SPACING_TEXTS, specs["spacing"].label, SPACING_HINTS)
        self.spacing.value_chosen.connect(lambda value: self.params_changed.emit({"spacing": value}))
        self.folded = QWidget()
        self._lay_out()
        self._show_more(False)
        self.set_params(defaults)

    def _row(self, spec: ParamSpec, defaults: DiffusionParams) -> SliderRow:
        row = param_slider(defaults, spec.name, spec.name)
        row.value_changed.connect(lambda value: self._on_value_changed(spec, value))
        row.edit_started.connect(self.edit_started)
        row.edit_finished.connect(self.edit_finished)
        return row

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.sampler)
        column.addSpacing(4)
        for name in ("steps", "guidance", "eta"):
            column.addWidget(self.rows[name])
        column.addWidget(self.why)
        column.addWidget(self.rows["batch"])
        column.addWidget(self.more)
        column.addWidget(self.folded)
        rows = QVBoxLayout(self.folded)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(self.spacing)
        for name in ("rescale", "threshold"):
            rows.addWidget(self.rows[name])

    def set_params(self, params: DiffusionParams) -> None:
        """Show the settings of a run; emits nothing."""
        self.sampler.set_value(params.sampler)
        self.spacing.set_value(params.spacing)
        for name, row in self.rows.items():
            row.set_value(getattr(params, name))
        self._show_possible(params.sampler, params.drawn_in)

    def _on_sampler_chosen(self, sampler: str) -> None:
        self._show_possible(sampler, MANY)
        self.params_changed.emit({"sampler": sampler})

    def _on_value_changed(self, spec: ParamSpec, value: float) -> None:
        changed: dict[str, Any] = {spec.name: round(value) if spec.kind == "int" else value}
        self.params_changed.emit(changed)

    def _show_possible(self, sampler: str, drawn_in: str) -> None:
        """Only DDIM can choose its noise, and few steps choose none of this; say why where it cannot be chosen."""
        is_jump = drawn_in != MANY
        reason = JUMPS if is_jump else WITHOUT_ETA.get(sampler, "")
        for part in (self.sampler, self.rows["steps"], self.spacing):
            part.setEnabled(not is_jump)
        row = self.rows["eta"]
        row.setEnabled(not reason)
        row.set_description(reason or param_specs(DiffusionParams)["eta"].help)
        self.why.set_text(translate(reason))
        self.why.setVisible(bool(reason))

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(_("Fewer settings") if is_open else _("More settings"))
