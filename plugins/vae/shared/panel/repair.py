"""The inspector's part that fills what is missing of a picture, and its way to the scene: each stroke is a run."""

from dataclasses import replace
from random import randrange
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.own_picture import OwnPicture
from studio.api.panel import (
    EngineTasks,
    HistoryStrip,
    MaskPainter,
    PictureIntake,
    Place,
    Segmented,
    SliderRow,
    UndoStack,
    ValueRange,
    frame_thumbnail,
    in_a_row,
    named_button,
    put_in_a_column,
    small_label,
)
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.edit_run import EditRun
from studio.api.timeline.run_source import GeneratedSource
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture, mask_bytes, painted_from
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..scene import VaeScene, seed_params
from ..sharpness import is_sharp
from .editor import VaeSceneEditor

BRUSH: Final = ValueRange(0.75, 24.0, step=0.25, default=4.0, unit="px")
FIRST_RADIUS_SHARE: Final = 0.09  # of the picture's side
ANSWER_PX: Final = 112  # twice what is shown, for dense screens
ANSWER: Final = "answer "
TOOLS: Final = {
    "brush": (
        N_("Brush"),
        N_("Paint over what is to be filled in. Scroll to resize; the right button erases."),
    ),
    "eraser": (N_("Eraser"), N_("Remove what was painted, just like the right button or Shift with the brush.")),
}
IDLE: Final = N_("Paint over part of a picture, or drop one with a hole: the model fills it in. The rest stays.")
PAINT: Final = N_("Paint on the picture over what is to be filled in.")
FILLED: Final = N_("Click an answer. Where the picture is known, they miss it by {percent:.1f} %; it stays as it is.")


class RepairSection(QWidget):
    """Shows brush, answers and figures; changes nothing itself.

    Signals: brush_changed(radius_px, is_eraser).

    Attributes:
        take, choose, again, clear, done: the buttons.
    """

    brush_changed = Signal(float, bool)

    def __init__(self) -> None:
        super().__init__()
        self.take = named_button("repair_shown", N_("Repair this picture"), N_("Take the picture that is on show"))
        self.choose = named_button("repair_picture", N_("My picture…"), N_("Repair a picture of yours"), "picture")
        self.words = small_label(n_lines=2)
        self.tool = Segmented("repair_tool", TOOLS, N_("What the left button does"))
        self.tool.value_chosen.connect(self._say_brush)
        self.radius = SliderRow("repair_radius", N_("Size"), BRUSH, N_("Radius of the brush in pixels (keys [ and ])"))
        self.radius.value_changed.connect(self._say_brush)
        self.answers = HistoryStrip()
        self.answers.setObjectName("repair_answers")
        self.answers.set_name(_("Repair answers"))
        self.again = named_button("repair_again", N_("Other answers"), N_("Begin at other random places (N)"), "dice")
        self.clear = named_button("repair_clear", N_("Clear"), N_("Keep the whole picture (Delete)"))
        self.done = named_button("repair_done", N_("Done"), N_("Put the brush away and go on from this place"))
        self._brush = QWidget()
        rows = (self.tool, self.radius, self.answers, self.again, in_a_row(self.clear, self.done))
        put_in_a_column(self._brush, rows)
        put_in_a_column(self, (in_a_row(self.take, self.choose), self.words, self._brush))
        self.show_state(None)

    @property
    def is_eraser(self) -> bool:
        """Whether the left button erases."""
        return self.tool.value() == "eraser"

    def show_state(self, repair: StartPicture | None) -> None:
        """Offer the brush while there is a picture to be repaired."""
        self._brush.setVisible(repair is not None)
        has_hole = repair is not None and repair.mask is not None and bool(repair.mask.any())
        self.clear.setEnabled(has_hole)
        self.again.setEnabled(has_hole)
        if not has_hole:
            self.answers.hide()
            self.words.setText(translate(IDLE if repair is None else PAINT))

    def show_answers(self, frame: Frame) -> None:
        """Show the answers of a frame side by side, and how well they agree with what is known."""
        pictures = [Frame(0, 1, views={"picture": view}) for name, view in frame.views.items() if ANSWER in name]
        titles = [_("Answer {n}").format(n=number + 1) for number in range(len(pictures))]
        made = [Place(frame_thumbnail(one, ANSWER_PX), title) for one, title in zip(pictures, titles, strict=True)]
        self.answers.show_places(made, 0)
        self.answers.show()
        self.words.setText(translate(FILLED).format(percent=100 * frame.scalars["error"]))

    def _say_brush(self) -> None:
        self.brush_changed.emit(self.radius.value(), self.is_eraser)


class RepairPresenter(QObject):
    """Shows the brush while a picture is repaired; every stroke of it is a run, whose end is one step of undo.

    A hand that changes anything meanwhile ends the run; what it has reached by then stays.

    Signals: failed(UserError) where a picture cannot be read.
    """

    failed = Signal(object)

    def __init__(
        self,
        painter: MaskPainter,
        section: RepairSection,
        editor: VaeSceneEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        undo: UndoStack,
    ) -> None:
        super().__init__(section)
        self._painter, self._section, self._editor = painter, section, editor
        self.run = EditRun(editor, VaeScene.at_frame, timeline, undo, self, has_one_track=True)
        self._answers: Any = None
        self._mask: Any = None
        self._shown: Frame | None = None
        self._is_place = True  # what is on show: a sheet of pictures is none
        self._shape: tuple[int, ...] = ()
        self._own = OwnPicture(
            tasks,
            PictureIntake(section, self),
            lambda engine, source: engine.own_picture(source),
            N_("Reading the picture"),
        )
        self._connect()

    def _connect(self) -> None:
        section, painter = self._section, self._painter
        section.take.clicked.connect(self.take_shown)
        section.choose.clicked.connect(self._own.choose)
        section.again.clicked.connect(self.try_again)
        section.clear.clicked.connect(self._clear)
        section.done.clicked.connect(self._leave)
        section.brush_changed.connect(painter.set_brush)
        section.answers.place_requested.connect(self._on_answer_chosen)
        painter.radius_changed.connect(section.radius.set_value)
        painter.clear_requested.connect(self._clear)
        painter.stroke_finished.connect(self._on_stroke_finished)
        self._own.read.connect(self.take)
        self._own.failed.connect(self.failed)

    # What is on show

    def show_scene(self, scene: VaeScene) -> None:
        """Show the picture's mask, or no brush where none is repaired."""
        repair = scene.repair
        self._section.show_state(repair)
        self._painter.setVisible(repair is not None and self._is_place)
        if repair is not None and repair.mask is not None and repair.mask is not self._mask:  # else a stroke would end
            self._painter.set_mask(painted_from(repair.mask), 0.0)
            self._fit_brush(repair.mask.shape)
        self._mask = None if repair is None else repair.mask

    def _fit_brush(self, shape: tuple[int, ...]) -> None:
        if shape != self._shape:
            self._shape = shape
            self._painter.set_brush(FIRST_RADIUS_SHARE * max(shape), self._section.is_eraser)
            self._section.radius.set_value(self._painter.radius_px)

    def show_frame(self, frame: Frame) -> None:
        """Show the answers of a run's frame; keep what is on show, to begin with."""
        self._is_place = frame.state is not None
        self._painter.setVisible(self._editor.scene.repair is not None and self._is_place)
        if frame.state is not None:
            self._shown = frame
        if frame.state is not None and "answers" in frame.state:
            self._answers = frame.state["answers"]
            self._section.show_answers(frame)

    # What is repaired

    def take_shown(self) -> None:
        """Repair the picture that is on show."""
        view = None if self._shown is None else self._shown.main_view
        if isinstance(view, Image) and is_sharp(view):
            self._own.open(view.pixels)
        elif isinstance(view, Image):
            pixels = view.pixels if view.pixels.ndim == 3 else np.repeat(view.pixels[..., None], 3, axis=2)
            self.take(StartPicture(pixels, np.zeros(pixels.shape[:2], np.uint8)))

    def take(self, source: StartPicture) -> None:
        """Repair a picture in the model's size; where a part is missing already, at once."""
        scene, is_whole = replace(self._editor.scene, repair=source), source.mask is None or not source.mask.any()
        if is_whole:
            self._editor.apply(N_("Repair a picture"), scene)
        else:
            self._begin(N_("Repair a picture"), scene)

    def _on_stroke_finished(self, title: str) -> None:
        self._paint(title, mask_bytes(self._painter.painted))

    def _clear(self) -> None:
        if self._painter.painted.any():
            self._paint(N_("Clear the mask"), np.zeros(self._painter.painted.shape, np.uint8))

    def _paint(self, title: str, mask: Any) -> None:
        scene = self._editor.scene
        assert scene.repair is not None
        painted = replace(scene, repair=replace(scene.repair, mask=mask))
        if mask.any():
            self._begin(title, painted)
        else:
            self._editor.apply(title, painted)

    def _on_answer_chosen(self, index: int) -> None:
        self._editor.apply(N_("Another answer"), self._editor.scene.moved_to(self._answers[index]))

    def try_again(self) -> None:
        """Look for other answers where something is missing."""
        scene = self._editor.scene
        if scene.repair is not None and scene.repair.mask is not None and scene.repair.mask.any():
            self._begin(N_("Other answers"), replace(scene, seed=randrange(MAX_SEED)))

    def _leave(self) -> None:
        self._editor.apply(N_("Put the brush away"), replace(self._editor.scene, repair=None))

    def _begin(self, title: str, scene: VaeScene) -> None:
        repair = scene.repair
        assert repair is not None
        assert repair.mask is not None
        self.run.stop()
        self.show_scene(scene)
        self._painter.hover(None)  # until it moves again, so that what comes can be seen
        self._painter.update()
        start = {"picture": repair.picture, "mask": repair.mask}
        self.run.begin(title, scene, GeneratedSource(seed_params(scene), start))
