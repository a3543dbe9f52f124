"""The playground: generator and discriminator learn points before one's eyes, and any step can be left anew."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host
from studio.api.scene_panel import ScenePanel
from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.recording.clip import Clip
from studio.core.scene_codec import one_of, optional, row
from studio.core.translation import N_
from studio.core.view import Image, State

from ..frames import PICTURE, is_moment, moment_of, target_arrays
from ..params import PlaygroundParams
from ..scene import CODEC, PlaygroundScene
from ..state import STORED_MOMENT
from ..view_model import draw_view, shown_real, view_of_pair
from .canvas import LAYERS, PlaygroundCanvas
from .editor import PlaygroundEditor
from .figures import STEPS, FigureColumn
from .presenter import PlaygroundPresenter
from .run import PlaygroundRun
from .sections import PlaygroundLayerSection, PlaygroundLearningSection, PlaygroundRunSection, PlaygroundTargetSection

SHARP_PX: Final = 256
FPS: Final = 12.5
SETTLED_AFTER: Final = 1000
"""Steps after which a run that plays on has something to show."""
STEP_TEXT: Final = N_("{ms:,.1f} ms per step")
HINT: Final = N_("Space pauses, S takes one step; drag on the square to paint; go back and change something to branch")


class PlaygroundPanel(ScenePanel[PlaygroundScene, PlaygroundEditor]):
    """One square, two networks."""

    codec, hint, step_text, ask = CODEC, HINT, STEP_TEXT, None
    extras: ClassVar = {"layers": row(one_of(LAYERS), 0, len(LAYERS)), "moment": optional(STORED_MOMENT)}
    runs: PlaygroundRun

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        canvas, figures = PlaygroundCanvas(), FigureColumn()
        editor = partial(PlaygroundEditor, PlaygroundScene())
        super().__init__(handle, host, editor, _side_by_side(canvas, figures))
        self.canvas, self.figures = canvas, figures
        self._track_id = ""
        self._sharp: tuple[Frame, Frame] | None = None
        self.target, self.run = PlaygroundTargetSection(), PlaygroundRunSection()
        self.learning, self.layers = PlaygroundLearningSection(), PlaygroundLayerSection()
        self.show_sections(
            ("section_playground_target", N_("What is real"), self.target),
            ("section_playground_run", N_("Run"), self.run),
            ("section_playground_learning", N_("How they learn"), self.learning),
            ("section_playground_layers", N_("Show"), self.layers),
        )
        self.timeline.playback.set_fps(FPS)
        self.runs = PlaygroundRun(self.timeline, self.tasks, self)
        parts = canvas, figures, self.frame.caption, self.editor, self.runs, self.timeline
        self.presenter = PlaygroundPresenter(*parts)
        self.hand_over(self.target, self.run, self.learning, self.presenter)
        self.keep("layers", canvas.shown_layers, self._show_layers)
        self.keep("moment", self._moment)
        self.own_commands = (
            Command("gan.surprise", N_("New seed"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.step", N_("Take one step"), self.runs.learn_once, ("S",), "GAN"),
            Command("gan.anew", N_("Start over"), self.editor.start_anew, (), "GAN"),
            Command("gan.learnt", N_("Show the trained pair"), self.editor.show_learnt, (), "GAN"),
            Command("gan.collapse", N_("Watch it collapse"), self.editor.collapse, (), "GAN"),
        )
        self._connect_canvas()
        self._connect_sections()
        self._connect_runs()
        self.layers.show_layers(self.canvas.shown_layers())
        self.open()

    def _connect_canvas(self) -> None:
        canvas, editor = self.canvas, self.editor
        canvas.stroke_started.connect(editor.begin_gesture)
        canvas.stroke_finished.connect(editor.end_gesture)
        canvas.stroked.connect(self._on_stroked)
        canvas.clear_requested.connect(editor.clear)
        canvas.radius_changed.connect(self.target.show_radius)
        self.target.brush_changed.connect(canvas.set_brush)
        self.layers.layers_changed.connect(canvas.set_layers)

    def _connect_sections(self) -> None:
        editor, run, learning = self.editor, self.run, self.learning
        self.target.target_chosen.connect(editor.choose_target)
        self.target.clear_requested.connect(editor.clear)
        run.step.clicked.connect(self.runs.learn_once)
        run.anew.clicked.connect(editor.start_anew)
        run.learnt.clicked.connect(editor.show_learnt)
        run.collapse.clicked.connect(editor.collapse)
        run.speed.value_chosen.connect(editor.set_speed)
        run.seed.value_typed.connect(lambda value: editor.set_seed(int(value)))
        learning.settings_changed.connect(lambda title, values: editor.change_settings(title, **values))
        learning.edit_started.connect(editor.begin_gesture)
        learning.edit_finished.connect(editor.end_gesture)

    def _connect_runs(self) -> None:
        self.editor.run_steered.connect(self._on_run_steered)
        self.figures.step_chosen.connect(self._on_step_chosen)
        self.presenter.adopted.connect(self.show_scene)
        self.runs.failed.connect(self._on_open_failed)
        self.runs.timed.connect(self.say_step)
        self.timeline.source_changed.connect(self._on_source_changed)

    # What a person changes

    def follow(self, before: PlaygroundScene) -> None:
        """Learn otherwise from the next step on, or begin another run."""
        self.runs.take(self.editor.scene)
        self.canvas.show_real(shown_real(self.editor.scene.target))

    def _on_run_steered(self) -> None:
        """Something is about to change: what came after an earlier frame stays, and a branch goes on from it."""
        if not self.runs.is_at_head and self.timeline.branching.can_branch:
            self.timeline.branch()

    def _on_stroked(self, start: Any, end: Any, is_erasing: bool) -> None:
        self.editor.paint(start, end, self.target.radius.value(), is_erasing)

    def _on_step_chosen(self, n_steps: float) -> None:
        """Go to the frame of a step that was clicked on a plot."""
        recording = self.timeline.recording
        if recording is not None and len(recording):
            _, steps = recording.curve(STEPS)
            self.timeline.playback.seek(int(abs(steps - n_steps).argmin()))

    # What is on screen

    def _on_source_changed(self) -> None:
        """Another run on the timeline: the controls show what it was made with."""
        track = self.timeline.track
        if track is not None and track.id != self._track_id:
            self._track_id = track.id
            info = track.recording.info
            if info.kind == "run" and info.model_id == self.handle.source.id:
                seed = saved_params(PlaygroundParams, info.params).seed
                self.editor.adopt(replace(self.editor.scene, seed=seed))
                self.show_scene()
        self.presenter.request_curves()

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes any more, or a run that plays on has learnt for a while."""
        moment = self.presenter.moment
        is_far = moment is not None and moment.n_steps >= SETTLED_AFTER
        return not self.runs.is_busy and (is_far or not self.runs.is_playing)

    def exported(self, frame: Frame) -> Frame:
        """What is on screen as a large picture."""
        if self._sharp is None or self._sharp[0] is not frame:
            self._sharp = frame, sharp(frame, self.editor.scene.seed)
        return self._sharp[1]

    def clip(self) -> Clip | None:
        """All frames on the timeline, drawn as large as the picture of a single one."""
        clip = super().clip()
        return None if clip is None else replace(clip, frames=partial(_sharp_frames, clip, self.editor.scene.seed))

    # Parameters and state

    def set_params(self, params: PlaygroundParams) -> None:
        """Begin a run of another seed, without an undo step."""
        if not self.runs.shows(params):
            self.begin(self.editor.scene.anew(seed=params.seed))

    def _moment(self) -> State | None:
        state = None if self.shown is None else self.shown.state
        return state if is_moment(state) else None

    def _show_layers(self, layers: tuple[str, ...]) -> None:
        self.canvas.set_layers(layers)
        self.layers.show_layers(layers)

    def resume(self, scene: PlaygroundScene, start: State | None) -> None:
        """Return to a saved pair, at rest."""
        super().resume(scene, None if start is None else {**start, **target_arrays(scene.target)})


def _side_by_side(canvas: QWidget, figures: QWidget) -> QWidget:
    stage = QWidget()
    row = QHBoxLayout(stage)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(20)
    row.addWidget(canvas, 3)
    row.addWidget(figures, 2)
    return stage


def sharp(frame: Frame, seed: int) -> Frame:
    """The frame of a run with a large picture."""
    if not is_moment(frame.state):
        return frame
    moment = moment_of(frame.state or {}, seed)
    look = view_of_pair(moment.pair, moment.settings, moment.target, seed)
    return replace(frame, views={PICTURE: Image(draw_view(look, SHARP_PX))})


def _sharp_frames(clip: Clip, seed: int, start: int, stop: int) -> Iterator[Frame]:
    return (sharp(frame, seed) for frame in clip.frames(start, stop))
