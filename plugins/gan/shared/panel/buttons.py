"""Buttons that can be found by their names, and rows of them."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Button


def named_button(name: str, text: str, icon_name: str, hint: str) -> Button:
    """A button with a text and a hint; no icon where its name is empty."""
    button = Button(text, icon_name=icon_name, hint=hint)
    button.setObjectName(name)
    return button


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, equally wide."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row


def side_by_side(*widgets: QWidget) -> QWidget:
    """The same as a widget of their own."""
    whole = QWidget()
    whole.setLayout(row_of(*widgets))
    return whole
