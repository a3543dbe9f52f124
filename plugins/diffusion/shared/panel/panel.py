"""The diffusion panel: a prompt becomes a picture in view of everybody, and any step is a new beginning."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, Panel, PanelFrame, Snapshot, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.path.position import Position
from studio.core.picture import is_picture
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate

from ...pictures.panel.attention_view import WordEffectPresenter
from ...pictures.panel.dissolving import DissolvePresenter, ReleaseBar
from ...pictures.panel.mask_painter import MaskPainter
from ...pictures.panel.mask_section import MaskPresenter, OutpaintPresenter
from ...pictures.panel.morph_section import MorphControl
from ...pictures.panel.nearest_section import NearestPicturePresenter
from ...pictures.panel.outpaint_frame import OutpaintFrame
from ...pictures.panel.overlays import HeatOverlay
from ...pictures.panel.start_section import StartPicturePresenter
from ...pictures.panel.step_canvas import StepCanvas
from ...sound.panel.canvas import DenoisedSoundCanvas, DenoisedSoundPresenter
from ..params import DiffusionParams
from ..scene import DiffusionScene, scene_from_json, scene_to_json
from .compare_section import ComparePresenter
from .controls import DiffusionControls
from .editor import DiffusionEditor
from .runs import SceneRuns
from .step_presenter import StepPresenter, caption_of
from .study_section import StudyPresenter

DUE = N_("This is what was asked before; press Generate for what is asked now")
STEP_TEXT = N_("{ms:,.0f} ms a step")
HINT = N_("Scrub the timeline to any step; Branch goes on from it with whatever you change")


class DiffusionPanel(Panel):
    """One diffusion model: prompt, runs, every step of them."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        card = handle.source.card
        self._shown: Frame | None = None
        self._track_id = ""
        self._place: Position = {}
        first = first_params(card)
        self.editor = DiffusionEditor(DiffusionScene(first, is_live=card.get("live", True)), host.undo, self)
        self.canvas = StepCanvas(self)
        self.heat = HeatOverlay(self.canvas, self.canvas.content_rect)
        self.painter = MaskPainter(self.canvas, self.canvas.content_rect)
        self.outpaint_frame = OutpaintFrame(self.canvas, self.canvas.content_rect)
        self.release = ReleaseBar(self.canvas)
        sound_canvas = DenoisedSoundCanvas() if card.get("kind") == "sound" else None
        self.frame = PanelFrame(sound_canvas or self.canvas, self.messages, HINT, timeline=self.timeline.bar)
        self.controls = DiffusionControls(self.frame.inspector, host, handle.source, first, self.heat)
        self.runs = SceneRuns(self.timeline, self.tasks, handle, self)
        self.sounds: DenoisedSoundPresenter | None = None
        if sound_canvas is not None:
            self.canvas.hide()  # nothing that belongs to pictures has a place
            self.sounds = DenoisedSoundPresenter(sound_canvas, self.controls.keyboard, self.editor, self.runs)
            self.sounds.player.failed.connect(self.messages.show_error)
        self._add_presenters()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_prompt()
        self._connect_runs()
        self._open()

    def _add_presenters(self) -> None:
        """Each gets what it works with: its section, the editor, the timeline, the way to the engine."""
        sections, editor, timeline, runs = self.controls, self.editor, self.timeline, self.runs
        tasks, handle = self.tasks, self.handle
        self.steps = StepPresenter(self.canvas, sections.show, timeline, runs, tasks, handle)
        self.mask_desk = MaskPresenter(self.painter, sections.mask, editor, self)
        self.pictures = StartPicturePresenter(editor, sections.start, tasks, handle, self)
        self.dissolving = DissolvePresenter(self.release, sections.start, self.mask_desk, editor, timeline)
        self.nearest = NearestPicturePresenter(sections.nearest, runs, tasks, handle)
        self.outpainting = OutpaintPresenter(self.outpaint_frame, sections.mask, self.mask_desk, editor, self)
        self.compare = ComparePresenter(timeline, sections.compare, editor, self)
        self.words = WordEffectPresenter(sections.attention, sections.show, editor, tasks, handle)
        self.studies = StudyPresenter(self.frame, sections.study, editor, timeline, runs, tasks, handle)
        self.morph = MorphControl(sections.morph, editor, timeline, tasks, handle)

    # Wiring

    def _connect_prompt(self) -> None:
        prompt, sampler, editor = self.controls.prompt, self.controls.sampler, self.editor
        prompt.prompt_changed.connect(editor.ask)
        prompt.negative_changed.connect(lambda text: editor.change_params(N_("Avoid"), negative=text))
        prompt.completed_edited.connect(editor.ask)
        prompt.seed_changed.connect(lambda seed: editor.change_params(N_("Seed"), seed=seed))
        prompt.new_seed_requested.connect(editor.surprise)
        prompt.generate_requested.connect(self.studies.close)
        prompt.generate_requested.connect(self.runs.generate)
        prompt.live_changed.connect(lambda is_live: editor.change(N_("Live"), is_live=is_live))
        sampler.params_changed.connect(lambda changes: editor.change_params(N_("Settings"), **changes))
        sampler.edit_started.connect(editor.begin_gesture)
        sampler.edit_finished.connect(editor.end_gesture)

    def _connect_runs(self) -> None:
        self.controls.prompt.stop_requested.connect(self.runs.stop)
        self.editor.changed.connect(self._on_scene_changed)
        self.runs.drafted.connect(self._on_drafted)
        self.runs.changed.connect(self._on_runs_changed)
        self.runs.timed.connect(self._on_step_timed)
        self.pictures.failed.connect(self._on_work_failed)
        self.timeline.source_changed.connect(self._on_source_changed)
        self.timeline.playback.moved.connect(self.controls.curve.set_step)
        self.controls.curve.seek_requested.connect(self.timeline.playback.seek)
        self.canvas.item_picked.connect(self._on_item_picked)
        self.frame.caption.link_activated.connect(self._on_link_activated)

    def _open(self) -> None:
        self.frame.caption.set_text(_("The model is being opened."))
        self.controls.show_scene(self.editor.scene)
        self._find_place()
        self.runs.take(self.editor.scene)

    # What is asked for

    def _on_scene_changed(self) -> None:
        self._find_place()
        self.controls.show_scene(self.editor.scene)
        self.runs.follow(self.editor.scene)
        self.params_changed.emit()

    def _on_item_picked(self, index: int) -> None:
        """Go on with one picture of a batch: it is the run of its own seed."""
        seed = (self.editor.scene.params.seed + index) % (MAX_SEED + 1)
        self.editor.change_params(N_("Pick from the batch"), seed=seed, batch=1)

    def _adopt(self, scene: DiffusionScene) -> None:
        """Let the controls stand at a scene, without an undo step."""
        self.editor.adopt(scene)
        self.controls.show_scene(scene)
        self.mask_desk.follow()
        self.pictures.follow()
        self._find_place()
        self.params_changed.emit()

    # What is on screen

    def _on_drafted(self, frame: Frame) -> None:
        self._draw(frame)
        self.frame.hint.set_text(_("Draft of {n} steps").format(n=frame.n_steps - 1))

    def _on_runs_changed(self) -> None:
        self.controls.prompt.set_running(self.runs.is_running)
        if self.runs.is_due and not self.editor.scene.is_live:
            self.frame.hint.set_text(translate(DUE))

    def _on_step_timed(self, ms: float) -> None:
        self.timed.emit(Timing(ms, text=STEP_TEXT))

    def _on_source_changed(self) -> None:
        """Another run on the timeline, or more of it: the controls show what it was made with."""
        self.controls.curve.show_run(self.timeline)
        track = self.timeline.track
        if track is None or track.id == self._track_id:
            return
        self._track_id = track.id
        info = track.recording.info
        if info.kind == "run" and info.model_id == self.handle.source.id:
            params = saved_params(DiffusionParams, info.params)
            if params != self.editor.scene.params:
                self.editor.adopt(replace(self.editor.scene, params=params))
                self.controls.show_scene(self.editor.scene)

    def _draw(self, frame: Frame) -> None:
        self._shown = frame
        if self.sounds is not None:
            self.sounds.canvas.show_frame(frame)
        self.steps.show(frame)
        self.controls.attention.show_frame(frame)
        words, caption = (
            caption_of(frame, self.timeline, self.editor.scene, self.sounds is not None),
            self.frame.caption,
        )
        caption.set_lead(words.lead)
        caption.set_text(words.text, words.term, words.link)
        self.dissolving.follow(frame)
        self.nearest.follow(frame)

    def _on_link_activated(self) -> None:
        if self.timeline.can_branch:
            self.timeline.branch()

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self._draw(frame)
        self.frame.hint.set_text(translate(HINT))
        if self.sounds is not None:
            self.sounds.hear(frame)

    @property
    def is_settled(self) -> bool:
        """Whether the run is finished."""
        return not self.runs.is_running

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first picture."""
        if self._shown is None:
            return None
        scene = self.editor.scene
        state = self.state() if scene.is_from_picture else {}
        return Snapshot(self._shown, self.handle.source.id, scene.params.seed, params_to_json(scene.params), state)

    # Parameters, places and state

    def params(self) -> DiffusionParams:
        """Return the settings of the run."""
        return self.editor.scene.params

    def set_params(self, params: DiffusionParams) -> None:
        """Make what these settings ask for, without an undo step."""
        self._adopt(replace(self.editor.scene, params=params))
        if not self.runs.shows(params):
            self.runs.take(self.editor.scene)

    def position(self) -> Position:
        """Words and noise of the scene; empty before the model is open."""
        return self._place

    def _find_place(self) -> None:
        params = self.editor.scene.params
        work = self.handle.work(lambda engine: engine.place_of(params))
        self.tasks.run("place", work, done=self._on_place_found, failed=self._on_place_failed)

    def _on_place_found(self, place: Position) -> None:
        self._place = place

    def _on_place_failed(self, error: BaseException) -> None:
        if self._shown is None:
            self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    def go_to(self, position: Position) -> None:
        """Go to a place of the path: its draft."""
        self._place = position
        self.runs.draft(dict(position))

    def state(self) -> dict[str, Any]:
        """Return what is asked for, which views are shown, and whether the caption is hidden."""
        return {
            "scene": scene_to_json(self.editor.scene),
            "views": list(self.controls.show.views()),
            "is_caption_hidden": self.frame.caption.is_hidden,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        views = state.get("views")
        if (
            set(state) != set(self.state())
            or not isinstance(views, list)
            or not all(isinstance(view, str) for view in views)
        ):
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.controls.show.set_views(views)
        self._adopt(scene)
        self.runs.take(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return (
            Command("diffusion.generate", N_("Generate"), self.runs.generate, ("Ctrl+Return",), "Diffusion"),
            Command("diffusion.surprise", N_("New seed"), self.editor.surprise, ("R",), "Diffusion"),
            Command(
                "diffusion.paste",
                N_("Start from the picture on the clipboard"),
                self.pictures.paste,
                ("Ctrl+V",),
                "Diffusion",
            ),
        )

    def open_path(self, path: Path) -> bool:
        """Start from a dropped picture."""
        if not is_picture(path):
            return False
        self.pictures.open(path)
        return True


def first_params(card: Mapping[str, Any]) -> DiffusionParams:
    """What a model opens with: its first example, in its own settings."""
    examples = card.get("examples", ())
    return saved_params(DiffusionParams, {"prompt": examples[0] if examples else "", **card.get("defaults", {})})
