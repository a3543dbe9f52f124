"""Text beside controls that gives way: it ends in an ellipsis instead of pushing its neighbours out."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QStyleOption, QStylePainter, QWidget

from studio.widgets.theme import theme, theme_source

_NAME_PX: Final = 100


class ElidedLabel(QLabel):
    """A plain-text label that may become narrower than its text."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QStylePainter(self)
        option = QStyleOption()
        option.initFrom(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        alignment = self.alignment().value
        painter.drawItemText(self.rect(), alignment, option.palette, self.isEnabled(), text, self.foregroundRole())


class NameLabel(ElidedLabel):
    """The name of a control: all of them equally wide, so that the controls line up, and as the inspector has room."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent=parent)
        self._width_px = _NAME_PX
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_room(self, width_px: int) -> None:
        """Have another width, at text scale 1."""
        self._width_px = width_px
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        self.setFixedWidth(theme().scaled(self._width_px))
