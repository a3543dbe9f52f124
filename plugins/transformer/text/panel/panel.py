"""The panel of texts: every word that was nearly said, and a click that says it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, Panel, PanelFrame, PartByPart, Snapshot, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.path.position import Position
from studio.core.translation import N_, translate

from ..caption import TERM, describe, learnt_tokens, learnt_words
from ..params import TransformerParams
from ..scene import TransformerScene, scene_from_json, scene_to_json
from ..state import OpenTransformer, start_from_json, text_to_json
from .bars_section import TokenBarsPresenter
from .branches import BranchPresenter
from .chat_section import ChatPresenter
from .comparison_section import TextComparisonPresenter
from .editor import TransformerEditor, TypedText
from .form_section import FormPresenter
from .interactive_run import InteractiveWriting
from .interpretability import Interpretability
from .layout import TransformerControls, TransformerStage
from .opening import TextOpening
from .shown_text import TextAtPlayhead, TransformerViewModel

FOLLOW_MS: Final = 33
STEP_TEXT: Final = N_("{ms:,.1f} ms a token")
INVITATION: Final = N_("Write something here: the model continues it, it does not answer.")


class TransformerPanel(Panel):
    """One model of text: the prompt in place, the tokens that it wrote, and what it nearly wrote."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        # Here a branch does not follow the controls: the bars do at once, and what is written stays.
        self.params_changed.disconnect(self.timeline.on_panel_changed)
        card = handle.source.card
        self._ms = 0.0
        self._seen: TextAtPlayhead | None = None
        self.text = TransformerViewModel(self.timeline)
        self.editor = TransformerEditor(TransformerScene(first_params(card)), host.undo, self)
        self.stage = TransformerStage()
        self.stage.canvas.set_invitation(translate(str(card.get("empty_prompt", INVITATION))))
        self.stage.canvas.set_language(str(card.get("language", "")))
        self.frame = PanelFrame(self.stage, self.messages, timeline=self.timeline.bar)
        self.controls = TransformerControls(self.frame.inspector, host, card, handle.source.id)
        self.writing = InteractiveWriting(self.timeline, self.tasks, handle, self)
        self.opening = TextOpening(self.tasks, handle, self.frame.caption.set_text, self)
        self.typing = TypedText(self.editor, self.writing, self)
        self.bars = TokenBarsPresenter(self.controls.bars, self)
        self.branches = BranchPresenter(self.timeline, self.writing, self.stage.branches, self)
        self._add_presenters()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_text()
        self._connect_controls()
        self._connect_branches()
        self._open()

    def _add_presenters(self) -> None:
        controls, editor, typing, bars = self.controls, self.editor, self.typing, self.bars
        work = self.tasks, self.handle
        self.form = FormPresenter(controls.form, editor, typing, bars, *work, self)
        if controls.chat is not None:
            ChatPresenter(controls.chat, editor, typing, *work, self)
        self.inside = Interpretability(controls, self.stage, editor, bars, *work, self)
        self.pair = TextComparisonPresenter(
            controls.pair, self.text, self.writing, self.timeline, *work, self.host.handle_of, self
        )

    # Wiring

    def _connect_text(self) -> None:
        self.stage.canvas.page.edited.connect(self.editor.type)
        self.stage.save.clicked.connect(lambda: self.host.run_command("studio.export"))
        self.stage.look_changed.connect(lambda name, is_on: self.editor.set_look(**{name: is_on}))
        self.editor.changed.connect(self._on_scene_changed)
        self.writing.changed.connect(self._show_writing)
        self.writing.timed.connect(self._on_timed_token)
        self.writing.failed.connect(self._on_work_failed)
        shown = (self._show_text, self._show_bars, self._show_surprises, self._show_inside, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *shown), self)
        bar, timeline = self.timeline.bar, self.timeline
        bar.stop_requested.disconnect(timeline.stop_current)  # that would end a text for good
        bar.stop_requested.connect(self.writing.stop)
        timeline.source_changed.connect(self._follow.request)
        timeline.source_changed.connect(self._show_writing)

    def _connect_controls(self) -> None:
        write, choosing, editor = self.controls.write, self.controls.choosing, self.editor
        write.write_requested.connect(self._write)
        write.step_requested.connect(partial(self.typing.write, 1))
        write.end_requested.connect(partial(self.typing.write, math.inf))
        write.stop_requested.connect(self.writing.stop)
        choosing.changed.connect(lambda name, value: editor.set_params(N_("Settings"), name, **{name: value}))
        choosing.edit_started.connect(lambda _: editor.begin_gesture())
        choosing.edit_finished.connect(lambda _: editor.end_gesture())
        self.controls.tabs.value_chosen.connect(editor.set_tab)

    def _connect_branches(self) -> None:
        self.stage.canvas.page.token_pressed.connect(self.branches.go_to_token)
        self.controls.surprises.chosen.connect(self.branches.go_to_token)
        self.controls.pair.chosen.connect(self.branches.go_to_token)
        self.controls.bars.word_forced.connect(self._on_word_forced)
        self.bars.forced.connect(self.branches.force)
        self.inside.token_chosen.connect(self.branches.go_to_token)
        self.inside.way_taken.connect(self.writing.take)

    def _open(self) -> None:
        self._show_scene()
        self.opening.ready.connect(self.typing.release)
        self.opening.opened.connect(self._on_opened)
        self.opening.failed.connect(self._on_work_failed)
        self.opening.begin()

    def _on_opened(self, news: OpenTransformer) -> None:
        self.text.about = news
        self.bars.set_vocabulary(news.vocabulary)
        self.inside.set_about(news)
        self.branches.set_vocabulary(news.vocabulary)
        self._follow.request()

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

    def _on_scene_changed(self, before: TransformerScene) -> None:
        self.typing.follow(before)  # first: what is still shown must not come over what was typed
        self._show_scene()
        self.params_changed.emit()

    def _show_scene(self) -> None:
        scene = self.editor.scene
        self.controls.show_scene(scene)
        self.stage.set_look(scene.look)
        self.stage.set_tab(scene.tab)
        self.writing.params = scene.params
        self.bars.set_params(scene.params)
        self.form.show(scene.params)
        self.inside.show_scene(scene)
        self._show_writing()

    def _show_writing(self) -> None:
        scene = self.editor.scene
        self.timeline.bar.set_running(self.writing.is_writing)
        if not self.writing.is_writing:
            self._follow.request()
        self.controls.write.show_state(self.writing.is_writing, scene.params.length, self.text.about is not None)

    def _on_timed_token(self, ms: float) -> None:
        self._ms = ms
        self.timed.emit(Timing(ms, text=STEP_TEXT))

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show the text with the playhead at the token of this frame."""
        self.text.frame = frame
        self._follow.request()

    def _look(self) -> None:
        """Read what is on the timeline; then every part of the panel shows that text and a token of it."""
        text, trace = self.text, self.text.trace
        self._seen = (
            None if trace is None or text.vocabulary is None else TextAtPlayhead(trace, text.place, text.vocabulary)
        )
        if trace is None:
            self._show_learning()
        if self._seen is not None:
            text.read(self._seen.trace, self._seen.vocabulary)

    def _show_text(self) -> None:
        if self._seen is not None and not self.typing.is_due:
            self.stage.canvas.set_tokens(self.text.tokens, self._seen.place)

    def _show_bars(self) -> None:
        if self._seen is not None:
            params, is_resting = self.editor.scene.params, not self.writing.is_writing
            self.bars.show(self._seen.trace, self._seen.place, params, is_resting)

    def _show_surprises(self) -> None:
        if self._seen is not None:
            self.controls.surprises.show_tokens(self.text.tokens)

    def _show_inside(self) -> None:
        if self._seen is not None:
            words = [token.piece for token in self.text.tokens]
            self.inside.show(self._seen.trace, words, self._seen.place, self.editor.scene.params.muted)

    def _show_words(self) -> None:
        if self._seen is not None:
            self.branches.show(self._seen.place)
            self._describe(self._seen.place)

    def _show_learning(self) -> None:
        tokens = () if self.text.frame is None else learnt_tokens(self.text.frame)
        if tokens:
            self.stage.canvas.set_tokens(tokens, len(tokens) - 1)
            recording = self.timeline.recording
            lead, text = learnt_words(recording is not None and recording.info.kind == "training")
            self.frame.caption.set_lead(lead)
            self.frame.caption.set_text(text)

    def _describe(self, place: int) -> None:
        text = self.text
        if not self.writing.is_writing:  # nobody reads so fast, and a box that changes its height moves the text
            lead, words = describe(text.tokens, place, self.bars.choice, self.editor.scene.params)
            self.frame.caption.set_lead(lead)
            self.frame.caption.set_text(words, translate(TERM))
        self.frame.hint.set_text(text.context_words(self._ms))

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being written, and all that was is shown."""
        return not (self.writing.is_writing or self.typing.is_due or self._follow.is_pending)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first token."""
        frame, params = self.text.frame, self.editor.scene.params
        if frame is None:
            return None
        return Snapshot(frame, self.handle.source.id, params.seed, params_to_json(params), self.state())

    # Parameters and state

    def params(self) -> TransformerParams:
        """Return the settings of the text."""
        return self.editor.scene.params

    def set_params(self, params: TransformerParams) -> None:
        """Write what these settings ask for, without an undo step."""
        self.editor.adopt(replace(self.editor.scene, params=params, is_typed=False))
        self._show_scene()
        if self.writing.shows != params:
            self.typing.begin()

    def position(self) -> Position:
        """A text has no place to go to."""
        return {}

    def state(self) -> dict[str, Any]:
        """Return the scene, the tokens on screen and whether the caption is hidden."""
        return {
            "scene": scene_to_json(self.editor.scene),
            "text": text_to_json(self.text.trace),
            "is_caption_hidden": self.frame.caption.is_hidden,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()):
            raise UserError(N_("This saved text does not fit the model."))
        scene, start = scene_from_json(state["scene"]), start_from_json(state["text"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.editor.adopt(scene)
        self._show_scene()
        self.typing.begin(start)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        step = partial(self.typing.write, 1)
        return (
            Command("transformer.write", N_("Write on"), self._write, ("Ctrl+Return",), "Transformer"),
            Command("transformer.step", N_("Write one token"), step, ("Ctrl+Shift+Return",), "Transformer"),
            Command("transformer.surprise", N_("New seed"), self.editor.surprise, ("R",), "Transformer"),
        )


def first_params(card: Mapping[str, Any]) -> TransformerParams:
    """What a model opens with: its first example, in its own settings."""
    examples = card.get("examples", ())
    return saved_params(TransformerParams, {"prompt": examples[0] if examples else "", **card.get("defaults", {})})
