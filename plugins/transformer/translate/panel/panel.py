"""The panel of translations: write a sentence, watch the search for its translation, force a word of it."""

from functools import partial
from typing import ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, ParamForm
from studio.api.text_editor import TextEditor
from studio.core.param import first_params
from studio.core.translation import N_

from ..params import TranslateParams
from ..scene import CODEC, START, TranslateScene, own_start
from ..task_words import all_examples, examples_of, task_of
from .board import AlignmentBoard
from .followed_panel import FollowedPanel
from .presenter import TranslatePresenter, TranslateViews
from .runs import FollowedRuns
from .sections import CHOOSING, AskSection, CandidatesSection, TranslateStage

HINT: Final = N_("Point at a word to see what it comes from, click it to see what else could stand there")


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
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        self.stage.source.edited.connect(self.write)
        self.asking.example.clicked.connect(self.take_example)
        self.asking.replay.clicked.connect(self.runs.replay)
        self.asking.asked.connect(self.ask_for)
        self.bind(self.choosing, title=N_("Settings"))

    def _set_commands(self) -> None:
        title = "Transformer"
        self.own_commands = (
            Command("transformer.translate_replay", N_("Watch it search"), self.runs.replay, ("Ctrl+Return",), title),
            Command("transformer.translate_example", N_("Another verse"), self.take_example, ("E",), title),
        )

    # What a person asks for

    def ask_for(self, name: str) -> None:
        """Let the model do another thing, in the way that its makers search for it."""
        task, params = task_of(self.card, name), self.editor.scene.params
        self.examples = examples_of(str(task.get("does")), str(task.get("source", "")))
        known = {key: task[key] for key in ("lanes", "penalty") if key in task}
        prompt = self.examples[0] if params.prompt in all_examples() else params.prompt
        self.editor.set_params(N_("Task"), **known, task=name, prompt=prompt)
