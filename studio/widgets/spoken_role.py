"""Says to screen readers what a widget is that draws itself: Qt alone would say no more than that it is there."""

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

Role = QAccessible.Role

PICTURE: Final = Role.Graphic
CHART: Final = Role.Chart
CHOICES: Final = Role.List
SLIDER: Final = Role.Slider
TEXT: Final = Role.EditableText
TREE: Final = Role.Tree


def offer_roles() -> None:
    """From now on a widget whose class has a `spoken_role` is what that says."""
    QAccessible.installFactory(_described)


def _described(_: str, owner: QObject | None) -> QAccessibleInterface | None:
    role = getattr(owner, "spoken_role", None)
    return QAccessibleWidget(owner, role) if isinstance(owner, QWidget) and role is not None else None
