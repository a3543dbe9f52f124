"""How large a dialog is: as its text is large, and no larger than its screen."""

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from studio.widgets.theme import theme

_AROUND: Final = QSize(40, 60)  # what a screen keeps, for a title among other things


def dialog_size(dialog: QWidget, width_px: int, height_px: int) -> QSize:
    """A size that is wished for at text scale 1, in pixels, as the screen of a dialog allows."""
    wished = QSize(theme().scaled(width_px), theme().scaled(height_px))
    return wished.boundedTo(dialog.screen().availableGeometry().size() - _AROUND)
