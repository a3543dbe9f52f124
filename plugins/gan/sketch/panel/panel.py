"""The panel that paints icons into drawings: the sheet at the left, the icon that follows at the right."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.own_picture import OwnPicture
from studio.api.panel import PICTURE_KEY, Command, Host, ModelPicker, Panel, PanelFrame, PictureIntake, Snapshot
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.picture import is_picture
from studio.core.translation import N_, _, plural, translate
from studio.core.view import Field, Image

from ..model.rasteriser import DrawSheet
from ..params import SketchParams
from ..scene import DrawScene, scene_from_json, scene_to_json
from ..state import OutlineGallery, Painted, from_state
from .canvas import DrawStage
from .editor import DrawEditor
from .gallery import ExampleGrid
from .replay import DrawReplay
from .sections import DrawScoreSection, DrawToolSection

REST_MS: Final = 250
FPS: Final = 8.0  # of the replay: a stroke takes a moment
HINT: Final = N_("Draw at the left · right button erases · wheel changes the width · Ctrl+Z takes a stroke back")
TERM: Final = N_("pix2pix: a conditional GAN, U-Net as generator, PatchGAN as discriminator (Isola et al. 2017)")
SCORE: Final = "verdict"
SUSPICION: Final = "suspicion"


class DrawPanel(Panel):
    """One generator of icons: every stroke is painted at once, and the timeline keeps how the drawing grew."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._shown: Frame | None = None
        self._shown_scene = DrawScene()
        self._n_examples = 0
        self._names: tuple[str, ...] = ()
        self._told = SketchParams()
        self._moved_at_s: float | None = None
        self._is_answer_due = False
        self._sheet = DrawSheet()
        self.editor = DrawEditor(host.undo, self)
        self.stage = DrawStage()
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.timeline.bar)
        self.tabs = KindTabs(host, handle.source)
        self.picker = ModelPicker(host.cards(), handle.source.id)
        self.tools = DrawToolSection()
        self.verdict = DrawScoreSection()
        self.examples = ExampleGrid()
        intake, title = PictureIntake(self, self), N_("Finding the outline")
        self.own = OwnPicture(self.tasks, handle, intake, lambda engine, source: engine.outline(source), title)
        self.replay = DrawReplay(self.timeline, self)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self.timeline.playback.set_fps(FPS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect_canvas()
        self._connect_tools()
        self._connect_own()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_tools", N_("Draw")).add(self.tools)
        inspector.add_section("section_verdict", N_("The detective says")).add(self.verdict)
        inspector.add_section("section_examples", N_("Examples")).add(self.examples)

    def _connect_canvas(self) -> None:
        canvas, editor = self.stage.canvas, self.editor
        canvas.stroke_begun.connect(editor.begin_stroke)
        canvas.stroke_extended.connect(editor.extend_stroke)
        canvas.stroke_ended.connect(editor.end_stroke)
        canvas.stroke_cancelled.connect(editor.cancel_stroke)
        canvas.width_scaled.connect(editor.scale_width)
        canvas.clear_requested.connect(editor.clear)
        self.stage.icon.painted.connect(self._on_icon_painted)

    def _connect_tools(self) -> None:
        tools, editor = self.tools, self.editor
        self.picker.chosen.connect(self.host.open_model)
        tools.tool_chosen.connect(editor.set_tool)
        tools.width_changed.connect(editor.set_width)
        tools.width_started.connect(editor.begin_gesture)
        tools.width_finished.connect(editor.end_gesture)
        tools.colour_chosen.connect(editor.set_colour)
        tools.mirror_toggled.connect(editor.set_mirrored)
        tools.clear_requested.connect(editor.clear)
        tools.surprise_requested.connect(editor.surprise)
        tools.picture_requested.connect(self.own.choose)
        tools.replay_requested.connect(self._on_replay_requested)
        self.verdict.heat_toggled.connect(self._show_heat)
        self.examples.chosen.connect(editor.go_to_example)

    def _connect_own(self) -> None:
        self.editor.changed.connect(self._on_drawing_changed)
        self.editor.tool_changed.connect(self._show_tool)
        self.editor.steered.connect(self._on_steered)
        self.editor.filled_up.connect(self._on_filled_up)
        self.own.read.connect(self._on_outline_drawn)
        self.own.failed.connect(self._on_work_failed)
        self._rest.timeout.connect(self._find_nearest)

    def _open(self) -> None:
        self.frame.caption.set_text(_("The model is being opened."))
        self.tasks.run("gallery", self.handle.work(lambda engine: engine.gallery()), done=self._on_gallery_opened)
        self._on_drawing_changed()

    # What is asked for

    def _on_drawing_changed(self) -> None:
        """Show the sheet, and have it painted."""
        scene, drawing = self.editor.scene, self.editor.scene.drawing
        if self._shown is not None:  # before that the model is being opened, which no hand waits for
            self._moved_at_s = time.perf_counter()
        self._rest.stop()
        if drawing is None:
            work = self.handle.work(lambda engine: engine.paint_example(scene.params.seed))
        else:
            work = self.handle.work(lambda engine: Painted(drawing, engine.paint(drawing)))
            self._show_sheet()
        self.tasks.run(PICTURE_KEY, work, done=self._on_painted, failed=self._on_paint_failed)
        self._show_tool()
        if scene.params != self._told:  # strokes are no parameters: a branch would begin anew with every one
            self._told = scene.params
            self.params_changed.emit()

    def _on_steered(self) -> None:
        self.timeline.pause_run()
        self.replay.stop()

    def _on_filled_up(self) -> None:
        self.messages.show_error(UserError(N_("The sheet can take no more strokes."), N_("Clear it, or undo some.")))

    def _on_replay_requested(self) -> None:
        self.replay.play(self.editor.scene)

    def _on_outline_drawn(self, drawing: Any) -> None:
        self.messages.dismiss("error")
        self.editor.take(N_("My picture"), drawing)

    # What comes from the Worker

    def _on_gallery_opened(self, gallery: OutlineGallery) -> None:
        self.messages.dismiss("error")
        self._names = gallery.names
        self.examples.show_examples(gallery.pixels, gallery.names)
        self._show_tool()
        self._describe()

    def _on_paint_failed(self, error: BaseException) -> None:
        if self._shown is None:
            self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    def _on_painted(self, painted: Painted) -> None:
        scene = self.editor.scene
        if painted.seed is not None:
            if scene.drawing is not None or painted.seed != scene.params.seed:
                return  # the person was quicker
            scene = replace(scene, drawing=painted.drawing)
            self.editor.adopt(scene)
            self._show_sheet()
        self._is_answer_due = painted.drawing is scene.drawing
        self._show_icon(painted.frame)
        if self._is_answer_due and not self.editor.is_drawing:
            self._rest.start()
            self.replay.follow(scene)

    def _show_icon(self, frame: Frame) -> None:
        self._shown, self._shown_scene = frame, self.editor.scene
        view = frame.main_view
        if isinstance(view, Image):
            self.stage.icon.show_array(view.pixels)
        self._show_heat()
        self.verdict.show_verdict(frame.scalars.get(SCORE))
        self._describe()

    def _show_heat(self) -> None:
        view = None if self._shown is None else self._shown.views.get(SUSPICION)
        is_shown = self.verdict.heat.isChecked() and isinstance(view, Field)
        self.stage.icon.show_heat(view.values if is_shown and isinstance(view, Field) else None)

    def _on_icon_painted(self) -> None:
        if self._is_answer_due and self._moved_at_s is not None:
            self._is_answer_due = False
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None

    def _find_nearest(self) -> None:
        view = None if self._shown is None else self._shown.main_view
        if isinstance(view, Image) and self._shown is not None and SCORE in self._shown.scalars:
            work = self.handle.work(lambda engine: engine.nearest(view.pixels))
            self.tasks.run("nearest", work, done=self.verdict.show_nearest)

    # What is on screen

    def _show_sheet(self) -> None:
        self.stage.canvas.show_sheet(self._sheet.layers(self.editor.scene.strokes).picture())

    def _show_tool(self) -> None:
        scene = self.editor.scene
        self.tools.show_scene(scene)
        colour = scene.colour if scene.tool in ("colour", "fill") else None
        self.stage.canvas.set_tool(scene.widths.get(scene.tool, 1.0), colour, scene.is_mirrored)
        is_example = bool(self._names) and not scene.is_own
        self.examples.set_current(scene.params.seed % len(self._names) if is_example else -1)

    def _describe(self) -> None:
        caption, scene, frame = self.frame.caption, self.editor.scene, self._shown
        if frame is None:
            return
        track = self.timeline.track
        if frame.state is None:
            is_training = track is not None and track.recording.info.kind == "training"
            learning = N_("Outlines, what the network paints into them by now, and the real icons.")
            foreign = N_("Another model made this. Draw on, or choose an example, to come back to this one.")
            caption.set_text(translate(learning if is_training else foreign))
            return
        caption.set_text(self._sentence(scene, frame), translate(TERM))

    def _sentence(self, scene: DrawScene, frame: Frame) -> str:
        if SCORE not in frame.scalars:
            return _("An empty sheet. Draw something at the left, and the forger paints an icon into it.")
        what = plural("{n} stroke", "{n} strokes", len(scene.strokes))
        if not scene.is_own and self._names:
            name = self._names[scene.params.seed % len(self._names)]
            what = _("The outline of “{name}” in {strokes}").format(name=name, strokes=what)
        text = N_(
            "{what}. The forger makes colours, light and shadow up. The detective takes the icon for more real than "
            "{percent:.0f}\N{NO-BREAK SPACE}% of real ones."
        )
        return translate(text).format(what=what, percent=100 * frame.scalars[SCORE])

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the drawing as it was then."""
        if self.replay.is_quiet:
            return
        if frame.state is not None and "strokes" in frame.state:
            drawing, n_drawn = from_state(frame.state)
            scene = self.editor.scene
            is_whole = n_drawn == len(drawing) and not scene.is_own and scene.drawing == drawing
            self.editor.adopt(scene if is_whole else scene.drawn(drawing[:n_drawn]))
            self._show_sheet()
        self._show_icon(frame)
        self._rest.start()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is about to be painted, looked for or played."""
        is_waiting = self._rest.isActive() or self.tasks.is_running(PICTURE_KEY)
        return not (is_waiting or self.replay.is_due or self.timeline.playback.is_playing)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first icon."""
        if self._shown is None:
            return None
        scene = self._shown_scene
        state = self.state() if scene.is_own else {}
        return Snapshot(self._shown, self.handle.source.id, scene.params.seed, params_to_json(scene.params), state)

    # Parameters and state

    def params(self) -> SketchParams:
        """Return the settings; of them the seed counts, the number of the example."""
        return self.editor.scene.params

    def set_params(self, params: SketchParams) -> None:
        """Show the example of a seed, without an undo step."""
        self.editor.show(replace(self.editor.scene, params=params, drawing=None, is_own=False))

    def state(self) -> dict[str, Any]:
        """Return the drawing, what is in hand, and what else is shown."""
        return {**scene_to_json(self.editor.scene), **self._shown_besides()}

    def _shown_besides(self) -> dict[str, Any]:
        return {"is_caption_hidden": self.frame.caption.is_hidden, "is_heat_shown": self.verdict.heat.isChecked()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        besides = self._shown_besides()
        if set(state) != set(self.state()) or not all(isinstance(state[key], bool) for key in besides):
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json({key: value for key, value in state.items() if key not in besides})
        self.frame.caption.set_hidden(state["is_caption_hidden"])
        self.verdict.heat.setChecked(state["is_heat_shown"])
        self.editor.show(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        editor = self.editor
        return (
            Command("gan.draw_surprise", N_("Another example outline"), editor.surprise, ("R",), "GAN"),
            Command("gan.draw_pen", N_("Pen"), partial(editor.set_tool, "pen"), ("P",), "GAN"),
            Command("gan.draw_eraser", N_("Eraser"), partial(editor.set_tool, "eraser"), ("E",), "GAN"),
            Command("gan.draw_colour", N_("Dab colours"), partial(editor.set_tool, "colour"), ("C",), "GAN"),
            Command("gan.draw_fill", N_("Fill shapes"), partial(editor.set_tool, "fill"), ("F",), "GAN"),
            Command("gan.draw_mirror", N_("Draw on both sides"), self._turn_mirror, ("M",), "GAN"),
            Command("gan.draw_clear", N_("Empty sheet"), editor.clear, (), "GAN"),
            Command("gan.draw_reset", N_("Back to the example"), editor.reset, ("0",), "GAN"),
            Command("gan.draw_replay", N_("Replay the drawing"), self._on_replay_requested, (), "GAN"),
            Command("gan.draw_paste", N_("Outline of the copied picture"), self.own.paste, ("Ctrl+V",), "GAN"),
        )

    def _turn_mirror(self) -> None:
        self.editor.set_mirrored(not self.editor.scene.is_mirrored)

    def open_path(self, path: Path) -> bool:
        """Make an outline of a dropped picture."""
        if not is_picture(path):
            return False
        self.own.open(path)
        return True
