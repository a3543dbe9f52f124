"""How the parts of the inspector of series are laid out: buttons with names, small words, columns and rows."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button


def named_button(name: str, text: str, hint: str) -> Button:
    """A button with the name of its control."""
    button = Button(text, hint=hint)
    button.setObjectName(name)
    return button


def small_label() -> QLabel:
    """Small words in as many lines as they need."""
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", "small")
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def in_a_column(widget: QWidget, parts: Sequence[QWidget | QHBoxLayout]) -> None:
    """Lay parts out below each other."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def in_a_row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, equally wide."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
