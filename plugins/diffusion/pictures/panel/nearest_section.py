"""Shows the training pictures that come nearest to a finished picture, so that one sees whether it was remembered."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.api.panel import EngineTasks, NearRow, WhenSeen, put_in_a_column, set_tip, small_label
from studio.core.frame import Frame
from studio.core.translation import N_, translate
from studio.core.view import Image, Nearest, NearPicture

from ...shared.panel.runs import SceneRuns
from ...shared.scene import DiffusionScene
from ...shared.state import PREDICTED, n_items_of

KEY: Final = "nearest"
REST_MS: Final = 400


class NearestPictureSection(QWidget):
    """Says how many pictures were looked through, and shows the nearest of them; nothing can be changed here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = small_label()
        self.row = NearRow()
        put_in_a_column(self, (self.words, self.row))
        self.set_nearest((), 0)

    def set_nearest(self, near: Sequence[NearPicture], n_pictures: int, measure: str = "") -> None:
        """Show the nearest of the `n_pictures` shipped; `measure` says how distance is measured. Emits nothing."""
        self.row.set_pictures(near)
        self.row.setVisible(bool(near))
        text = N_("Make a picture to see which training picture is most like it.")
        if near:
            text = N_("The most similar of the {n:,} pictures included. 0 would be the same picture.")
        self.words.setText(translate(text).format(n=n_pictures))
        set_tip(self.words, measure)


class NearestPicturePresenter(QObject):
    """Looks for the training pictures that are like the finished one on the canvas, once it rests and is seen."""

    def __init__(self, section: NearestPictureSection, runs: SceneRuns, tasks: EngineTasks) -> None:
        super().__init__(section)
        self._section, self._runs, self._tasks = section, runs, tasks
        self._frame: Frame | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(WhenSeen(section, self._look).request)

    def show_frame(self, frame: Frame, scene: DiffusionScene) -> None:
        """Another frame is on the canvas."""
        self._frame = frame
        self._rest.start()

    def _look(self) -> None:
        frame = self._frame
        if frame is None or frame.step < frame.n_steps - 1 or n_items_of(frame) > 1 or self._runs.is_running:
            return
        view = frame.views.get(PREDICTED)
        if isinstance(view, Image):
            pixels = view.pixels
            self._tasks.ask(KEY, lambda engine: engine.nearest(pixels), done=self._on_found, pauses=True)

    def _on_found(self, found: Nearest | None) -> None:
        if found is not None:
            self._section.set_nearest(found.pictures, found.n_pictures, translate(found.measure))
