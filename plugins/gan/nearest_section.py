"""The inspector's part that holds a face to the training picture that comes nearest to it."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import NearRow
from studio.core.text import N_, translate

from .nearest_words import TERM, NearFace, extent_words, verdict_words

SIDE_PX = 64


class NearestSection(QWidget):
    """A thumbnail with its distance, and in words what differs; nothing can be changed here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("nearest_real")
        self.picture = NearRow(1, SIDE_PX)
        self.words, self.extent = QLabel(), QLabel()
        for label in (self.words, self.extent):
            label.setWordWrap(True)
        self.extent.setProperty("role", "small")
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(self.words)
        texts.addWidget(self.extent)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.picture)
        row.addLayout(texts, 1)
        self.setToolTip(translate(TERM))
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing was looked for yet."""
        self.picture.hide()
        self.extent.hide()
        self.words.setText(translate(N_("Rest on a face to see which training picture comes nearest.")))

    def show_nearest(self, found: NearFace, n_all: int) -> None:
        """Show what was found among the shipped ones of `n_all` training pictures."""
        self.picture.set_pictures([found.near])
        self.words.setText(verdict_words(found))
        self.extent.setText(extent_words(found.n_pictures, n_all))
        self.picture.show()
        self.extent.show()
