"""The diffusion panel: a prompt becomes a picture in view of everybody, and any step is a new beginning."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, MaskPainter
from studio.api.scene_panel import ScenePanel
from studio.core.frame import Frame
from studio.core.param import first_params, saved_params
from studio.core.path.position import Position
from studio.core.picture import is_picture
from studio.core.scene_codec import row, text
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, plural, translate
from studio.core.view import Image

from ...foreign.lora.file import is_lora
from ...pictures.panel.attention_view import WordEffectPresenter
from ...pictures.panel.dissolving import DissolvePresenter, ReleaseBar
from ...pictures.panel.mask_section import MaskPresenter, OutpaintPresenter
from ...pictures.panel.morph_section import MorphControl
from ...pictures.panel.nearest_section import NearestPicturePresenter
from ...pictures.panel.outpaint_frame import OutpaintFrame
from ...pictures.panel.overlays import HeatOverlay
from ...pictures.panel.start_section import StartPicturePresenter
from ...pictures.panel.step_canvas import StepCanvas
from ...sound.panel.canvas import DenoisedSoundCanvas, DenoisedSoundPresenter
from ..params import MANY, DiffusionParams
from ..scene import CODEC, ByteArray, DiffusionScene
from .adapter_section import AdapterPresenter
from .compare_section import ComparePresenter
from .controls import DiffusionControls
from .editor import DiffusionEditor
from .runs import SceneRuns
from .steer_presenter import SteerPresenter
from .step_presenter import StepPresenter, caption_of
from .study_section import StudyPresenter

if TYPE_CHECKING:
    from ..engine import DiffusionEngine

MENU: Final = "Diffusion"
MOST_VIEWS: Final = 100
MOST_CHARS: Final = 1000
DUE = N_("This is from before your last change; press Generate to update it")
BEHIND: Final = N_("The finished result is behind this comparison.")
STUDY_KEY: Final = "study"
STEP_TEXT = N_("{ms:,.0f} ms per step")
PASTE: Final = N_("Start from the picture on the clipboard")
HINT = N_("Scrub the timeline to any step; Branch continues from there with whatever you change")

TERMS: Final = {
    "section_sampler": N_(
        "Guidance is how hard the prompt pulls: at 0 its words are ignored, and more of it makes pictures vary less. "
        "η (eta) is how much fresh noise each step throws in: at 0 the same seed always takes the same way."
    )
}


class DiffusionPanel(ScenePanel[DiffusionScene, DiffusionEditor]):
    """One diffusion model: prompt, runs, every step of them."""

    codec, hint, step_text = CODEC, HINT, STEP_TEXT
    own_part, terms = "is_from_picture", TERMS
    extras: ClassVar = {"views": row(text(MOST_CHARS), 0, MOST_VIEWS)}
    runs: SceneRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        first, canvas = first_params(DiffusionParams, card), StepCanvas()
        sound_canvas = DenoisedSoundCanvas() if card.get("kind") == "sound" else None
        scene = DiffusionScene(first, is_live=card.get("live", True))
        super().__init__(handle, host, partial(DiffusionEditor, scene), sound_canvas or canvas)
        self.canvas = canvas
        self._track_id = ""
        self._place: Position = {}
        self.heat = HeatOverlay(canvas, canvas.content_rect)
        self.painter = MaskPainter(canvas, canvas.content_rect)
        self.outpaint_frame = OutpaintFrame(canvas, canvas.content_rect)
        self.release = ReleaseBar(canvas)
        self.runs = SceneRuns(self.timeline, self.tasks, self)
        self.controls = DiffusionControls(card, first, self.heat, self.runs.has_few_steps)
        self.show_sections(*self.controls.sections)
        self.controls.hide_unused(self.frame.inspector)
        self.hand_over(self.controls, self.runs)
        self.sounds: DenoisedSoundPresenter | None = None
        if sound_canvas is not None:
            self._show_sounds(sound_canvas)
        self._add_presenters()
        self._connect_prompt()
        self._connect_runs()
        self.own_commands = (
            Command("diffusion.generate", N_("Generate"), self.runs.generate, ("Ctrl+Return",), MENU),
            Command("diffusion.surprise", N_("New seed"), self.editor.surprise, ("R",), MENU),
        )
        if card.get("takes_adapters"):
            self.own_commands += (Command("diffusion.adapter", N_("Open adapter…"), self.adapters.choose, (), MENU),)
        if self.sounds is None:
            self.own_commands += (Command("diffusion.paste", PASTE, self.pictures.paste, ("Ctrl+V",), MENU),)
            self.accept(self._takes, self._take)
        if self.runs.has_few_steps:
            self.own_commands += (Command("diffusion.refine", N_("Refine"), self.refine, ("F",), MENU),)
        self.open()

    def _takes(self, path: Path) -> bool:
        """Whether a dropped file is a picture to start from, or an adapter for a model that takes some."""
        return is_picture(path) or (bool(self.handle.source.card.get("takes_adapters")) and is_lora(path))

    def _take(self, path: Path) -> None:
        (self.pictures if is_picture(path) else self.adapters).open(path)

    def _show_sounds(self, canvas: DenoisedSoundCanvas) -> None:
        self.canvas.setParent(self)
        self.canvas.hide()  # nothing that belongs to pictures has a place
        self.sounds = DenoisedSoundPresenter(canvas, self.controls.keyboard, self.editor, self.runs)
        self.sounds.player.failed.connect(self.messages.show_error)
        self.hand_over(self.sounds)

    def _add_presenters(self) -> None:
        """Each gets what it works with: its section, the editor, the timeline, the way to the engine."""
        sections, editor, timeline, runs, tasks = self.controls, self.editor, self.timeline, self.runs, self.tasks
        self.steps = StepPresenter(self.canvas, sections.show, timeline, runs, tasks)
        self.mask_desk = MaskPresenter(self.painter, sections.mask, editor, self)
        self.pictures = StartPicturePresenter(editor, sections.start, tasks, self.picture_on_screen, self)
        self.adapters = AdapterPresenter(sections.adapters, editor, tasks, self)
        self.steer = SteerPresenter(sections.steer, editor, tasks, self)
        self.dissolving = DissolvePresenter(self.release, sections.start, self.mask_desk, editor, timeline)
        self.nearest = NearestPicturePresenter(sections.nearest, runs, tasks)
        self.outpainting = OutpaintPresenter(self.outpaint_frame, sections.mask, self.mask_desk, editor, self)
        self.compare = ComparePresenter(timeline, sections.compare, editor, self)
        self.words = WordEffectPresenter(sections.attention, sections.show, editor, tasks)
        self.studies = StudyPresenter(self.frame, sections.study, editor, timeline, runs, tasks)
        self.morph = MorphControl(sections.morph, editor, timeline, runs, tasks)
        self.params_changed.connect(self.morph.show_followed)
        self.hand_over(
            self.steps,
            self.words,
            self.mask_desk,
            self.pictures,
            self.adapters,
            self.steer,
            self.dissolving,
            self.nearest,
        )

    # Wiring

    def _connect_prompt(self) -> None:
        prompt, sampler, editor = self.controls.prompt, self.controls.sampler, self.editor
        prompt.prompt_changed.connect(editor.ask)
        prompt.negative_changed.connect(lambda text: editor.set_params(N_("Avoid"), negative=text))
        prompt.completed_edited.connect(editor.ask)
        prompt.seed_changed.connect(lambda seed: editor.set_params(N_("Seed"), seed=seed))
        prompt.new_seed_requested.connect(editor.surprise)
        prompt.generate_requested.connect(self.studies.close)
        prompt.generate_requested.connect(self.runs.generate)
        prompt.live_changed.connect(lambda is_live: editor.change(N_("Live"), is_live=is_live))
        prompt.draw.chosen.connect(self._draw_in)
        prompt.draw.refine_requested.connect(self.refine)
        sampler.params_changed.connect(lambda changes: editor.set_params(N_("Settings"), **changes))
        sampler.edit_started.connect(editor.begin_gesture)
        sampler.edit_finished.connect(editor.end_gesture)

    def _connect_runs(self) -> None:
        self.controls.prompt.stop_requested.connect(self.runs.stop)
        self.runs.drafted.connect(self._on_drafted)
        self.runs.changed.connect(self._on_runs_changed)
        self.runs.timed.connect(self.say_step)
        self.pictures.failed.connect(self._on_work_failed)
        self.adapters.failed.connect(self._on_work_failed)
        self.pictures.taken.connect(self._on_picture_taken)
        self.studies.ended.connect(partial(self.messages.dismiss, STUDY_KEY))
        self.messages.action_requested.connect(self._on_action_requested)
        self.timeline.source_changed.connect(self._on_source_changed)
        self.timeline.playback.moved.connect(self.controls.curve.set_step)
        self.controls.curve.seek_requested.connect(self.timeline.playback.seek)
        self.canvas.item_picked.connect(self._on_item_picked)
        self.frame.caption.link_activated.connect(self._on_link_activated)

    # What is asked for

    def begin_opening(self) -> None:
        """Begin the first run, which opens the model."""
        self.renew()

    def show_scene(self) -> None:
        """Let the controls stand where the scene is, and find its place."""
        super().show_scene()
        self.ask_model(partial(place_of, params=self.editor.scene.params))

    def follow(self, before: DiffusionScene) -> None:
        """Draw a draft, and the whole run once the hand rests; a path on the timeline may stay there."""
        if not self.morph.follow(before):
            self.runs.follow(self.editor.scene)

    def _draw_in(self, drawn_in: str, title: str = N_("Draw in")) -> None:
        self.editor.apply(title, self.editor.scene.with_params(drawn_in=drawn_in))  # a step of undo for each

    def refine(self) -> None:
        """Draw what is seen in many steps, from the same noise, beside what few have drawn."""
        if self.editor.scene.params.drawn_in != MANY:
            self._draw_in(MANY, N_("Refine"))
            self.runs.generate()

    def _on_item_picked(self, index: int) -> None:
        """Go on with one picture of a batch: it is the run of its own seed."""
        seed = (self.editor.scene.params.seed + index) % (MAX_SEED + 1)
        self.editor.set_params(N_("Choose from the batch"), seed=seed, batch=1)

    def _on_picture_taken(self) -> None:
        """What is drawn from a picture stands behind a study, which stays until the person closes it."""
        if self.studies.is_on:
            self.messages.show_note(N_("Your picture is ready to use."), BEHIND, STUDY_KEY, N_("Show the picture"))

    def _on_action_requested(self, key: str) -> None:
        if key == STUDY_KEY:
            self.studies.close()

    # What is on screen

    def _on_drafted(self, frame: Frame) -> None:
        super().show_frame(frame)
        self.frame.hint.set_text(plural("Live: one step", "Draft in {n} steps", frame.n_steps - 1))

    def _on_runs_changed(self) -> None:
        self.controls.prompt.set_running(self.runs.is_running)
        if self.runs.is_due and not self.editor.scene.is_live:
            self.frame.hint.set_text(translate(DUE))

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
            if params != self.runs.asked(self.editor.scene):
                self.editor.adopt(replace(self.editor.scene, params=params))
                self.controls.show_scene(self.editor.scene)

    def draw_frame(self, frame: Frame) -> None:
        """Draw a step, and say what it is."""
        super().draw_frame(frame)
        words = caption_of(frame, self.timeline, self.editor.scene, self.sounds is not None, self.runs.has_few_steps)
        caption = self.frame.caption
        caption.set_lead(words.lead)
        caption.set_text(words.text, words.term, words.link)

    def _on_link_activated(self) -> None:
        if self.timeline.branching.can_branch:
            self.timeline.branch()

    def picture_on_screen(self) -> ByteArray | None:
        """The finished picture that is shown, (H, W, 3), where it is one alone."""
        frame = self.shown
        if frame is None or frame.step < frame.n_steps - 1 or self.editor.scene.params.batch != 1:
            return None
        view = frame.main_view
        return view.pixels if isinstance(view, Image) and view.pixels.ndim == 3 else None

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        super().show_frame(frame)
        self.frame.hint.set_text(translate(HINT))
        if self.sounds is not None:
            self.sounds.hear(frame)

    # Places and state

    def position(self) -> Position:
        """Words and noise of the scene; empty before the model is open."""
        return self._place

    def opened(self, found: Position) -> None:
        """The place of the scene is found."""
        self._place = found

    def go_to(self, position: Position) -> None:
        """Go to a place of the path: its draft."""
        self._place = position
        self.runs.draft(dict(position))

    def extra_state(self) -> Mapping[str, Any]:
        """Which views are shown."""
        return {"views": self.controls.show.views()}

    def restore(self, scene: DiffusionScene, **extras: Any) -> None:
        """Return to a saved scene and its views."""
        self.controls.show.set_views(extras["views"])
        self.begin(scene)


def place_of(engine: "DiffusionEngine", params: DiffusionParams) -> Position:
    """What a keyframe holds of a run with these settings."""
    return engine.place_of(params)
