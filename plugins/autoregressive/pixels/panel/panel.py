"""The panel of pictures that grow pixel by pixel: erase a part, let it finish, and look into any pixel."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, PictureIntake
from studio.api.scene_panel import ScenePanel
from studio.api.timeline.controller import TimelineController
from studio.core.param import saved_params
from studio.core.picture import is_picture
from studio.core.scene_codec import whole
from studio.core.translation import N_

from ...shared.panel.probe import NextValueSection
from ...shared.panel.runs import FASTEST_FPS, PlayedRun
from ...shared.params import MAX_ENDINGS
from ..params import PixelParams
from ..scene import (
    BRUSH_RANGE_PX,
    BRUSH_STEP_PX,
    CODEC,
    INSTANT,
    MOST_EXAMPLES,
    Mask,
    PixelScene,
    PixelSheet,
    lower_half,
)
from .canvas import PixelCanvas
from .editor import PixelEditor
from .endings import PixelStage
from .presenter import OpenedPixels, PixelPresenter, PixelProbeQuery, PixelViews, open_pixels, own_picture
from .sections import PixelBrushSection, PixelChoosingSection, PixelDependenceSection, WholePictureSection

NEXT_HINT: Final = N_("Click to give the pixel this brightness; everything after it is redrawn")
LIKELIEST: Final = N_("Likeliest: {level} of {most} ({percent:.0f} %).")
NOTHING_MARKED: Final = N_("Click a pixel to see what else it could have been.")
HINT: Final = N_("Click a pixel to inspect it · right button erases · Again finishes it differently")


def pixel_pace(params: PixelParams, speed: int) -> tuple[float, float]:
    """How so many pixels appear in a second; see Pace."""
    wanted = max(speed / params.stride, 1.0)
    times = math.ceil(wanted / FASTEST_FPS)
    return round(wanted / times), times


class PixelGestures(QObject):
    """What a hand does to a picture."""

    def __init__(
        self,
        canvas: PixelCanvas,
        brush: PixelBrushSection,
        editor: PixelEditor,
        presenter: PixelPresenter,
        timeline: TimelineController,
    ) -> None:
        super().__init__(canvas)
        self._editor, self._presenter, self._timeline = editor, presenter, timeline
        self._base: PixelSheet | None = None
        canvas.pixel_chosen.connect(self.look_at)
        canvas.stroke_begun.connect(self._on_stroke_begun)
        canvas.stroke_touched.connect(self._on_touched)
        canvas.stroke_ended.connect(editor.end_stroke)
        canvas.stroke_cancelled.connect(editor.cancel_stroke)
        canvas.brush_scaled.connect(self._on_brush_scaled)
        brush.changed.connect(self._on_brush_changed)
        brush.edit_started.connect(editor.begin_gesture)
        brush.edit_finished.connect(editor.end_gesture)

    def take(self, tool: str) -> None:
        """Take a tool in hand."""
        self._editor.set_view(tool=tool)

    def look_at(self, place: int) -> None:
        """Mark a pixel."""
        if self._presenter.seen is None:  # a picture of a training has no pixels of a run
            return
        self._timeline.pause_run()
        self._editor.set_view(place=place)

    def set_level(self, level: int) -> None:
        """Give the marked pixel another brightness; the drawn pixels behind it follow anew."""
        presenter, seen, about = self._presenter, self._presenter.seen, self._presenter.about
        place = presenter.place
        if seen is None or about is None or place is None or not 0 <= level < about.n_levels:
            return
        row, column = divmod(place, seen.side)
        values = seen.values[presenter.ending].copy()
        values[row, column] = level
        is_behind = np.arange(seen.n_places).reshape(values.shape) > place
        drawn = is_behind & ~seen.kept
        follows = drawn if drawn.any() else is_behind  # of a picture that is all a person's own, everything
        self._editor.take(N_("Brightness of a pixel"), PixelSheet(values, follows), None, "level", place)

    def _on_brush_changed(self, name: str, value: object) -> None:
        if name in ("tool", "shape"):
            self._editor.set_view(**{name: value})
        else:
            self._editor.set_field(N_("Brush"), name, value)

    def _on_brush_scaled(self, steps: int) -> None:
        low, high = BRUSH_RANGE_PX
        brush_px = self._editor.scene.brush_px + BRUSH_STEP_PX * steps
        self._editor.set_field(N_("Brush"), "brush_px", min(max(brush_px, low), high))

    def _on_stroke_begun(self, is_erasing: bool) -> None:
        presenter, seen = self._presenter, self._presenter.seen
        self._timeline.pause_run()
        tool = "erase" if is_erasing else self._editor.scene.tool
        self._base = None if seen is None else seen.sheet(presenter.ending)
        is_whole = seen is not None and seen.is_whole and tool != "keep"
        self._editor.begin_stroke(tool, self._base if is_whole else None)

    def _on_touched(self, mask: Mask) -> None:
        about = self._presenter.about
        if self._base is None or about is None:
            return
        level = round(self._editor.scene.level * (about.n_levels - 1))
        self._editor.touch(mask, self._base, level)
        self._presenter.show_sheet(self._editor.scene.sheet)


def first_scene(card: Mapping[str, Any]) -> PixelScene:
    """What a model opens with: its own settings, and the half example whose endings differ most where it names one."""
    first = card.get("first_example", 0)
    example = first if type(first) is int and 0 <= first <= MOST_EXAMPLES else 0
    return PixelScene(saved_params(PixelParams, card.get("defaults", {})), example=example)


class PixelPanel(ScenePanel[PixelScene, PixelEditor]):
    """One model of pictures: what is erased is finished, in several ways at once, in view of everybody."""

    codec, hint = CODEC, HINT
    extras: ClassVar = {"ending": whole(0, MAX_ENDINGS - 1)}
    kernels = f"{__package__.rpartition('.')[0]}.warm_up"
    runs: PlayedRun

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        stage = PixelStage()
        scene = first_scene(handle.source.card)
        super().__init__(handle, host, partial(PixelEditor, scene), stage)
        self.stage = stage
        self._wants_example = True
        self.next = NextValueSection(
            N_("Probability of each brightness"), NEXT_HINT, N_("dark to bright"), LIKELIEST, NOTHING_MARKED
        )
        self.look, self.whole = PixelDependenceSection(), WholePictureSection()
        self.choosing, self.brush = PixelChoosingSection(scene.params), PixelBrushSection()
        self.runs = PlayedRun(self.timeline, self, INSTANT, pixel_pace)
        self.looks = PixelProbeQuery(self.tasks, self)
        self.own = OwnPicture(self.tasks, PictureIntake(self, self), own_picture)
        views = PixelViews(stage, self.frame.caption, self.next, self.look, self.whole)
        self.presenter = PixelPresenter(views, self.editor, self.timeline, self.runs, self.looks)
        self.gestures = PixelGestures(stage.canvas, self.brush, self.editor, self.presenter, self.timeline)
        self.show_sections(
            ("section_next", N_("Next pixel"), self.next),
            ("section_look", N_("What it looked at"), self.look),
            ("section_choosing", N_("How it chooses"), self.choosing),
            ("section_brush", N_("Brush"), self.brush),
            ("section_whole", N_("Whole picture"), self.whole),
        )
        self._connect_sections()
        self.hand_over(self.presenter, self.choosing, self.brush, stage, self.runs, self.looks)
        self.accept(is_picture, self.own.open)
        self.take_own(self.own, lambda levels: self.editor.take(N_("My picture"), lower_half(levels)))
        self.keep("ending", lambda: self.presenter.ending, partial(setattr, self.presenter, "ending"))
        self.own_commands = self._make_commands()
        self.open()

    def _connect_sections(self) -> None:
        editor, choosing = self.editor, self.choosing
        self.bind(choosing, title=N_("Settings"))
        choosing.speed_changed.connect(lambda speed: editor.set_field(N_("Speed"), "speed", speed))
        choosing.again_requested.connect(self.again)
        self.next.level_chosen.connect(self.gestures.set_level)
        self.look.chosen.connect(lambda name: editor.set_view(shown=name))
        self.whole.surprise_requested.connect(self.surprise)
        self.whole.picture_requested.connect(self.own.choose)
        self.looks.failed.connect(self._on_work_failed)

    def _make_commands(self) -> tuple[Command, ...]:
        take, title = self.gestures.take, "Autoregressive"
        return (
            Command("autoregressive.pixel_surprise", N_("Another picture"), self.surprise, ("R",), title),
            Command("autoregressive.pixel_again", N_("Finish it differently"), self.again, ("N",), title),
            Command("autoregressive.pixel_look", N_("Inspect pixels"), partial(take, "look"), ("L",), title),
            Command("autoregressive.pixel_erase", N_("Erase pixels"), partial(take, "erase"), ("E",), title),
            Command("autoregressive.pixel_draw", N_("Draw pixels"), partial(take, "draw"), ("D",), title),
            Command("autoregressive.pixel_keep", N_("Keep pixels"), partial(take, "keep"), ("K",), title),
            Command(
                "autoregressive.pixel_paste",
                N_("Continue the picture on the clipboard"),
                self.own.paste,
                ("Ctrl+V",),
                title,
            ),
        )

    # Opening

    def begin_opening(self) -> None:
        """Begin with an example; where a state was asked for meanwhile, with that."""
        self._ask_example(self.editor.scene.example or 0)
        if not self._wants_example:
            self.begin(self.editor.scene)

    def _ask_example(self, number: int) -> None:
        self.ask_model(partial(open_pixels, number=number))

    def opened(self, found: OpenedPixels) -> None:
        """Go on with the example that was asked for."""
        is_first, self.presenter.about = self.presenter.about is None, found.about
        if is_first:
            self.choosing.set_kinds(found.about.labels, found.about.can_be_guided)
            self.whole.set_has_examples(found.example is not None)
            self.show_scene()
        if not self._wants_example:
            self.presenter.redraw()
            return
        self._wants_example = False
        sheet = _begun(found)
        if is_first:
            self.editor.adopt(replace(self.editor.scene, sheet=sheet))
            self.renew()
        elif found.example is None:
            self.editor.begin_anew(N_("Another picture"), sheet)
        else:
            self.editor.take(N_("Another picture"), sheet, found.number)

    # What is asked for

    def follow(self, before: PixelScene) -> None:
        """Finish another sheet, or the same otherwise."""
        scene = self.editor.scene
        if scene.sheet is not before.sheet or scene.params != before.params or scene.stride != before.stride:
            self.presenter.show_sheet(scene.sheet)
            self.renew()
        elif scene.speed != before.speed:
            self.runs.set_speed(scene.source().params, scene.speed)
        else:
            self.presenter.redraw()

    def again(self) -> None:
        """Finish it in other ways, and keep those that are there."""
        self.runs.keep()
        self.editor.surprise()

    def surprise(self) -> None:
        """Begin with half of another example."""
        scene = self.editor.scene
        self._wants_example = True
        self._ask_example(0 if scene.example is None else scene.example + 1)

    def let_go(self) -> None:
        """No example is waited for any more."""
        super().let_go()
        self._wants_example = False

    # What is on screen, and what is kept of it

    @property
    def needs_state(self) -> bool:
        """Whether it was begun by hand."""
        return self.editor.scene.sheet is not None and self.runs.is_shown

    def shown_params(self) -> PixelParams:
        """The settings of the run that is on screen."""
        return self.runs.shown_params(self.editor.scene.params)

    def scene_of_run(self, params: PixelParams) -> PixelScene:
        """The scene with the settings of a run; its stride is that of the speed."""
        scene = self.editor.scene
        return replace(scene, params=replace(params, stride=scene.params.stride))

    def check_scene(self, scene: PixelScene) -> None:
        """Raise UserError where its picture or its kind is none of the model's."""
        sheet, about = scene.sheet, self.presenter.about
        if about is None:
            return
        has_size = sheet is None or (len(sheet.values) == about.size_px and sheet.values.max() < about.n_levels)
        if not has_size or scene.params.kind not in ("", *about.labels):
            raise CODEC.unfit()


def _begun(opened: OpenedPixels) -> PixelSheet:
    """What a picture begins with: half of the example, or nothing."""
    if opened.example is not None:
        return lower_half(opened.example)
    side = opened.about.size_px
    return PixelSheet(np.zeros((side, side), np.uint8), np.ones((side, side), np.bool_))
