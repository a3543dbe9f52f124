"""The inspector's part for the tree: how wide and how deep it grows."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.text import N_, translate

NOTE: Final = N_(
    "The likelier a word is beside the others that are shown, the higher is its block. Click one to look closer, "
    "double click it to let the text go on so."
)


class TreeSection(QWidget):
    """Signals: grow_requested(width, depth); take_requested()."""

    grow_requested = Signal(int, int)
    take_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        widths, depths = ValueRange(1, 6, 1, 3, is_whole=True), ValueRange(1, 8, 1, 4, is_whole=True)
        self.width_row = SliderRow("tree_width", N_("Ways"), widths, N_("How many words are followed after each word"))
        self.depth_row = SliderRow("tree_depth", N_("Depth"), depths, N_("How many tokens deep the tree grows"))
        self.width_row.set_value(3)
        self.depth_row.set_value(4)
        self.grow = Button(N_("Grow the tree"), kind="primary")
        self.grow.setObjectName("grow")
        self.grow.clicked.connect(self._on_grow_clicked)
        self.take = Button(N_("Go on with the marked way"))
        self.take.setObjectName("take_way")
        self.take.clicked.connect(self.take_requested)
        self.place = QLabel()
        self.place.setWordWrap(True)
        note = QLabel(translate(NOTE))
        note.setWordWrap(True)
        note.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.place, self.width_row, self.depth_row, self.grow, self.take, note):
            column.addWidget(part)

    def _on_grow_clicked(self) -> None:
        self.grow_requested.emit(round(self.width_row.value()), round(self.depth_row.value()))
