"""What hands and ears do in the tests of the panel's tools: shown widgets, real drags, heard signals."""

from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.theme import apply_theme, load_theme, set_hue, theme_source

W = TypeVar("W", bound=QWidget)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def dress(name: str = "dark") -> None:
    """Put the theme in force, once."""
    app, source = QApplication.instance(), theme_source()
    assert isinstance(app, QApplication)
    if not source.has_fonts or source.theme != load_theme(name):
        apply_theme(app, name)


def shown(qtbot: Any, widget: W, width: int = 0, height: int = 0) -> W:
    """Show a widget, in its own size where none is given, as the active window in the family's colour."""
    dress()
    set_hue(widget, "diffusion")
    qtbot.addWidget(widget)
    hint = widget.sizeHint()
    widget.resize(width or hint.width(), height or hint.height())
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    return widget


def heard(signal: Any) -> list[Any]:
    """A list that gets what a signal says: its value, a tuple of several, None for none."""
    said: list[Any] = []
    signal.connect(lambda *values: said.append(values[0] if len(values) == 1 else values or None))
    return said


def move(widget: QWidget, to: QPointF, button: Any = Qt.MouseButton.NoButton, modifier: Any = NONE) -> None:
    """Move the pointer, with a button held or none."""
    at = widget.mapToGlobal(to)
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, to, at, Qt.MouseButton.NoButton, button, modifier)
    )


def drag(widget: QWidget, way: list[QPointF], button: Any = LEFT, modifier: Any = NONE) -> None:
    """Press at the first point, move along the others, let go at the last."""
    QTest.mousePress(widget, button, modifier, way[0].toPoint())
    for place in way[1:]:
        move(widget, place, button, modifier)
    QTest.mouseRelease(widget, button, modifier, way[-1].toPoint())


def click(widget: QWidget, at: QPointF | QPoint) -> None:
    """Click with the left button."""
    QTest.mouseClick(widget, LEFT, pos=at.toPoint() if isinstance(at, QPointF) else at)


def press(widget: QWidget, *keys: Any, modifier: Any = NONE) -> None:
    """Press keys, one after the other."""
    for key in keys:
        QTest.keyClick(widget, key, modifier)


def picture_of(widget: QWidget) -> Any:
    """What a widget looks like, (H, W, 3) uint8."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
