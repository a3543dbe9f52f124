"""How each kind of thing on a plot is drawn by pyqtgraph; only the sheet imports it."""

from typing import Any, Final, Protocol

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from studio.render.colour_map import coloured_amount
from studio.widgets.plots.ink import ink_colour
from studio.widgets.plots.scale import Span, envelope
from studio.widgets.plots.spec import Band, Bars, Curve, FloatArray, Image, Item, Marker, Region, Scatter

_LINE_PX: Final = 1.6
_VEIL_ALPHA: Final = 56
_SYMBOLS: Final = {"circle": "o", "diamond": "d", "square": "s"}


class Layer(Protocol):
    """One item as it is drawn; `parts` are what pyqtgraph draws."""

    kind: type
    parts: list[Any]

    def show(self, item: Any, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Show another value of the same kind."""

    def refresh(self, low: float, high: float, n_columns: int) -> None:
        """The part of the lower axis that is seen is another one, or so many pixels wide."""


def layer_for(item: Item) -> Layer:
    """The way an item of this kind is drawn."""
    layer: Layer = _KINDS[type(item)]()
    return layer


class _Still:
    """What looks the same whichever part is seen."""

    def refresh(self, low: float, high: float, n_columns: int) -> None:
        """Nothing depends on it."""


class CurveLayer:
    """The line of the means over the veil of the ranges, thinned to the columns of the screen."""

    kind = Curve

    def __init__(self) -> None:
        self._line = pg.PlotCurveItem(skipFiniteCheck=True)
        self._veil = QGraphicsPathItem()
        self.parts = [self._veil, self._line]
        self._curve: Curve | None = None

    def show(self, curve: Curve, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Take the values."""
        self._curve, self._y = curve, y
        self._x = x.to_view(curve.x)
        self._scale = max(float(np.abs(curve.values).max(initial=0.0)), 1e-9) if curve.is_scaled else 1.0
        self._line.setPen(thin_pen(colour, dash, 1.0 if curve.is_body else _LINE_PX))
        self._line.setBrush(QBrush(_faint(colour, curve.fill)) if curve.fill else None)
        self._line.setFillLevel(float(y.to_view(np.array([max(0.0, y.low)]))[0]) if curve.fill else None)
        self._veil.setPen(thin_pen(colour, Qt.PenStyle.SolidLine, 1.0) if curve.is_body else QPen(Qt.PenStyle.NoPen))
        self._veil.setBrush(colour if curve.is_body else _faint(colour, _VEIL_ALPHA / 255))

    def refresh(self, low: float, high: float, n_columns: int) -> None:
        """Thin what is seen, with a point more at each side."""
        if self._curve is None:
            return
        first, last = np.searchsorted(self._x, low), np.searchsorted(self._x, high, side="right")
        seen = slice(max(int(first) - 1, 0), int(last) + 1)
        shares = (self._x[seen] - low) / max(high - low, 1e-300)
        thin = envelope(shares, self._curve.values[seen], n_columns)
        x = low + thin.columns * (high - low)
        ends = [self._y.to_view(values / self._scale) for values in (thin.mean, thin.low, thin.high)]
        has_range = bool(np.any(thin.high > thin.low))
        self._veil.setPath(_between(x, ends[1], ends[2]) if has_range else pg.QtGui.QPainterPath())
        self._line.setVisible(not (self._curve.is_body and has_range))
        if len(x) == 1:  # a line needs two ends
            x, ends[0] = np.array([x[0], x[0] + (high - low) * 0.01]), np.repeat(ends[0], 2)
        self._line.setData(x, ends[0])


class BandLayer(_Still):
    """An area."""

    kind = Band

    def __init__(self) -> None:
        self._area = QGraphicsPathItem()
        self._area.setPen(QPen(Qt.PenStyle.NoPen))
        self.parts = [self._area]

    def show(self, band: Band, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Fill between both ends."""
        self._area.setPath(_between(x.to_view(band.x), y.to_view(band.low), y.to_view(band.high)))
        self._area.setBrush(_faint(colour, band.opacity))


class BarsLayer(_Still):
    """Bars, with a line across a column where it is wanted."""

    kind = Bars

    def __init__(self) -> None:
        self._bars = pg.BarGraphItem(x=[], height=[], width=1)
        self._marks = pg.PlotCurveItem(connect="pairs")
        self.parts = [self._bars, self._marks]

    def show(self, bars: Bars, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Stand the bars on zero."""
        brushes = [QBrush(ink_colour(ink, colour)) for ink in bars.inks] or [QBrush(colour)] * len(bars.x)
        self._bars.setOpts(
            x=x.to_view(bars.x),
            y0=y.to_view(np.zeros(len(bars.x))),
            y1=y.to_view(bars.heights),
            height=None,
            width=bars.width,
            brushes=brushes,
            pen=QPen(Qt.PenStyle.NoPen),
        )
        marks = np.full(len(bars.x), np.nan) if bars.marks is None else bars.marks
        kept = np.isfinite(marks)
        ends = np.stack([bars.x[kept] - bars.width / 2, bars.x[kept] + bars.width / 2], 1).ravel()
        self._marks.setData(x.to_view(ends), y.to_view(np.repeat(marks[kept], 2)), connect="pairs")
        self._marks.setPen(thin_pen(ink_colour("text_muted", colour)))


class ScatterLayer(_Still):
    """Points."""

    kind = Scatter

    def __init__(self) -> None:
        self._points = pg.ScatterPlotItem(useCache=False)
        self.parts = [self._points]

    def show(self, points: Scatter, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Put the points there, with an edge that parts them from a curve."""
        edge = thin_pen(ink_colour("field", colour), width_px=1.5)
        self._points.setData(
            x=x.to_view(points.x),
            y=y.to_view(points.y),
            size=points.size_px,
            symbol=_SYMBOLS[points.symbol],
            brush=QBrush(colour),
            pen=edge,
        )


class ImageLayer(_Still):
    """A picture."""

    kind = Image

    def __init__(self) -> None:
        self._image = pg.ImageItem(axisOrder="row-major")
        self.parts = [self._image]

    def show(self, image: Image, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Lay the picture over its part of both axes."""
        pixels = image.values
        if pixels.ndim == 2:
            amounts = (pixels - np.float32(image.low)) / np.float32(max(image.high - image.low, 1e-9))
            pixels = coloured_amount(amounts.astype(np.float32))
        (left, right), (bottom, top) = image.x_range, image.y_range
        self._image.setImage(np.ascontiguousarray(pixels[::-1]), autoLevels=False, levels=None)
        self._image.setRect(QRectF(left, bottom, right - left, top - bottom))


class MarkerLayer(_Still):
    """A line across."""

    kind = Marker

    def __init__(self) -> None:
        self._line = pg.InfiniteLine(movable=False)
        self.parts = [self._line]

    def show(self, marker: Marker, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Put the line there."""
        span = x if marker.direction == "x" else y
        self._line.setAngle(90 if marker.direction == "x" else 0)
        self._line.setPen(thin_pen(colour, dash, 1.0))
        self._line.setValue(float(span.to_view(np.array([marker.at]))[0]))


class RegionLayer(_Still):
    """A part of an axis."""

    kind = Region

    def __init__(self) -> None:
        self._regions = {
            name: pg.LinearRegionItem(orientation=way, movable=False, pen=QPen(Qt.PenStyle.NoPen))
            for name, way in (("x", "vertical"), ("y", "horizontal"))
        }
        self.parts = [*self._regions.values()]

    def show(self, region: Region, colour: QColor, dash: Qt.PenStyle, x: Span, y: Span) -> None:
        """Tint that part."""
        span = x if region.direction == "x" else y
        for name, part in self._regions.items():
            part.setVisible(name == region.direction)
            part.setBrush(QBrush(_faint(colour, 0.12)))
            part.setRegion(span.to_view(np.array([region.low, region.high])).tolist())


_KINDS: Final[dict[type, Any]] = {
    layer.kind: layer
    for layer in (CurveLayer, BandLayer, BarsLayer, ScatterLayer, ImageLayer, MarkerLayer, RegionLayer)
}


def _between(x: FloatArray, low: FloatArray, high: FloatArray) -> Any:
    around_x, around_y = np.concatenate([x, x[::-1], x[:1]]), np.concatenate([high, low[::-1], high[:1]])
    return pg.arrayToQPath(around_x, around_y)


def thin_pen(colour: QColor | str, dash: Qt.PenStyle = Qt.PenStyle.SolidLine, width_px: float = 1.0) -> QPen:
    """A pen that is as wide on the screen whatever the axes say."""
    pen = QPen(QColor(colour), width_px, dash)
    pen.setCosmetic(True)
    return pen


def _faint(colour: QColor, opacity: float) -> QColor:
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint
