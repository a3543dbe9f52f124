"""What stands over and under a text that is not all there: the end of what was cut off, greyed, and a sentence."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from studio.widgets.theme import theme

N_SHOWN: Final = 120
"""So many characters of what was cut off are drawn."""
_GAP_PX: Final = 10
_FAINT_ALPHA: Final = 0.55
_SENTENCE_SHARE: Final = 0.74
"""Of the size of the letters of the text."""
_FLAGS: Final = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value | Qt.AlignmentFlag.AlignLeft.value


@dataclass(frozen=True)
class TextCut:
    """Attributes:
    before: what stood before the text that is shown. sentence: why it is not read.
    after: what comes behind it and is not read yet; it is not drawn, and stays when the text is edited.
    """

    before: str = ""
    sentence: str = ""
    after: str = ""

    @property
    def excerpt(self) -> str:
        """The end of what was cut off, from a word on."""
        shown = " ".join(self.before[-4 * N_SHOWN :].split())
        if len(shown) <= N_SHOWN and len(self.before) <= 4 * N_SHOWN:
            return shown
        return "…" + shown[-N_SHOWN:].partition(" ")[2]

    def height(self, font: QFont, width_px: float) -> float:
        """How much room it takes above the text."""
        if not self.before:
            return 0.0
        grey, said = self._rects(font, width_px)
        return said.bottom() + _GAP_PX if said.height() else grey.bottom()

    def paint(self, painter: QPainter, font: QFont, width_px: float) -> None:
        """Draw it with its left upper corner at the origin."""
        if not self.before:
            return
        grey, said = self._rects(font, width_px)
        colour = QColor(theme().colour.text_muted)
        painter.setFont(_small(font))
        painter.setPen(colour)
        painter.drawText(said, _FLAGS, self.sentence)
        painter.fillRect(QRectF(0, said.top() - _GAP_PX / 2, width_px, 1), colour)
        colour.setAlphaF(_FAINT_ALPHA)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(grey, _FLAGS, self.excerpt)

    def _rects(self, font: QFont, width_px: float) -> tuple[QRectF, QRectF]:
        room = QRectF(0, 0, width_px, 10_000)
        grey = QFontMetricsF(font).boundingRect(room, _FLAGS, self.excerpt)
        said = QFontMetricsF(_small(font)).boundingRect(room, _FLAGS, self.sentence)
        top = grey.height() + _GAP_PX
        return QRectF(0, 0, width_px, grey.height()), QRectF(0, top, width_px, said.height())


def _small(font: QFont) -> QFont:
    small = QFont(theme().face.ui)
    small.setPixelSize(round(font.pixelSize() * _SENTENCE_SHARE))
    return small
