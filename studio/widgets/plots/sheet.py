"""The drawn part of a plot: two axes and what lies between them, by pyqtgraph. Only this and the layers import it."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.widgets.plots.layers import Layer, layer_for, thin_pen
from studio.widgets.plots.scale import Span, thinned, tick_texts
from studio.widgets.plots.spec import Axis, Item, PlotSpec
from studio.widgets.theme import theme

pg.setConfigOptions(antialias=True, exitCleanup=False)

_GAP_PX: Final = 5
_X_ROOM_PX: Final = 64  # for each number under the plot
_Y_ROOM_PX: Final = 26  # for each line of the grid


class Sheet:
    """Draws only: the pointer and the keys are the plot's, that its `widget` lies on.

    `left_px` is the least room beside the curves.
    """

    def __init__(self, parent: QWidget) -> None:
        view = pg.GraphicsView(parent, useOpenGL=False, background=None)
        view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        view.viewport().setAutoFillBackground(False)
        self.widget: QWidget = view
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0)
        self._box.disableAutoRange()
        self._left, self._bottom = (_axis(side, self._box) for side in ("left", "bottom"))
        self._grid = view.centralLayout
        for item, row, column in ((self._left, 0, 0), (self._box, 0, 1), (self._bottom, 1, 1)):
            self._grid.addItem(item, row, column)
        self._grid.setSpacing(0)
        self._grid.setContentsMargins(0, _GAP_PX, 0, 0)
        self._lines = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._lines.setZValue(-10)
        self._box.addItem(self._lines, ignoreBounds=True)
        self._layers: list[Layer] = []
        self._spec, self._spans = PlotSpec(), (Span(0.0, 1.0), Span(0.0, 1.0))
        self._cross = [self._line(angle) for angle in (90, 0)]
        self._playhead = self._line(90)
        self._playhead_at: float | None = None
        self._free_px = 0.0
        self.left_px = 0.0
        self.dress()

    def _line(self, angle: int) -> Any:
        line = pg.InfiniteLine(angle=angle, movable=False)
        self._box.addItem(line, ignoreBounds=True)
        line.setZValue(10)
        line.hide()
        return line

    def dress(self) -> None:
        """Wear the colours and the font of the theme in force."""
        colour = theme().colour
        for axis in (self._left, self._bottom):
            axis.setTickFont(theme().font("caption"))
            axis.setTextPen(QPen(QColor(colour.text_muted)))
        self._lines.setPen(thin_pen(colour.border))
        for line in self._cross:
            line.setPen(thin_pen(colour.text_muted, Qt.PenStyle.DashLine))
        self._playhead.setPen(thin_pen(colour.text_strong))

    def show_plot(
        self, spec: PlotSpec, spans: tuple[Span, Span], inks: Sequence[tuple[QColor, Qt.PenStyle]], free_px: float
    ) -> None:
        """Draw what a plot shows, with an ink for each item, and no numbers in the last part of the lower axis."""
        self._spec, self._spans, self._free_px = spec, spans, free_px
        if [layer.kind for layer in self._layers] != [type(item) for item in spec.items]:
            self._rebuild(spec.items)
        for layer, item, (colour, dash) in zip(self._layers, spec.items, inks, strict=True):
            layer.show(item, colour, dash, *spans)

    def _rebuild(self, items: Sequence[Item]) -> None:
        for layer in self._layers:
            for part in layer.parts:
                self._box.removeItem(part)
        self._layers = [layer_for(item) for item in items]
        for layer in self._layers:
            for part in layer.parts:
                self._box.addItem(part, ignoreBounds=True)

    # Where things are

    def set_view(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this part, in lengths on the screen."""
        self._box.setRange(xRange=x, yRange=y, padding=0)
        metrics = QFontMetricsF(theme().font("caption"))
        self._bottom.setHeight(math.ceil(metrics.height()) + 2 if self._spec.x.ticks != () else 2 * _GAP_PX)
        self._grid.activate()
        n_lines = (self.widget.height() - self._bottom.height()) / theme().scaled(_Y_ROOM_PX)
        ticks = _ticks(self._spec.y, self._spans[1], y, n_lines)
        widest = max((metrics.horizontalAdvance(text) for _, text in ticks), default=0.0)
        self._left.setTicks([ticks])
        heights = np.repeat([at for at, _ in ticks], 2)
        self._lines.setData(np.resize(np.array(x), len(heights)), heights, connect="pairs")
        width_px = math.ceil(widest) + _GAP_PX if self._spec.y.ticks != () else 2 * _GAP_PX
        self._left.setWidth(max(width_px, math.ceil(self.left_px)))
        self._grid.activate()
        box_px = max(self._box.width(), 1.0)
        ticks = _ticks(self._spec.x, self._spans[0], x, box_px / theme().scaled(_X_ROOM_PX))
        last = x[1] - self._free_px / box_px * (x[1] - x[0])
        half = (x[1] - x[0]) / box_px / 2
        kept = [(at, text) for at, text in ticks if at + half * metrics.horizontalAdvance(text) <= last]
        self._bottom.setTicks([kept if self._free_px else ticks])
        for layer in self._layers:
            layer.refresh(*x, int(box_px))
        self._place(self._playhead, self._playhead_at)

    def area(self) -> QRectF:
        """Where the curves are, in the widget."""
        return QRectF(self._box.geometry())

    def values_at(self, point: QPointF) -> tuple[float, float]:
        """The values of both axes at a point of the widget."""
        area, (x_view, y_view) = self.area(), self._box.viewRange()
        x = x_view[0] + (point.x() - area.left()) / max(area.width(), 1.0) * (x_view[1] - x_view[0])
        y = y_view[1] - (point.y() - area.top()) / max(area.height(), 1.0) * (y_view[1] - y_view[0])
        return self._spans[0].from_view(x), self._spans[1].from_view(y)

    def point_of(self, x: float, y: float) -> QPointF:
        """Where values lie on the widget."""
        area, (x_view, y_view) = self.area(), self._box.viewRange()
        across = (_length(self._spans[0], x) - x_view[0]) / (x_view[1] - x_view[0])
        up = (_length(self._spans[1], y) - y_view[0]) / (y_view[1] - y_view[0])
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def show_cross(self, x: float | None, y: float | None) -> None:
        """Put the crosshair at values, or take its lines away."""
        self._place(self._cross[0], x)
        self._cross[1].setVisible(y is not None)
        if y is not None:
            self._cross[1].setValue(_length(self._spans[1], y))

    def show_playhead(self, x: float | None) -> None:
        """Mark a place of the lower axis."""
        self._playhead_at = x
        self._place(self._playhead, x)

    def _place(self, line: Any, x: float | None) -> None:
        """Stand a line in the middle of a column of pixels, where it is sharp."""
        line.setVisible(x is not None)
        if x is not None:
            area, (low, high) = self.area(), self._box.viewRange()[0]
            column = math.floor(area.left() + (_length(self._spans[0], x) - low) / (high - low) * area.width())
            line.setValue(low + (column + 0.5 - area.left()) / max(area.width(), 1.0) * (high - low))


def _axis(side: str, box: Any) -> Any:
    axis = pg.AxisItem(side, linkView=box, maxTickLength=0, pen=QPen(Qt.PenStyle.NoPen))
    axis.enableAutoSIPrefix(False)
    axis.setStyle(tickTextOffset=_GAP_PX if side == "left" else 2, hideOverlappingLabels=24, tickAlpha=0)
    return axis


def _ticks(axis: Axis, span: Span, ends: tuple[float, float], n_most: float) -> list[tuple[float, str]]:
    """Where there are numbers, in lengths on the screen, and what they are."""
    if axis.ticks is not None:
        return thinned([(_length(span, at), text) for at, text in axis.ticks], (ends[1] - ends[0]) / max(n_most, 1.0))
    found = Span(span.from_view(ends[0]), span.from_view(ends[1]), span.scale).ticks(max(int(n_most), 2))
    return [(_length(span, at), text) for at, text in zip(found, tick_texts(found), strict=True)]


def _length(span: Span, value: float) -> float:
    return float(span.to_view(np.array([value]))[0])


READY: Final = True
"""Stands last: who finds it has all of this module, even while a thread imports it."""
