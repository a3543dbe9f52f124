"""The panel of texts with a memory: write in it, see every word that was nearly said, and shorten or cut the memory."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot, TextSurprises, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.text import N_, translate
from studio.core.text_token import named

from .text_about import TextAbout
from .text_branches import TextBranches
from .text_call import about, passage
from .text_caption import EMPTY
from .text_editor import TextEditor
from .text_memory_desk import MemoryDesk
from .text_params import TextParams
from .text_runs import TextRuns
from .text_saved import start_from_json, text_to_json
from .text_scene import TextScene, scene_from_json, scene_to_json
from .text_sections import CHOOSING, N_MORE, BarsSection, MemorySection, ParamSection, WriteSection
from .text_show import TextShow
from .text_shown import ShownText
from .text_stage import TextStage

SETTLE_MS: Final = 250
STEP_TEXT: Final = N_("{ms:,.1f} ms a token")
OPENING: Final = N_("The model is being opened.")
FAILED: Final = N_("The model could not be opened, so there is nothing to see.")


class TextPanel(Panel):
    """One model of text: a text that can be typed into and branched, and how far back the model remembers."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.params_changed.disconnect(self.deck.on_panel_changed)  # a branch stays as it was written
        card = handle.source.card
        self._n_passages = 0
        self.settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.text = ShownText(self.deck)
        self.editor = TextEditor(TextScene.of(first_params(card)), host.undo, self)
        self.stage = TextStage()
        self.stage.canvas.set_invitation(translate(EMPTY))
        self.frame = PanelFrame(self.stage, self.messages, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.write, self.bars, self.surprises = WriteSection(), BarsSection(), TextSurprises()
        self.remembering, self.choosing = MemorySection(card), ParamSection(TextParams, CHOOSING)
        self.runs = TextRuns(self.deck, self)
        self.memory_desk = MemoryDesk(self.stage.strip, self.remembering, self.tasks, handle, self)
        self.branches = TextBranches(self.deck, self.stage.branches, self)
        self.show_desk = TextShow(self)
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
        self.tasks.run("about", self.handle.work(about), done=self._on_opened, failed=self._on_open_failed)
        self._begin()

    def _on_opened(self, news: TextAbout) -> None:
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

    def _on_scene_changed(self, before: TextScene) -> None:
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
        self._adopt(TextScene.of(params, self.editor.scene.look))
        if not self.runs.shows(params):
            self.runs.renew(params)

    def _adopt(self, scene: TextScene) -> None:
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
