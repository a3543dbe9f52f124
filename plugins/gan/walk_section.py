"""The inspector's part for walks: a loop through the faces of chance, or through the places visited as keyframes."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, NumberField, ValueRange
from studio.core.text import N_, translate

SECONDS: Final = ValueRange(1.0, 300.0, step=0.5, default=8.0, unit="s")


class WalkSection(QWidget):
    """Signals: walk_requested(seconds) for a seamless loop through faces by chance; keyframe_requested() to take the
    present face into the walk; clear_requested()."""

    walk_requested = Signal(float)
    keyframe_requested = Signal()
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds = SECONDS.default
        self.walk = Button(N_("Random walk"), icon_name="dice")
        self.walk.setObjectName("walk")
        self.walk.setToolTip(translate(N_("A seamless loop through five faces, from the present one on")))
        self.walk.clicked.connect(lambda: self.walk_requested.emit(self._seconds))
        self.seconds = NumberField(SECONDS)
        self.seconds.setObjectName("walk_seconds")
        self.seconds.setAccessibleName(translate(N_("Length of the walk")))
        self.seconds.setToolTip(translate(N_("How long the walk takes, in seconds")))
        self.seconds.value_typed.connect(self._on_typed)
        self.add = Button(N_("Add this face"), icon_name="plus")
        self.add.setObjectName("walk_add")
        self.add.setToolTip(translate(N_("Make the present face a keyframe of the walk")))
        self.add.clicked.connect(self.keyframe_requested)
        self.clear = Button(N_("Clear"), icon_name="trash")
        self.clear.setObjectName("walk_clear")
        self.clear.setToolTip(translate(N_("Take all faces out of the walk")))
        self.clear.clicked.connect(self.clear_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_row(self.walk, self.seconds))
        column.addLayout(_row(self.add, self.clear))

    def show_n_keyframes(self, n: int) -> None:
        """Say how many faces the walk has."""
        self.clear.setEnabled(n > 0)

    def _on_typed(self, seconds: float) -> None:
        self._seconds = seconds


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row
