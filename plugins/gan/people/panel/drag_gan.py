"""The inspector's part for dragging points: set them over the canvas, choose what may move, start and stop."""

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from studio.api.panel import (
    ImageView,
    Label,
    SliderRow,
    Step,
    UndoStack,
    ValueRange,
    in_a_row,
    named_button,
    put_in_a_column,
    set_tip,
)
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.edit_run import EditRun
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate

from ..scene import PeopleScene
from ..state import HANDLES, DragGoals, DragPair, PeopleFacts
from .drag_canvas import DragOverlay
from .editor import PeopleEditor
from .latent_source import LatentSource

BRUSH: Final = ValueRange(2.0, 40.0, step=1.0, default=12.0, unit="%")
HINT: Final = N_("Put a handle on the picture and drag it to where it should go; the face follows (DragGAN)")
BRUSH_HINT: Final = N_("Paint what may move; the rest stays (mask)")
ELSEWHERE: Final = N_("Only our own style model lets you pull points.")
WAITING: Final = N_("Press on something in the picture, such as an ear or a collar, and drag it to where it should go.")


class DragSection(QWidget):
    """Attributes:
    pulls: the points and the region as they are set.
    overlay: lies over the picture while they are being set.
    """

    def __init__(self, editor: PeopleEditor, timeline: TimelineController, undo: UndoStack, picture: ImageView) -> None:
        super().__init__()
        self.setObjectName("pull_section")
        self._editor, self._undo = editor, undo
        self._is_available = True
        self.pulls = DragGoals()
        self.overlay = DragOverlay(picture)
        self.run = EditRun(editor, PeopleScene.at_frame, timeline, undo, self)
        self.points = named_button("pull_points", N_("Pull points"), HINT, "plus")
        self.brush = named_button("pull_region", N_("Region"), BRUSH_HINT, "eye")
        self.points.setCheckable(True)
        self.brush.setCheckable(True)
        self.points.toggled.connect(self.set_setting)
        self.brush.toggled.connect(self._on_brush_toggled)
        self.start = named_button(
            "pull_start", N_("Start"), N_("Move the picture step by step until the points are there"), "play"
        )
        self.stop = named_button("pull_stop", N_("Stop"), N_("Stop; what has been reached so far stays"), "stop")
        self.clear = named_button("pull_clear", N_("Clear"), N_("Remove all points and the region"), "trash")
        self.start.clicked.connect(self._start)
        self.stop.clicked.connect(self.run.stop)
        self.clear.clicked.connect(lambda: self._change(N_("Clear the points"), DragGoals()))
        self.radius = SliderRow("pull_radius", N_("Brush"), BRUSH, N_("How wide the brush for the region is."))
        self.radius.set_value(BRUSH.default)
        self.radius.value_changed.connect(self._on_radius_changed)
        self.text = Label(translate(WAITING))
        self.text.setObjectName("pull_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self._lay_out()
        self.radius.hide()
        self.text.hide()
        self.show_running(False)
        self.show_pulls(DragGoals())
        self._connect()

    def _connect(self) -> None:
        overlay, run = self.overlay, self.run
        overlay.pair_drawn.connect(lambda pair: self._change(N_("Point"), self.pulls.with_pair(pair)))
        overlay.pair_changed.connect(self._on_pair_changed)
        overlay.pair_removed.connect(lambda index: self._change(N_("Remove a point"), self.pulls.without(index)))
        overlay.stroke_drawn.connect(lambda pulls: self._change(N_("Region"), pulls))
        run.grown.connect(lambda frame: self.show_distance(frame.scalars["distance"]))
        run.ended.connect(lambda _: self.show_running(False))
        run.settled.connect(self._on_settled)

    def _lay_out(self) -> None:
        put_in_a_column(
            self,
            (in_a_row(self.points, self.brush), in_a_row(self.start, self.stop, self.clear), self.radius, self.text),
        )

    def set_available(self, is_available: bool) -> None:
        """Whether the model shows its features; else everything here says why not."""
        self._is_available = is_available
        for button, hint in ((self.points, HINT), (self.brush, BRUSH_HINT)):
            button.setEnabled(is_available)
            set_tip(button, translate(hint if is_available else ELSEWHERE))
        self.text.setVisible(self.points.isChecked() or not is_available)

    def show_setting(self, is_on: bool) -> None:
        """Show whether points are being set; emits nothing."""
        self.points.blockSignals(True)
        self.points.setChecked(is_on)
        self.points.blockSignals(False)
        self.points.set_icon("check" if is_on else "plus")
        self.text.setVisible(is_on or not self._is_available)
        if not is_on:
            self.brush.setChecked(False)

    def show_pulls(self, pulls: DragGoals) -> None:
        """Say how many points there are."""
        n = len(pulls.pairs)
        self.start.setEnabled(n > 0)
        self.clear.setEnabled(n > 0 or pulls.movable is not None)
        some = plural(N_("{n} point is set."), N_("{n} points are set."), n)
        region = _("Only the region moves.") if pulls.movable is not None else ""
        waiting = WAITING if self._is_available else ELSEWHERE
        self.text.setText(f"{some} {region}".strip() if n else translate(waiting))

    def show_running(self, is_running: bool) -> None:
        """Offer to stop while the picture creeps."""
        self.start.setVisible(not is_running)
        self.stop.setVisible(is_running)

    def show_distance(self, px: float) -> None:
        """Say how far the handles still are from their targets, in pixels of the picture."""
        self.text.setText(_("{px:.1f} pixels to go").format(px=px))

    def _on_brush_toggled(self, is_on: bool) -> None:
        self.brush.set_icon("check" if is_on else "eye")
        self.radius.setVisible(is_on)
        self.overlay.is_brush = is_on
        if is_on and not self.overlay.isVisible():
            self.set_setting(True)

    def set_setting(self, is_on: bool) -> None:
        """Set points on the picture with the mouse, or walk over the carpet again."""
        self.show_setting(is_on)
        self.overlay.setVisible(is_on)
        if is_on:
            self.show_pulls(self.pulls)
            self.overlay.raise_()
            self.overlay.setFocus()

    def _start(self) -> None:
        """Let the picture creep."""
        if self.pulls.pairs:
            self.show_running(True)
            scene, pulls = self._editor.scene, self.pulls
            self.run.begin(N_("Pull points"), scene, LatentSource(scene, lambda engine: engine.drag(scene, pulls)))

    def opened(self, about: PeopleFacts) -> None:
        """Follow whether the open model shows its features."""
        self.set_available(about.can_pull)
        self.show_pulls(self.pulls)

    def _change(self, title: str, pulls: DragGoals) -> None:
        self.run.stop()
        before = self.pulls
        self._show(pulls)
        self._undo.push(Step(title, partial(self._show, before), partial(self._show, pulls)))

    def _show(self, pulls: DragGoals) -> None:
        self.pulls = pulls
        self.overlay.show_pulls(pulls)
        self.overlay.show_handles(None)
        self.show_pulls(pulls)

    def _on_pair_changed(self, index: int, pair: DragPair) -> None:
        pairs = (*self.pulls.pairs[:index], pair, *self.pulls.pairs[index + 1 :])
        self._change(N_("Move a point"), replace(self.pulls, pairs=pairs))

    def _on_radius_changed(self, percent: float) -> None:
        self.overlay.radius = percent / 100

    def show_frame(self, frame: Frame, scene: PeopleScene) -> None:
        """While the run is on the timeline, the dots are where the handles were at that step."""
        if self.overlay.isVisible():
            self.overlay.show_handles(None if frame.state is None else frame.state.get(HANDLES))

    def _on_settled(self, frame: Frame) -> None:
        """The next pull starts from where the handles are now."""
        handles = None if frame.state is None else frame.state.get(HANDLES)
        if handles is not None and len(handles) == len(self.pulls.pairs):
            places = [(float(x), float(y)) for x, y in np.asarray(handles)]
            pairs = tuple(replace(pair, handle=at) for at, pair in zip(places, self.pulls.pairs, strict=True))
            self._show(replace(self.pulls, pairs=pairs))
