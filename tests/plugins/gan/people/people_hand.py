"""A hand that pulls over a canvas."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest


def pull_over(widget, start, end):
    """Press at a point of a widget, move, let go at another one."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    way = end - start
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(widget, start + QPoint(round(share * way.x()), round(share * way.y())))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=end)


def on_picture(canvas, x, y):
    """The point of a canvas at shares of its picture."""
    rect = canvas.content_rect()
    return QPoint(round(rect.x() + x * rect.width()), round(rect.y() + y * rect.height()))
