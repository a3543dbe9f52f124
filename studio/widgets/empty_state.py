"""What a place shows while there is nothing in it: a sign, one sentence, and the way on."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.core.text import translate
from studio.widgets.button import Button
from studio.widgets.icon import icon_pixmap
from studio.widgets.theme import theme

_SIGN_PX = 32


class EmptyState(QWidget):
    """A centred sign, a title, a sentence and at most one button.

    Signals:
        action_requested(): the person pressed the button.
    """

    action_requested = Signal()

    def __init__(
        self, icon_name: str, title: str, text: str = "", action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._sign = QLabel(self)
        column = QVBoxLayout(self)
        column.setSpacing(2 * theme().size.grid)
        column.addStretch(1)
        column.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignHCenter)
        for words, role in ((title, "title"), (text, "muted")):
            column.addWidget(_centred_label(translate(words), role))
        if action:
            button = Button(action)
            button.clicked.connect(self.action_requested)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.setAccessibleName(f"{translate(title)} {translate(text)}".strip())
        self._paint_sign()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the sign again in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_sign()

    def _paint_sign(self) -> None:
        self._sign.setPixmap(icon_pixmap(self._icon_name, theme().colour.text_muted, _SIGN_PX))


def _centred_label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    label.setWordWrap(True)
    label.setProperty("role", role)
    label.setVisible(bool(text))
    return label
