"""The panel of translations: write a sentence, watch the search for its translation, force a word of it."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, ParamForm
from studio.api.scene_panel import SettlingPanel
from studio.core.param import first_params
from studio.core.scene_codec import Stored
from studio.core.text.token import named
from studio.core.translation import N_

from ..params import TranslateParams
from ..scene import CODEC, TranslateScene, own_start, start_from_json, start_to_json
from ..state import TranslatorInfo
from ..task_words import all_examples, examples_of, task_of
from .board import AlignmentBoard
from .editor import TranslateEditor
from .presenter import TranslatePresenter, TranslateViews
from .runs import TranslateRuns
from .sections import CHOOSING, AskSection, CandidatesSection, TranslateStage

if TYPE_CHECKING:
    from ..engine import TranslateEngine

STEP_TEXT: Final = N_("{ms:,.1f} ms per token")
HINT: Final = N_("Point at a word to see what it comes from, click it to see what else could stand there")


def model_info(engine: "TranslateEngine") -> TranslatorInfo:
    """What there is to know of the open model."""
    return engine.about()


class TranslatePanel(SettlingPanel[TranslateScene, TranslateEditor]):
    """One translator. A branch stays as it was: another search cannot hold from its midst on."""

    codec, hint, ask, step_text = CODEC, HINT, model_info, STEP_TEXT
    extras: ClassVar = {"start": Stored(start_to_json, start_from_json)}
    terms: ClassVar = {
        "section_board": N_(
            "A row for each word that was written, a column for each that was read: the fuller a square, the more the "
            "one looked at the other (cross attention). One head of the shipped translator was shown such places while "
            "it learnt; of other models it is the average of all heads in the last layer but one."
        )
    }
    follows_controls, settle_ms = False, 400
    runs: TranslateRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        self.stage = TranslateStage(card)
        first = TranslateScene(first_params(TranslateParams, card))
        super().__init__(handle, host, partial(TranslateEditor, first), self.stage)
        self.tasks.timed.connect(self.say_run)
        self.asking, self.candidates, self.board = AskSection(card), CandidatesSection(), AlignmentBoard()
        self.choosing = ParamForm(TranslateParams, "translate_", only=CHOOSING)
        self.show_sections(
            self.asking,
            ("section_next", N_("What else could stand here"), self.candidates),
            ("section_board", N_("Which word comes from which"), self.board),
            ("section_choosing", N_("How it searches"), self.choosing),
        )
        self.card, self.examples = card, tuple(str(one) for one in card.get("examples", ()))
        self.runs = TranslateRuns(self.timeline, self)
        views = TranslateViews(self.stage, self.frame.caption, self.asking, self.candidates, self.board, self.choosing)
        self.presenter = TranslatePresenter(views, self.editor, self.runs, self.settle)
        self.hand_over(self.presenter, self.runs)
        self._connect()
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        stage = self.stage
        stage.source.edited.connect(self._on_typed)
        stage.target.token_pressed.connect(self.presenter.choose)
        stage.lanes.chosen.connect(self.keep_lane)
        self.board.pressed.connect(self._on_word_pressed)
        self.candidates.forced.connect(self.force)
        self.asking.example_requested.connect(self.take_example)
        self.asking.replay_requested.connect(self.replay)
        self.asking.asked.connect(self.ask_for)
        self.bind(self.choosing, title=N_("Settings"))

    def _set_commands(self) -> None:
        title = "Transformer"
        self.own_commands = (
            Command("transformer.translate_replay", N_("Watch it search"), self.replay, ("Ctrl+Return",), title),
            Command("transformer.translate_example", N_("Another verse"), self.take_example, ("E",), title),
        )

    # What a person asks for

    def _on_typed(self, text: str) -> None:
        if text.strip():
            self.editor.type(text)

    def _on_word_pressed(self, word: int) -> None:
        view = self.presenter.view
        if view is not None and word < len(view.words):
            self.presenter.choose(view.words[word][0])

    def take_example(self) -> None:
        """Let it read another of the model's examples."""
        self.editor.take_example(self.examples)

    def ask_for(self, name: str) -> None:
        """Let the model do another thing, in the way that its makers search for it."""
        task, params = task_of(self.card, name), self.editor.scene.params
        self.examples = examples_of(str(task.get("does")), str(task.get("source", "")))
        known = {key: task[key] for key in ("lanes", "penalty") if key in task}
        prompt = self.examples[0] if params.prompt in all_examples() else params.prompt
        self.editor.set_params(N_("Task"), **known, task=name, prompt=prompt)

    def replay(self) -> None:
        """Show the search from its first word on."""
        self.timeline.playback.seek(0)
        self.timeline.playback.play()

    def force(self, token: int) -> None:
        """Let every lane have a token at the place that is looked at."""
        trace, info, place = self.presenter.trace, self.presenter.info, self.presenter.place
        if trace is not None and info is not None:
            name = named(info.vocabulary.name(token))
            self.presenter.chosen = -1
            self.runs.force(self.editor.scene.params, trace.source, [*trace.ids[:place], token], name)

    def keep_lane(self, lane: int) -> None:
        """Search on from what a lane says so far."""
        trace, info = self.presenter.trace, self.presenter.info
        if trace is not None and info is not None and lane < len(trace.lanes):
            ids = trace.lanes[lane]
            title = trace.text(lane, info.vocabulary)[-24:]
            self.presenter.chosen = -1
            self.runs.force(self.editor.scene.params, trace.source, ids, title)

    def follow(self, before: TranslateScene) -> None:
        """Translate another text once the hand rests."""
        if self.editor.scene.params != before.params:
            self.timeline.pause()
            self.presenter.let_go()
            self.settle.start()

    def extra_state(self) -> Mapping[str, Any]:
        """What the run began with, where the scene alone would not give it."""
        source = None if self.settle.isActive() else self.runs.source
        return {"start": own_start(source, self.editor.scene, self.shown)}

    def restore(self, scene: TranslateScene, **extras: Any) -> None:
        """Go on from a saved translation."""
        self.adopt(scene)
        self.runs.renew(scene, True, extras["start"])
