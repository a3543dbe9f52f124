"""The inspector's part that holds a face to the training picture nearest to it, looked for once the face rests."""

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Label, NearRow, set_tip
from studio.core.frame import Frame
from studio.core.translation import _, translate
from studio.core.view import Image

from ..caption import NEAREST_TERM, NearFace, extent_words, nearness_words
from ..sampling import find_nearest_face
from ..state import FACE_PX, is_of_faces

SIDE_PX = 64
NEAREST_KEY: Final = "nearest real picture"


class PeopleNearestSection(QWidget):
    """A thumbnail with its distance, and in words what differs; nothing can be changed here.

    Attributes:
        can_look: whether the model learnt the shipped faces; for others there is nothing to look through.
    """

    def __init__(self, tasks: EngineTasks) -> None:
        super().__init__()
        self.setObjectName("nearest_real")
        self._tasks = tasks
        self.can_look = is_of_faces(tasks.handle.source.card)
        self.picture = NearRow(1, SIDE_PX)
        self.words, self.extent = Label(), Label()
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
        set_tip(self, translate(NEAREST_TERM))
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing was looked for yet."""
        self.picture.hide()
        self.extent.hide()
        self.words.setText(_("Point at a face and wait to see which training picture is most like it."))

    def look(self, frame: Frame) -> None:
        """Look for the picture of a frame that rests."""
        view = frame.main_view
        if self.can_look and isinstance(view, Image) and view.pixels.shape[0] % FACE_PX == 0:
            self._tasks.ask(
                NEAREST_KEY,
                lambda _: find_nearest_face(view.pixels),
                Policy.RESTART,
                done=self._show_nearest,
                pauses=True,
            )

    def _show_nearest(self, found: NearFace) -> None:
        n_all = int(self._tasks.handle.source.card["data_set"].get("n_items", 0))
        self.picture.set_pictures([found.near])
        self.words.setText(nearness_words(found))
        self.extent.setText(extent_words(found.n_pictures, n_all))
        self.picture.show()
        self.extent.show()
