"""The key to the colours of the chips, in one line under the text."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.surprise import thickness_px
from studio.core.text import N_, translate
from studio.widgets.text.tint import tint
from studio.widgets.theme import theme, theme_source

SAMPLES: Final = ((0.05, N_("expected")), (2.0, N_("likely")), (5.0, N_("unlikely")), (10.0, N_("a surprise")))
"""A surprise in bits, and what people call it."""
ENDS: Final = (SAMPLES[0], SAMPLES[-1])
HINT: Final = N_("How surprised the model was by each word (minus the logarithm of its probability, in bits)")
_BOX_PX: Final = (22, 14)
_GAP_PX: Final = 6
_APART_PX: Final = 16


class ChipsLegend(QWidget):
    """Four samples with their words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chips_legend")
        self.setAccessibleName(translate(N_("What the colours mean")))
        self.setToolTip(translate(HINT))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._is_underlined = False
        theme_source().theme_changed.connect(self.updateGeometry)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show lines instead of colours. Emits nothing."""
        self._is_underlined = is_underlined
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as all words."""
        return _size(SAMPLES)

    def minimumSizeHint(self) -> QSize:
        """As wide as the words of both ends, which are left where there is no room for all."""
        return _size(ENDS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a box, its word, the next one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("small"))
        x = 0.0
        for bits, text in SAMPLES if self.width() >= self.sizeHint().width() else ENDS:
            box = QRectF(x, (self.height() - _BOX_PX[1]) / 2, *_BOX_PX)
            self._paint_box(painter, box, bits)
            room = QRectF(box.right() + _GAP_PX, 0, self.width(), self.height())
            painter.setPen(QColor(theme().colour.text_muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, translate(text))
            x = room.left() + painter.fontMetrics().horizontalAdvance(translate(text)) + _APART_PX

    def _paint_box(self, painter: QPainter, box: QRectF, bits: float) -> None:
        if self._is_underlined:
            thick = thickness_px(bits)
            painter.fillRect(QRectF(box.x(), box.bottom() - thick, box.width(), thick), ink())
            return
        painter.setPen(QColor(theme().colour.border))
        painter.setBrush(tint(bits))
        painter.drawRoundedRect(box, 3, 3)


def _size(samples: Sequence[tuple[float, str]]) -> QSize:
    metrics = QFontMetrics(theme().font("small"))
    words = sum(metrics.horizontalAdvance(translate(text)) for _, text in samples)
    return QSize(words + len(samples) * (_BOX_PX[0] + _GAP_PX + _APART_PX), metrics.height() + 4)


def ink() -> QColor:
    """The colour of the lines."""
    return QColor(theme().hues["autoregressive"].fill)
