"""Draws a forecast, each value in its place: axes with dates, what was, the fan, what came, and points set by hand."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

from studio.api.panel import number_text, round_ticks, theme, tick_texts
from studio.api.table import DAY_S, Clock
from studio.core.translation import _, translate

from ..quantile_fan import Floats
from ..view_model import SeriesView

LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 68, 84, 66, 34
_BANDS: Final = ((0, 4, 44), (1, 3, 76))
_N_Y_TICKS: Final = 6
_DATE_PX: Final = 92
_DOT_PX: Final = 4.5
_GRIP_PX: Final = 7
_LABEL_GAP_PX: Final = 15


class SeriesGeometry:
    """Where the values of a view lie on a widget; the range of values may be held still while a hand drags."""

    def __init__(self, view: SeriesView, rect: QRectF, bounds: tuple[float, float]) -> None:
        self.area = rect.adjusted(LEFT_PX, TOP_PX, -RIGHT_PX, -BOTTOM_PX)
        self._view = view
        self.low, self.high = bounds

    def x_px(self, place: float) -> float:
        """Where a place lies."""
        n = max(self._view.last - self._view.first, 1)
        return self.area.left() + (place - self._view.first) / n * self.area.width()

    def y_px(self, value: float) -> float:
        """Where a value lies."""
        return self.area.bottom() - (value - self.low) / (self.high - self.low) * self.area.height()

    def point(self, place: float, value: float) -> QPointF:
        """Where a value of a place lies."""
        return QPointF(self.x_px(place), self.y_px(value))

    def place_at(self, x_px: float) -> int:
        """The place nearest to a point."""
        n = max(self._view.last - self._view.first, 1)
        share = (x_px - self.area.left()) / max(self.area.width(), 1)
        return min(max(self._view.first + round(share * n), self._view.first), self._view.last)

    def value_at(self, y_px: float) -> float:
        """The value at a height."""
        return self.low + (self.area.bottom() - y_px) / max(self.area.height(), 1) * (self.high - self.low)


class SeriesInk:
    """One painting of a view."""

    def __init__(self, painter: QPainter, view: SeriesView, places: SeriesGeometry, hue: QColor) -> None:
        self._painter, self._view, self._places, self._hue = painter, view, places, hue

    def paint(self) -> None:
        """Everything, from the back to the front."""
        self._grid()
        self._painter.save()
        self._painter.setClipRect(self._places.area.adjusted(-_GRIP_PX, -2, _GRIP_PX, 2))
        self._ahead()
        self._fan()
        self._curves()
        self._points()
        self._painter.restore()
        self._origin()
        self._ends()
        self._head()

    def _grid(self) -> None:
        painter, area, colour = self._painter, self._places.area, theme().colour
        painter.setFont(theme().font("caption"))
        ticks = round_ticks(self._places.low, self._places.high, _N_Y_TICKS)
        for tick, text in zip(ticks, tick_texts(ticks), strict=True):
            y = round(self._places.y_px(tick)) + 0.5
            painter.setPen(QPen(QColor(colour.border), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colour.text_muted))
            box = QRectF(0, y - 8, area.left() - 10, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for place, text in date_ticks(self._view, int(area.width() // _DATE_PX)):
            x = self._places.x_px(place)
            painter.setPen(QPen(QColor(colour.border), 1))
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4))
            painter.setPen(QColor(colour.text_muted))
            box = QRectF(x - _DATE_PX / 2, area.bottom() + 7, _DATE_PX, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _ahead(self) -> None:
        """The future has a ground of its own."""
        area, left = self._places.area, self._places.x_px(self._view.n_known - 1)
        ground = QColor(self._hue)
        ground.setAlpha(10)
        self._painter.fillRect(QRectF(left, area.top(), area.right() - left, area.height()), ground)

    def _fan(self) -> None:
        view, fan = self._view, self._view.fan
        if fan is None or not fan.n_steps:
            return
        start = (view.n_known - 1, float(view.line.values[view.n_known - 1]))
        for low, high, alpha in _BANDS:
            path = QPainterPath()
            edge = self._polygon(view.n_known, fan.quantiles[high], start)
            back = self._polygon(view.n_known, fan.quantiles[low], start)
            path.addPolygon(QPolygonF([*edge, *reversed(back)]))
            self._painter.fillPath(path, self._tinted(alpha))
        self._painter.setPen(QPen(self._tinted(70), 1))
        for line in fan.lines:
            self._painter.drawPolyline(QPolygonF(self._polygon(view.n_known, line, start)))
        style = Qt.PenStyle.DashLine if view.is_draft else Qt.PenStyle.SolidLine
        self._painter.setPen(QPen(self._hue, 2.2, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        self._painter.drawPolyline(QPolygonF(self._polygon(view.n_known, fan.median, start)))

    def _curves(self) -> None:
        view, colour = self._view, theme().colour
        start = (view.n_known - 1, float(view.line.values[view.n_known - 1]))
        self._painter.setPen(QPen(QColor(colour.text), 1.4, Qt.PenStyle.DotLine))
        if len(view.truth):
            self._painter.drawPolyline(QPolygonF(self._polygon(view.n_known, view.truth, start)))
        pen = QPen(QColor(colour.text_strong), 1.7)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._painter.setPen(pen)
        self._painter.drawPolyline(QPolygonF(self._polygon(view.first, view.shown)))

    def _points(self) -> None:
        view, colour = self._view, theme().colour
        for place, value in view.edits.items():
            if view.first <= place < view.n_known:
                self._dot(place, value, QColor(colour.card), QColor(colour.text_strong))
        for place, value in view.pins.items():
            if view.n_known <= place <= view.last:
                self._dot(place, value, self._hue, QColor(colour.text_strong))

    def _dot(self, place: int, value: float, fill: QColor, edge: QColor) -> None:
        self._painter.setPen(QPen(edge, 1.6))
        self._painter.setBrush(fill)
        self._painter.drawEllipse(self._places.point(place, value), _DOT_PX, _DOT_PX)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)

    def _origin(self) -> None:
        """The line between what is known and what is not, with a grip to take it by."""
        painter, area = self._painter, self._places.area
        x = round(self._places.x_px(self._view.n_known - 1)) + 0.5
        painter.setPen(QPen(self._tinted(190), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top() - 2), QPointF(x, area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._hue)
        top = area.top() - 4
        shape = [QPointF(x - _GRIP_PX, top - 9), QPointF(x + _GRIP_PX, top - 9), QPointF(x, top)]
        painter.drawPolygon(QPolygonF(shape))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(theme().colour.text))
        text = self._view.clock.text(self._view.n_known - 1)
        box = QRectF(x - 180, top - 30, 360, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _ends(self) -> None:
        """Where the fan ends: its middle and its edges as numbers, as far as they do not lie on each other."""
        fan = self._view.fan
        if fan is None or not fan.n_steps:
            return
        last = fan.quantiles[:, -1]
        x, used = self._places.x_px(self._view.n_known + fan.n_steps - 1) + 8, [float("inf")]
        for number, weight in ((2, QFont.Weight.DemiBold), (4, QFont.Weight.Normal), (0, QFont.Weight.Normal)):
            y = self._places.y_px(float(last[number]))
            if min(abs(y - one) for one in used) >= _LABEL_GAP_PX:
                used.append(y)
                self._painter.setFont(theme().font("caption", weight))
                self._painter.setPen(self._hue if number == 2 else QColor(theme().colour.text_muted))
                box = QRectF(x, y - 8, 78, 16)
                flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                self._painter.drawText(box, flags, number_text(float(f"{last[number]:.4g}")))

    def _head(self) -> None:
        about, colour = self._view.line.about, theme().colour
        painter, area = self._painter, self._places.area
        painter.setFont(theme().font("small", QFont.Weight.DemiBold))
        painter.setPen(QColor(colour.text_strong))
        box = QRectF(14, 10, area.right() - 14, 18)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        title = translate(about.title)
        painter.drawText(box, flags, title)
        shift = painter.fontMetrics().horizontalAdvance(title) + 8
        painter.setFont(theme().font("caption"))
        painter.setPen(QColor(colour.text_muted))
        unit = translate(about.unit)
        draft = _("draft") if self._view.is_draft else ""
        painter.drawText(box.adjusted(shift, 1, 0, 1), flags, " · ".join(part for part in (unit, draft) if part))

    def _polygon(self, first: int, values: Floats, start: tuple[int, float] | None = None) -> list[QPointF]:
        points: Iterable[tuple[int, float]] = enumerate(values.tolist(), first)
        joined = [start, *points] if start is not None else points
        return [self._places.point(place, value) for place, value in joined]

    def _tinted(self, alpha: int) -> QColor:
        colour = QColor(self._hue)
        colour.setAlpha(alpha)
        return colour


def date_ticks(view: SeriesView, n_most: int) -> list[tuple[int, str]]:
    """Places with a date each, at most so many; those a season or more apart stand where one begins."""
    n, period = view.last - view.first + 1, view.line.about.period
    unit = period if 1 < period < n else 1
    stride = unit * max(1, -(-n // (unit * max(n_most, 1))))
    first = -(-view.first // stride) * stride
    return [(place, short_date(view.clock, place, stride)) for place in range(first, view.last + 1, stride)]


def short_date(clock: Clock, place: int, stride: int) -> str:
    """A date as short as the distance to the next one allows."""
    text = clock.text(place)
    step = clock.step_seconds()
    if step is None:
        return text
    return text.rpartition(" ")[0].rpartition(" ")[0] if stride * step >= DAY_S else text.rpartition(" ")[2]
