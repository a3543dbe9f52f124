"""The panel of texts: every word that was nearly said, and a click that says it."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host, Panel, PanelFrame, Snapshot, Throttle, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import make_params, params_to_json
from studio.core.position import Position
from studio.core.text import N_, translate

from .bars_desk import BarsDesk
from .branch_desk import BranchDesk
from .capture import Trace
from .chat_desk import ChatDesk
from .form_desk import FormDesk
from .pair_desk import PairDesk
from .params import SampleParams
from .text_about import TextAbout
from .text_call import about
from .text_caption import TERM, describe
from .text_controls import TextControls
from .text_editor import TextEditor
from .text_inside import TextInside
from .text_learning import learnt_tokens, learnt_words
from .text_moment import tokens_of
from .text_saved import start_from_json, text_to_json
from .text_scene import TextScene, scene_from_json, scene_to_json
from .text_stage import TextStage
from .text_token import TextToken, named
from .text_typing import TextTyping
from .text_vocabulary import TextVocabulary
from .text_writing import TextWriting

FOLLOW_MS: Final = 33
STEP_TEXT: Final = N_("{ms:,.1f} ms a token")
INVITATION: Final = N_("Write something here: the model continues it, it does not answer.")


class TransformerPanel(Panel):
    """One model of text: the prompt in place, the tokens that it wrote, and what it nearly wrote."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        # Here a branch does not follow the controls: the bars do at once, and what is written stays.
        self.params_changed.disconnect(self.deck.on_panel_changed)
        card = handle.source.card
        self._about: TextAbout | None = None
        self._frame: Frame | None = None
        self._tokens: tuple[TextToken, ...] = ()
        self._ids: list[int] = []
        self._n_prompt = 0
        self._ms = 0.0
        self.editor = TextEditor(TextScene(first_params(card)), host.undo, self)
        self.stage = TextStage()
        self.stage.canvas.set_invitation(translate(str(card.get("empty_prompt", INVITATION))))
        self.stage.canvas.set_language(str(card.get("language", "")))
        self.frame = PanelFrame(self.stage, self.messages, timeline=self.deck.timeline)
        self.controls = TextControls(self.frame.inspector, host, card, handle.source.id)
        self.writing = TextWriting(self.deck, self.tasks, handle, self)
        self.typing = TextTyping(self.editor, self.writing, self)
        self.bars = BarsDesk(self.controls.bars, self)
        self.form = FormDesk(self)
        self.chat = ChatDesk(self, self.controls.chat)
        self.inside = TextInside(self)
        self.pair = PairDesk(self)
        self.branches = BranchDesk(self.deck, self.stage.branches, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_text()
        self._connect_controls()
        self._open()

    # Wiring

    def _connect_text(self) -> None:
        page = self.stage.canvas.page
        page.edited.connect(self.editor.type)
        page.token_pressed.connect(self.go_to_token)
        self.stage.save.clicked.connect(lambda: self.host.run_command("studio.export"))
        self.stage.look_changed.connect(lambda name, is_on: self.editor.set_look(**{name: is_on}))
        self.editor.changed.connect(self._on_scene_changed)
        self.writing.changed.connect(self._show_writing)
        self.writing.timed.connect(self._on_timed_token)
        self.writing.failed.connect(self._on_work_failed)
        self._follow = Throttle(FOLLOW_MS, self._refresh, self)
        timeline, deck = self.deck.timeline, self.deck
        timeline.stop_requested.disconnect(deck.stop_current)  # that would end a text for good
        timeline.stop_requested.connect(self.writing.stop)
        deck.source_changed.connect(self._follow.request)
        deck.source_changed.connect(self._show_writing)
        self.bars.forced.connect(self.force)
        self.inside.muted_changed.connect(lambda text: self.editor.set_params(N_("Switch off"), muted=text))
        self.inside.token_chosen.connect(self.go_to_token)
        self.inside.way_taken.connect(self._take_way)

    def _connect_controls(self) -> None:
        write, choosing, editor = self.controls.write, self.controls.choosing, self.editor
        write.write_requested.connect(self._write)
        write.step_requested.connect(partial(self.writing.write, 1))
        write.end_requested.connect(partial(self.writing.write, math.inf))
        write.stop_requested.connect(self.writing.stop)
        self.controls.bars.word_forced.connect(self._force_word)
        choosing.changed.connect(lambda name, value: editor.set_params(N_("Settings"), name, **{name: value}))
        choosing.edit_started.connect(lambda _: editor.begin_gesture())
        choosing.edit_finished.connect(lambda _: editor.end_gesture())
        self.controls.surprises.chosen.connect(self.go_to_token)
        self.controls.tabs.value_chosen.connect(editor.set_tab)

    def _open(self) -> None:
        self.frame.caption.set_text(translate(N_("The model is being opened.")))
        self.tasks.run("about", self.handle.work(about), done=self._on_opened, failed=self._on_open_failed)
        self._show_scene()
        self.typing.begin()

    def _on_opened(self, news: TextAbout) -> None:
        self._about = news
        self.bars.set_vocabulary(news.vocabulary)
        self.inside.set_about(news)
        self._refresh()

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to see.")))
        self._on_work_failed(error)

    # What a person asks for

    def _write(self) -> None:
        self.typing.write(self.editor.scene.params.length)

    def go_to_token(self, token: int) -> None:
        """Put the playhead on a token of the text, or on the first one that this branch has."""
        recording = self.deck.recording
        if recording is not None and len(recording):
            self.writing.stop()
            first = len(self._tokens) - len(recording)
            if token >= first:
                self.deck.playback.seek(token - first)
            else:
                self.branches.show_before(token)

    def force(self, place: int, token: int) -> None:
        """Let the text go on with this token at a place; what was there stays as a branch."""
        if self._about is not None:
            word = named(self._about.vocabulary.name(token))
            self.branches.force(self.writing, place, token, word)

    def _take_way(self, place: int, path: list[int]) -> None:
        if self._about is not None:
            text = "".join(self._about.vocabulary.texts(path)).strip()
            self.writing.take(place, path, text)

    def _force_word(self, word: str) -> None:
        """Force a word that was typed; where it is no token of its own it is typed into the text instead."""
        if self._about is None or not self._tokens:
            return
        place = self.bars.place
        token = self._about.vocabulary.find(word)
        if token is not None:
            self.force(place, token)
        else:
            before = "".join(one.piece for one in self._tokens[:place])
            self.editor.type(f"{before} {word.strip()}")

    def _on_scene_changed(self, before: TextScene) -> None:
        self._show_scene()
        self.typing.follow(before)
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
        self.deck.timeline.set_running(self.writing.is_writing)
        self.controls.write.show_state(self.writing.is_writing, scene.params.length, self._about is not None)

    def _on_timed_token(self, ms: float) -> None:
        self._ms = ms
        self.timed.emit(Timing(ms, text=STEP_TEXT))

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show the text with the playhead at the token of this frame."""
        self._frame = frame
        self._follow.request()

    def _refresh(self) -> None:
        """Show what is on the timeline: the whole text, and one token of it in every part of the panel."""
        trace, place = self._trace()
        if trace is None:
            self._show_learning()
        if trace is None or self._about is None:
            return
        self._read(trace, self._about.vocabulary)
        if not self.typing.is_due:
            self.stage.canvas.set_tokens(self._tokens, place)
        self.bars.show(trace, place, self.editor.scene.params, not self.writing.is_writing)
        words = [token.piece for token in self._tokens]
        self.controls.surprises.show_tokens(self._tokens)
        self.inside.show(self._ids, words, place, self.editor.scene.params.muted)
        self.branches.show(self._about.vocabulary, place)
        self._describe(place)

    def _show_learning(self) -> None:
        tokens = () if self._frame is None else learnt_tokens(self._frame)
        if tokens:
            self.stage.canvas.set_tokens(tokens, len(tokens) - 1)
            recording = self.deck.recording
            lead, text = learnt_words(recording is not None and recording.info.kind == "training")
            self.frame.caption.set_lead(lead)
            self.frame.caption.set_text(text)

    def _read(self, trace: Trace, vocabulary: TextVocabulary) -> None:
        ids = trace.ids.tolist()
        is_longer = ids[: len(self._ids)] == self._ids and len(trace.prompt) == self._n_prompt
        known = self._tokens[: len(ids)] if is_longer else ()
        self._tokens, self._ids, self._n_prompt = tokens_of(trace, vocabulary, known), ids, len(trace.prompt)

    @property
    def trace(self) -> Trace | None:
        """All that is known of the text on screen."""
        return self._trace()[0]

    @property
    def vocabulary(self) -> TextVocabulary | None:
        """The tokens of the model, once it is open."""
        return None if self._about is None else self._about.vocabulary

    def _trace(self) -> tuple[Trace | None, int]:
        """All that is known of the text, and the token at the playhead."""
        frame, recording = self._frame, self.deck.recording
        if frame is None or frame.state is None or "ids" not in frame.state:
            return None, 0
        place = len(frame.state["ids"]) - 1
        last = recording[-1] if recording is not None and len(recording) else frame
        ids = None if last.state is None else last.state.get("ids")
        is_same = ids is not None and np.array_equal(ids[: place + 1], frame.state["ids"])
        return Trace(last.state if is_same and last.state is not None else frame.state), place

    def _describe(self, place: int) -> None:
        scene = self.editor.scene
        lead, text = describe(self._tokens, place, self.bars.choice, scene.params)
        self.frame.caption.set_lead(lead)
        self.frame.caption.set_text(text, translate(TERM))
        self.frame.hint.set_text(self._context_words())

    def _context_words(self) -> str:
        if self._about is None:
            return ""
        n_tokens, n_context = len(self._tokens), self._about.n_context
        parts = [translate(N_("{n} of {all} tokens of context")).format(n=f"{n_tokens:,}", all=f"{n_context:,}")]
        if self._ms > 0:
            parts.append(translate(N_("{n} tokens a second")).format(n=f"{1000 / self._ms:,.0f}"))
        return " · ".join(parts)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being written."""
        return not self.writing.is_writing and not self.typing.is_due

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first token."""
        if self._frame is None:
            return None
        params = self.editor.scene.params
        return Snapshot(self._frame, self.handle.source.id, params.seed, params_to_json(params), self.state())

    # Parameters and state

    def params(self) -> SampleParams:
        """Return the settings of the text."""
        return self.editor.scene.params

    def set_params(self, params: SampleParams) -> None:
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
            "text": text_to_json(self.trace),
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
        step = partial(self.writing.write, 1)
        return (
            Command("transformer.write", N_("Write on"), self._write, ("Ctrl+Return",), "Transformer"),
            Command("transformer.step", N_("Write one token"), step, ("Ctrl+Shift+Return",), "Transformer"),
            Command("transformer.surprise", N_("New seed"), self.editor.surprise, ("R",), "Transformer"),
        )


def first_params(card: Mapping[str, Any]) -> SampleParams:
    """What a model opens with: its first example, in its own settings."""
    examples = card.get("examples", ())
    return make_params(SampleParams, {"prompt": examples[0] if examples else "", **card.get("defaults", {})})
