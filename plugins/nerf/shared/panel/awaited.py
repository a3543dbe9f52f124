"""What stands on the canvas of a training before there is anything to see: which scene comes, and what is done."""

from typing import Final

from PySide6.QtCore import QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from studio.api.panel import SceneView, theme

_LINE_SHARE: Final = 1.8  # of the height of the text


class AwaitedScene(QObject):
    """Two lines in the middle of the canvas while there is nothing else to see.

    Attributes:
        doing: what is done meanwhile, in a sentence.
        is_due: whether it is shown.
    """

    def __init__(self, canvas: SceneView, title: str, is_due: bool) -> None:
        super().__init__(canvas)
        self._canvas, self._title, self.doing, self.is_due = canvas, title, "", is_due
        canvas.overlays.append(self._paint)

    def show_doing(self, doing: str) -> None:
        """Say what is done meanwhile."""
        self.doing = doing
        if not self.is_due:
            return
        self._canvas.setAccessibleDescription(f"{self._title}. {doing}")
        self._canvas.update()

    def end(self) -> None:
        """The scene is there."""
        if self.is_due:
            self.is_due = False
            self._canvas.setAccessibleDescription("")
            self._canvas.update()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        if not self.is_due:
            return
        colour, line_px = theme().colour, _LINE_SHARE * theme().text_px("title")
        painter.fillRect(rect, QColor(colour.canvas))
        lines = ((self._title, "title", colour.text_strong), (self.doing, "body", colour.text_muted))
        for place, (text, role, ink) in enumerate(lines):
            painter.setFont(theme().font(role, QFont.Weight.Bold if role == "title" else QFont.Weight.Normal))
            painter.setPen(QColor(ink))
            where = QRectF(rect.x(), rect.center().y() + (place - 1) * line_px, rect.width(), line_px)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)
