"""A presentation in the window of the tests' own family, with a clock that only the test moves."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from studio.shell.tabs.model_tab import ModelTab
from studio.shell.window.window import MainWindow

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Visitor:
    """Stands before the window, and lets time pass."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.now_s = window, 1000.0
        window.presenting.clock = lambda: self.now_s

    @property
    def presentation(self):
        return self.window.presenting.presentation

    @property
    def side(self):
        return self.presentation.side

    @property
    def is_laid_out(self) -> bool:
        """Whether everything lies where it will stay, on the whole screen."""
        whole, side = self.window.screen().size(), self.side
        right = side.mapTo(self.window, QPoint(side.width(), 0)).x()
        are_inside = [side.rect().contains(one.geometry()) for one in (*side.controls(), side.footer, side.again)]
        return self.window.size() == whole and right == whole.width() and all(are_inside)

    def press_key(self, key, modifier=NO_KEY) -> None:
        QTest.keyClick(self.window.windowHandle(), key, modifier)

    def place(self, widget: QWidget, x: float = 0.5, y: float = 0.5) -> QPoint:
        return widget.mapTo(self.window, QPoint(round(widget.width() * x), round(widget.height() * y)))

    def press(self, at: QPoint, button=LEFT) -> None:
        QTest.mousePress(self.window.windowHandle(), button, NO_KEY, at)

    def release(self, at: QPoint, button=LEFT) -> None:
        QTest.mouseRelease(self.window.windowHandle(), button, NO_KEY, at)

    def click(self, widget: QWidget, button=LEFT) -> None:
        self.press(self.place(widget), button)
        self.release(self.place(widget), button)

    def drag(self, widget: QWidget, x: float, to_x: float) -> None:
        self.press(self.place(widget, x))
        for share in (0.3, 0.7, 1.0):
            QTest.mouseMove(self.window.windowHandle(), self.place(widget, x + share * (to_x - x)))
        self.release(self.place(widget, to_x))

    def wait(self, seconds: float) -> None:
        """Let time pass, and let the presentation see it."""
        self.now_s += seconds
        if self.presentation is not None:
            self.presentation.tick()


@pytest.fixture
def visitor(window: MainWindow, tab: ModelTab) -> Iterator[Visitor]:
    """In front of the fixture family's model, which is not presented yet."""
    yield Visitor(window)
    window.presenting.leave()


@pytest.fixture
def present(visitor: Visitor, qtbot) -> Callable[[], Visitor]:
    """Presses F11."""

    def press() -> Visitor:
        visitor.press_key(Qt.Key.Key_F11)
        qtbot.waitUntil(lambda: visitor.presentation is not None and visitor.side.isVisible())
        qtbot.waitUntil(lambda: visitor.is_laid_out)
        return visitor

    return press
