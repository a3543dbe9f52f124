"""Beside the square: how many parts the generator makes, how far it is from the real points, and what both lose."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import Axis, Bars, Curve, Label, Marker, PlotSpec, PlotView, SteadyLabel, set_tip
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate

from ..training.evaluation import FOUND_SHARE, Shares

STEPS: Final = "steps"
_DISTANCES: Final = {"JS divergence": N_("JS"), "KL divergence": N_("KL")}
_LOSSES: Final = {"loss": N_("detective"), "forger loss": N_("forger")}
_LEAST_PX: Final = 150
_METER_PX: Final = QSize(_LEAST_PX, 56)
_LEAST_STEPS: Final = 100


class PartsMeter(PlotView):
    """A bar for each part of the shape: what the generator makes of it against its fair share, which is the line."""

    def __init__(self) -> None:
        super().__init__(N_("Parts of the shape"), "pan", _METER_PX)
        self._shares: Shares = np.zeros(0)
        self._wanted: Shares = np.zeros(0)
        hint = N_("One bar for each part; the line is its fair share of the points (modes covered)")
        set_tip(self, translate(hint))

    @property
    def n_found(self) -> int:
        """How many parts have a quarter of their fair share."""
        return int((self._shares >= FOUND_SHARE * self._wanted).sum())

    def show_shares(self, shares: Shares, wanted: Shares) -> None:
        """Show the shares of forged points on each part (n,), and of real ones."""
        self._shares, self._wanted = shares, wanted
        fair = 100 * shares / np.maximum(wanted, 1e-9)
        inks = tuple("" if is_found else "control_border" for is_found in shares >= FOUND_SHARE * wanted)
        bars = Bars(_("% of its fair share"), np.arange(1.0, len(shares) + 1), fair, inks=inks)
        text = _("{found} of {n} made").format(found=self.n_found, n=len(shares))
        y = Axis("", 0.0, 200.0, ticks=((0.0, "0 %"), (100.0, "100 %")))
        self.show_plot(PlotSpec([bars, Marker(100.0, "y", "text_muted", "dash")], Axis(ticks=()), y, text))


class FigureColumn(QWidget):
    """Signals: step_chosen(n_steps): a person chose a step on one of the plots."""

    step_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(_LEAST_PX)
        self.meter, self.found = PartsMeter(), SteadyLabel(role="small")
        self.distance = PlotView(N_("Distance from the real points"))
        set_tip(
            self.distance,
            _(
                "How far fake points are from real ones, in bits; 0 means identical (Jensen-Shannon and "
                "Kullback-Leibler divergence of their histograms)"
            ),
        )
        self.losses = PlotView(N_("Losses"))
        set_tip(self.losses, _("What detective and forger lose in a step; each wants its own to be small (loss)"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(_title(N_("What the forger makes")))
        column.addWidget(self.meter)
        column.addWidget(self.found)
        for title, plot in ((N_("Distance from the real points"), self.distance), (N_("Losses"), self.losses)):
            plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            plot.x_chosen.connect(self.step_chosen)
            column.addSpacing(8)
            column.addWidget(_title(title))
            column.addWidget(plot, 1)

    def show_curves(self, recording: Recording | None) -> None:
        """Show the curves of a run, as far as it is."""
        for plot, names in ((self.distance, _DISTANCES), (self.losses, _LOSSES)):
            curves = [] if recording is None else _curves(recording, names)
            plot.show_plot(PlotSpec(curves, Axis(N_("step"), *_x_range(curves))))

    def show_step(self, n_steps: float | None) -> None:
        """Mark the step that is shown."""
        for plot in (self.distance, self.losses):
            plot.set_marker(n_steps)


def _title(text: str) -> Label:
    label = Label(translate(text))
    label.setProperty("role", "small")
    return label


def _x_range(curves: Sequence[Curve]) -> tuple[float, float] | tuple[()]:
    """From the first step to the last, and not narrower than a hundred; nothing without any."""
    filled = [curve.x for curve in curves if len(curve.x)]
    if not filled:
        return ()
    first, last = min(float(x[0]) for x in filled), max(float(x[-1]) for x in filled)
    return first, max(last, first + _LEAST_STEPS)


def _curves(recording: Recording, names: Mapping[str, str]) -> list[Curve]:
    """Figures over the steps of learning, of the frames that have them."""
    frames, steps = recording.curve(STEPS)
    curves = []
    for name, title in names.items():
        at, values = recording.curve(name)
        curves.append(Curve(translate(title), np.interp(at, frames, steps) if len(at) else at, values))
    return curves
