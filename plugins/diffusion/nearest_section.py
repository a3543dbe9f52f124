"""Shows the training pictures that come nearest to what was made, so that one sees whether it was remembered."""

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.api.panel import NearRow
from studio.core.near_picture import NearPicture
from studio.core.text import N_, translate


class NearestSection(QWidget):
    """Says how many pictures were looked through, and shows the nearest of them; nothing can be changed here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setProperty("role", "small")
        self.row = NearRow()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addWidget(self.row)
        self.set_nearest((), 0)

    def set_nearest(self, near: Sequence[NearPicture], n_pictures: int, measure: str = "") -> None:
        """Show the nearest of the `n_pictures` shipped; `measure` says how distance is measured. Emits nothing."""
        self.row.set_pictures(near)
        self.row.setVisible(bool(near))
        text = N_("Make a picture to see which training picture comes nearest to it.")
        if near:
            text = N_("Nearest of the {n:,} pictures shipped. 0 would be the same picture.")
        self.words.setText(translate(text).format(n=n_pictures))
        self.words.setToolTip(measure)
