"""The panel of texts with a memory: write in it, see every word that was nearly said, and shorten or cut the memory."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import QObject, QTimer

from studio.api.engine import EngineHandle
from studio.api.panel import SURPRISE_TERM, Caption, Command, Host, ParamForm, PartByPart, TextSurprises
from studio.api.scene_panel import SettlingPanel
from studio.api.text_branches import TextBranches
from studio.api.text_editor import TextEditor
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.param import first_params
from studio.core.scene_codec import Stored
from studio.core.seed import MAX_SEED
from studio.core.text.token import TextToken, named
from studio.core.translation import N_, translate

from ...shared.params import MAX_ENDINGS
from ..params import TextParams
from ..scene import CODEC, XLTextScene, start_from_json, text_to_json
from ..state import XLTextModelInfo, XLTextTrace, choice_at
from .memory_presenter import MemoryPresenter, RereadRequest, model_info, passage
from .runs import XLTextRuns
from .sections import CHOOSING, N_MORE, MemorySection, NextTokenSection, WriteSection, XLTextStage, bits_of
from .view_model import EMPTY, LEAD, LEARNING, TERM, XLTextViewModel, describe, learnt_tokens

FOLLOW_MS: Final = 33
STEP_TEXT: Final = N_("{ms:,.1f} ms per token")
PASSAGE_KEY: Final = "passage"


class XLTextEditor(TextEditor[XLTextScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    n_seeds = MAX_SEED - MAX_ENDINGS


@dataclass(frozen=True, eq=False)
class XLTextViews:
    """Where a text is shown: on the stage and in its caption, and in sections of the inspector."""

    stage: XLTextStage
    caption: Caption
    write: WriteSection
    bars: NextTokenSection
    surprises: TextSurprises
    remembering: MemorySection
    choosing: ParamForm


class XLTextPresenter(QObject):
    """Shows what is on the timeline, part by part.

    Attributes:
        trace: all that is known of the text on screen, None where there is none.
        tokens: the text as chips.
    """

    def __init__(
        self,
        views: XLTextViews,
        text: XLTextViewModel,
        editor: XLTextEditor,
        runs: XLTextRuns,
        memory: MemoryPresenter,
        timeline: TimelineController,
        settle: QTimer,
    ) -> None:
        """`settle` runs while a person types, until the text is written anew."""
        super().__init__(runs)
        self._views, self._text, self._editor = views, text, editor
        self._runs, self._memory, self._settle = runs, memory, settle
        self._branches = TextBranches(timeline, views.stage.branches, bits_of, self)
        self.trace: XLTextTrace | None = None
        self.tokens: tuple[TextToken, ...] = ()
        parts = (self._show_text, self._show_bars, self._show_memory, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *parts), self)
        self.request = self._follow.request
        runs.changed.connect(self._on_run_changed)
        timeline.source_changed.connect(self.request)
        memory.found.connect(self.request)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    def opened(self, found: XLTextModelInfo) -> None:
        """The model is open."""
        self._text.about = found
        self._on_run_changed()

    def show_scene(self, scene: XLTextScene) -> None:
        """Let the controls stand where the scene is."""
        views = self._views
        views.choosing.show_params(scene.params)
        views.remembering.show_params(scene.params)
        views.stage.set_look(scene.look)
        views.stage.strip.set_memory(scene.params.memory, scene.params.cut)
        self._on_run_changed()

    def show_frame(self, frame: Frame, scene: XLTextScene) -> None:
        """Show the text with the playhead at the token of this frame."""
        self._text.frame = frame
        self.request()

    def _on_run_changed(self) -> None:
        self._views.write.show_state(self._runs.is_growing, self._text.about is not None)
        self.request()

    @property
    def _seen(self) -> tuple[XLTextTrace, XLTextModelInfo, int] | None:
        """The text, the open model, and the token at the playhead."""
        if self.trace is None or self._text.about is None:
            return None
        return self.trace, self._text.about, min(self._text.place, len(self.trace) - 1)

    def _look(self) -> None:
        """Read what is on the timeline; then every part of the panel shows that text and a token of it."""
        text, views = self._text, self._views
        self.trace = None if text.about is None else text.trace
        if self.trace is not None:
            found = self._memory.reread_of(self.trace, self._editor.scene.params)
            self.tokens = text.tokens(self.trace, found)
        elif text.frame is not None and (learnt := learnt_tokens(text.frame)):
            views.stage.canvas.set_tokens(learnt, len(learnt) - 1)
            views.caption.set_lead(translate(LEAD))
            views.caption.set_text(translate(LEARNING))

    def _show_text(self) -> None:
        if self.trace is not None and not self._settle.isActive():
            self._views.stage.canvas.set_tokens(self.tokens, self._text.place)

    def _show_bars(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        text = N_("“{word}” comes first, so nothing was expected.") if not place else N_("Instead of “{word}”")
        title = translate(text).format(word=self.tokens[place].name)
        found = self._memory.reread_of(trace, self._editor.scene.params)
        self._views.bars.show_choice(choice_at(trace, place, about.vocabulary, found), title)

    def _show_memory(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        params = self._editor.scene.params
        is_resting = not (self._runs.is_growing or self._settle.isActive())
        asked = RereadRequest(is_resting, self._runs.has_memory_of(params))
        self._memory.show(trace, place, about, params, asked)

    def _show_words(self) -> None:
        if self._seen is None:
            return
        _, about, place = self._seen
        self._branches.show(about.vocabulary, place)
        self._views.surprises.show_tokens(self.tokens)
        if not self._runs.is_growing:
            lead, words = describe(self.tokens, place, self._memory.n_seen)
            self._views.caption.set_lead(lead)
            self._views.caption.set_text(words, translate(TERM))


class XLTextPanel(SettlingPanel[XLTextScene, XLTextEditor]):
    """One model of text: a text that can be typed into and branched, and how far back the model remembers.

    A branch stays as it was written.
    """

    codec, ask, step_text = CODEC, model_info, STEP_TEXT
    terms: ClassVar = {"section_surprises": SURPRISE_TERM}
    extras: ClassVar = {"text": Stored(text_to_json, start_from_json)}
    follows_controls, settle_ms = False, 250
    runs: XLTextRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, stage = handle.source.card, XLTextStage()
        super().__init__(handle, host, partial(XLTextEditor, XLTextScene.of(first_params(TextParams, card))), stage)
        self.stage = stage
        self.tasks.timed.connect(self.say_run)
        stage.canvas.set_invitation(translate(EMPTY))
        self._n_passages = 0
        self.write, self.bars, self.surprises = WriteSection(), NextTokenSection(), TextSurprises()
        self.remembering, self.choosing = MemorySection(card), ParamForm(TextParams, "text_", only=CHOOSING)
        self.show_sections(
            self.write,
            ("section_next", N_("What else could go here"), self.bars),
            ("section_memory", N_("Memory"), self.remembering),
            ("section_choosing", N_("How it chooses"), self.choosing),
            ("section_surprises", N_("Most surprising"), self.surprises),
        )
        self.text, self.runs = XLTextViewModel(self.timeline), XLTextRuns(self.timeline, self)
        self.memory_presenter = MemoryPresenter(stage.strip, self.remembering, self.tasks, self)
        sections = self.write, self.bars, self.surprises, self.remembering, self.choosing
        views = XLTextViews(stage, self.frame.caption, *sections)
        parts = self.text, self.editor, self.runs, self.memory_presenter
        self.presenter = XLTextPresenter(views, *parts, self.timeline, self.settle)
        self.hand_over(self.presenter, self.runs, self.memory_presenter)
        self.keep("text", lambda: None if self._own_settings is None else self.text.trace)
        self._connect_stage()
        self._connect_texts()
        self._set_commands()
        self.open()

    def _connect_stage(self) -> None:
        editor, strip = self.editor, self.stage.strip
        self.stage.looks.chosen.connect(lambda name, is_on: editor.set_look(**{name: is_on}))
        self.stage.canvas.page.edited.connect(editor.type)
        self.bind(self.choosing, self.remembering, title=N_("Settings"))
        strip.drag_started.connect(editor.begin_gesture)
        strip.drag_finished.connect(editor.end_gesture)
        strip.memory_dragged.connect(lambda n: editor.set_params(N_("Memory"), "memory", memory=n))
        strip.cut_chosen.connect(self.cut)
        self.remembering.heal_requested.connect(lambda: self.cut(0))

    def _connect_texts(self) -> None:
        write = self.write
        for chosen in (self.stage.strip.segment_chosen, self.stage.canvas.page.token_pressed, self.surprises.chosen):
            chosen.connect(self.runs.go_to)
        self.bars.forced.connect(self._on_forced)
        write.write_requested.connect(self.write_on)
        write.stop_requested.connect(self.runs.stop)
        write.passage_requested.connect(self.read_passage)
        write.seed_requested.connect(self.editor.surprise)
        self.memory_presenter.failed.connect(self._on_work_failed)

    def _set_commands(self) -> None:
        step, title = partial(self.write_on, 1), "Autoregressive"
        self.own_commands = (
            Command("autoregressive.text_write", N_("Continue writing"), self.write_on, ("Ctrl+Return",), title),
            Command("autoregressive.text_step", N_("Write one token"), step, ("Ctrl+Shift+Return",), title),
            Command("autoregressive.text_passage", N_("Read a passage"), self.read_passage, ("P",), title),
            Command("autoregressive.text_seed", N_("New seed"), self.editor.surprise, ("R",), title),
        )

    # What a person asks for

    def write_on(self, n_tokens: int = N_MORE) -> None:
        """Write more; where settings have changed since, what stands there is taken as given."""
        scene, source = self.editor.scene, self.runs.source
        written = None if source is None else replace(source.params, length=scene.params.length)
        if written == scene.params or self.presenter.trace is None:
            self.editor.apply(N_("Continue writing"), scene.longer(n_tokens))
        else:
            text = "".join(token.piece for token in self.presenter.tokens)
            self.editor.apply(N_("Continue writing"), scene.with_params(prompt=text, length=n_tokens))

    def cut(self, token: int) -> None:
        """Cut the memory before a token, the first one of a segment; 0 heals it."""
        self.editor.set_params(N_("Cut the memory") if token else N_("Undo the cut"), cut=token)

    def read_passage(self) -> None:
        """Read lines that the model never saw."""
        self._n_passages += 1
        call = partial(passage, number=self._n_passages)
        self.tasks.ask(PASSAGE_KEY, call, done=self._on_passage, failed=self._on_work_failed)

    def _on_passage(self, text: str) -> None:
        self.editor.apply(N_("A passage"), self.editor.scene.at_prompt(text))

    def _on_forced(self, token: int) -> None:
        if self.text.about is not None:
            name = named(self.text.about.vocabulary.name(token))
            self.runs.force(self.editor.scene.params, self.text.place, token, name)

    def follow(self, before: XLTextScene) -> None:
        """Write another text once the hand rests, or more of it."""
        now, was = self.editor.scene.params, before.params
        if (now.prompt, now.seed) != (was.prompt, was.seed):
            self.settle.start()  # first: what is still shown must not come over what was typed
            self.runs.stop()
        elif now.length != was.length:
            self.runs.write_on(self.editor.scene.written)

    @property
    def is_busy(self) -> bool:
        """Whether something is written, read or about to be shown."""
        return super().is_busy or self.tasks.is_running(PASSAGE_KEY)

    # Parameters and state

    def scene_of_run(self, params: TextParams) -> XLTextScene:
        """The text that is written with these settings."""
        return self.editor.scene.anew(params)

    @property
    def _own_settings(self) -> TextParams | None:
        """The settings of the text on the timeline, where the scene alone would not give it."""
        source = self.runs.source
        if source is None or (getattr(source, "start", None) is None and source.params == self.editor.scene.written):
            return None
        params: TextParams = source.params
        return params

    def state_of(self, scene: XLTextScene) -> dict[str, Any]:
        """The state, with the settings that the text was written with."""
        written = self._own_settings
        return super().state_of(scene if written is None else replace(scene, written=written))
