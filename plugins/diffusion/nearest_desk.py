"""Looks for the nearest training picture once a finished picture rests on the canvas."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from studio.core.frame import Frame
from studio.core.near_picture import Nearest
from studio.core.text import translate
from studio.core.view import Image

from .engine_call import nearest_picture
from .view_name import PREDICTED

if TYPE_CHECKING:
    from .panel import DiffusionPanel

KEY: Final = "nearest"
REST_MS: Final = 400


class NearestDesk(QObject):
    """Keeps the section of the panel."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._frame: Frame | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._look)

    def follow(self, frame: Frame) -> None:
        """Another frame is on the canvas."""
        self._frame = frame
        self._rest.start()

    def _look(self) -> None:
        frame, panel = self._frame, self._panel
        if frame is None or frame.step < frame.n_steps - 1 or panel.n_items_of(frame) > 1 or panel.runs.is_running:
            return
        view = frame.views.get(PREDICTED)
        if isinstance(view, Image):
            work = panel.handle.work(partial(nearest_picture, pixels=view.pixels))
            panel.tasks.run(KEY, work, done=self._on_found)

    def _on_found(self, found: Nearest | None) -> None:
        if found is not None:
            self._panel.controls.nearest.set_nearest(found.pictures, found.n_pictures, translate(found.measure))
