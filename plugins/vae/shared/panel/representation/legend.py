"""Says which colour means what, in as many lines as there is room for."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import TEXT, theme

SPOT_PX: Final = 9
GAP_PX: Final = 5
N_LINES: Final = 5


class Legend(QWidget):
    """Spots of colour with a few words each; what finds no room is left out, and “…” says so."""

    spoken_role = TEXT

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._entries: Sequence[tuple[tuple[int, int, int], str]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_entries(self, entries: Sequence[tuple[tuple[int, int, int], str]]) -> None:
        """Show these colours (red, green, blue) and what they mean."""
        self._entries = entries
        self.setAccessibleName(", ".join(words for _colour, words in entries))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        n_lines = 1 + max((row for row, _x, _entry in self._places()), default=-1)
        return QSize(200, n_lines * self._line_px())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _line_px(self) -> int:
        return QFontMetrics(theme().font("small")).lineSpacing() + 3

    def _places(self) -> list[tuple[int, float, tuple[tuple[int, int, int] | None, str]]]:
        """Line and left edge of each entry that finds room."""
        metrics, wide = QFontMetrics(theme().font("small")), max(self.width(), 120)
        places: list[tuple[int, float, tuple[tuple[int, int, int] | None, str]]] = []
        row, x = 0, 0.0
        for colour, words in self._entries:
            needed = SPOT_PX + GAP_PX + metrics.horizontalAdvance(words)
            if x and x + needed > wide:
                row, x = row + 1, 0.0
            if row == N_LINES:
                last = places.pop()
                return [*places, (last[0], last[1], (None, "…"))]
            places.append((row, x, (colour, words)))
            x += needed + 2 * GAP_PX
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("small"))
        high = self._line_px()
        for row, x, (colour, words) in self._places():
            if colour is not None:
                painter.setBrush(QColor(*colour))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawEllipse(QRectF(x, row * high + (high - SPOT_PX) / 2, SPOT_PX, SPOT_PX))
            painter.setPen(QColor(theme().colour.text))
            room = QRectF(x + SPOT_PX + GAP_PX, row * high, self.width(), high)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
