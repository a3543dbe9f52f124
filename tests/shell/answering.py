"""Answers a question of the window with the mouse."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QWidget


def answer(window: QWidget, question: str, text: str) -> None:
    """Click the button `text` of the question with that id."""
    box = window.findChild(QMessageBox, question)
    assert box is not None
    QTest.mouseClick(next(button for button in box.buttons() if button.text() == text), Qt.MouseButton.LeftButton)
