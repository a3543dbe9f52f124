"""The panel of pictures that grow pixel by pixel: erase a part, let it finish, and look into any pixel."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, PictureIntake, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.picture import is_picture
from studio.core.text import N_, translate
from studio.core.view import ByteArray

from .kernel_opening import KernelOpening
from .pixel_call import Opened, open_pixels, own_picture
from .pixel_editor import PixelEditor
from .pixel_looks import PixelLooks
from .pixel_params import PixelParams
from .pixel_runs import PixelRuns
from .pixel_scene import Scene, Sheet, lower_half, scene_from_json, scene_to_json
from .pixel_sections import BrushSection, ChoosingSection, LookSection, NextSection, WholeSection
from .pixel_seen import Seen, seen_in
from .pixel_show import PixelShow
from .pixel_stage import PixelStage
from .pixel_tools import PixelTools

if TYPE_CHECKING:
    from .pixel_engine import About

HINT: Final = N_("Click a pixel to look into it · right button erases · Again finishes it in other ways")


class PixelPanel(Panel):
    """One model of pictures: what is erased is finished, in several ways at once, in view of everybody."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.about: About | None = None
        self.shown: Frame | None = None
        self.seen: Seen | None = None
        self.ending = 0
        self._wants_example = True
        card = handle.source.card
        self.editor = PixelEditor(Scene(saved_params(PixelParams, card.get("defaults", {}))), host.undo, self)
        self.stage = PixelStage()
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.next, self.look = NextSection(), LookSection()
        self.choosing = ChoosingSection(self.editor.scene.params)
        self.brush, self.whole = BrushSection(), WholeSection()
        self.opening = KernelOpening("pixel_warm_up", self.frame, self)
        self.runs = PixelRuns(self.deck, self)
        self.looks = PixelLooks(self.tasks, handle, self)
        self.own = OwnPicture(self.tasks, handle, PictureIntake(self, self), own_picture)
        self.show_desk, self.tools = PixelShow(self), PixelTools(self)
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

    def _on_opened(self, opened: Opened) -> None:
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

    def _sheet_of(self, example: ByteArray | None) -> Sheet:
        if example is not None:
            return lower_half(example)
        side = 0 if self.about is None else self.about.size_px
        return Sheet(np.zeros((side, side), np.uint8), np.ones((side, side), np.bool_))

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to see.")))
        self._on_work_failed(error)

    def _on_scene_changed(self, before: Scene) -> None:
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
        self.shown, self.seen = frame, seen_in(frame)
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

    def _begin(self, scene: Scene) -> None:
        self._adopt(scene)
        if not self.opening.is_preparing:
            self.runs.renew(scene.source(), scene.speed, is_instant=True)

    def _adopt(self, scene: Scene) -> None:
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
            Command("autoregressive.pixel_paste", N_("Go on with the picture on the clipboard"), self.own.paste,
                    ("Ctrl+V",), title),
        )  # fmt: skip

    def open_path(self, path: Path) -> bool:
        """Go on with a dropped picture."""
        if not is_picture(path):
            return False
        self.own.open(path)
        return True


def _fits(scene: Scene, about: "About") -> bool:
    """Whether a scene's picture and kind are of this model."""
    sheet = scene.sheet
    has_size = sheet is None or (len(sheet.values) == about.size_px and sheet.values.max() < about.n_levels)
    return has_size and scene.params.kind in ("", *about.labels)
