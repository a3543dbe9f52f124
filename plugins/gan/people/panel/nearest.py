"""The inspector's part that holds a face to the training picture nearest to it, looked for once the face rests."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import NearRow
from studio.core.translation import N_, translate
from studio.core.view import Image

from ..calls import NEAREST_SET, find_nearest_face
from ..caption import NEAREST_TERM, NearFace, extent_words, nearness_words

if TYPE_CHECKING:
    from .panel import PeoplePanel

SIDE_PX = 64
NEAREST_KEY: Final = "nearest real picture"
SIZE_PX: Final = 64


class PeopleNearestSection(QWidget):
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
        self.setToolTip(translate(NEAREST_TERM))
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing was looked for yet."""
        self.picture.hide()
        self.extent.hide()
        self.words.setText(translate(N_("Rest on a face to see which training picture comes nearest.")))

    def show_nearest(self, found: NearFace, n_all: int) -> None:
        """Show what was found among the shipped ones of `n_all` training pictures."""
        self.picture.set_pictures([found.near])
        self.words.setText(nearness_words(found))
        self.extent.setText(extent_words(found.n_pictures, n_all))
        self.picture.show()
        self.extent.show()


class PeopleNearestDesk(QObject):
    """Works for models that learnt the shipped faces; others have no such section."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        data_set = panel.handle.source.card.get("data_set", {})
        self._n_all = int(data_set.get("n_items", 0))
        self.can_look = data_set.get("name") == NEAREST_SET
        panel.controls.nearest_box.setVisible(self.can_look)
        if self.can_look:
            panel.rested.connect(self._look)

    def _look(self) -> None:
        shown = self._panel.shown
        view = shown[1].main_view if shown is not None else None
        if isinstance(view, Image) and view.pixels.shape == (SIZE_PX, SIZE_PX, 3):
            work = self._panel.handle.work(partial(find_nearest_face, pixels=view.pixels))
            self._panel.tasks.run(NEAREST_KEY, work, Policy.RESTART, done=self._on_found)

    def _on_found(self, found: Any) -> None:
        self._panel.controls.nearest.show_nearest(found, self._n_all)
