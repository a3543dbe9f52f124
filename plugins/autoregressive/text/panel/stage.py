"""The middle of the panel: the text, the key to its colours, the memory, and the tree of branches."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import BranchView, TextCanvas, TextLook, TextLookBoxes
from studio.core.view import State

from ..state import XLTextTrace
from .memory_strip import MemoryStrip


def bits_of(state: State) -> float | None:
    """The surprise of all that was written after a text's prompt; None where a state is no text."""
    if "next_raw" not in state:
        return None
    trace = XLTextTrace(state)
    return float(trace.surprise[max(trace.n_prompt, 1) :].sum())


class XLTextStage(QWidget):
    """The parts of the middle, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self.looks = TextCanvas(), TextLookBoxes()
        self.strip, self.branches = MemoryStrip(), BranchView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        for part in (self.looks, self.strip, self.branches):
            column.addWidget(part)

    def set_look(self, look: TextLook) -> None:
        """Show the text so. Emits nothing."""
        self.canvas.set_look(look)
        self.looks.set_look(look)
