"""The inspector's part for one's own picture: it is brought in, looked for on the timeline, and wiped over."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.engine import Policy, Work
from studio.api.panel import Button, PictureIntake, Side, image_from_array
from studio.core.frame import Frame
from studio.core.picture import is_picture
from studio.core.translation import N_, translate
from studio.core.view import Image

from ..calls import read_own_path, read_own_pixels, search_place
from ..scene import replace_driver
from .latent_run import LatentRun, LatentRunSource

if TYPE_CHECKING:
    from .panel import PeoplePanel

PICTURE_PX = 64
WAITING = N_("Drop a face here, or paste one. The forger then looks for it among all that it can draw.")
READING_KEY: Final = "my picture"


class ProjectionSection(QWidget):
    """Signals: open_requested(), paste_requested(), stop_requested(), wipe_toggled(is_on)."""

    open_requested = Signal()
    paste_requested = Signal()
    stop_requested = Signal()
    wipe_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("project_section")
        hint = N_("Look for a picture of yours among all that the forger can draw (projection into w and w+)")
        self.open = _button("my_picture", N_("My picture…"), "picture", hint)
        self.open.clicked.connect(self.open_requested)
        self.paste = _button("paste_picture", N_("Paste"), "copy", N_("Take the picture on the clipboard (Ctrl+V)"))
        self.paste.clicked.connect(self.paste_requested)
        self.stop = _button("stop_search", N_("Stop"), "stop", N_("Stop looking; what was found so far stays"))
        self.stop.clicked.connect(self.stop_requested)
        self.original = QLabel()
        self.original.setFixedSize(PICTURE_PX, PICTURE_PX)
        self.original.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.original.setAccessibleName(translate(N_("Your picture")))
        self.original.setProperty("role", "thumbnail")
        self.text = QLabel(translate(WAITING))
        self.text.setObjectName("project_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.wipe = QCheckBox(translate(N_("Wipe against my picture")))
        self.wipe.setObjectName("wipe_mine")
        self.wipe.setToolTip(translate(N_("Lay your picture over the left part of the model’s; drag the divider")))
        self.wipe.toggled.connect(self.wipe_toggled)
        self._lay_out()
        self.show_running(False)
        self.original.hide()
        self.wipe.hide()

    def _lay_out(self) -> None:
        buttons, row, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        buttons.setSpacing(8)
        for button in (self.open, self.paste, self.stop):
            buttons.addWidget(button, 1)
        row.setSpacing(10)
        row.addWidget(self.original)
        row.addWidget(self.text, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addLayout(row)
        column.addWidget(self.wipe)

    def show_running(self, is_running: bool) -> None:
        """Offer to stop while a picture is looked for."""
        self.stop.setVisible(is_running)
        self.open.setVisible(not is_running)
        self.paste.setVisible(not is_running)

    def show_original(self, picture: QImage) -> None:
        """Show the person's picture as the model is asked for it."""
        mode = Qt.TransformationMode.SmoothTransformation
        ratio = self.original.devicePixelRatioF()
        side = round(PICTURE_PX * ratio)
        pixmap = QPixmap.fromImage(picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode))
        pixmap.setDevicePixelRatio(ratio)
        self.original.setPixmap(pixmap)
        self.original.show()
        self.wipe.show()

    def show_progress(self, frame: Frame) -> None:
        """Say how far the search is."""
        text = N_("Step {step} of {n}: {what}. Colours are {percent:.1f} % off.")
        percent = 100 * frame.scalars.get("error", 0.0)
        self.text.setText(
            translate(text).format(step=frame.step + 1, n=frame.n_steps, what=frame.label.lower(), percent=percent)
        )

    def show_found(self, frame: Frame) -> None:
        """Say how near the search has come."""
        text = N_("The nearest face the forger can draw: colours are {percent:.1f} % off. Now all sliders work on it.")
        self.text.setText(translate(text).format(percent=100 * frame.scalars.get("error", 0.0)))


def _button(name: str, text: str, icon: str, hint: str) -> Button:
    button = Button(text, icon_name=icon)
    button.setObjectName(name)
    button.setToolTip(translate(hint))
    return button


class ProjectionDesk(QObject):
    """Looks for one picture at a time. Signals: found(w): the place (L, D) that is most like the person's picture."""

    found = Signal(object)

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = section = panel.controls.project
        self._target: npt.NDArray[np.uint8] | None = None
        self.run = LatentRun(panel)
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
        self._read(self._panel.handle.work(partial(read_own_path, path=path)))

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
        self._read(self._panel.handle.work(partial(read_own_pixels, rgb=rgb)))

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
        steps = partial(search_place, target=target, scene=scene)
        self.run.begin(N_("My picture"), LatentRunSource(scene, steps))

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
