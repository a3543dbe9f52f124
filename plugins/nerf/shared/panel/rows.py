"""Widgets side by side."""

from PySide6.QtWidgets import QHBoxLayout, QWidget


def side_by_side(*widgets: QWidget) -> QWidget:
    """A row of widgets at its left."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder
