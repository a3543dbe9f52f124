"""Draws what a ray meets: density and weight over the distance, the colour of each place below."""

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

from .ray import FloatArray

if TYPE_CHECKING:
    from .ray_inspection import RaySamples

_SIZE_PX: Final = QSize(308, 150)
_EMPTY_PX: Final = 44
_PADDING_PX: Final = 10
_STRIP_PX: Final = 10
_GAP_PX: Final = 5
_FILL_ALPHA: Final = 70
_SKIPPED: Final = 1.9  # steps between two samples that say that space was skipped
_ALONG: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}


class RayPlot(QWidget):
    """Two curves, each as high as the plot, over one axis; where the ray skips empty space, both are zero.

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
        self._samples: RaySamples | None = None
        self._pointed = -1
        theme_source().theme_changed.connect(self.updateGeometry)

    def set_samples(self, samples: "RaySamples | None") -> None:
        """Show a ray, or none."""
        self._samples = samples if samples is not None and len(samples.t) else None
        self._point(-1)
        self.setAccessibleDescription(self.summary())
        self.updateGeometry()
        self.update()

    def summary(self) -> str:
        """The ray in words."""
        if self._samples is None:
            return ""
        seen = float(self._samples.weight.sum())
        if seen < 1e-3:
            return translate(N_("The ray meets nothing."))
        text = translate(N_("Sees {percent:.0f} % of a surface {depth:.2f} away, in {n} samples."))
        depth = float(self._samples.weight @ self._samples.t) / seen
        return text.format(percent=100 * seen, depth=depth, n=len(self._samples.t))

    def read_out(self) -> str:
        """The values at the pointer; empty without one."""
        if self._samples is None or self._pointed < 0:
            return ""
        text = translate(N_("{t:.2f} away: density {density:.3g}, weight {weight:.3f}"))
        t, density = float(self._samples.t[self._pointed]), float(self._samples.density[self._pointed])
        return text.format(t=t, density=density, weight=float(self._samples.weight[self._pointed]))

    def sizeHint(self) -> QSize:
        """As wide as the inspector; low without a ray."""
        height_px = _EMPTY_PX if self._samples is None else _SIZE_PX.height()
        return QSize(theme().scaled(_SIZE_PX.width()), theme().scaled(height_px))

    def minimumSizeHint(self) -> QSize:
        """May be narrow, never lower."""
        return QSize(120, self.sizeHint().height())

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values here."""
        if self._samples is not None:
            area, distance = self._area(), self._samples.t
            share = min(max((event.position().x() - area.left()) / max(area.width(), 1.0), 0.0), 1.0)
            wanted = distance[0] + share * (distance[-1] - distance[0])
            self._point(int(np.abs(distance - wanted).argmin()))

    def leaveEvent(self, event: QEvent) -> None:
        """Show no values any more."""
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow and page keys go from place to place, from the one that weighs most."""
        step = _ALONG.get(Qt.Key(event.key()))
        if step is None or self._samples is None:
            super().keyPressEvent(event)
            return
        before = int(self._samples.weight.argmax()) if self._pointed < 0 else self._pointed + step
        self._point(min(max(before, 0), len(self._samples.t) - 1))
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
        if self._samples is None:
            painter.setPen(QColor(colour.text_muted))
            text = translate(N_("Alt-click a pixel to look along its ray"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
            return
        self._paint_top(painter)
        self._paint_weight(painter, self._samples)
        self._paint_density(painter, self._samples)
        self._paint_colours(painter, self._samples)
        self._paint_ends(painter, self._samples)
        if self._pointed >= 0:
            self._paint_pointer(painter, float(self._samples.t[self._pointed]))

    def _line_px(self) -> int:
        return round(1.35 * theme().text_px("caption"))

    def _area(self) -> QRectF:
        """Where the curves are."""
        below = _STRIP_PX + _GAP_PX + self._line_px() + _PADDING_PX / 2
        top = _PADDING_PX / 2 + self._line_px() + _GAP_PX
        return QRectF(self.rect()).adjusted(_PADDING_PX, top, -_PADDING_PX, -below - _GAP_PX)

    def _x_px(self, distance: FloatArray) -> FloatArray:
        assert self._samples is not None
        first, last = self._samples.t[0], self._samples.t[-1]
        area = self._area()
        return np.asarray(area.left() + (distance - first) / max(last - first, 1e-9) * area.width(), np.float32)

    def _points(self, samples: "RaySamples", values: FloatArray) -> list[QPointF]:
        area = self._area()
        t, shown = with_gaps(samples.t, values)
        y = area.bottom() - shown / max(float(values.max()), 1e-9) * area.height()
        return [QPointF(float(a), float(b)) for a, b in zip(self._x_px(t), y, strict=True)]

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

    def _paint_weight(self, painter: QPainter, samples: "RaySamples") -> None:
        points, area = self._points(samples, samples.weight), self._area()
        fill = QColor(hue_of(self).fill)
        fill.setAlpha(_FILL_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = [QPointF(points[-1].x(), area.bottom()), QPointF(points[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*points, *ends]))
        painter.setPen(self._weight_pen())
        painter.drawPolyline(QPolygonF(points))

    def _paint_density(self, painter: QPainter, samples: "RaySamples") -> None:
        painter.setPen(self._density_pen())
        painter.drawPolyline(QPolygonF(self._points(samples, samples.density)))

    def _paint_colours(self, painter: QPainter, samples: "RaySamples") -> None:
        """Each place's colour, as wide as the way that it stands for; what weighs nothing stays faint."""
        area, half = self._area(), steps_of(samples.t) * np.float32(0.5)
        left, right = self._x_px(samples.t - half), self._x_px(samples.t + half)
        strongest = max(float(samples.weight.max()), 1e-9)
        for place, (red, green, blue) in enumerate(np.clip(samples.colour, 0, 1).tolist()):
            alpha = 0.15 + 0.85 * float(samples.weight[place]) / strongest
            x = round(max(float(left[place]), area.left()))
            width = max(round(min(float(right[place]), area.right())) - x, 1)
            colour = QColor.fromRgbF(red, green, blue, alpha)
            painter.fillRect(QRect(x, round(area.bottom()) + _GAP_PX, width, _STRIP_PX), colour)

    def _paint_ends(self, painter: QPainter, samples: "RaySamples") -> None:
        area = self._area()
        line = QRectF(area.left(), area.bottom() + 2 * _GAP_PX + _STRIP_PX - 2, area.width(), self._line_px())
        painter.setPen(QColor(theme().colour.text_muted))
        first, last = (f"{float(samples.t[end]):.2f}" for end in (0, -1))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, first)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, last)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, translate(N_("distance")))

    def _paint_pointer(self, painter: QPainter, distance: float) -> None:
        area = self._area()
        x = float(self._x_px(np.array([distance], np.float32))[0])
        painter.setPen(QPen(QColor(theme().colour.text_strong), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + _GAP_PX + _STRIP_PX))


def steps_of(t: FloatArray) -> FloatArray:
    """How far each of S places of a ray is from the nearer of its neighbours, (S,); 1 for a single one."""
    gaps = np.diff(t)
    if not len(gaps):
        return np.ones_like(t)
    return np.minimum(np.concatenate([gaps[:1], gaps]), np.concatenate([gaps, gaps[-1:]]))


def with_gaps(t: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Places and values (S,), with zeros put in at both ends of every stretch that the ray skipped."""
    steps = steps_of(t)
    before = np.flatnonzero(np.diff(t) > _SKIPPED * np.maximum(steps[1:], steps[:-1]))
    where = np.repeat(before + 1, 2)
    zeros = np.stack([t[before] + steps[before], t[before + 1] - steps[before + 1]], axis=1).ravel()
    return np.insert(t, where, zeros), np.insert(values, where, 0)
