"""Draws named curves over a common axis: crisp at any number of points, with the values under the pointer."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.text import N_, translate
from studio.widgets.plot_canvas import GAP_PX, PlotCanvas
from studio.widgets.plot_scale import Axis, Curve, nearest_x, number_text, tick_texts, value_axis
from studio.widgets.theme import hue_of, theme, theme_source

_SIZE_PX: Final = QSize(308, 132)
_PADDING_PX: Final = 8
_LINE_ROOM_PX: Final = 26  # for each line of the grid
_DASHES: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_OTHER_HUES: Final = ("transformer", "gan", "diffusion", "autoregressive", "nerf")
_STEPS_BACK: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -20, Qt.Key.Key_PageDown: 20}


class PlotView(QWidget):
    """One or more curves. Where a pixel's column holds many values, a line shows their mean and a veil their range.

    Signals: x_chosen(x) while the person presses or drags on the plot, or presses Enter at the place of the keys.
    """

    x_chosen = Signal(float)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate(title))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._curves: list[Curve] = []
        self._x_range: tuple[float, float] | None = None
        self._x_label = ""
        self._is_log = False
        self._marker: float | None = None
        self._pointer: float | None = None
        theme_source().theme_changed.connect(self.updateGeometry)

    # What it shows

    def set_curves(
        self, curves: Sequence[Curve], x_label: str = "", x_range: tuple[float, float] | None = None
    ) -> None:
        """Show these curves; nothing is copied, so that a growing run may call this for every news of it.

        Args:
            x_range: the ends of the horizontal axis where it is known how far the curves will go.
        """
        self._curves = [curve.finite() for curve in curves]
        self._x_label = translate(x_label)
        self._x_range = x_range
        self.setAccessibleDescription(self.summary())
        self.update()

    @property
    def is_log(self) -> bool:
        """Whether the upright axis is wanted logarithmic; it stays linear where a value is not above zero."""
        return self._is_log

    def set_log(self, is_log: bool) -> None:
        """Change the upright axis."""
        self._is_log = is_log
        self.update()

    def set_marker(self, x: float | None) -> None:
        """Mark the place of the playhead, or none."""
        if x != self._marker:
            self._marker = x
            self.update()

    def read_out(self) -> str:
        """The values under the pointer, or at the place of the arrow keys; empty without one."""
        if self._pointer is None or not self._has_points():
            return ""
        x = self._pointer
        parts = [f"{curve.name} {number_text(curve.value_at(x))}" for curve in self._curves if len(curve.x)]
        where = f"{self._x_label} {number_text(x)}".strip()
        return f"{where}: {', '.join(parts)}"

    def summary(self) -> str:
        """The curves in words: where they begin and end, and their lowest value."""
        sentence = translate(N_("{name}: {last} at {x}, from {first}; lowest {low}."))
        return " ".join(
            sentence.format(
                name=curve.name,
                last=number_text(float(curve.values[-1])),
                x=f"{self._x_label} {number_text(float(curve.x[-1]))}".strip(),
                first=number_text(float(curve.values[0])),
                low=number_text(float(curve.values.min())),
            )
            for curve in self._curves
            if len(curve.x)
        )

    # Size and events

    def sizeHint(self) -> QSize:
        """As wide as the inspector, and low."""
        return QSize(theme().scaled(_SIZE_PX.width()), theme().scaled(_SIZE_PX.height()))

    def minimumSizeHint(self) -> QSize:
        """May be narrow, never lower."""
        return QSize(120, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values here; with the button down, choose the place."""
        self._point_at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the place."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._point_at(event.position().x())
            self._choose()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values any more."""
        self._pointer = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go from value to value, Enter chooses the place."""
        key = Qt.Key(event.key())
        if key in _STEPS_BACK and self._has_points():
            self._walk(_STEPS_BACK[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointer is not None:
            self._choose()
        else:
            super().keyPressEvent(event)

    def _point_at(self, x_px: float) -> None:
        area = self._area()
        share = min(max((x_px - area.left()) / max(area.width(), 1.0), 0.0), 1.0)
        self._pointer = nearest_x(self._curves, self._x_axis().value_at(share)) if self._has_points() else None
        self.update()

    def _walk(self, n_places: int) -> None:
        x = max((curve.x for curve in self._curves), key=len)
        before = float(x[-1]) if self._pointer is None else self._pointer
        place = int(np.searchsorted(x, before)) + n_places
        self._pointer = float(x[min(max(place, 0), len(x) - 1)])
        self.setAccessibleDescription(self.read_out())
        self.update()

    def _choose(self) -> None:
        if self._pointer is not None:
            self.x_chosen.emit(self._pointer)

    # Drawing

    def _has_points(self) -> bool:
        return any(len(curve.x) for curve in self._curves)

    def _x_axis(self) -> Axis:
        if self._x_range is not None:
            low, high = self._x_range
        else:
            filled = [curve.x for curve in self._curves if len(curve.x)]
            low, high = min(float(x[0]) for x in filled), max(float(x[-1]) for x in filled)
        return Axis(low, high if high > low else low + 1)

    def _y_axis(self) -> Axis:
        filled = [curve.values for curve in self._curves if len(curve.values)]
        low, high = min(float(v.min()) for v in filled), max(float(v.max()) for v in filled)
        return value_axis(low, high, self._is_log)

    def _area(self) -> QRectF:
        """Where the curves are, without labels; the room at the left follows from the widest number."""
        metrics = QFontMetricsF(theme().font("caption"))
        left, above = 0.0, 0.0
        if self._has_points():
            texts = tick_texts(self._y_axis().ticks(self._n_y_ticks()))
            left = max((metrics.horizontalAdvance(text) for text in texts), default=0.0) + GAP_PX
        if len(self._curves) > 1:
            above = metrics.height() + GAP_PX
        return QRectF(self.rect()).adjusted(
            _PADDING_PX + left, _PADDING_PX + above, -_PADDING_PX, -_PADDING_PX - metrics.height()
        )

    def _n_y_ticks(self) -> int:
        return max(self.height() // theme().scaled(_LINE_ROOM_PX), 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then axes, curves, playhead and the values under the pointer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption"))
        colour = theme().colour
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        radius = theme().size.radius
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if not self._has_points():
            painter.setPen(QColor(colour.text_muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, translate(N_("Nothing measured yet")))
            return
        canvas = PlotCanvas(painter, self._area(), self._x_axis(), self._y_axis())
        canvas.paint_grid(self._n_y_ticks(), self._x_label)
        for place, curve in enumerate(self._curves):
            canvas.paint_curve(curve, self._pen(place))
        if len(self._curves) > 1:
            self._paint_names(painter, canvas.area)
        if self._marker is not None:
            canvas.paint_upright(self._marker, QPen(QColor(colour.text_strong), 1))
        if self._pointer is not None:
            canvas.paint_upright(self._pointer, QPen(QColor(colour.text_muted), 1, Qt.PenStyle.DashLine))
            self._paint_read_out(painter, canvas)

    def _pen(self, place: int) -> QPen:
        hues = [hue_of(self).fill, *(theme().hues[name].fill for name in _OTHER_HUES)]
        return QPen(QColor(hues[place % len(hues)]), 1.6, _DASHES[place % len(_DASHES)])

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """The names over the plot, each behind a piece of its line."""
        metrics, x = painter.fontMetrics(), area.left()
        y = _PADDING_PX + metrics.height() / 2
        for place, curve in enumerate(self._curves):
            painter.setPen(self._pen(place))
            painter.drawLine(QPointF(x, y), QPointF(x + 18, y))
            painter.setPen(QColor(theme().colour.text))
            painter.drawText(QPointF(x + 23, y + metrics.ascent() / 2 - 1), curve.name)
            x += 23 + metrics.horizontalAdvance(curve.name) + 14

    def _paint_read_out(self, painter: QPainter, canvas: PlotCanvas) -> None:
        """A small card beside the pointer's line, on the side that has room."""
        text, metrics = self.read_out(), QFontMetricsF(painter.font())
        width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 6
        x = canvas.x_px(self._pointer or 0.0)
        left = x + 6 if x + 6 + width <= self.width() - 4 else max(x - 6 - width, 4.0)
        box = QRectF(left, canvas.area.top(), min(width, self.width() - 8.0), height)
        painter.setPen(QPen(QColor(theme().colour.control_border), 1))
        painter.setBrush(QColor(theme().colour.card))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme().colour.text_strong))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()) - 10)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
