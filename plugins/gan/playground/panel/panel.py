"""The playground: generator and discriminator learn points before one's eyes, and any step can be left anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot, Throttle, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.path.position import Position
from studio.core.recording.clip import Clip
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..caption import PlaygroundCaption, collapse_words, describe, parts_text
from ..frames import PICTURE, PlaygroundMoment, moment_of, view_of_moment
from ..model.target import OWN
from ..params import PlaygroundParams
from ..scene import SPEEDS, PlaygroundScene, scene_from_json, scene_to_json
from ..state import state_from_json, state_to_json
from ..training.evaluation import measured_fake, part_shares, wanted_shares
from ..view_model import draw_view, shown_real, view_of_pair
from .canvas import LAYERS, PlaygroundCanvas
from .editor import PlaygroundEditor
from .figures import STEPS, FigureColumn
from .run import PlaygroundRun
from .sections import PlaygroundLayerSection, PlaygroundLearningSection, PlaygroundRunSection, PlaygroundTargetSection

SHARP_PX: Final = 256
FPS: Final = 12.5
CURVES_MS: Final = 250
SETTLED_AFTER: Final = 1000
"""Steps after which a run that plays on has something to show."""
GLIDE_MS: Final = 200
STEP_TEXT: Final = N_("{ms:,.1f} ms a step")
HINT: Final = N_("Space pauses, S takes one step; drag on the square to paint; go back and change something to branch")


class PlaygroundPanel(Panel):
    """One square, two networks."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._shown: Frame | None = None
        self._moment: PlaygroundMoment | None = None
        self._sharp: tuple[Frame, Frame] | None = None
        self._track_id = ""
        self._seed = -1
        self.editor = PlaygroundEditor(PlaygroundScene(), host.undo, self)
        self.canvas, self.figures = PlaygroundCanvas(), FigureColumn()
        self.frame = PanelFrame(self._stage(), self.messages, HINT, timeline=self.timeline.bar)
        self.target, self.run, self.learning, self.layers = (
            PlaygroundTargetSection(),
            PlaygroundRunSection(),
            PlaygroundLearningSection(),
            PlaygroundLayerSection(),
        )
        self.timeline.playback.set_fps(FPS)
        self.desk = PlaygroundRun(self.timeline, self.tasks, handle, self)
        self._curves = Throttle(CURVES_MS, self._show_curves, self)
        self._fill_inspector()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_canvas()
        self._connect_sections()
        self._open()

    def _stage(self) -> QWidget:
        stage = QWidget()
        row = QHBoxLayout(stage)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addWidget(self.canvas, 3)
        row.addWidget(self.figures, 2)
        return stage

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        inspector.add(KindTabs(self.host, self.handle.source))
        picker = ModelPicker(self.host.cards(), self.handle.source.id)
        picker.chosen.connect(self.host.open_model)
        inspector.add(picker)
        for name, title, part in (
            ("target", N_("What is real"), self.target),
            ("run", N_("Run"), self.run),
            ("learning", N_("How they learn"), self.learning),
            ("layers", N_("Show"), self.layers),
        ):
            inspector.add_section(f"section_playground_{name}", title).add(part)

    def _connect_canvas(self) -> None:
        canvas, editor = self.canvas, self.editor
        canvas.stroke_started.connect(editor.begin_gesture)
        canvas.stroke_finished.connect(editor.end_gesture)
        canvas.stroked.connect(self._on_stroked)
        canvas.clear_requested.connect(editor.clear)
        canvas.radius_changed.connect(self.target.show_radius)
        self.figures.step_chosen.connect(self._on_step_chosen)

    def _connect_sections(self) -> None:
        editor, run = self.editor, self.run
        self.target.target_chosen.connect(editor.choose_target)
        self.target.brush_changed.connect(self.canvas.set_brush)
        self.target.clear_requested.connect(editor.clear)
        run.step_requested.connect(self.desk.learn_once)
        run.speed_chosen.connect(editor.set_speed)
        run.anew_requested.connect(editor.start_anew)
        run.seed_changed.connect(editor.set_seed)
        run.learnt_requested.connect(editor.show_learnt)
        run.collapse_requested.connect(editor.collapse)
        self.learning.settings_changed.connect(lambda title, values: editor.change_settings(title, **values))
        self.learning.edit_started.connect(editor.begin_gesture)
        self.learning.edit_finished.connect(editor.end_gesture)
        self.layers.layers_changed.connect(self._on_layers_changed)
        editor.steered.connect(self._on_steered)
        editor.changed.connect(self._on_scene_changed)
        self.desk.failed.connect(self._on_failed)
        self.desk.timed.connect(lambda ms: self.timed.emit(Timing(ms, text=STEP_TEXT)))
        self.timeline.source_changed.connect(self._on_source_changed)

    def _open(self) -> None:
        self.frame.caption.set_text(_("The model is being opened."))
        self.layers.show_layers(self.canvas.shown_layers())
        self._show_controls()
        self._seed = self.editor.scene.seed
        self.desk.begin_run(self.editor.scene)

    # What a person changes

    def _on_scene_changed(self) -> None:
        scene = self.editor.scene
        self._show_controls()
        self.desk.take(scene)
        self.canvas.show_real(shown_real(scene.target))
        if scene.seed != self._seed:
            self._seed = scene.seed
            self.params_changed.emit()

    def _show_controls(self) -> None:
        for section in (self.target, self.run, self.learning):
            section.show_scene(self.editor.scene)

    def _on_steered(self) -> None:
        """Something is about to change: what came after an earlier frame stays, and a branch goes on from it."""
        if not self.desk.is_at_head and self.timeline.can_branch:
            self.timeline.branch()

    def _on_stroked(self, start: Any, end: Any, is_erasing: bool) -> None:
        self.editor.paint(start, end, self.target.radius.value(), is_erasing)

    def _on_layers_changed(self, names: tuple[str, ...]) -> None:
        self.canvas.set_layers(names)

    def _on_step_chosen(self, n_steps: float) -> None:
        """Go to the frame of a step that was clicked on a plot."""
        recording = self.timeline.recording
        if recording is not None and len(recording):
            _, steps = recording.curve(STEPS)
            self.timeline.playback.seek(int(abs(steps - n_steps).argmin()))

    def _on_failed(self, error: BaseException) -> None:
        if self._shown is None:
            self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    # What is on screen

    def _on_source_changed(self) -> None:
        """Another run on the timeline: the controls show what it was made with."""
        track = self.timeline.track
        if track is not None and track.id != self._track_id:
            self._track_id = track.id
            info = track.recording.info
            if info.kind == "run" and info.model_id == self.handle.source.id:
                self._seed = saved_params(PlaygroundParams, info.params).seed
                self.editor.adopt(replace(self.editor.scene, seed=self._seed))
                self._show_controls()
        self._curves.request()

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run; of an earlier one the controls show the settings that it was made with."""
        before, self._shown = self._shown, frame
        if frame.state is None or "forger" not in frame.state:
            self._show_foreign(frame)
            return
        seed = self.editor.scene.seed
        moment = self._moment = moment_of(frame.state, seed)
        if not self.desk.is_at_head:
            self._adopt(moment)
        look = view_of_moment(moment, seed)
        if self.desk.is_at_head:  # what is being painted is newer than the frame
            look = replace(look, real=shown_real(self.editor.scene.target))
        is_next = before is not None and before.step + 1 == frame.step and self.timeline.playback.is_playing
        self.canvas.show_look(look, min(GLIDE_MS, SPEEDS[self.editor.scene.speed].interval_ms) if is_next else 0)
        self._say(describe(moment, frame.scalars))
        self._show_figures(moment, frame)

    def _adopt(self, moment: PlaygroundMoment) -> None:
        scene, target = self.editor.scene, moment.target
        painted = target.painted if target.name == OWN and target.painted is not None else scene.painted
        scene = replace(scene, settings=moment.settings, name=target.name, painted=painted)
        self.editor.adopt(scene)
        self.desk.adopt(scene)
        self._show_controls()

    def _show_foreign(self, frame: Frame) -> None:
        view = frame.main_view
        if isinstance(view, Image):
            self.canvas.show_picture(view.pixels)
        track = self.timeline.track
        is_training = track is not None and track.recording.info.kind == "training"
        text = N_("This is how the pair is learning.") if is_training else N_("Another model drew this.")
        self._say(PlaygroundCaption("", translate(text)))

    def _say(self, words: PlaygroundCaption) -> None:
        self.frame.caption.set_lead(words.lead)
        self.frame.caption.set_text(words.text, words.term)

    def _show_figures(self, moment: PlaygroundMoment, frame: Frame) -> None:
        seed, figures = self.editor.scene.seed, self.figures
        if moment.target.is_empty:
            figures.meter.show_shares(np.zeros(0), np.zeros(0))
            figures.found.set_text("")
        else:
            shares = part_shares(measured_fake(moment.pair, moment.settings, seed), moment.target)
            figures.meter.show_shares(shares, wanted_shares(moment.target))
            is_collapsed = bool(collapse_words(moment, frame.scalars))
            text = f"{parts_text(moment, frame.scalars)} · {_('mode collapse')}"
            figures.found.set_text(text if is_collapsed else parts_text(moment, frame.scalars))
        figures.show_step(moment.n_steps)
        self._curves.request()

    def _show_curves(self) -> None:
        self.figures.show_curves(self.timeline.recording)

    @property
    def is_settled(self) -> bool:
        """Whether nothing changes any more, or a run that plays on has learnt for a while."""
        is_far = self._moment is not None and self._moment.n_steps >= SETTLED_AFTER
        return not self.desk.is_busy and (is_far or not self.desk.is_learning)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self._shown is None:
            return None
        params = params_to_json(self.params())
        return Snapshot(self._sharpened(), self.handle.source.id, self.editor.scene.seed, params, self.state())

    def _sharpened(self) -> Frame:
        assert self._shown is not None
        if self._sharp is None or self._sharp[0] is not self._shown:
            self._sharp = self._shown, sharp(self._shown, self.editor.scene.seed)
        return self._sharp[1]

    def clip(self) -> Clip | None:
        """All frames on the timeline, drawn as large as the picture of a single one."""
        clip = super().clip()
        return None if clip is None else replace(clip, frames=partial(_sharp_frames, clip, self.editor.scene.seed))

    # Parameters and state

    def go_to(self, position: Position) -> None:
        """There is no place to go to."""

    def params(self) -> PlaygroundParams:
        """Return the seed; what else is set belongs to the state."""
        return PlaygroundParams(seed=self.editor.scene.seed)

    def set_params(self, params: PlaygroundParams) -> None:
        """Begin a run of another seed, without an undo step."""
        if params.seed != self.editor.scene.seed:
            self._seed = params.seed
            self.editor.adopt(self.editor.scene.anew(seed=params.seed))
            self._show_controls()
            self.desk.begin_run(self.editor.scene)
            self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return what is set, which layers are drawn, the pair as it is shown, and whether the caption is hidden."""
        state = self._shown.state if self._shown is not None and self._moment is not None else None
        return {
            "scene": scene_to_json(self.editor.scene),
            "layers": list(self.canvas.shown_layers()),
            "moment": None if state is None else state_to_json(state),
            "is_caption_hidden": self.frame.caption.is_hidden,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state, at rest; raises UserError where it is unsound."""
        layers = state.get("layers")
        if set(state) != set(self.state()) or not isinstance(layers, list) or not set(layers) <= set(LAYERS):
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json(state["scene"])
        moment = state["moment"]
        start = None if moment is None else state_from_json(moment, scene.target)
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.canvas.set_layers(tuple(layers))
        self.layers.show_layers(layers)
        self._seed = scene.seed
        self.editor.adopt(scene)
        self._show_controls()
        self.desk.begin_run(scene, start)
        self.params_changed.emit()

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return (
            Command("gan.surprise", N_("New seed"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.step", N_("Take one step"), self.desk.learn_once, ("S",), "GAN"),
            Command("gan.anew", N_("Start anew"), self.editor.start_anew, (), "GAN"),
            Command("gan.learnt", N_("Show the learnt one"), self.editor.show_learnt, (), "GAN"),
            Command("gan.collapse", N_("Watch it collapse"), self.editor.collapse, (), "GAN"),
        )


def sharp(frame: Frame, seed: int) -> Frame:
    """The frame of a run with a large picture."""
    if frame.state is None or "forger" not in frame.state:
        return frame
    moment = moment_of(frame.state, seed)
    look = view_of_pair(moment.pair, moment.settings, moment.target, seed)
    return replace(frame, views={PICTURE: Image(draw_view(look, SHARP_PX))})


def _sharp_frames(clip: Clip, seed: int, start: int, stop: int) -> Iterator[Frame]:
    return (sharp(frame, seed) for frame in clip.frames(start, stop))
