"""Widgets that draw their items themselves: the pointer lights one up, and its words are said."""

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from studio.api.panel import DrawnItems


class Halves(DrawnItems):
    """Two items side by side, and nothing below them."""

    def item_at(self, at):
        return int(at.x() >= 50) if at.y() < 50 else -1

    def hint_of(self, index):
        return ("left", "right")[index] if index >= 0 else ""


def shown_hint(widget, x, y):
    at = QPoint(x, y)
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))
    return QToolTip.text()


def test_the_item_under_the_pointer_is_lit_and_named(qtbot):
    widget = Halves()
    hovered: list[int] = []
    qtbot.addWidget(widget)
    widget.resize(100, 100)
    widget.show()
    widget.hovered.connect(hovered.append)
    for x, y in ((10, 10), (20, 10), (70, 10), (70, 80)):
        qtbot.mouseMove(widget, QPoint(x, y))
    assert hovered == [0, 1, -1]
    assert shown_hint(widget, 10, 10) == "left"
    assert shown_hint(widget, 70, 10) == "right"


def test_what_names_no_items_keeps_its_own_words(qtbot):
    widget = type("Plain", (DrawnItems,), {"item_at": lambda self, at: 0})()
    qtbot.addWidget(widget)
    widget.setToolTip("all of it")
    widget.show()
    assert shown_hint(widget, 5, 5) == "all of it"
