"""Shows a failure that nobody expected: a plain sentence, and the details to copy."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.text import N_, translate
from studio.widgets.button import Button


class FailureView(QWidget):
    """Sentence, details, and a button that copies them; `buttons` has room for more."""

    def __init__(self, sentence: str, details: str) -> None:
        super().__init__()
        self.sentence = QLabel(sentence)
        self.sentence.setWordWrap(True)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setProperty("role", "mono")
        self.details.setAccessibleName(translate(N_("Details of the failure")))
        copy = Button(N_("Copy details"), icon_name="copy")
        copy.setObjectName("copy_details")
        copy.clicked.connect(self._on_copy_clicked)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        self.buttons.addWidget(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(12)
        layout.addWidget(self.sentence)
        layout.addWidget(self.details)
        layout.addLayout(self.buttons)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
