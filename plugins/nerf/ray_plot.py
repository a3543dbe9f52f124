"""Draws what a ray meets: density and weight over the distance, the colour of each place below."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

from .ray import FloatArray

_SIZE_PX: Final = QSize(308, 150)
_EMPTY_PX: Final = 44
_PADDING_PX: Final = 10
_STRIP_PX: Final = 10
_GAP_PX: Final = 5
_FILL_ALPHA: Final = 70
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}


@dataclass(frozen=True, eq=False)
class RayCurves:
    """What a ray met at S places.

    Attributes:
        distance: float32 (S,), from the eye, rising.
        density: float32 (S,), per world unit.
        weight: float32 (S,), 0..1, the share of each place in the colour of the pixel.
        colour: float32 (S, 3), sRGB 0..1.
    """

    distance: FloatArray
    density: FloatArray
    weight: FloatArray
    colour: FloatArray

    @property
    def opacity(self) -> float:
        """How much of what lies behind is hidden, 0..1."""
        return float(self.weight.sum())

    @property
    def depth(self) -> float | None:
        """The mean distance of what is seen; None where nothing is."""
        total = self.opacity
        return float(self.weight @ self.distance) / total if total > 1e-3 else None


class RayPlot(QWidget):
    """Two curves, each as high as the plot, over one axis.

    Signals:
        sample_pointed(index): the place under the pointer or the arrow keys, -1 for none.
    """

    sample_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ray_plot")
        self.setAccessibleName(translate(N_("Along the ray")))
        self.setToolTip(
            translate(
                N_(
                    "Filled: the share of each place in the pixel’s colour (weight w = T (1 − exp(−σ δ))). "
                    "Dashed: how dense it is there (volume density σ). Below: its colour."
                )
            )
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._curves: RayCurves | None = None
        self._pointed = -1
        theme_source().theme_changed.connect(self.updateGeometry)

    def set_curves(self, curves: RayCurves | None) -> None:
        """Show a ray, or none."""
        self._curves = curves if curves is not None and len(curves.distance) else None
        self._point(-1)
        self.setAccessibleDescription(self.summary())
        self.updateGeometry()
        self.update()

    def summary(self) -> str:
        """The ray in words."""
        if self._curves is None:
            return ""
        depth = self._curves.depth
        if depth is None:
            return translate(N_("The ray meets nothing."))
        text = translate(N_("Sees {percent:.0f} % of a surface {depth:.2f} away, in {n} samples."))
        return text.format(percent=100 * self._curves.opacity, depth=depth, n=len(self._curves.distance))

    def read_out(self) -> str:
        """The values at the pointer; empty without one."""
        if self._curves is None or self._pointed < 0:
            return ""
        text = translate(N_("{t:.2f} away: density {density:.3g}, weight {weight:.3f}"))
        values = (float(one[self._pointed]) for one in (self._curves.distance, self._curves.density))
        t, density = values
        return text.format(t=t, density=density, weight=float(self._curves.weight[self._pointed]))

    def sizeHint(self) -> QSize:
        """As wide as the inspector; low without a ray."""
        height_px = _EMPTY_PX if self._curves is None else _SIZE_PX.height()
        return QSize(theme().scaled(_SIZE_PX.width()), theme().scaled(height_px))

    def minimumSizeHint(self) -> QSize:
        """May be narrow, never lower."""
        return QSize(120, self.sizeHint().height())

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values here."""
        if self._curves is not None:
            area, distance = self._area(), self._curves.distance
            share = min(max((event.position().x() - area.left()) / max(area.width(), 1.0), 0.0), 1.0)
            wanted = distance[0] + share * (distance[-1] - distance[0])
            self._point(int(np.abs(distance - wanted).argmin()))

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values any more."""
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow and page keys go from place to place, from the one that weighs most."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is None or self._curves is None:
            super().keyPressEvent(event)
            return
        before = int(self._curves.weight.argmax()) if self._pointed < 0 else self._pointed + step
        self._point(min(max(before, 0), len(self._curves.distance) - 1))
        self.setAccessibleDescription(self.read_out())

    def _point(self, index: int) -> None:
        if index != self._pointed:
            self._pointed = index
            self.sample_pointed.emit(index)
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, the curves, the strip of colours and the values under the pointer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("caption"))
        colour, radius = theme().colour, theme().size.radius
        painter.setPen(QPen(QColor(colour.focus if self.hasFocus() else colour.field), 1))
        painter.setBrush(QColor(colour.field))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self._curves is None:
            painter.setPen(QColor(colour.text_muted))
            text = translate(N_("Alt-click a pixel to look along its ray"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        self._paint_top(painter)
        self._paint_weight(painter, self._curves)
        self._paint_density(painter, self._curves)
        self._paint_colours(painter, self._curves)
        self._paint_ends(painter, self._curves)
        if self._pointed >= 0:
            self._paint_pointer(painter, float(self._curves.distance[self._pointed]))

    def _line_px(self) -> int:
        return round(1.35 * theme().text_px("caption"))

    def _area(self) -> QRectF:
        """Where the curves are."""
        below = _STRIP_PX + _GAP_PX + self._line_px() + _PADDING_PX / 2
        top = _PADDING_PX / 2 + self._line_px() + _GAP_PX
        return QRectF(self.rect()).adjusted(_PADDING_PX, top, -_PADDING_PX, -below - _GAP_PX)

    def _x_px(self, distance: FloatArray) -> FloatArray:
        assert self._curves is not None
        first, last = self._curves.distance[0], self._curves.distance[-1]
        area = self._area()
        return np.asarray(area.left() + (distance - first) / max(last - first, 1e-9) * area.width(), np.float32)

    def _points(self, curves: RayCurves, values: FloatArray) -> list[QPointF]:
        area = self._area()
        y = area.bottom() - values / max(float(values.max()), 1e-9) * area.height()
        return [QPointF(float(a), float(b)) for a, b in zip(self._x_px(curves.distance), y, strict=True)]

    def _paint_top(self, painter: QPainter) -> None:
        """The names of the two curves, or the values under the pointer."""
        line = QRectF(_PADDING_PX, _PADDING_PX / 2, self.width() - 2 * _PADDING_PX, self._line_px())
        if self._pointed >= 0:
            painter.setPen(QColor(theme().colour.text_strong))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self.read_out())
            return
        names = ((translate(N_("weight")), self._weight_pen()), (translate(N_("density")), self._density_pen()))
        x = line.left()
        for name, pen in names:
            painter.setPen(pen)
            painter.drawLine(QPointF(x, line.center().y()), QPointF(x + 18, line.center().y()))
            painter.setPen(QColor(theme().colour.text))
            painter.drawText(QRectF(x + 23, line.y(), line.width(), line.height()), Qt.AlignmentFlag.AlignVCenter, name)
            x += 23 + painter.fontMetrics().horizontalAdvance(name) + 14

    def _weight_pen(self) -> QPen:
        return QPen(QColor(hue_of(self).fill), 1.6)

    def _density_pen(self) -> QPen:
        return QPen(QColor(theme().hues["transformer"].fill), 1.4, Qt.PenStyle.DashLine)

    def _paint_weight(self, painter: QPainter, curves: RayCurves) -> None:
        points, area = self._points(curves, curves.weight), self._area()
        fill = QColor(hue_of(self).fill)
        fill.setAlpha(_FILL_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = [QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*points, *ends]))
        painter.setPen(self._weight_pen())
        painter.drawPolyline(QPolygonF(points))

    def _paint_density(self, painter: QPainter, curves: RayCurves) -> None:
        painter.setPen(self._density_pen())
        painter.drawPolyline(QPolygonF(self._points(curves, curves.density)))

    def _paint_colours(self, painter: QPainter, curves: RayCurves) -> None:
        """Each place's colour, as wide as the way that it stands for; what weighs nothing stays faint."""
        area, x = self._area(), self._x_px(curves.distance)
        edges = np.concatenate([x[:1], (x[1:] + x[:-1]) / 2, x[-1:]])
        strongest = max(float(curves.weight.max()), 1e-9)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, (red, green, blue) in enumerate(np.clip(curves.colour, 0, 1).tolist()):
            alpha = 0.15 + 0.85 * float(curves.weight[place]) / strongest
            box = QRectF(edges[place], area.bottom() + _GAP_PX, edges[place + 1] - edges[place] + 0.3, _STRIP_PX)
            painter.fillRect(box, QColor.fromRgbF(red, green, blue, alpha))

    def _paint_ends(self, painter: QPainter, curves: RayCurves) -> None:
        area = self._area()
        line = QRectF(area.left(), area.bottom() + 2 * _GAP_PX + _STRIP_PX - 2, area.width(), self._line_px())
        painter.setPen(QColor(theme().colour.text_muted))
        first, last = (f"{float(curves.distance[end]):.2f}" for end in (0, -1))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, first)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, last)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, translate(N_("distance")))

    def _paint_pointer(self, painter: QPainter, distance: float) -> None:
        area = self._area()
        x = float(self._x_px(np.array([distance], np.float32))[0])
        painter.setPen(QPen(QColor(theme().colour.text_strong), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + _GAP_PX + _STRIP_PX))
