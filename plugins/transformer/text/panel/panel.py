"""The panel of texts: every word that was nearly said, and a click that says it."""

import math
from functools import partial
from typing import ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import SURPRISE_TERM, Command, Host
from studio.api.scene_panel import ScenePanel
from studio.core.param import first_params
from studio.core.scene_codec import Stored
from studio.core.translation import N_, translate

from ..params import TransformerParams
from ..scene import CODEC, TransformerScene
from ..state import start_from_json, text_to_json
from .bars_section import TokenBarsPresenter, WholeWordsPresenter
from .branches import BranchPresenter
from .chat_section import ChatPresenter
from .comparison_section import TextComparisonPresenter
from .editor import TransformerEditor, TypedText
from .form_section import FormPresenter
from .interactive_run import CHUNK, InteractiveWriting
from .interpretability import Interpretability
from .layout import TransformerControls, TransformerStage
from .presenter import TransformerPresenter, TransformerViews
from .shown_text import TransformerViewModel

STEP_TEXT: Final = N_("{ms:,.1f} ms per token")
INVITATION: Final = N_("Write something here, and the model will continue it. It does not answer questions.")
PREPARING: Final = N_(
    "The first time, the program prepares itself for this computer ({n} of {all} done). After that, texts start at "
    "once."
)


class TransformerPanel(ScenePanel[TransformerScene, TransformerEditor]):
    """One model of text: the prompt in place, the tokens that it wrote, and what it nearly wrote.

    A branch does not follow the controls: the bars do at once, and what is written stays.
    """

    codec, preparing_text, step_text = CODEC, PREPARING, STEP_TEXT
    kernels = f"{__package__.rpartition('.')[0]}.warm_up"
    extras: ClassVar = {"text": Stored(text_to_json, start_from_json)}
    terms: ClassVar = {"section_surprises": SURPRISE_TERM}
    follows_controls = False
    chunk: ClassVar[int] = CHUNK
    """So many tokens are asked for at once."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, stage = handle.source.card, TransformerStage()
        super().__init__(
            handle, host, partial(TransformerEditor, TransformerScene(first_params(TransformerParams, card))), stage
        )
        self.stage, self.controls = stage, TransformerControls(host.cards(), card, handle.source.id)
        stage.canvas.set_invitation(translate(str(card.get("empty_prompt", INVITATION))))
        stage.canvas.set_language(str(card.get("language", "")))
        self.controls.take(self.show_sections(*self.controls.parts))
        self.text = TransformerViewModel(self.timeline)
        self.writing = InteractiveWriting(self.timeline, self.tasks, self, self.chunk)
        self.runs = self.typing = TypedText(self.editor, self.writing, self)
        self.bars = TokenBarsPresenter(self.controls.bars, self)
        self.branches = BranchPresenter(self.timeline, self.writing, stage.branches, self)
        self.keep("text", lambda: self.text.trace)
        self._add_presenters()
        self._connect_text()
        self._connect_controls()
        self._connect_branches()
        step, title = partial(self.typing.write, 1), "Transformer"
        self.own_commands = (
            Command("transformer.write", N_("Continue writing"), self._write, ("Ctrl+Return",), title),
            Command("transformer.step", N_("Write one token"), step, ("Ctrl+Shift+Return",), title),
            Command("transformer.surprise", N_("New seed"), self.editor.surprise, ("R",), title),
        )
        self.open()

    def _add_presenters(self) -> None:
        controls, editor, typing, bars, tasks = self.controls, self.editor, self.typing, self.bars, self.tasks
        self.form = FormPresenter(controls.form, editor, typing, bars, tasks, self)
        if controls.chat is not None:
            ChatPresenter(controls.chat, editor, typing, tasks, self)
        WholeWordsPresenter(controls.bars, bars, tasks, self)
        self.inside = Interpretability(controls, self.stage, editor, bars, tasks, self)
        self.pair = TextComparisonPresenter(
            controls.pair, self.text, self.writing, self.timeline, tasks, self.host.handle_of, self
        )
        views = TransformerViews(self.frame, self.stage, controls, bars, self.branches, self.inside)
        self.presenter = TransformerPresenter(views, self.text, editor, self.writing, typing, self.timeline)
        self.hand_over(controls, self.stage, self.writing, bars, self.form, self.inside, self.branches)
        self.hand_over(self.presenter, typing)

    # Wiring

    def _connect_text(self) -> None:
        self.stage.canvas.page.edited.connect(self.editor.type)
        self.stage.save.clicked.connect(lambda: self.host.run_command("studio.export"))
        self.stage.looks.chosen.connect(lambda name, is_on: self.editor.set_look(**{name: is_on}))
        self.writing.timed.connect(self.say_step)
        self.writing.failed.connect(self._on_work_failed)
        bar = self.timeline.bar
        bar.stop_requested.disconnect(self.timeline.stop_current)  # that would end a text for good
        bar.stop_requested.connect(self.writing.stop)

    def _connect_controls(self) -> None:
        write = self.controls.write
        write.write_requested.connect(self._write)
        write.step_requested.connect(partial(self.typing.write, 1))
        write.end_requested.connect(partial(self.typing.write, math.inf))
        write.stop_requested.connect(self.writing.stop)
        self.bind(self.controls.choosing, title=N_("Settings"))
        self.controls.tabs.value_chosen.connect(self.editor.set_tab)

    def _connect_branches(self) -> None:
        chosen = self.stage.canvas.page.token_pressed, self.controls.surprises.chosen, self.controls.pair.chosen
        for token in (*chosen, self.inside.token_chosen):
            token.connect(self.branches.go_to_token)
        self.controls.bars.word_forced.connect(self._on_word_forced)
        self.bars.forced.connect(lambda place, tokens: self.branches.force(place, *tokens))
        self.inside.way_taken.connect(self.writing.take)

    # What a person asks for

    def _write(self) -> None:
        self.typing.write(self.editor.scene.params.length)

    def _on_word_forced(self, word: str) -> None:
        """A word was typed: where it is no token of its own it is typed into the text instead."""
        text, place = self.text, self.bars.place
        if text.vocabulary is None or not text.tokens:
            return
        token = text.vocabulary.find(word)
        if token is not None:
            self.branches.force(place, token)
        else:
            before = "".join(one.piece for one in text.tokens[:place])
            self.editor.type(f"{before} {word.strip()}")

    # The text

    def begin_opening(self) -> None:
        """Ask for the model, and begin what was held back until now."""
        self.ask_model()
        self.typing.release()

    def renew(self, is_instant: bool = False) -> None:
        """Begin the text that the scene asks for, as soon as the model is ready."""
        self.typing.renew(self.editor.scene, is_instant)

    def follow(self, before: TransformerScene) -> None:
        """Begin another text."""
        self.typing.follow(before)  # first: what is still shown must not come over what was typed

    # Parameters and state

    def scene_of_run(self, params: TransformerParams) -> TransformerScene:
        """The text that is written with these settings."""
        return self.editor.scene.anew(params)
