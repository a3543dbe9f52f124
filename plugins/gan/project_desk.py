"""Joins a person's own picture to the people's panel: it is read, looked for on the timeline, and wiped over."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy, Work
from studio.api.panel import PictureIntake, Side, image_from_array
from studio.core.frame import Frame
from studio.core.picture import is_picture
from studio.core.text import N_, translate
from studio.core.view import Image

from .people_scene import replace_driver
from .place_run import PlaceRun, PlaceSource
from .project_call import read_path, read_pixels, search

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

READING_KEY: Final = "my picture"


class ProjectDesk(QObject):
    """Looks for one picture at a time. Signals: found(w): the place (L, D) that is most like the person's picture."""

    found = Signal(object)

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = section = panel.controls.project
        self._target: npt.NDArray[np.uint8] | None = None
        self.run = PlaceRun(panel)
        self._intake = PictureIntake(section, self)
        self._intake.path_given.connect(self.open)
        self._intake.pixels_given.connect(self._on_pixels_given)
        self._intake.failed.connect(panel.messages.show_error)
        section.open_requested.connect(self._intake.choose)
        section.paste_requested.connect(self.paste)
        section.stop_requested.connect(self.stop)
        section.wipe_toggled.connect(self._on_wipe_toggled)
        panel.drawn.connect(self.show_frame)
        self.run.grown.connect(section.show_progress)
        self.run.ended.connect(self._on_ended)

    def open(self, path: Path) -> None:
        """Look for the picture in a file."""
        self._read(self._panel.handle.work(partial(read_path, path=path)))

    def take(self, path: Path) -> bool:
        """Look for a dropped picture; returns whether it is one."""
        if is_picture(path):
            self.open(path)
        return is_picture(path)

    def paste(self) -> None:
        """Look for the picture on the clipboard."""
        self._intake.paste()

    def stop(self) -> None:
        """End the search with what it has found."""
        self.run.stop()

    def show_frame(self, frame: Frame) -> None:
        """Keep the wipe in step with the canvas."""
        view = frame.main_view
        if self._target is not None and isinstance(view, Image):
            sides = Side("A", translate(N_("My picture"))), Side("B", translate(N_("The forger’s")), 1)
            self._panel.stage.wipe.show_pictures(self._target, view.pixels, sides)

    def _on_pixels_given(self, rgb: Any) -> None:
        self._read(self._panel.handle.work(partial(read_pixels, rgb=rgb)))

    def _read(self, work: Work) -> None:
        self._panel.deck.pause()  # a path that plays would draw all the while
        self._panel.tasks.run(READING_KEY, work, Policy.RESTART, done=self._on_read)

    def _on_read(self, target: npt.NDArray[np.uint8]) -> None:
        panel = self._panel
        panel.messages.dismiss("error")
        self._target = target
        self._section.show_original(image_from_array(target))
        self._section.show_running(True)
        scene = replace_driver(panel.editor.scene, None, 0.0)
        steps = partial(search, target=target, scene=scene)
        self.run.begin(N_("My picture"), PlaceSource(scene, steps))

    def _on_ended(self, frame: Frame | None) -> None:
        self._section.show_running(False)
        if frame is not None and frame.state is not None:
            self._section.show_found(frame)
            self.found.emit(np.asarray(frame.state["w"]))

    def _on_wipe_toggled(self, is_on: bool) -> None:
        stage, shown = self._panel.stage, self._panel.shown
        if shown is not None:
            self.show_frame(shown[1])
        stage.show_wipe(is_on and self._target is not None)
