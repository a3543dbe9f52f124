"""The colour of surprise, blue for what was expected and rose for what was not, and the key to it under the text."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.text.token import EXPECTED_BITS, SURPRISING_BITS, strength, thickness_px
from studio.core.translation import N_, _, translate
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import Hue, hue_of, theme, theme_source

_EXPECTED_ALPHA: Final = 0.16
_MOST_ALPHA: Final = 0.62
SAMPLES: Final = ((0.05, N_("expected")), (2.0, N_("likely")), (5.0, N_("unlikely")), (10.0, N_("a surprise")))
"""A surprise in bits, and what people call it."""
ENDS: Final = (SAMPLES[0], SAMPLES[-1])
HINT: Final = N_("How surprised the model was by each word (minus the logarithm of its probability, in bits)")
_BOX_PX: Final = (22, 14)
_GAP_PX: Final = 6
_APART_PX: Final = 16


def tint(bits: float | None) -> QColor:
    """The colour behind a token, with its strength as alpha; none for a surprise of 1 to 3 bits, or None."""
    if bits is None or EXPECTED_BITS <= bits <= SURPRISING_BITS:
        return QColor(0, 0, 0, 0)
    hues = theme().hues
    if bits < EXPECTED_BITS:
        colour = QColor(hues["transformer"].fill)
        colour.setAlphaF(_EXPECTED_ALPHA * (1 - bits / EXPECTED_BITS))
        return colour
    colour = QColor(hues["autoregressive"].fill)
    colour.setAlphaF(_MOST_ALPHA * strength(bits))
    return colour


def chosen_hue(widget: QWidget) -> Hue:
    """The hue of what was chosen among bars in the family's hue: rose, and blue where the family itself is rose."""
    rose, blue = theme().hues["autoregressive"], theme().hues["transformer"]
    return blue if hue_of(widget) == rose else rose


class ChipsLegend(QWidget):
    """Four samples with their words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chips_legend")
        self.setAccessibleName(_("What the colours mean"))
        set_tip(self, translate(HINT))
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
