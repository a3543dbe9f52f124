"""One line of text that changes many times a second without ever moving its neighbours."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import theme, theme_source


class SteadyLabel(QWidget):
    """Muted text in one line, cut off with an ellipsis where it does not fit.

    A QLabel asks every layout above it for a new arrangement whenever its text changes, which during a drag costs
    more than the picture. This one keeps the room of `widest`, or takes what it is given where that is empty.
    """

    def __init__(
        self,
        widest: str = "",
        role: str = "body",
        alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._widest = widest
        self._role = role
        self._alignment = alignment | Qt.AlignmentFlag.AlignVCenter
        self._text = ""
        theme_source().theme_changed.connect(self._on_theme_changed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the widest text."""
        metrics = QFontMetrics(theme().font(self._role))
        return QSize(metrics.horizontalAdvance(self._widest), metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits."""
        painter = QPainter(self)
        painter.setFont(theme().font(self._role))
        painter.setPen(QColor(theme().colour.text_muted))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self._alignment, text)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
