"""What the detective says of the original and of its translation: two bars, each a share of real emoji."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import hue_of, theme, theme_source
from studio.core.text import N_, translate

_LINE_PX: Final = 26
_BAR_PX: Final = 6
_NAME_SHARE: Final = 0.34
_NUMBER_SHARE: Final = 0.18
_ROWS: Final = (("original", N_("Original")), ("translation", N_("Translation")))
_HINT: Final = N_(
    "Share of real held-out emoji of the wanted style that the detective finds less real (PatchGAN discriminator); "
    "real ones lie at 50 % on average"
)


class VerdictBars(QWidget):
    """Two lines: name, bar, percent. It shows only, nothing can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self.setToolTip(translate(_HINT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shares: dict[str, float | None] = {name: None for name, _ in _ROWS}
        theme_source().theme_changed.connect(self.updateGeometry)

    def set_shares(self, original: float | None, translation: float | None) -> None:
        """Show both, 0 to 1; None where it is not known."""
        self._shares = {"original": original, "translation": translation}
        known = [f"{translate(title)} {_percent(self._shares[name])}" for name, title in _ROWS]
        self.setAccessibleName(translate(N_("The detective says")))
        self.setAccessibleDescription(", ".join(known))
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(200, theme().scaled(_LINE_PX) * len(_ROWS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.height() / len(_ROWS)
        for row, (name, title) in enumerate(_ROWS):
            self._paint_row(painter, QRectF(0, row * line, self.width(), line), translate(title), self._shares[name])

    def _paint_row(self, painter: QPainter, rect: QRectF, title: str, share: float | None) -> None:
        colour, vertical = theme().colour, Qt.AlignmentFlag.AlignVCenter
        left, right = rect.width() * _NAME_SHARE, rect.width() * (1 - _NUMBER_SHARE)
        painter.setFont(theme().font("body"))
        painter.setPen(QColor(colour.text))
        painter.drawText(QRectF(0, rect.y(), left, rect.height()), vertical | Qt.AlignmentFlag.AlignLeft, title)
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.setPen(QColor(colour.text_strong))
        number = QRectF(right, rect.y(), rect.width() - right, rect.height())
        painter.drawText(number, vertical | Qt.AlignmentFlag.AlignRight, _percent(share))
        high = theme().scaled(_BAR_PX)
        bar = QRectF(left, rect.center().y() - high / 2, right - left - 8, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.groove))
        painter.drawRoundedRect(bar, high / 2, high / 2)
        if share:
            bar.setWidth(max(high, bar.width() * share))
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(bar, high / 2, high / 2)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
