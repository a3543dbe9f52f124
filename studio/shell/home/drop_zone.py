"""The place on Home for a file: drop one or click to choose; it says what it understood."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from studio.core.translation import _
from studio.widgets.controls.label import Label


class DropZone(QFrame):
    """Shows a sentence; the window takes the drop itself. Signals: clicked()."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "drop")
        self.setObjectName("drop_zone")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(_("Open a file"))
        self.setMinimumHeight(68)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._label = Label()
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._label.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 12, 24, 12)
        layout.addWidget(self._label)
        self.show_invitation()

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return self._label.text()

    def show_invitation(self) -> None:
        """Say what may be dropped."""
        self.show_text(_("Drop a model or a picture here, or click to choose one. Nothing in the file is ever run."))

    def show_hovering(self, name: str) -> None:
        """Say what would be opened."""
        self.show_text(_("Release to open {name}.").format(name=name))

    def show_text(self, text: str) -> None:
        """Say what was understood, or why not and what to do."""
        self._label.setText(text)
        self.setAccessibleDescription(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here too."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for a file."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for a file with the keyboard."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
