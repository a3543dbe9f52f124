"""The inspector's part for one's own picture: it is brought in, looked for on the timeline, and wiped over."""

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Label, Side, UndoStack, image_from_array, in_a_row, named_button, set_tip
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.edit_run import EditRun
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate, within
from studio.core.view import ByteArray, Image

from ..scene import PeopleScene, replace_driver
from .canvas import PeopleStage
from .editor import PeopleEditor
from .latent_source import LatentSource

PICTURE_PX = 64
WAITING = N_(
    "Drop a face here, or paste one. The forger then looks for the closest face it can draw. "
    "Two at once melt into each other."
)


class ProjectionSection(QWidget):
    """Looks for one picture at a time.

    Signals: found(w): the place (L, D) that is most like the person's picture.

    Attributes:
        open, paste: the buttons that bring a picture in.
    """

    found = Signal(object)

    def __init__(self, editor: PeopleEditor, timeline: TimelineController, undo: UndoStack, stage: PeopleStage) -> None:
        super().__init__()
        self.setObjectName("project_section")
        self._editor, self._stage = editor, stage
        self._target: ByteArray | None = None
        self._frame: Frame | None = None
        self.run = EditRun(editor, PeopleScene.at_frame, timeline, undo, self)
        self.run.grown.connect(self.show_progress)
        self.run.ended.connect(self._on_ended)
        hint = N_("Find a picture of yours among all that the forger can draw (projection into w and w+)")
        self.open = named_button("my_picture", N_("My picture…"), hint, "picture")
        self.paste = named_button(
            "paste_picture", N_("Paste"), N_("Take the picture on the clipboard (Ctrl+V)"), "copy"
        )
        self.stop = named_button(
            "stop_search",
            N_("Stop"),
            N_("Stop looking; what has been found so far stays"),
            "stop",
            pressed=self.run.stop,
        )
        self.original = Label()
        self.original.setFixedSize(PICTURE_PX, PICTURE_PX)
        self.original.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.original.setAccessibleName(_("Your picture"))
        self.original.setProperty("role", "thumbnail")
        self.text = Label(translate(WAITING))
        self.text.setObjectName("project_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.wipe = QCheckBox(_("Wipe to my picture"))
        self.wipe.setObjectName("wipe_mine")
        set_tip(self.wipe, _("Show your picture over the left part of the model’s; drag the divider"))
        self.wipe.toggled.connect(self._on_wipe_toggled)
        self._lay_out()
        self.show_running(False)
        self.original.hide()
        self.wipe.hide()

    def _lay_out(self) -> None:
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.setSpacing(10)
        row.addWidget(self.original)
        row.addWidget(self.text, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(in_a_row(self.open, self.paste, self.stop))
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
            translate(text).format(
                step=frame.step + 1, n=frame.n_steps, what=within(translate(frame.label)), percent=percent
            )
        )

    def show_found(self, frame: Frame) -> None:
        """Say how near the search has come."""
        text = N_(
            "The closest face the forger can draw: colours are {percent:.1f} % off. All the sliders now work on it."
        )
        self.text.setText(translate(text).format(percent=100 * frame.scalars.get("error", 0.0)))

    def look_for(self, target: ByteArray) -> None:
        """Look for a picture (H, W, 3) of the model's size."""
        self._target = target
        self.show_original(image_from_array(target))
        self.show_running(True)
        scene = replace_driver(self._editor.scene, None, 0.0)
        self.run.begin(N_("My picture"), scene, LatentSource(scene, lambda engine: engine.project(target, scene)))

    def show_frame(self, frame: Frame, scene: PeopleScene) -> None:
        """Keep the wipe in step with the canvas."""
        self._frame = frame
        self._show_wipe()

    def _show_wipe(self) -> None:
        view = None if self._frame is None else self._frame.main_view
        if self._target is not None and isinstance(view, Image):
            sides = Side("A", _("My picture")), Side("B", _("The forger’s"), 1)
            self._stage.wipe.show_pictures(self._target, view.pixels, sides)

    def _on_ended(self, frame: Frame | None) -> None:
        self.show_running(False)
        if frame is not None and frame.state is not None:
            self.show_found(frame)
            self.found.emit(np.asarray(frame.state["w"]))

    def _on_wipe_toggled(self, is_on: bool) -> None:
        self._show_wipe()
        self._stage.show_wipe(is_on and self._target is not None)
