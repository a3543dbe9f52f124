"""What the sections of inspectors are put together from."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label, MarkedLabel

SPACING_PX = 8


def named_button(name: str, text: str, hint: str, icon: str = "", **look: Any) -> Button:
    """A button with the stable id of a control; `look` as a Button takes it."""
    button = Button(text, hint=hint, icon_name=icon, **look)
    button.setObjectName(name)
    return button


def small_label(is_marked: bool = False) -> Label:
    """A line or more of small words; marked where they are sentences of ours with `<b>`, and name nothing foreign."""
    label = MarkedLabel() if is_marked else Label()
    label.setWordWrap(True)
    label.setProperty("role", "small")
    return label


def put_in_a_column(widget: QWidget, parts: Sequence[QWidget | QLayout]) -> None:
    """Let a widget be these parts, one below the other."""
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACING_PX)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def in_a_row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, each as wide as the others."""
    row = QHBoxLayout()
    row.setSpacing(SPACING_PX)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row
