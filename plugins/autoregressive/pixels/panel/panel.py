"""The panel of pictures that grow pixel by pixel: erase a part, let it finish, and look into any pixel."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, PictureIntake, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.picture import is_picture
from studio.core.translation import N_, translate
from studio.core.view import ByteArray

from ...shared.panel.kernel_opening import KernelOpening
from ..params import PixelParams
from ..scene import (
    BRUSH_RANGE_PX,
    BRUSH_STEP_PX,
    Mask,
    PixelScene,
    PixelSheet,
    lower_half,
    scene_from_json,
    scene_to_json,
)
from ..view_model import PixelViewModel, view_model_of
from .editor import PixelEditor
from .endings import PixelStage
from .presenter import OpenedPixels, PixelPresenter, PixelProbeQuery, open_pixels, own_picture
from .runs import PixelRuns
from .sections import (
    NextPixelSection,
    PixelBrushSection,
    PixelChoosingSection,
    PixelDependenceSection,
    WholePictureSection,
)

if TYPE_CHECKING:
    from ..engine import PixelModelInfo

HINT: Final = N_("Click a pixel to look into it · right button erases · Again finishes it in other ways")


class PixelGestures(QObject):
    """One panel's tools."""

    def __init__(self, panel: "PixelPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._base: PixelSheet | None = None
        canvas = panel.stage.canvas
        canvas.pixel_chosen.connect(self.look_at)
        canvas.stroke_begun.connect(self._on_stroke_begun)
        canvas.stroke_touched.connect(self._on_touched)
        canvas.stroke_ended.connect(panel.editor.end_stroke)
        canvas.stroke_cancelled.connect(panel.editor.cancel_stroke)
        canvas.brush_scaled.connect(self._on_brush_scaled)
        panel.brush.changed.connect(self._on_brush_changed)
        panel.next.level_chosen.connect(self.set_level)

    def take(self, tool: str) -> None:
        """Take a tool in hand."""
        self._panel.editor.set_view(tool=tool)

    def look_at(self, place: int) -> None:
        """Mark a pixel."""
        panel = self._panel
        if panel.seen is None:  # a picture of a training has no pixels of a run
            return
        panel.deck.pause_run()
        panel.editor.set_view(place=place)

    def set_level(self, level: int) -> None:
        """Give the marked pixel another brightness; the drawn pixels behind it follow anew."""
        panel, seen = self._panel, self._panel.seen
        if seen is None or panel.about is None:
            return
        place = panel.show_desk.place
        if place is None or not 0 <= level < panel.about.n_levels:
            return
        row, column = divmod(place, seen.side)
        values = seen.values[panel.ending].copy()
        values[row, column] = level
        is_behind = np.arange(seen.n_places).reshape(values.shape) > place
        drawn = is_behind & ~seen.kept
        follows = drawn if drawn.any() else is_behind  # of a picture that is all a person's own, everything
        panel.editor.take(N_("Brightness of a pixel"), PixelSheet(values, follows), None, "level", place)

    def _on_brush_changed(self, name: str, value: object) -> None:
        if name in ("tool", "shape"):
            self._panel.editor.set_view(**{name: value})
        else:
            self._panel.editor.set_field(N_("Brush"), name, value)

    def _on_brush_scaled(self, steps: int) -> None:
        editor = self._panel.editor
        low, high = BRUSH_RANGE_PX
        editor.set_field(N_("Brush"), "brush_px", min(max(editor.scene.brush_px + BRUSH_STEP_PX * steps, low), high))

    def _on_stroke_begun(self, is_erasing: bool) -> None:
        panel, seen = self._panel, self._panel.seen
        panel.deck.pause_run()
        tool = "erase" if is_erasing else panel.editor.scene.tool
        self._base = None if seen is None else seen.sheet(panel.ending)
        is_whole = seen is not None and seen.is_whole and tool != "keep"
        panel.editor.begin_stroke(tool, self._base if is_whole else None)

    def _on_touched(self, mask: Mask) -> None:
        panel = self._panel
        if self._base is None or panel.about is None:
            return
        level = round(panel.editor.scene.level * (panel.about.n_levels - 1))
        panel.editor.touch(mask, self._base, level)
        panel.show_desk.show_sheet(panel.editor.scene.sheet)


class PixelPanel(Panel):
    """One model of pictures: what is erased is finished, in several ways at once, in view of everybody."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.about: PixelModelInfo | None = None
        self.shown: Frame | None = None
        self.seen: PixelViewModel | None = None
        self.ending = 0
        self._wants_example = True
        card = handle.source.card
        self.editor = PixelEditor(PixelScene(saved_params(PixelParams, card.get("defaults", {}))), host.undo, self)
        self.stage = PixelStage()
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.next, self.look = NextPixelSection(), PixelDependenceSection()
        self.choosing = PixelChoosingSection(self.editor.scene.params)
        self.brush, self.whole = PixelBrushSection(), WholePictureSection()
        self.opening = KernelOpening("pixels.warm_up", self.frame, self)
        self.runs = PixelRuns(self.deck, self)
        self.looks = PixelProbeQuery(self.tasks, handle, self)
        self.own = OwnPicture(self.tasks, handle, PictureIntake(self, self), own_picture)
        self.show_desk, self.tools = PixelPresenter(self), PixelGestures(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_next", N_("Next pixel")).add(self.next)
        inspector.add_section("section_look", N_("What it looked at")).add(self.look)
        inspector.add_section("section_choosing", N_("Choosing")).add(self.choosing)
        inspector.add_section("section_brush", N_("Brush")).add(self.brush)
        inspector.add_section("section_whole", N_("Whole picture")).add(self.whole)

    def _connect(self) -> None:
        editor, choosing = self.editor, self.choosing
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        choosing.changed.connect(lambda name, value: editor.set_params(N_("Settings"), **{name: value}))
        choosing.edit_started.connect(editor.begin_gesture)
        choosing.edit_finished.connect(editor.end_gesture)
        self.brush.edit_started.connect(editor.begin_gesture)
        self.brush.edit_finished.connect(editor.end_gesture)
        choosing.speed_changed.connect(lambda speed: editor.set_field(N_("Speed"), "speed", speed))
        choosing.again_requested.connect(self.again)
        self.look.chosen.connect(lambda name: editor.set_view(shown=name))
        self.stage.endings.chosen.connect(self.choose_ending)
        self.whole.surprise_requested.connect(self.surprise)
        self.whole.picture_requested.connect(self.own.choose)
        self.own.read.connect(self._on_picture_read)
        self.own.failed.connect(self._on_work_failed)
        self.deck.playback.changed.connect(self.show_desk.follow_playback)
        self.looks.found.connect(self.show_desk.redraw)
        self.looks.failed.connect(self._on_work_failed)

    def _open(self) -> None:
        self._show_controls()
        self.opening.ready.connect(self._on_kernels_ready)
        self.opening.begin()

    def _on_kernels_ready(self) -> None:
        self._ask_example(self.editor.scene.example or 0)
        if not self._wants_example:  # a state was asked for meanwhile
            self._begin(self.editor.scene)

    def _ask_example(self, number: int) -> None:
        work = self.handle.work(partial(open_pixels, number=number))
        self.tasks.run("open", work, done=self._on_opened, failed=self._on_open_failed)

    # What is asked for

    def _on_opened(self, opened: OpenedPixels) -> None:
        is_first = self.about is None
        self.about = opened.about
        if is_first:
            self.choosing.set_kinds(opened.about.labels, opened.about.can_be_guided)
            self.whole.set_has_examples(opened.example is not None)
            self._show_controls()
        if not self._wants_example:
            self.show_desk.redraw()
            return
        self._wants_example = False
        sheet = self._sheet_of(opened.example)
        if is_first:
            self.editor.adopt(replace(self.editor.scene, sheet=sheet))
            self.renew()
        elif opened.example is None:
            self.editor.begin_anew(N_("Another picture"), sheet)
        else:
            self.editor.take(N_("Another picture"), sheet, opened.number)

    def _sheet_of(self, example: ByteArray | None) -> PixelSheet:
        if example is not None:
            return lower_half(example)
        side = 0 if self.about is None else self.about.size_px
        return PixelSheet(np.zeros((side, side), np.uint8), np.ones((side, side), np.bool_))

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to see.")))
        self._on_work_failed(error)

    def _on_scene_changed(self, before: PixelScene) -> None:
        scene = self.editor.scene
        self._show_controls()
        if scene.sheet is not before.sheet or scene.params != before.params or scene.stride != before.stride:
            self.show_desk.show_sheet(scene.sheet)
            self.renew()
        elif scene.speed != before.speed:
            self.runs.set_speed(scene.source().params, scene.speed)
        else:
            self.show_desk.redraw()
        if scene.params != before.params:
            self.params_changed.emit()

    def _show_controls(self) -> None:
        scene = self.editor.scene
        self.choosing.show_scene(scene)
        self.brush.show_scene(scene)
        self.stage.canvas.set_tool(scene.tool, scene.shape, scene.brush_px)

    def renew(self) -> None:
        """Finish the picture as it is asked for now."""
        scene = self.editor.scene
        self.ending = min(self.ending, scene.params.n_endings - 1)
        if not self.opening.is_preparing:
            self.runs.renew(scene.source(), scene.speed)

    def again(self) -> None:
        """Finish it in other ways, and keep those that are there."""
        self.runs.keep()
        self.editor.surprise()

    def surprise(self) -> None:
        """Begin with half of another example."""
        scene = self.editor.scene
        self._wants_example = True
        self._ask_example(0 if scene.example is None else scene.example + 1)

    def choose_ending(self, number: int) -> None:
        """Show another ending in large."""
        self.ending = number
        self.show_desk.redraw()

    def _on_picture_read(self, levels: ByteArray) -> None:
        self.messages.dismiss("error")
        self.editor.take(N_("My picture"), lower_half(levels))

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self.shown, self.seen = frame, view_model_of(frame)
        if self.seen is not None:
            self.ending = min(self.ending, len(self.seen.values) - 1)
        self.show_desk.redraw()

    @property
    def is_settled(self) -> bool:
        """Whether nothing grows, plays or is looked for."""
        is_opening = self.opening.is_preparing or self.tasks.is_running("open")
        return not (is_opening or self.runs.is_running or self.looks.is_looking or self.deck.playback.is_playing)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        scene = self.editor.scene
        params = self.runs.shown_params(scene.params)
        state = self.state() if scene.sheet is not None and self.runs.is_shown else {}
        return Snapshot(self.shown, self.handle.source.id, params.seed, params_to_json(params), state)

    # Parameters and state

    def params(self) -> PixelParams:
        """Return the settings of the run."""
        return self.editor.scene.params

    def set_params(self, params: PixelParams) -> None:
        """Draw the whole picture of these settings, without an undo step; a run that has them stays as it is."""
        scene = self.editor.scene
        if self.runs.shows(params):
            self._adopt(replace(scene, params=replace(params, stride=scene.params.stride)))
        else:
            self._begin(replace(scene, params=params, sheet=None, example=None, place=None))

    def _begin(self, scene: PixelScene) -> None:
        self._adopt(scene)
        if not self.opening.is_preparing:
            self.runs.renew(scene.source(), scene.speed, is_instant=True)

    def _adopt(self, scene: PixelScene) -> None:
        self._wants_example = False
        self.editor.adopt(scene)
        self._show_controls()
        self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return the scene, which ending is large, and whether the caption is hidden."""
        scene = scene_to_json(self.editor.scene)
        return {"scene": scene, "ending": self.ending, "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        ending = state.get("ending")
        if set(state) != set(self.state()) or type(ending) is not int or not 0 <= ending < 4:
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json(state["scene"])
        if self.about is not None and not _fits(scene, self.about):
            raise UserError(N_("This saved state does not fit the model."))
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.ending = ending
        self._begin(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        tool, title = self.tools.take, "Autoregressive"
        return (
            Command("autoregressive.pixel_surprise", N_("Another picture"), self.surprise, ("R",), title),
            Command("autoregressive.pixel_again", N_("Finish it in other ways"), self.again, ("N",), title),
            Command("autoregressive.pixel_look", N_("Look into pixels"), partial(tool, "look"), ("L",), title),
            Command("autoregressive.pixel_erase", N_("Erase pixels"), partial(tool, "erase"), ("E",), title),
            Command("autoregressive.pixel_draw", N_("Draw pixels"), partial(tool, "draw"), ("D",), title),
            Command("autoregressive.pixel_keep", N_("Keep pixels"), partial(tool, "keep"), ("K",), title),
            Command(
                "autoregressive.pixel_paste",
                N_("Go on with the picture on the clipboard"),
                self.own.paste,
                ("Ctrl+V",),
                title,
            ),
        )

    def open_path(self, path: Path) -> bool:
        """Go on with a dropped picture."""
        if not is_picture(path):
            return False
        self.own.open(path)
        return True


def _fits(scene: PixelScene, about: "PixelModelInfo") -> bool:
    """Whether a scene's picture and kind are of this model."""
    sheet = scene.sheet
    has_size = sheet is None or (len(sheet.values) == about.size_px and sheet.values.max() < about.n_levels)
    return has_size and scene.params.kind in ("", *about.labels)
