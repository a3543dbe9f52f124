"""The picture at the left, the ways to finish it at the right."""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from .pixel_canvas import PixelCanvas
from .pixel_endings import EndingsGrid

GAP_PX: Final = 28


class PixelStage(QWidget):
    """Attributes: canvas, endings."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas, self.endings = PixelCanvas(), EndingsGrid()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.endings)
