"""Widgets whose wishes for room never change."""

from typing import ClassVar

from PySide6.QtCore import QSize


class Sized:
    """Stands before the widget among the bases.

    What it says by class attributes:
        room_px: width and height that it would like; layouts give more. least_px: those without which it is no use, so
            small that everything has room in a window of 1280 x 720.
    """

    room_px: ClassVar[tuple[int, int]]
    least_px: ClassVar[tuple[int, int]]

    def sizeHint(self) -> QSize:
        """What it would like."""
        return QSize(*self.room_px)

    def minimumSizeHint(self) -> QSize:
        """What it needs."""
        return QSize(*self.least_px)
