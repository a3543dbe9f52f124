"""The part of a plot that has axes: its grid, its curves and its upright lines."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from studio.widgets.plot_scale import Axis, Curve, Envelope, FloatArray, envelope, tick_texts
from studio.widgets.theme import theme

GAP_PX: Final = 5
_TICK_ROOM_PX: Final = 64  # for each number under the plot
_VEIL_ALPHA: Final = 56


class PlotCanvas:
    """Draws into the part of a plot that has axes."""

    def __init__(self, painter: QPainter, area: QRectF, x_axis: Axis, y_axis: Axis) -> None:
        self._painter = painter
        self.area = area
        self._x_axis = x_axis
        self._y_axis = y_axis

    def x_px(self, x: float) -> float:
        """Where `x` lies on the widget."""
        return self.area.left() + self._x_axis.share(x) * self.area.width()

    def _y_px(self, share: FloatArray) -> FloatArray:
        return self.area.bottom() - share * self.area.height()

    def paint_grid(self, n_y_ticks: int, x_label: str) -> None:
        """Faint lines with a round number each; the label stands at the right end."""
        painter, colour = self._painter, theme().colour
        metrics = QFontMetricsF(painter.font())
        line, ink = QPen(QColor(colour.border), 1), QColor(colour.text_muted)
        ticks = self._y_axis.ticks(n_y_ticks)
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            y = round(float(self._y_px(np.asarray(self._y_axis.share(tick))))) + 0.5
            painter.setPen(line)
            painter.drawLine(QPointF(self.area.left(), y), QPointF(self.area.right(), y))
            painter.setPen(ink)
            box = QRectF(0, y - metrics.height() / 2, self.area.left() - GAP_PX, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_x_ticks(metrics, x_label)

    def _paint_x_ticks(self, metrics: QFontMetricsF, x_label: str) -> None:
        label_px = metrics.horizontalAdvance(x_label)
        end = self.area.right() - label_px - (2 * GAP_PX if x_label else 0)
        y = self.area.bottom() + metrics.ascent() + 2
        n_ticks = max(int(self.area.width() // theme().scaled(_TICK_ROOM_PX)), 2)
        ticks = self._x_axis.ticks(n_ticks)
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            half = metrics.horizontalAdvance(text) / 2
            x = max(self.x_px(tick) - half, self.area.left())
            if x + 2 * half <= end:
                self._painter.drawText(QPointF(x, y), text)
        self._painter.drawText(QPointF(self.area.right() - label_px, y), x_label)

    def paint_curve(self, curve: Curve, pen: QPen) -> None:
        """The line of the means over the veil of the ranges."""
        shares = self._x_axis.shares(curve.x)
        thin = envelope(shares, curve.values, max(int(self.area.width()), 1))
        x = self.area.left() + thin.columns * self.area.width()
        if np.any(thin.high > thin.low):
            self._paint_veil(x, thin, pen)
        y = self._y_px(self._y_axis.shares(thin.mean))
        self._painter.setPen(pen)
        if len(x) == 1:
            self._painter.setBrush(pen.color())
            self._painter.drawEllipse(QPointF(x[0], y[0]), 2, 2)
        else:
            self._painter.drawPolyline(_polygon(x, y))

    def _paint_veil(self, x: FloatArray, thin: Envelope, pen: QPen) -> None:
        top = self._y_px(self._y_axis.shares(thin.high))
        bottom = self._y_px(self._y_axis.shares(thin.low))
        around_x, around_y = np.concatenate([x, x[::-1]]), np.concatenate([top, bottom[::-1]])
        path = QPainterPath()
        path.addPolygon(_polygon(around_x, around_y))
        veil = QColor(pen.color())
        veil.setAlpha(_VEIL_ALPHA)
        self._painter.fillPath(path, veil)

    def paint_upright(self, x: float, pen: QPen) -> None:
        """A line from top to bottom."""
        x_px = round(self.x_px(x)) + 0.5
        self._painter.setPen(pen)
        self._painter.drawLine(QPointF(x_px, self.area.top()), QPointF(x_px, self.area.bottom()))


def _polygon(x: FloatArray, y: FloatArray) -> QPolygonF:
    return QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)])
