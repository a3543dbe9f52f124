"""The inspector's part for what is written: a word to type and a chip per letter."""

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import ChipFlow
from studio.core.character import CHARACTERS
from studio.core.text import N_, translate

from .params import MAX_LETTERS


class WordSection(QWidget):
    """Chooses the letters on the canvas.

    Signals: text_changed(text), with at least one letter.
    """

    text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.field = QLineEdit()
        self.field.setObjectName("word")
        self.field.setAccessibleName(translate(N_("Word")))
        self.field.setPlaceholderText(translate(N_("Type a word")))
        self.field.setToolTip(
            translate(N_("Letters A to Z, a to z and digits, up to 24. All follow the sliders."))
        )
        self.field.setMaxLength(MAX_LETTERS)
        self.field.setValidator(QRegularExpressionValidator(QRegularExpression("[A-Za-z0-9 ]*"), self))
        self.field.textEdited.connect(self._on_text_edited)
        self.field.editingFinished.connect(self._on_editing_finished)
        self.chips = ChipFlow("letters", list(CHARACTERS), translate(N_("Letter")))
        self.chips.chosen.connect(self.text_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.chips)

    def show_text(self, text: str) -> None:
        """Show what is on the canvas; a single letter also marks its chip."""
        if text == self._shown and text == self.field.text():
            return
        self._shown = text
        if self.field.text() != text:
            self.field.setText(text)
        self.chips.set_current(text if len(text) == 1 else "")

    def _on_text_edited(self, text: str) -> None:
        if text.strip():
            self.text_changed.emit(text)

    def _on_editing_finished(self) -> None:
        """Put back what is on the canvas where nothing was left to draw."""
        self.show_text(self._shown)
