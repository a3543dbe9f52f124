"""One bar for each frame: the surprise of a token, the loss of a step."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import hue_of, theme
from studio.widgets.timeline.idle_maker import IdleMaker
from studio.widgets.timeline.surface import ScrubSurface

HEIGHT_PX: Final = 52
_GAP_SHARE: Final = 0.15  # of the room of one bar
_WIDEST_GAP_PX: Final = 6.0
_NARROWEST_PX: Final = 4.0  # room of one bar; where more frames come, the highest of several is drawn
_LABEL_FROM_PX: Final = 28.0
_LOWEST_PX: Final = 2.0
_ROUND_FROM_PX: Final = 8.0
_RADIUS_PX: Final = 2.5
_HIGH_SHARE: Final = 0.6  # of the highest value: such bars wear the hue
_N_KEPT: Final = 400

FloatArray = NDArray[np.float64]


def highest_of(values: FloatArray, n_bars: int) -> FloatArray:
    """The highest value in each of at most `n_bars` equal stretches of `values`; NaN where a stretch has none."""
    if len(values) <= n_bars:
        return values
    starts = np.arange(n_bars) * len(values) // n_bars
    filled = np.where(np.isnan(values), -np.inf, values)
    highest = np.maximum.reduceat(filled, starts)
    return np.where(np.isneginf(highest), np.nan, highest)


def height_shares(values: FloatArray) -> FloatArray:
    """How high each bar stands, 0 to 1; from zero where no value is negative. NaN stays NaN."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full(len(values), np.nan)
    low, high = min(0.0, float(known.min())), float(known.max())
    return (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.0)


def _paint_rects(painter: QPainter, bars: list[QRectF], pitch_px: float) -> None:
    if pitch_px < _ROUND_FROM_PX:
        painter.drawRects(bars)
        return
    for bar in bars:
        painter.drawRoundedRect(bar, _RADIUS_PX, _RADIUS_PX)


class BarChart(ScrubSurface):
    """`label(index)` gives the few letters under a bar; it is called in idle moments only."""

    def __init__(self, label: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: FloatArray = np.zeros(0)
        self._labels = IdleMaker(label, _N_KEPT, self)
        self._labels.made.connect(self._on_made)
        self._sheet = QPixmap()
        self._is_stale = True
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_values(self, source: str, values: FloatArray) -> None:
        """Show one value (N,) for each frame of the recording with the id `source`; NaN leaves a gap."""
        self._labels.set_source(source)
        self._values = values
        self.refresh()

    def set_range(self, n_frames: int, n_total: int) -> None:
        """Only move the playhead: of a run that grows at every frame, the bars follow ten times a second."""
        self.n_frames, self.n_total = n_frames, n_total
        self.update()

    def refresh(self) -> None:
        """Put a new sheet together."""
        self._is_stale = True
        if self.isVisible() and self._has_labels():
            self._labels.want(range(len(self._values)))
        self.update()

    def inset_px(self) -> float:
        """Half the room of a bar."""
        return self.width() / max(self.n_total, 1) / 2

    def sizeHint(self) -> QSize:
        """Bars, and a line of labels below."""
        return QSize(600, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(100, HEIGHT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wider or narrower bars."""
        self.refresh()

    def showEvent(self, event: object) -> None:
        """Labels are read for eyes only."""
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, then mark the bar at the playhead."""
        if self._is_stale or self._sheet.devicePixelRatioF() != self.devicePixelRatioF():
            self._put_together()
        painter = QPainter(self)
        if self.n_frames:
            self._paint_playhead(painter)
        painter.drawPixmap(0, 0, self._sheet)

    def _pitch_px(self) -> float:
        return self.width() / max(self.n_total, 1)

    def _has_labels(self) -> bool:
        return self._pitch_px() >= theme().scaled(_LABEL_FROM_PX)

    def _label_height_px(self) -> int:
        return theme().text_px("caption") + 4 if self._has_labels() else 0

    def _on_made(self) -> None:
        self._is_stale = True
        self.update()

    def _paint_playhead(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pitch_px = max(self._pitch_px(), 3.0)
        rect = QRectF(self.axis().x_of(self.index) - pitch_px / 2, 0, pitch_px, self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.control_border))
        painter.drawRoundedRect(rect, 3, 3)

    def _put_together(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sheet = QPixmap(self.size() * ratio)
        self._sheet.setDevicePixelRatio(ratio)
        self._sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bars(painter)
        if self._has_labels():
            self._paint_labels(painter)
        painter.end()
        self._is_stale = False

    def _paint_bars(self, painter: QPainter) -> None:
        n_most = max(1, int(self.width() * len(self._values) / max(self.n_total, 1) // _NARROWEST_PX))
        shares = height_shares(highest_of(self._values, n_most))
        if not len(shares):
            return
        pitch_px = self._pitch_px() * len(self._values) / len(shares)
        gap_px = min(pitch_px * _GAP_SHARE, _WIDEST_GAP_PX)
        foot_px = self.height() - self._label_height_px()
        painter.setPen(Qt.PenStyle.NoPen)
        for is_high, ink in ((True, hue_of(self).fill), (False, theme().colour.groove_trained)):
            painter.setBrush(QColor(ink))
            chosen = np.flatnonzero(np.isfinite(shares) & ((shares >= _HIGH_SHARE) == is_high))
            lefts = chosen * pitch_px + gap_px / 2
            heights = np.maximum(shares[chosen] * foot_px, _LOWEST_PX)
            bars = [
                QRectF(left_px, foot_px - height_px, pitch_px - gap_px, height_px)
                for left_px, height_px in zip(lefts.tolist(), heights.tolist(), strict=True)
            ]
            _paint_rects(painter, bars, pitch_px)

    def _paint_labels(self, painter: QPainter) -> None:
        font = theme().font("caption")
        painter.setFont(font)
        painter.setPen(QPen(QColor(theme().colour.text_muted)))
        metrics, pitch_px = QFontMetricsF(font), self._pitch_px()
        top_px = self.height() - self._label_height_px()
        for index in range(len(self._values)):
            label = self._labels.get(index)
            if isinstance(label, str) and label:
                text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, pitch_px - 4)
                rect = QRectF(index * pitch_px, top_px, pitch_px, self._label_height_px())
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
