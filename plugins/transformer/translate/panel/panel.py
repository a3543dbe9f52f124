"""The panel of translations: write a sentence, watch the search for its translation, force a word of it."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

from PySide6.QtCore import QTimer

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, ParamForm
from studio.api.text_editor import TextEditor
from studio.core.param import first_params
from studio.core.text.token import TextToken, percent
from studio.core.translation import N_, _, plural
from studio.core.view import State

from ..params import TranslateParams
from ..scene import CODEC, START, TranslateScene, own_start
from ..state import TranslationTrace, TranslatorInfo
from ..task_words import all_examples, examples_of, task_of
from ..view_model import TranslationView, view_of
from .board import AlignmentBoard
from .followed_panel import FollowedPanel
from .lanes_presenter import LanesPresenter, LanesViews
from .runs import FollowedRuns
from .sections import CHOOSING, AskSection, CandidatesSection, TranslateStage

HINT: Final = N_("Point at a word to see what it comes from, click it to see what else could stand there")
TERM: Final = N_("Encoder–decoder with cross attention; beam search keeps the likeliest beginnings")


def describe(trace: TranslationTrace, view: TranslationView, info: TranslatorInfo) -> tuple[str, str]:
    """What is bold and what follows."""
    n_over, n_lanes = sum(trace.are_over), len(trace.lanes)
    if not trace.ids:
        lead = _("The model has read the text and looks for the first word.")
    elif n_over == n_lanes:
        lead = _("The text is finished.")
    else:
        lead = plural(N_("{n} version is under way."), N_("{n} versions are under way."), n_lanes)
    parts = (_unread(view), _doubt(trace), _unseen(view), _original(view, info))
    return lead, " ".join(part for part in parts if part)


def _unread(view: TranslationView) -> str:
    if view.n_read >= len(view.chips):
        return ""
    text = (
        N_("It has read only the first word; the rest of the text is too long for it."),
        N_("It has read only the first {n} words; the rest of the text is too long for it."),
    )
    return plural(*text, view.n_read)


def _doubt(trace: TranslationTrace) -> str:
    if not len(trace.logs):
        return ""
    share = 2.0 ** float(trace.logs.mean() / 0.6931471805599453)
    return _("On average it gave each token {share}.").format(share=percent(share))


def _unseen(view: TranslationView) -> str:
    n = len(view.unseen)
    if not n:
        return ""
    text = (
        N_("{n} word is underlined: the model has never read it."),
        N_("{n} words are underlined: the model has never read them."),
    )
    return plural(*text, n)


def _original(view: TranslationView, info: TranslatorInfo) -> str:
    known = {text.strip(): own for text, own in info.examples}
    own = known.get(view.text.strip(), "")
    return _("The Spanish Bible has: “{text}”").format(text=own) if own else ""


@dataclass(frozen=True, eq=False)
class TranslateViews(LanesViews):
    """Where a translation is shown."""

    stage: TranslateStage
    ask: AskSection
    board: AlignmentBoard


class TranslatePresenter(LanesPresenter[TranslatorInfo, TranslationTrace, TranslationView]):
    """Attributes: see LanesPresenter."""

    key, term = "lanes", TERM
    _views: TranslateViews

    def __init__(
        self, views: TranslateViews, editor: TextEditor[TranslateScene], runs: FollowedRuns, settle: QTimer
    ) -> None:
        """`settle` runs while a person types, until the text is translated anew."""
        self._settle = settle
        super().__init__(views, editor, runs, self._show_texts, self._show_board)
        stage, board = views.stage, views.board
        stage.target.token_pressed.connect(self.choose)
        stage.target.token_pointed.connect(self.glow_for_target)
        stage.source.token_pointed.connect(self.glow_for_source)
        board.pointed.connect(lambda word, _chip: self.glow_for_target(self._first_token(word)))
        board.pressed.connect(lambda word: self.choose(self._first_token(word)))

    def opened(self, found: TranslatorInfo) -> None:
        """The model is open."""
        self.info = found
        self._views.ask.show_state(True)
        self.request()

    def show_scene(self, scene: TranslateScene) -> None:
        """Let the controls stand where the scene is."""
        self._views.choosing.show_params(scene.params)
        self._views.stage.show_task(scene.params.task)
        self._views.ask.show_task(scene.params.task)
        prompt, page = scene.params.prompt, self._views.stage.source
        if page.text != prompt and not page.hasFocus() and self.trace is None:
            self._views.stage.source_canvas.set_tokens((TextToken(prompt),), -1)

    def choose(self, token: int) -> None:
        """Show what could stand in the place of a token, and what it looked at."""
        self.chosen = token
        self.glow_for_target(token)
        self.request()

    # The glow

    def glow_for_target(self, token: int) -> None:
        """Let the source words glow that the word of a target token looked at; without one, the chosen word's."""
        at = token if token >= 0 else self.place
        stage = self._views.stage
        stage.source.set_glow([] if self.view is None else self.view.glow_of_source(at))
        stage.target.set_glow([])

    def glow_for_source(self, chip: int) -> None:
        """Let the target tokens glow that looked at a source word."""
        if chip < 0:
            self.glow_for_target(-1)
            return
        self._views.stage.target.set_glow([] if self.view is None else self.view.glow_of_target(chip))

    def _first_token(self, word: int) -> int:
        """The first token of a word of the board; -1 for none."""
        return -1 if self.view is None or not 0 <= word < len(self.view.words) else self.view.words[word][0]

    # Parts

    def read(self, state: State, info: TranslatorInfo) -> tuple[TranslationTrace, TranslationView]:
        """What a frame says, beside the text as it was typed."""
        trace, params = TranslationTrace(state), self._editor.scene.params
        return trace, view_of(trace, info, params.prompt, params.task)

    def told(self, info: TranslatorInfo, trace: TranslationTrace, view: TranslationView) -> tuple[str, str]:
        """How far it is, and what it does not know."""
        return describe(trace, view, info)

    def _show_texts(self) -> None:
        if self.view is None:
            return
        stage = self._views.stage
        if not self._settle.isActive():  # what is being typed stays as it is
            stage.source_canvas.set_tokens([TextToken(chip) for chip in self.view.chips], -1)
            stage.source.set_marked(self.view.unseen)
        stage.target_canvas.set_tokens(self.view.tokens, min(self.place, len(self.view.tokens) - 1))
        self.glow_for_target(stage.target.sheet.pointed)

    def _show_board(self) -> None:
        self._views.board.show_view(self.view)


class TranslatePanel(FollowedPanel[TranslateScene, TextEditor[TranslateScene]]):
    """One translator."""

    codec, hint, own_start = CODEC, HINT, own_start
    extras: ClassVar = {"start": START}
    terms: ClassVar = {
        "section_board": N_(
            "A row for each word that was written, a column for each that was read: the fuller a square, the more the "
            "one looked at the other (cross attention). One head of the shipped translator was shown such places while "
            "it learnt; of other models it is the average of all heads in the last layer but one."
        )
    }
    settle_ms = 400

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        self.stage = TranslateStage(card)
        first = TranslateScene(first_params(TranslateParams, card))
        super().__init__(handle, host, partial(TextEditor, first), self.stage)
        self.asking, self.candidates, self.board = AskSection(card), CandidatesSection(), AlignmentBoard()
        self.choosing = ParamForm(TranslateParams, "translate_", only=CHOOSING)
        self.show_sections(
            self.asking,
            ("section_next", N_("What else could stand here"), self.candidates),
            ("section_board", N_("Which word comes from which"), self.board),
            ("section_choosing", N_("How it searches"), self.choosing),
        )
        self.card, self.runs = card, FollowedRuns(self.timeline, self)
        shared = self.stage.lanes, self.frame.caption, self.candidates, self.choosing
        views = TranslateViews(*shared, self.stage, self.asking, self.board)
        self.presenter = TranslatePresenter(views, self.editor, self.runs, self.settle)
        self.hand_over(self.presenter, self.runs)
        self._connect()
        title = "Transformer"
        self.own_commands = (
            Command("transformer.translate_replay", N_("Watch it search"), self.runs.replay, ("Ctrl+Return",), title),
            Command("transformer.translate_example", N_("Another verse"), self.take_example, ("E",), title),
        )
        self.open()

    def _connect(self) -> None:
        self.stage.source.edited.connect(self.write)
        self.asking.example.clicked.connect(self.take_example)
        self.asking.replay.clicked.connect(self.runs.replay)
        self.asking.asked.connect(self.ask_for)
        self.bind(self.choosing, title=N_("Settings"))

    # What a person asks for

    def ask_for(self, name: str) -> None:
        """Let the model do another thing, in the way that its makers search for it."""
        task, params = task_of(self.card, name), self.editor.scene.params
        self.examples = examples_of(str(task.get("does")), str(task.get("source", "")))
        known = {key: task[key] for key in ("lanes", "penalty") if key in task}
        prompt = self.examples[0] if params.prompt in all_examples() else params.prompt
        self.editor.set_params(N_("Task"), **known, task=name, prompt=prompt)
