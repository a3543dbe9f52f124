"""The panel that paints icons into drawings: the sheet at the left, the icon that follows at the right."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from operator import methodcaller
from typing import Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import PICTURE_KEY, Command, Host, PictureIntake
from studio.api.scene_panel import ScenePanel
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import is_picture
from studio.core.scene_codec import flag
from studio.core.translation import N_

from ..scene import CODEC, DrawScene
from ..state import OutlineGallery, Painted, from_state
from .canvas import DrawStage
from .editor import DrawEditor
from .gallery import ExampleGrid
from .presenter import DrawPresenter, DrawViews, paint
from .replay import DrawReplay
from .sections import DrawScoreSection, DrawToolSection

FPS: Final = 8.0  # of the replay: a stroke takes a moment
HINT: Final = N_("Draw on the left · right button erases · scroll to change the width · Ctrl+Z undoes a stroke")


class DrawPanel(ScenePanel[DrawScene, DrawEditor]):
    """One generator of icons: every stroke is painted at once, and the timeline keeps how the drawing grew."""

    codec, hint, ask = CODEC, HINT, methodcaller("gallery")
    own_part, works_unopened = "is_own", True
    extras: ClassVar = {"is_heat_shown": flag()}

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        stage = DrawStage()
        super().__init__(handle, host, DrawEditor, stage)
        self.stage, self._is_answer_shown = stage, False
        self.tools, self.verdict, self.examples = DrawToolSection(), DrawScoreSection(), ExampleGrid()
        self.show_sections(
            ("section_tools", N_("Draw"), self.tools),
            ("section_verdict", N_("The detective says"), self.verdict),
            ("section_examples", N_("Examples"), self.examples),
        )
        intake, title = PictureIntake(self, self), N_("Finding the outline")
        self.own = OwnPicture(self.tasks, intake, lambda engine, source: engine.outline(source), title)
        self.replay = DrawReplay(self.timeline, self)
        views = DrawViews(stage, self.frame.caption, self.verdict, self.examples)
        self.presenter = DrawPresenter(views, self.tasks, self.timeline)
        self.timeline.playback.set_fps(FPS)
        self.hand_over(self.presenter, self.tools, self.replay)
        self.accept(is_picture, self.own.open)
        self.take_own(self.own, partial(self.editor.take, N_("My picture")))
        self.keep("is_heat_shown", self.verdict.heat.isChecked, self.verdict.heat.setChecked)
        self._connect_canvas()
        self._connect_tools()
        self._connect_own()
        self.own_commands = self._make_commands()
        self.open()

    def _connect_canvas(self) -> None:
        canvas, editor = self.stage.canvas, self.editor
        canvas.stroke_begun.connect(editor.begin_stroke)
        canvas.stroke_extended.connect(editor.extend_stroke)
        canvas.stroke_ended.connect(editor.end_stroke)
        canvas.stroke_cancelled.connect(editor.cancel_stroke)
        canvas.width_scaled.connect(editor.scale_width)
        canvas.clear_requested.connect(editor.clear)
        self.stage.icon.painted.connect(self.on_painted)

    def _connect_tools(self) -> None:
        tools, editor = self.tools, self.editor
        tools.tool.value_chosen.connect(editor.set_tool)
        tools.width_row.value_changed.connect(editor.set_width)
        tools.width_row.edit_started.connect(editor.begin_gesture)
        tools.width_row.edit_finished.connect(editor.end_gesture)
        tools.colours.colour_chosen.connect(editor.set_colour)
        tools.mirror.clicked.connect(editor.set_mirrored)
        tools.clear.clicked.connect(editor.clear)
        tools.surprise.clicked.connect(editor.surprise)
        tools.picture.clicked.connect(self.own.choose)
        tools.replay.clicked.connect(self.play)
        self.examples.chosen.connect(editor.go_to_example)

    def _connect_own(self) -> None:
        self.editor.tool_changed.connect(self.show_scene)
        self.editor.steered.connect(self._on_steered)
        self.editor.filled_up.connect(self._on_filled_up)

    def _make_commands(self) -> tuple[Command, ...]:
        editor, title = self.editor, "GAN"
        tool = editor.set_tool
        return (
            Command("gan.draw_surprise", N_("Another example outline"), editor.surprise, ("R",), title),
            Command("gan.draw_pen", N_("Pen"), partial(tool, "pen"), ("P",), title),
            Command("gan.draw_eraser", N_("Eraser"), partial(tool, "eraser"), ("E",), title),
            Command("gan.draw_colour", N_("Add colour hints"), partial(tool, "colour"), ("C",), title),
            Command("gan.draw_fill", N_("Fill shapes"), partial(tool, "fill"), ("F",), title),
            Command("gan.draw_mirror", N_("Draw on both sides"), editor.turn_mirror, ("M",), title),
            Command("gan.draw_clear", N_("Empty sheet"), editor.clear, (), title),
            Command("gan.draw_reset", N_("Back to the example"), editor.reset, ("0",), title),
            Command("gan.draw_replay", N_("Replay the drawing"), self.play, (), title),
            Command("gan.draw_paste", N_("Outline of the copied picture"), self.own.paste, ("Ctrl+V",), title),
        )

    # What is asked for

    def begin_opening(self) -> None:
        """Ask for the examples, and have the first one painted."""
        super().begin_opening()
        self._paint()

    def opened(self, found: OutlineGallery) -> None:
        """Offer the examples."""
        self.messages.dismiss("error")
        super().opened(found)

    def follow(self, before: DrawScene) -> None:
        """Have the sheet painted."""
        if self.shown is not None:  # before that the model is being opened, which no hand waits for
            self.note_move()
        self.presenter.rest.stop()
        self._paint()

    def _paint(self) -> None:
        scene = self.editor.scene
        call = partial(paint, drawing=scene.drawing, seed=scene.params.seed)
        self.tasks.ask(PICTURE_KEY, call, done=self._on_painted, failed=self._on_open_failed)

    def _on_painted(self, painted: Painted) -> None:
        scene = self.editor.scene
        if painted.seed is not None:
            if scene.drawing is not None or painted.seed != scene.params.seed:
                return  # the person was quicker
            self.editor.adopt(scene.known(painted.drawing))
        self.shown = painted.frame
        self.draw_frame(painted.frame)
        self._is_answer_shown = painted.drawing is self.editor.scene.drawing
        if self._is_answer_shown and not self.editor.is_drawing:
            self.presenter.rest.start()
            self.replay.follow(self.editor.scene)

    def begin(self, scene: DrawScene) -> None:
        """Have a scene painted, without an undo step."""
        self.editor.show(scene)

    def play(self) -> None:
        """Show how the drawing grew."""
        self.replay.play(self.editor.scene)

    def _on_steered(self) -> None:
        self.timeline.pause_run()
        self.replay.stop()

    def _on_filled_up(self) -> None:
        self.messages.show_error(
            UserError(N_("The sheet cannot take any more strokes."), N_("Clear it, or undo some."))
        )

    # What is on screen, and what is kept of it

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the drawing as it was then."""
        if self.replay.is_quiet:
            return
        if frame.state is not None and "strokes" in frame.state:
            self.editor.adopt(self.editor.scene.replayed(*from_state(frame.state)))
        super().show_frame(frame)
        self.presenter.rest.start()

    @property
    def is_answer_due(self) -> bool:
        """Whether the icon on screen is that of the present drawing, and was not painted before."""
        return self._is_answer_shown

    def on_painted(self) -> None:
        """An icon is timed once."""
        super().on_painted()
        self._is_answer_shown = False

    @property
    def is_busy(self) -> bool:
        """Whether something is about to be painted, looked for or replayed."""
        return super().is_busy or self.tasks.is_running(PICTURE_KEY)

    @property
    def shown_scene(self) -> DrawScene:
        """The scene with the drawing that the icon on screen was painted into."""
        shown = self.presenter.shown_scene
        return replace(self.editor.scene, params=shown.params, outline=shown.outline)

    def state_of(self, scene: DrawScene) -> dict[str, Any]:
        """The state with another scene, whose fields stand beside the rest."""
        state = super().state_of(scene)
        return {**state.pop("scene"), **state}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        beside = {key: value for key, value in state.items() if key in (*self.extras, "is_caption_hidden")}
        super().set_state({"scene": {key: state[key] for key in state if key not in beside}, **beside})
