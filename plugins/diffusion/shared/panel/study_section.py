"""Holds runs side by side instead of the canvas: strengths of guidance, samplers, or the neighbours of a picture."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from studio.api.engine import Policy
from studio.api.panel import (
    Button,
    ElidedLabel,
    EngineTasks,
    Label,
    PanelFrame,
    SliderRow,
    ValueRange,
    coloured_amount,
    image_from_array,
    named_button,
    set_tip,
)
from studio.api.timeline.controller import TimelineController
from studio.core.translation import N_, _, translate

from ..params import SAMPLER_TEXTS, DiffusionParams
from ..state import REFERENCE_STEPS, SCALES, FloatArray, StudyPicture, StudyProgress, StudyRequest
from .editor import DiffusionEditor
from .runs import SceneRuns
from .tile_grid import StudyTile, TileGrid

AMOUNT: Final = ValueRange(2.0, 100.0, step=2.0, default=30.0, unit="%", is_whole=True)
T = TypeVar("T")
OWN: Final = frozenset({"batch"})  # a study makes one picture of each, however many the scene makes
KEY: Final = "study"
SETTLE_MS: Final = 600
"""So long must all controls rest before a study of a live scene is made anew."""
N_COLUMNS: Final = {"variations": 3}
TITLES: Final = {
    "guidance": N_("Strength of the prompt"),
    "race": N_("Samplers side by side"),
    "variations": N_("Similar pictures"),
}
NOTES: Final = {
    "guidance": N_(
        "Seed {seed}, the same noise. 0 ignores the prompt, 1 follows it plainly, more follows it more strictly."
    ),
    "race": N_("Seed {seed}, the same noise in {steps} steps. The error is measured against DDIM in 1,000 steps."),
    "variations": N_("Seed {seed} in the middle, with the pin. The others have its noise turned by {percent:.0f} %."),
}


class StudySheet(QWidget):
    """A title, the tiles, and what can be done with the chosen one. Escape and the cross close it.

    Signals:
        picked(index): the person wants to go on with this one.
        cancel_requested(): make no more of them.
        closed(): show the canvas again.
    """

    picked = Signal(int)
    cancel_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip_view")
        self._is_running = False
        self.title = Label()
        self.title.setProperty("role", "title")
        self.note = ElidedLabel(role="small")
        self.grid = TileGrid()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.status = Label()
        self.status.setProperty("role", "small")
        self.take = named_button("strip_take", N_("Continue with this one"), kind="primary")
        self.stop = named_button("strip_stop", N_("Stop"))
        self.close_button = Button(kind="quiet", icon_name="close", hint=N_("Back to the picture"))
        set_tip(self.close_button, _("Back to the picture (Escape)"))
        self.close_button.setObjectName("strip_close")
        self._lay_out()
        self.grid.chosen.connect(self._show_buttons)
        self.grid.taken.connect(self.picked)
        self.take.clicked.connect(lambda: self.picked.emit(self.grid.chosen_index()))
        self.stop.clicked.connect(self.cancel_requested)
        self.close_button.clicked.connect(self.closed)
        self.set_progress(None)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.note)
        top = QHBoxLayout()
        top.addLayout(words, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.status)
        below.addWidget(self.bar, 1)
        below.addStretch(0)
        below.addWidget(self.stop)
        below.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.grid, 1)
        column.addLayout(below)

    def set_sheet(self, title: str, note: str, tiles: Sequence[StudyTile], n_columns: int, chosen: int = -1) -> None:
        """Show another sheet. Emits nothing."""
        self.title.setText(title)
        self.note.setText(note)
        set_tip(self.note, note)
        self.grid.setAccessibleName(title)
        self.grid.set_tiles(tiles, n_columns, chosen)
        self._show_buttons()

    def set_tile(self, index: int, tile: StudyTile) -> None:
        """One of the tiles has changed. Emits nothing."""
        self.grid.set_tile(index, tile)
        self._show_buttons()

    def set_progress(self, progress: tuple[int, int] | None) -> None:
        """How many of all steps are done; None while nothing runs. Emits nothing."""
        self._is_running = progress is not None
        self.bar.setVisible(self._is_running)
        self.stop.setVisible(self._is_running)
        if progress is not None:
            done, n = progress
            self.bar.setRange(0, max(n, 1))
            self.bar.setValue(done)
            self.status.setText(_("{percent:.0f} % done").format(percent=100 * done / max(n, 1)))
        else:
            self.status.setText("")
        self._show_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        """The arrow keys go from picture to picture at once."""
        super().showEvent(event)
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the canvas back; it leaves what is being made to itself."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _show_buttons(self) -> None:
        index = self.grid.chosen_index()
        has_picture = 0 <= index < len(self.grid) and not self.grid.tile(index).image.isNull()
        self.take.setEnabled(has_picture)


class StudySection(QWidget):
    """Begins a study, which the strip view then shows.

    Signals:
        study_requested(StudyRequest).
    """

    study_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        scales = " · ".join(f"{scale:g}" for scale in SCALES)
        self.guidance = named_button("study_guidance", _("Guidance {scales}").format(scales=scales))
        set_tip(
            self.guidance,
            _(
                "The same noise with the prompt ignored, followed plainly, and followed more strictly "
                "(classifier-free guidance)"
            ),
        )
        self.race = named_button("study_race", N_("Race four samplers"))
        set_tip(
            self.race,
            _(
                "The same noise through four samplers, with the time each takes and how far it ends from the "
                "solution in 1,000 steps"
            ),
        )
        self.variations = named_button(
            "study_variations",
            N_("Variations"),
            N_("Eight pictures similar to this one: its noise, turned a little (slerp)"),
            "dice",
        )
        help_text = N_(
            "How far the noise of the variations is from this one: 0 is the same, 100 is a different picture."
        )
        self.amount = SliderRow("variation_amount", N_("How different"), AMOUNT, help_text)
        self.amount.set_value(AMOUNT.default)
        self.guidance.clicked.connect(self._on_guidance_clicked)
        self.race.clicked.connect(self._on_race_clicked)
        self.variations.clicked.connect(self._on_variations_clicked)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for buttons in ((self.guidance,), (self.race, self.variations)):
            row = QHBoxLayout()
            row.setSpacing(6)
            for button in buttons:
                row.addWidget(button, 1)
            column.addLayout(row)
        column.addWidget(self.amount)

    def _on_guidance_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("guidance"))

    def _on_race_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("race"))

    def _on_variations_clicked(self) -> None:
        self.study_requested.emit(StudyRequest("variations", amount=self.amount.value() / 100))


def tile_of(caption: str, picture: StudyPicture | None, is_timed: bool) -> StudyTile:
    """The tile of a picture, None where it has not begun; `is_timed` says how long it took and how far off it is."""
    if picture is None:
        return StudyTile(caption, share=0.0)
    detail = ""
    if is_timed:
        detail = f"{picture.seconds:.1f} s"
    if picture.distance is not None:
        text = _("{time}, {distance:.3f} off")
        detail = text.format(time=detail, distance=picture.distance)
    return StudyTile(caption, detail, image_of(picture.shown), picture.share)


def image_of(shown: FloatArray) -> QImage:
    """A picture (H, W, 3), or the loudness (M, L) of a sound in colours; both in 0..1."""
    if shown.ndim == 2:
        return image_from_array(coloured_amount(shown))
    return image_from_array(np.ascontiguousarray((np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)))


def around(things: Sequence[T]) -> list[T]:
    """Put the first one into the middle of the others."""
    first, *others = things
    half = len(others) // 2
    return [*others[:half], first, *others[half:]]


def changes_between(before: DiffusionParams, after: DiffusionParams) -> dict[str, Any]:
    """The settings that differ, by name."""
    names = [field.name for field in fields(DiffusionParams) if field.name not in OWN]
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}


class StudyPresenter(QObject):
    """Begins a study when it is asked for, and goes on with the picture that is picked.

    While the scene is live, a study follows its changes. It goes when a run is generated or the timeline is used.

    Signals: ended() when the canvas is shown again.
    """

    ended = Signal()

    def __init__(
        self,
        frame: PanelFrame,
        section: StudySection,
        editor: DiffusionEditor,
        timeline: TimelineController,
        runs: SceneRuns,
        tasks: EngineTasks,
    ) -> None:
        super().__init__(frame)
        self._frame, self._editor, self._timeline, self._runs = frame, editor, timeline, runs
        self._tasks = tasks
        self._request = StudyRequest("guidance")
        self._pictures: tuple[StudyPicture | None, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._again.timeout.connect(self._begin_again)
        self.is_on = False
        self.strip = StudySheet(frame)
        self.strip.hide()
        section.study_requested.connect(self.begin)
        editor.changed.connect(self._on_scene_changed)
        timeline.playback.moved.connect(self._on_playhead_moved)
        self.strip.picked.connect(self._on_picked)
        self.strip.cancel_requested.connect(self._stop)
        self.strip.closed.connect(self.close)

    def begin(self, request: StudyRequest) -> None:
        """Run a study of the scene as it is now, in place of the one before."""
        params, start = self._editor.scene.params, self._editor.scene.start()
        self._request, self.is_on = request, True
        self._pictures = (None,) * len(self._captions())
        self._show_sheet()
        self.strip.set_progress((0, 100))
        self._frame.show_instead(self.strip)
        self._tasks.cancel(KEY)
        self._tasks.ask(
            KEY,
            lambda engine: engine.study(request, params, start),
            Policy.QUEUE,
            event=self._on_news,
            ended=self._on_ended,
            title=TITLES[request.kind],
        )  # runs go first

    def close(self) -> None:
        """Show the canvas again, and make no more."""
        if self.is_on:
            self.is_on = False
            self._stop()
            self._frame.show_instead(None)
            self.ended.emit()

    def _stop(self) -> None:
        self._again.stop()
        self._tasks.cancel(KEY)
        self.strip.set_progress(None)

    def _on_scene_changed(self) -> None:
        if self.is_on and self._editor.scene.is_live:
            self._again.start()

    def _begin_again(self) -> None:
        self.begin(self._request)

    def _on_playhead_moved(self, _: int) -> None:
        if not self._timeline.is_growing:  # else it is the run that moves it
            self.close()

    def _on_ended(self, _: str) -> None:
        self.strip.set_progress(None)
        if not any(self._pictures):  # it failed before there was anything to see
            self.close()

    # What is shown

    def _captions(self) -> Sequence[str]:
        request = self._request
        if request.kind == "guidance":
            return [_("Guidance {scale:g}").format(scale=scale) for scale in request.scales]
        if request.kind == "race":
            names = [translate(SAMPLER_TEXTS[sampler]) for sampler in request.samplers]
            return [*names, _("DDIM, {n:,} steps").format(n=REFERENCE_STEPS)]
        return [""] * (1 + request.n_variations)

    def _show_sheet(self) -> None:
        request, params = self._request, self._editor.scene.params
        tiles = [self._tile(place) for place in range(len(self._pictures))]
        note = translate(NOTES[request.kind])
        note = note.format(seed=params.seed, steps=params.steps, percent=100 * request.amount)
        n_columns = N_COLUMNS.get(request.kind, len(tiles))
        self.strip.set_sheet(translate(TITLES[request.kind]), note, tiles, n_columns, self.strip.grid.chosen_index())

    @property
    def _is_grid(self) -> bool:
        """Whether the first picture has the others around it."""
        return self._request.kind == "variations"

    def _picture(self, place: int) -> StudyPicture | None:
        return (around(self._pictures) if self._is_grid else self._pictures)[place]

    def _tile(self, place: int) -> StudyTile:
        tile = tile_of(self._captions()[place], self._picture(place), is_timed=not self._is_grid)
        return replace(tile, is_origin=self._is_grid and place == len(self._pictures) // 2)

    def _on_news(self, news: StudyProgress) -> None:
        before, self._pictures = self._pictures, news.pictures
        pairs = list(zip(before, news.pictures, strict=True))
        changed = [new is not old for old, new in (around(pairs) if self._is_grid else pairs)]
        for index, is_changed in enumerate(changed):
            if is_changed:
                self.strip.set_tile(index, self._tile(index))
        self.strip.set_progress((round(100 * news.share), 100))

    # What is picked

    def _on_picked(self, index: int) -> None:
        """Take its settings over; a variation, whose noise no setting says, becomes a run of its own."""
        picture = self._picture(index)
        self.close()
        if picture is None:
            return
        changes = changes_between(self._editor.scene.params, picture.params)
        if changes:
            self._editor.set_params(N_("Use this one"), **changes)
            self._runs.generate()
        elif self._is_grid and picture is not self._pictures[0]:
            self._timeline.record_run(picture.params, picture.start)
