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

from ..params import SAMPLER_HINTS, SAMPLER_TEXTS, SPACING_HINTS, SPACING_TEXTS, DiffusionParams
from ..state import NOISE_LEFT

WITHOUT_ETA: Final = {
    "ddpm": N_("DDPM always adds as much noise as it removed; only DDIM lets you choose."),
    "dpmpp_2m": N_("DPM++ never adds noise; only DDIM lets you choose."),
    "heun": N_("Heun never adds noise; only DDIM lets you choose."),
    "euler": N_("Euler never adds noise; only DDIM lets you choose."),
    "lcm": N_("LCM always takes fresh noise for every step; only DDIM lets you choose."),
    "euler_ancestral": N_("Euler a always adds noise; only DDIM lets you choose."),
}
_SLIDERS: Final = ("steps", "guidance", "eta", "rescale", "threshold", "batch")
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
        self._show_eta(params.sampler)

    def _on_sampler_chosen(self, sampler: str) -> None:
        self._show_eta(sampler)
        self.params_changed.emit({"sampler": sampler})

    def _on_value_changed(self, spec: ParamSpec, value: float) -> None:
        changed: dict[str, Any] = {spec.name: round(value) if spec.kind == "int" else value}
        self.params_changed.emit(changed)

    def _show_eta(self, sampler: str) -> None:
        """Only DDIM can choose its noise; say why where it cannot be chosen."""
        reason = WITHOUT_ETA.get(sampler, "")
        row = self.rows["eta"]
        row.setEnabled(not reason)
        row.set_description(reason or param_specs(DiffusionParams)["eta"].help)
        self.why.set_text(translate(reason))
        self.why.setVisible(bool(reason))

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(_("Fewer settings") if is_open else _("More settings"))
