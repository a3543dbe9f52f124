"""A host for panels of people, and a hand that pulls over their canvas."""

import json

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.gan.family import FAMILY
from studio.commands.undo import UndoStack


class Host:
    """A host that remembers, and keeps unexpected errors."""

    hue = "gan"

    def __init__(self, lane, courier):
        self.lane, self.courier, self.undo = lane, courier, UndoStack()
        self.positions = FAMILY.positions
        self.memory, self.errors, self.opened = {}, [], []

    def remember(self, key, value):
        self.memory[key] = json.loads(json.dumps(value))

    def recall(self, key, default):
        return self.memory.get(key, default)

    def cards(self):
        return []

    def open_model(self, model_id):
        self.opened.append(model_id)

    def show_guide(self):
        raise AssertionError("the panel opened its guide by itself")

    def run_command(self, command_id):
        raise AssertionError(f"the panel ran {command_id} by itself")

    def report(self, error):
        self.errors.append(error)


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
