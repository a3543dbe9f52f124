"""What a hand and an eye do in these tests: turn the wheel, find a part of a widget."""

from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

W = TypeVar("W", bound=QWidget)


def part(widget: QWidget, kind: type[W], name: str = "") -> W:
    """The first part of `widget` of this kind, and with this id where one is given."""
    found = widget.findChild(kind, name) if name else widget.findChild(kind)
    assert found is not None, f"{widget.objectName()} has no {kind.__name__} {name}"
    return found


def double_click(widget: QWidget, place: QPoint | None = None) -> None:
    """Click twice and let go; QTest's own double click leaves the button down for the moves that follow."""
    place = widget.rect().center() if place is None else place
    QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=place)


def turn_wheel(widget: QWidget, notches: float) -> bool:
    """Turn the wheel over the middle of `widget`; says whether the widget kept the event."""
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        widget.mapToGlobal(centre),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.setAccepted(False)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
