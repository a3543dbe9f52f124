"""The panel of texts with a memory: write in it, see every word that was nearly said, and shorten or cut the memory."""

import random
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.gesture import GestureEditor
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, PartByPart, Snapshot, TextSurprises, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.seed import MAX_SEED
from studio.core.text.token import TextToken, named
from studio.core.translation import N_, translate

from ...shared.params import MAX_ENDINGS
from ..caption import EMPTY, LEAD, LEARNING, TERM, describe
from ..params import TextParams
from ..scene import XLTextScene, scene_from_json, scene_to_json, start_from_json, text_to_json
from ..state import XLTextModelInfo, XLTextTrace, choice_at
from .memory_presenter import MemoryPresenter, RereadRequest, model_info, passage
from .runs import XLTextRuns
from .sections import CHOOSING, N_MORE, MemorySection, NextTokenSection, ParamSection, WriteSection
from .stage import XLTextBranches, XLTextStage
from .view_model import XLTextViewModel, learnt_tokens

FOLLOW_MS: Final = 33
SETTLE_MS: Final = 250
STEP_TEXT: Final = N_("{ms:,.1f} ms a token")
OPENING: Final = N_("The model is being opened.")
FAILED: Final = N_("The model could not be opened, so there is nothing to see.")


class XLTextEditor(GestureEditor[XLTextScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def apply(self, title: str, scene: XLTextScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene != self.scene:
            super().apply(title, scene, merge_key)

    def type(self, prompt: str) -> None:
        """The person has written in the text: what the model wrote after that place goes."""
        self.apply(N_("Typing"), self.scene.at_prompt(prompt), "typing")

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings."""
        self.apply(title, self.scene.with_params(**changes), merge_key)

    def surprise(self) -> None:
        """Write with another seed."""
        self.set_params(N_("New seed"), seed=random.randrange(MAX_SEED - MAX_ENDINGS))

    def set_look(self, **changes: bool) -> None:
        """Show the text otherwise."""
        self.apply(N_("View of the text"), replace(self.scene, look=replace(self.scene.look, **changes)))


class XLTextPresenter(QObject):
    """Attributes:
    trace: all that is known of the text on screen, None where there is none.
    tokens: the text as chips.
    """

    def __init__(self, panel: "XLTextPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.trace: XLTextTrace | None = None
        self.tokens: tuple[TextToken, ...] = ()
        parts = (self._show_text, self._show_bars, self._show_memory, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *parts), self)
        self.request = self._follow.request

    @property
    def is_pending(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def _seen(self) -> tuple[XLTextTrace, XLTextModelInfo, int] | None:
        """The text, the open model, and the token at the playhead."""
        text = self._panel.text
        if self.trace is None or text.about is None:
            return None
        return self.trace, text.about, min(text.place, len(self.trace) - 1)

    def _look(self) -> None:
        """Read what is on the timeline; then every part of the panel shows that text and a token of it."""
        panel, text = self._panel, self._panel.text
        self.trace = None if text.about is None else text.trace
        if self.trace is not None:
            found = panel.memory_desk.reread_of(self.trace, panel.editor.scene.params)
            self.tokens = text.tokens(self.trace, found)
        elif text.frame is not None and (learnt := learnt_tokens(text.frame)):
            panel.stage.canvas.set_tokens(learnt, len(learnt) - 1)
            panel.frame.caption.set_lead(translate(LEAD))
            panel.frame.caption.set_text(translate(LEARNING))

    def _show_text(self) -> None:
        if self.trace is not None and not self._panel.settle.isActive():
            self._panel.stage.canvas.set_tokens(self.tokens, self._panel.text.place)

    def _show_bars(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        text = N_("“{word}” stands first: nothing was expected.") if not place else N_("Instead of “{word}”")
        title = translate(text).format(word=self.tokens[place].name)
        found = self._panel.memory_desk.reread_of(trace, self._panel.editor.scene.params)
        self._panel.bars.show_choice(choice_at(trace, place, about.vocabulary, found), title)

    def _show_memory(self) -> None:
        if self._seen is None:
            return
        trace, about, place = self._seen
        panel, params = self._panel, self._panel.editor.scene.params
        is_resting = not (panel.runs.is_growing or panel.settle.isActive())
        asked = RereadRequest(is_resting, panel.runs.has_memory_of(params))
        panel.memory_desk.show(trace, place, about, params, asked)

    def _show_words(self) -> None:
        if self._seen is None:
            return
        panel, (_, about, place) = self._panel, self._seen
        panel.branches.show(about.vocabulary, place)
        panel.surprises.show_tokens(self.tokens)
        if not panel.runs.is_growing:
            lead, words = describe(self.tokens, place, panel.memory_desk.n_seen)
            panel.frame.caption.set_lead(lead)
            panel.frame.caption.set_text(words, translate(TERM))


class XLTextPanel(Panel):
    """One model of text: a text that can be typed into and branched, and how far back the model remembers."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.params_changed.disconnect(self.deck.on_panel_changed)  # a branch stays as it was written
        card = handle.source.card
        self._n_passages = 0
        self.settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.text = XLTextViewModel(self.deck)
        self.editor = XLTextEditor(XLTextScene.of(first_params(card)), host.undo, self)
        self.stage = XLTextStage()
        self.stage.canvas.set_invitation(translate(EMPTY))
        self.frame = PanelFrame(self.stage, self.messages, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.write, self.bars, self.surprises = WriteSection(), NextTokenSection(), TextSurprises()
        self.remembering, self.choosing = MemorySection(card), ParamSection(TextParams, CHOOSING)
        self.runs = XLTextRuns(self.deck, self)
        self.memory_desk = MemoryPresenter(self.stage.strip, self.remembering, self.tasks, handle, self)
        self.branches = XLTextBranches(self.deck, self.stage.branches, self)
        self.show_desk = XLTextPresenter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        for part in (self.tabs, self.picker, self.write):
            inspector.add(part)
        inspector.add_section("section_next", N_("What could stand here")).add(self.bars)
        inspector.add_section("section_memory", N_("Memory")).add(self.remembering)
        inspector.add_section("section_choosing", N_("Choosing")).add(self.choosing)
        inspector.add_section("section_surprises", N_("Most surprising")).add(self.surprises)

    def _connect(self) -> None:
        editor, strip, write = self.editor, self.stage.strip, self.write
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        self.stage.look_changed.connect(lambda name, is_on: editor.set_look(**{name: is_on}))
        self.stage.canvas.page.edited.connect(editor.type)
        for section in (self.choosing, self.remembering):
            section.changed.connect(lambda name, value: editor.set_params(N_("Settings"), name, **{name: value}))
            section.edit_started.connect(lambda _: editor.begin_gesture())
            section.edit_finished.connect(lambda _: editor.end_gesture())
        strip.drag_started.connect(editor.begin_gesture)
        strip.drag_finished.connect(editor.end_gesture)
        strip.memory_dragged.connect(lambda n: editor.set_params(N_("Memory"), "memory", memory=n))
        strip.cut_chosen.connect(self.cut)
        self.remembering.heal_requested.connect(lambda: self.cut(0))
        for chosen in (strip.segment_chosen, self.stage.canvas.page.token_pressed, self.surprises.chosen):
            chosen.connect(self.runs.go_to)
        self.bars.forced.connect(self._on_forced)
        write.write_requested.connect(self.write_on)
        write.stop_requested.connect(self.runs.stop)
        write.passage_requested.connect(self.read_passage)
        write.seed_requested.connect(editor.surprise)
        self.runs.changed.connect(self._on_run_changed)
        self.deck.source_changed.connect(self.show_desk.request)
        self.memory_desk.found.connect(self.show_desk.request)
        self.memory_desk.failed.connect(self._on_work_failed)
        self.settle.timeout.connect(self._begin)
        self.tasks.timed.connect(self._on_run_timed)

    def _open(self) -> None:
        self.frame.caption.set_text(translate(OPENING))
        self._show_scene()
        self.tasks.run("about", self.handle.work(model_info), done=self._on_opened, failed=self._on_open_failed)
        self._begin()

    def _on_opened(self, news: XLTextModelInfo) -> None:
        self.text.about = news
        self._on_run_changed()

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(translate(FAILED))
        self._on_work_failed(error)

    # What a person asks for

    def _begin(self) -> None:
        """Write the text that the scene asks for."""
        self.settle.stop()
        self.runs.renew(self.editor.scene.written)

    def write_on(self, n_tokens: int = N_MORE) -> None:
        """Write more; where settings have changed since, what stands there is taken as given."""
        scene, source = self.editor.scene, self.runs.source
        written = None if source is None else replace(source.params, length=scene.params.length)
        if written == scene.params or self.show_desk.trace is None:
            self.editor.apply(N_("Write on"), scene.longer(n_tokens))
        else:
            text = "".join(token.piece for token in self.show_desk.tokens)
            self.editor.apply(N_("Write on"), scene.with_params(prompt=text, length=n_tokens))

    def cut(self, token: int) -> None:
        """Cut the memory before a token, the first one of a segment; 0 heals it."""
        self.editor.set_params(N_("Cut the memory") if token else N_("Heal the cut"), cut=token)

    def read_passage(self) -> None:
        """Read lines that the model never saw."""
        self._n_passages += 1
        work = self.handle.work(partial(passage, number=self._n_passages))
        self.tasks.run("passage", work, done=self._on_passage, failed=self._on_work_failed)

    def _on_passage(self, text: str) -> None:
        self.editor.apply(N_("A passage"), self.editor.scene.at_prompt(text))

    def _on_forced(self, token: int) -> None:
        if self.text.about is not None:
            name = named(self.text.about.vocabulary.name(token))
            self.runs.force(self.editor.scene.params, self.text.place, token, name)

    def _on_scene_changed(self, before: XLTextScene) -> None:
        now, was = self.editor.scene.params, before.params
        if (now.prompt, now.seed) != (was.prompt, was.seed):
            self.settle.start()  # first: what is still shown must not come over what was typed
            self.runs.stop()
        elif now.length != was.length:
            self.runs.write_on(self.editor.scene.written)
        self._show_scene()
        if now != was:
            self.params_changed.emit()

    def _show_scene(self) -> None:
        scene = self.editor.scene
        self.choosing.show_params(scene.params)
        self.remembering.show_params(scene.params)
        self.stage.set_look(scene.look)
        self.stage.strip.set_memory(scene.params.memory, scene.params.cut)
        self._on_run_changed()

    def _on_run_changed(self) -> None:
        self.write.show_state(self.runs.is_growing, self.text.about is not None)
        self.show_desk.request()

    def _on_run_timed(self, key: str, ms: float) -> None:
        track = self.deck.track
        if track is not None and key.endswith(track.id) and len(track.recording):
            self.timed.emit(Timing(ms / len(track.recording), text=STEP_TEXT))

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show the text with the playhead at the token of this frame."""
        self.text.frame = frame
        self.show_desk.request()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is written, read or about to be shown."""
        is_busy = self.runs.is_growing or self.settle.isActive() or self.tasks.is_running("passage")
        return not (is_busy or self.show_desk.is_pending or self.memory_desk.is_reading)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first token."""
        frame, params = self.text.frame, self.editor.scene.params
        if frame is None:
            return None
        return Snapshot(frame, self.handle.source.id, params.seed, params_to_json(params), self.state())

    # Parameters and state

    def params(self) -> TextParams:
        """Return the settings of the text."""
        return self.editor.scene.params

    def set_params(self, params: TextParams) -> None:
        """Write what these settings ask for, without an undo step; a run that has them stays as it is."""
        self._adopt(XLTextScene.of(params, self.editor.scene.look))
        if not self.runs.shows(params):
            self.runs.renew(params)

    def _adopt(self, scene: XLTextScene) -> None:
        self.settle.stop()
        self.editor.adopt(scene)
        self._show_scene()
        self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return the scene, the text where the scene alone would not give it, and whether the caption is hidden."""
        source, scene, text = self.runs.source, self.editor.scene, None
        if source is not None and (getattr(source, "start", None) is not None or source.params != scene.written):
            scene, text = replace(scene, written=source.params), text_to_json(self.text.trace)
        return {"scene": scene_to_json(scene), "text": text, "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()):
            raise UserError(N_("This saved text does not fit the model."))
        scene, start = scene_from_json(state["scene"]), start_from_json(state["text"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self._adopt(scene)
        self.runs.renew(scene.written, start)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        step, title = partial(self.write_on, 1), "Autoregressive"
        return (
            Command("autoregressive.text_write", N_("Write on"), self.write_on, ("Ctrl+Return",), title),
            Command("autoregressive.text_step", N_("Write one token"), step, ("Ctrl+Shift+Return",), title),
            Command("autoregressive.text_passage", N_("Read a passage"), self.read_passage, ("P",), title),
            Command("autoregressive.text_seed", N_("New seed"), self.editor.surprise, ("R",), title),
        )


def first_params(card: Mapping[str, Any]) -> TextParams:
    """What a model opens with: its first example, in its own settings."""
    examples = card.get("examples", ())
    return saved_params(TextParams, {"prompt": examples[0] if examples else "", **card.get("defaults", {})})
