"""The middle of the panel: the text, the key to its colours with the ways to show it, the memory, the branches."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import BranchView, ChipsLegend, TextCanvas, TextLook
from studio.core.text import N_, translate

from .memory_strip import MemoryStrip

BOXES: Final = {
    "shows_tokens": (N_("Tokens"), N_("Show the pieces that the model reads, not whole words (tokens)")),
    "is_underlined": (N_("Underline"), N_("Show surprise as a line under each word instead of a colour")),
    "shows_signs": (N_("Spaces"), N_("Show spaces and ends of lines as signs")),
}


class TextStage(QWidget):
    """Signals: look_changed(name, is_on): a box was ticked; the names are those of TextLook."""

    look_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = TextCanvas()
        self.legend = ChipsLegend()
        self.strip = MemoryStrip()
        self.branches = BranchView()
        self.boxes = {name: self._box(name) for name in BOXES}
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.legend, 1)
        for box in self.boxes.values():
            row.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        column.addWidget(self.strip)
        column.addWidget(self.branches)

    def _box(self, name: str) -> QCheckBox:
        text, hint = BOXES[name]
        box = QCheckBox(translate(text))
        box.setObjectName(name)
        box.setToolTip(translate(hint))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda is_on: self.look_changed.emit(name, is_on))
        return box

    def set_look(self, look: TextLook) -> None:
        """Show the text so. Emits nothing."""
        self.canvas.set_look(look)
        self.legend.set_underlined(look.is_underlined)
        for name, box in self.boxes.items():
            box.setChecked(getattr(look, name))
