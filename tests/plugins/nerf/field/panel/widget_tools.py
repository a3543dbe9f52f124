"""What the tests of the family's widgets share: shown widgets, heard signals, pictures of them."""

from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.theme import apply_theme, load_theme, theme_source

W = TypeVar("W", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton


def dress(app: QApplication, name: str = "dark") -> None:
    """Put the theme in force, once."""
    source = theme_source()
    if not source.has_fonts or source.theme != load_theme(name):
        apply_theme(app, name)


def shown(qtbot: Any, widget: W, width: int = 0, height: int = 0) -> W:
    """Show a widget, in its own size where none is given, and make its window the active one."""
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


def picture_of(widget: QWidget) -> np.ndarray:
    """What a widget looks like, (H, W, 3) uint8."""
    return pixels_of(widget.grab().toImage())


def pixels_of(image: QImage) -> np.ndarray:
    """The pixels of an image, (H, W, 3) uint8."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def press(widget: QWidget, *keys: Qt.Key) -> None:
    """Press keys, one after the other."""
    for key in keys:
        QTest.keyClick(widget, key)
