"""Asks before something is done that cannot be taken back; the window goes on meanwhile."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask(
    window: QWidget, name: str, question: str, consequences: str, answers: tuple[str, str], agreed: Callable[[], object]
) -> None:
    """Ask in a dialog over `window` and call `agreed` where a person agrees.

    `name` is the dialog's stable id; `answers` are what the buttons say, the one that agrees first. Return and Escape
    leave everything as it is.
    """
    box = QMessageBox(window)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(question)
    box.setInformativeText(consequences)
    yes = box.addButton(answers[0], QMessageBox.ButtonRole.DestructiveRole)
    no = box.addButton(answers[1], QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    yes.clicked.connect(agreed)
    box.finished.connect(box.deleteLater)
    box.open()
