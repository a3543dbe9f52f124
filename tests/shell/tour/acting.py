"""Does what a step of a tour asks for as a person would, with mouse and keys."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QLineEdit, QWidget

from studio.widgets.text.bars_view import BarsView
from studio.widgets.text.canvas import TextPage
from studio.widgets.timeline.surface import ScrubSurface
from studio.widgets.timeline.timeline import Timeline

LEFT = Qt.MouseButton.LeftButton


def act(control: QWidget, deed: str) -> None:
    """Do a deed of the guide's with a control that can be seen."""
    if deed == "drag":
        drag(control)
    elif deed == "scrub":
        assert isinstance(control, Timeline)
        surface = next(one for one in control.findChildren(ScrubSurface) if one.isVisible())
        drag(surface, from_to=(0.6, 0.3))
    else:
        use(control)


def drag(widget: QWidget, from_to: tuple[float, float] = (0.5, 0.6)) -> None:
    """Press, move and let go, between these shares of the width."""
    y_px = widget.height() // 2
    first, last = (QPoint(round(share * widget.width()), y_px) for share in from_to)
    QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, first)
    for part in (0.3, 0.6, 1.0):
        QTest.mouseMove(widget, first + (last - first) * part)
    QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, last)


def use(control: QWidget) -> None:
    """Click it, type into it, pull it, or choose another of its buttons."""
    sliders = [one for one in control.findChildren(QAbstractSlider) if one.isVisible()]
    buttons = [one for one in control.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
    if isinstance(control, QLineEdit):
        QTest.keyClicks(control, "Hi")
    elif isinstance(control, QAbstractButton):
        QTest.mouseClick(control, LEFT)
    elif sliders:
        for key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):  # it may stand at either end
            QTest.keyClick(sliders[0], key)
    elif buttons:
        QTest.mouseClick(buttons[1], LEFT)
    else:
        QTest.mouseClick(control, LEFT, Qt.KeyboardModifier.NoModifier, spot_of(control))


def spot_of(control: QWidget) -> QPoint:
    """Where a person clicks who is asked to click one of what a control shows."""
    if isinstance(control, TextPage):
        return control.rect_of_token(3).center().toPoint()
    if isinstance(control, BarsView):
        return QPoint(control.width() // 2, control.height() // 3)
    return control.rect().center() - QPoint(control.width() // 8, 0)
