"""Beside the square: how many parts the forger makes, how far it is from the real points, and what both lose."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import Axis, Curve, PlotSpec, PlotView, SteadyLabel, hue_of, theme, theme_source
from studio.core.recording import Recording
from studio.core.text import N_, translate

from .playground_measure import FOUND_SHARE, Shares

STEPS: Final = "steps"
_DISTANCES: Final = {"JS divergence": N_("JS"), "KL divergence": N_("KL")}
_LOSSES: Final = {"loss": N_("detective"), "forger loss": N_("forger")}
_BARS_PX: Final = 40
_LEAST_PX: Final = 150
_LEAST_STEPS: Final = 100


class PartsMeter(QWidget):
    """A bar for each part of the shape: what the forger makes of it against its fair share, which is the line."""

    def __init__(self) -> None:
        super().__init__()
        self._shares: Shares = np.zeros(0)
        self._wanted: Shares = np.zeros(0)
        self.setAccessibleName(translate(N_("Parts of the shape")))
        hint = N_("One bar for each part; the line is its fair share of the points (modes covered)")
        self.setToolTip(translate(hint))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_source().theme_changed.connect(self.update)

    @property
    def n_found(self) -> int:
        """How many parts have a quarter of their fair share."""
        return int((self._shares >= FOUND_SHARE * self._wanted).sum())

    def show_shares(self, shares: Shares, wanted: Shares) -> None:
        """Show the shares of forged points on each part (n,), and of real ones."""
        self._shares, self._wanted = shares, wanted
        text = translate(N_("{found} of {n} made")).format(found=self.n_found, n=len(shares))
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room, and low."""
        return QSize(_LEAST_PX, theme().scaled(_BARS_PX))

    def minimumSizeHint(self) -> QSize:
        """May be narrow."""
        return QSize(60, theme().scaled(_BARS_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars; those of parts that are left out are hollow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, size = theme().colour, theme().size
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colour.field), 1))
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(area, size.radius_small, size.radius_small)
        n = len(self._shares)
        if not n:
            return
        inner = area.adjusted(6, 5, -6, -5)
        step = inner.width() / n
        for place, (share, wanted) in enumerate(zip(self._shares, self._wanted, strict=True)):
            fair = min(share / max(wanted, 1e-9) / 2, 1.0)  # the fair share stands at half of the height
            is_found = share >= FOUND_SHARE * wanted
            height = max(2.0, fair * inner.height())
            bar = QRectF(inner.left() + place * step + 1, inner.bottom() - height, max(step - 2, 1.0), height)
            painter.setPen(Qt.PenStyle.NoPen if is_found else QPen(QColor(colour.text_muted), 1))
            painter.setBrush(QColor(hue_of(self).fill) if is_found else Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)
        painter.setPen(QPen(QColor(colour.text_muted), 1, Qt.PenStyle.DashLine))
        middle = inner.center().y()
        painter.drawLine(QPointF(inner.left(), middle), QPointF(inner.right(), middle))


class FigureColumn(QWidget):
    """Signals: step_chosen(n_steps): a person chose a step on one of the plots."""

    step_chosen = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumWidth(_LEAST_PX)
        self.meter, self.found = PartsMeter(), SteadyLabel(role="small")
        self.distance = PlotView(N_("Distance from the real points"))
        self.distance.setToolTip(
            translate(N_("How far forged points are from real ones, in bits, 0 is alike (Jensen-Shannon and "
                         "Kullback-Leibler divergence of their histograms)"))
        )  # fmt: skip
        self.losses = PlotView(N_("Losses"))
        self.losses.setToolTip(translate(N_("What detective and forger lose in a step; each wants less of it (loss)")))
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


def _title(text: str) -> QLabel:
    label = QLabel(translate(text))
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
