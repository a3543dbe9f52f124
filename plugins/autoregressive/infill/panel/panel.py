"""The panel of texts in any order: leave words out, say in which order they come, and see each one being told."""

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.gesture import GestureEditor
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.seed import MAX_SEED
from studio.core.text.token import named
from studio.core.translation import N_, plural, translate
from studio.core.view import State

from ...shared.params import MAX_ENDINGS
from ...text.panel.sections import CHOOSING, NextTokenSection, ParamSection
from ..params import InfillParams
from ..passage import MAX_BLANKS, CutText, InfillModelInfo, Passage, carried
from ..scene import InfillScene, filling_from_json, filling_to_json, own_filling, scene_from_json, scene_to_json
from .page import InfillStage
from .presenter import InfillPresenter, InfillQueries, model_info
from .runs import InfillRuns
from .sections import AttentionMaskSection, FillSection, OrderComparisonSection, OrderSection, TextSection

SETTLE_MS: Final = 250
STEP_TEXT: Final = N_("{ms:,.1f} ms a blank")
HINT: Final = N_("Click a word or drag over several to leave them out, click a blank to give its word back")
OPENING: Final = N_("The model is being opened.")
FAILED: Final = N_("The model could not be opened, so there is nothing to see.")


class InfillEditor(GestureEditor[InfillScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def apply(self, title: str, scene: InfillScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene != self.scene:
            super().apply(title, scene, merge_key)

    def set_passage(self, title: str, passage: Passage, merge_key: str | None = None) -> None:
        """Other blanks, or another order."""
        self.apply(title, self.scene.at(passage), merge_key)

    def set_text(self, title: str, text: str, passage: Passage, merge_key: str | None = None) -> None:
        """Another text."""
        self.apply(title, self.scene.with_params(prompt=text).at(passage), merge_key)

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings."""
        self.apply(title, self.scene.with_params(**changes), merge_key)

    def set_view(self, **changes: Any) -> None:
        """Show it otherwise."""
        self.apply(N_("View of the text"), replace(self.scene, **changes))

    def surprise(self) -> None:
        """Fill with another seed."""
        self.set_params(N_("New seed"), seed=random.randrange(MAX_SEED - MAX_ENDINGS))


class InfillGestures(QObject):
    """Works on the scene of one panel."""

    def __init__(self, panel: "InfillPanel") -> None:
        super().__init__(panel)
        self._panel, self._editor, self._asking, self._runs = panel, panel.editor, panel.asking, panel.runs
        self._examples = tuple(str(one) for one in panel.handle.source.card.get("examples", ()))
        self._n_asked = 0
        self._newest: CutText | None = None
        self._connect()

    def _connect(self) -> None:
        panel, asking, strip, fill = self._panel, self._asking, self._panel.stage.strip, self._panel.fill_section
        panel.stage.page.toggled.connect(self.toggle)
        strip.chosen.connect(self._runs.go_to)
        strip.moved.connect(self.move)
        strip.drag_started.connect(self._editor.begin_gesture)
        strip.drag_finished.connect(self._editor.end_gesture)
        panel.bars.forced.connect(self.force)
        panel.order.chosen.connect(self.arrange)
        panel.comparing.compare_requested.connect(self.compare)
        panel.text.edited.connect(self.type)
        fill.fill.clicked.connect(self.fill)
        fill.again.clicked.connect(self.again)
        fill.example.clicked.connect(self.take_example)
        fill.passage.clicked.connect(self.take_passage)
        asking.text_cut.connect(self._on_text_cut)
        asking.order_found.connect(self._on_order_found)

    @property
    def passage(self) -> Passage | None:
        """The text on screen with its blanks."""
        self._panel.show_desk.look()
        seen = self._panel.show_desk.seen
        return None if seen is None else seen.passage

    def fill(self) -> None:
        """Let the blanks fill one by one."""
        if self._panel.settle.isActive():
            self._panel.plays_next = True
            self._panel.begin()
        else:
            self._runs.play()

    def again(self) -> None:
        """Fill them with other dice, and keep what is there."""
        self._runs.keep()
        self._panel.plays_next = True
        self._editor.surprise()

    # Blanks and their order

    def toggle(self, places: tuple[int, ...]) -> None:
        """Leave words out, or give them back."""
        if (passage := self.passage) is None:
            return
        now = passage.toggled(places)
        if len(now.order) > MAX_BLANKS:
            one, more = N_("At most {n} token can be left out."), N_("At most {n} tokens can be left out.")
            self._panel.messages.show_error(UserError(plural(one, more, MAX_BLANKS), N_("Give some words back first.")))
            return
        is_more = len(now.order) > len(passage.order)
        self._editor.set_passage(N_("Leave out") if is_more else N_("Give back"), now)

    def move(self, turn: int, to: int) -> None:
        """Fill a blank at another turn."""
        if (passage := self.passage) is not None:
            self._editor.set_passage(N_("Order of the blanks"), passage.moved(turn, to), "order")

    def arrange(self, way: str) -> None:
        """Put the blanks in one of the orders that have a name."""
        if (passage := self.passage) is None:
            return
        if way == "surest":
            self._asking.surest(passage)
            return
        self._n_asked += 1
        ways = {"right": passage.rightwards, "left": passage.leftwards}
        now = ways[way]() if way in ways else passage.shuffled(self._n_asked)
        self._editor.set_passage(N_("Order of the blanks"), now)

    def _on_order_found(self, passage: Passage, order: tuple[int, ...]) -> None:
        if self.passage == passage:
            self._editor.set_passage(N_("Likeliest first"), passage.in_order(order))

    def compare(self) -> None:
        """Hold several orders together."""
        passage, seen = self.passage, self._panel.show_desk.seen
        if passage is not None and seen is not None and passage.order:
            self._asking.compare(passage, seen.told, self._panel.show_desk.key)

    def force(self, token: int) -> None:
        """Fill the marked blank with a token, as a branch."""
        seen, about = self._panel.show_desk.seen, self._panel.about
        if about is not None and seen is not None and seen.trace is not None:
            name = named(about.vocabulary.name(token))
            self._runs.force(self._editor.scene.params, seen.turn, token, name)

    # Texts

    def take_example(self) -> None:
        """Another of the model's examples."""
        if self._examples:
            present = self._editor.scene.params.prompt
            at = self._examples.index(present) + 1 if present in self._examples else 0
            self._asking.example(self._examples[at % len(self._examples)])

    def take_passage(self) -> None:
        """Lines that no model of ours ever saw."""
        self._n_asked += 1
        self._asking.unseen(self._n_asked)

    @property
    def is_typing(self) -> bool:
        """Whether the field is ahead of the text: what was typed is still being cut, or is no text yet."""
        field = self._panel.text.field
        return self._asking.is_cutting or (field.hasFocus() and not field.text().strip())

    def n_tokens_of(self, text: str) -> int:
        """How many tokens the newest text has in all, 0 where it is another one."""
        return self._newest.n_tokens if self._newest is not None and self._newest.text == text else 0

    def type(self, text: str) -> None:
        """The person wrote in the text; nothing happens before there is a word."""
        if text.strip():
            self._asking.type(text)

    def _on_text_cut(self, title: str, news: CutText, is_new: bool) -> None:
        self._newest = news
        before = self.passage
        if not news.passage.ids:
            return
        self._panel.messages.dismiss("error")
        passage = news.passage if is_new or before is None else carried(before, news.passage)
        self._panel.plays_next = is_new
        self._editor.set_text(title, news.text, passage, None if is_new else "typing")


class InfillPanel(Panel):
    """One XLNet: what is left out is filled in, in the order that a person lays down."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.params_changed.disconnect(self.deck.on_panel_changed)  # a branch stays as it was filled
        card = handle.source.card
        self.about: InfillModelInfo | None = None
        self.shown: Frame | None = None
        self.plays_next = False  # the blanks fill one by one once the newest change is run
        self.settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.editor = InfillEditor(InfillScene(first_params(card)), host.undo, self)
        self.stage = InfillStage()
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.fill_section, self.bars, self.order = FillSection(), NextTokenSection(), OrderSection()
        self.masking, self.comparing = AttentionMaskSection(), OrderComparisonSection()
        self.choosing, self.text = ParamSection(InfillParams, CHOOSING), TextSection()
        self.runs, self.asking = InfillRuns(self.deck, self), InfillQueries(self.tasks, handle, self)
        self.show_desk, self.tools = InfillPresenter(self), InfillGestures(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        for part in (self.tabs, self.picker, self.fill_section):
            inspector.add(part)
        inspector.add_section("section_next", N_("What could stand here")).add(self.bars)
        inspector.add_section("section_order", N_("Order of the blanks")).add(self.order)
        inspector.add_section("section_masks", N_("Who may look at whom")).add(self.masking)
        inspector.add_section("section_compare", N_("Orders compared")).add(self.comparing)
        inspector.add_section("section_choosing", N_("Choosing")).add(self.choosing)
        inspector.add_section("section_text", N_("Text of your own")).add(self.text)

    def _connect(self) -> None:
        editor = self.editor
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        self.stage.underline_chosen.connect(lambda is_on: editor.set_view(is_underlined=is_on))
        self.masking.axes_chosen.connect(lambda axes: editor.set_view(axes=axes))
        self.choosing.changed.connect(lambda name, value: editor.set_params(N_("Settings"), name, **{name: value}))
        self.choosing.edit_started.connect(lambda _: editor.begin_gesture())
        self.choosing.edit_finished.connect(lambda _: editor.end_gesture())
        self.asking.failed.connect(self._on_work_failed)
        self.asking.changed.connect(self.show_desk.request)
        self.runs.changed.connect(self.show_desk.request)
        self.deck.source_changed.connect(self.show_desk.request)
        self.settle.timeout.connect(self.begin)
        self.tasks.timed.connect(self._on_run_timed)

    def _open(self) -> None:
        self.frame.caption.set_text(translate(OPENING))
        self.plays_next = True
        self.tasks.run("about", self.handle.work(model_info), done=self._on_opened, failed=self._on_open_failed)
        self.begin()

    def _on_opened(self, news: InfillModelInfo) -> None:
        self.about = news
        self.show_desk.request()

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(translate(FAILED))
        self._on_work_failed(error)

    # What a person asks for

    def begin(self) -> None:
        """Fill the text that the scene asks for."""
        self.settle.stop()
        scene = self.editor.scene
        self.runs.renew(scene.params, scene.start())
        if self.plays_next:
            self.runs.play()
        self.plays_next = False

    def open_path(self, path: Path) -> bool:
        """Take a dropped text."""
        if path.suffix.lower() != ".txt" or not path.is_file():
            return False
        self.asking.open(path)
        return True

    # What is on screen

    def _on_scene_changed(self, before: InfillScene) -> None:
        now = self.editor.scene
        if now.passage != before.passage or now.params != before.params:
            self.deck.pause()
            self.settle.start()
        if now.params != before.params:
            self.params_changed.emit()
        self.show_controls()
        self.show_desk.request()

    def show_controls(self) -> None:
        """Let the controls stand where the scene is."""
        scene, seen, is_open = self.editor.scene, self.show_desk.seen, self.about is not None
        n_blanks = 0 if seen is None else len(seen.passage.order)
        self.choosing.show_params(scene.params)
        self.stage.set_underlined(scene.is_underlined)
        self.masking.axes.set_value(scene.axes)
        self.fill_section.show_state(is_open, n_blanks > 0)
        self.order.show_state(is_open, n_blanks)
        found = self.asking.compared_of(self.show_desk.key)
        self.comparing.show_compared(found, is_open and n_blanks > 0, self.asking.is_comparing)
        if seen is not None and self.about is not None and not self.tools.is_typing:
            text = scene.params.prompt or seen.text(self.about.vocabulary)
            n_tokens = self.tools.n_tokens_of(text)
            self.text.show_text(text, n_tokens, len(seen.passage), self.about.n_context)

    def _on_run_timed(self, key: str, ms: float) -> None:
        track = self.deck.track
        if track is not None and key.endswith(track.id) and len(track.recording):
            self.timed.emit(Timing(ms / len(track.recording), text=STEP_TEXT))

    def show_frame(self, frame: Frame) -> None:
        """Show the text with as many blanks filled as in this frame."""
        self.shown = frame
        self.show_desk.request()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is filled, asked, played or about to be shown."""
        is_busy = self.runs.is_growing or self.settle.isActive() or self.asking.is_busy
        return not (is_busy or self.show_desk.is_pending or self.deck.playback.is_playing)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        params = self.editor.scene.params
        return Snapshot(self.shown, self.handle.source.id, params.seed, params_to_json(params), self.state())

    # Parameters and state

    def params(self) -> InfillParams:
        """Return the settings of the filling."""
        return self.editor.scene.params

    def set_params(self, params: InfillParams) -> None:
        """Fill what these settings ask for, without an undo step; a run that has them stays as it is."""
        if self.runs.shows(params):
            self._adopt(replace(self.editor.scene, params=params))
        else:
            self._begin(replace(self.editor.scene, params=params, passage=None))

    def _begin(self, scene: InfillScene, start: State | None = None) -> None:
        self._adopt(scene)
        self.runs.renew(scene.params, scene.start() if start is None else start)
        self.runs.to_end()

    def _adopt(self, scene: InfillScene) -> None:
        self.settle.stop()
        self.plays_next = False
        self.editor.adopt(scene)
        self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return the scene, what is filled in where that alone would not give it, and whether the caption is hidden."""
        source = None if self.settle.isActive() else self.runs.source
        return {
            "scene": scene_to_json(self.editor.scene),
            "filling": filling_to_json(own_filling(source, self.editor.scene, self.shown)),
            "is_caption_hidden": self.frame.caption.is_hidden,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()) or type(state["is_caption_hidden"]) is not bool:
            raise UserError(N_("This saved text does not fit the model."))
        scene, start = scene_from_json(state["scene"]), filling_from_json(state["filling"])
        self.frame.caption.set_hidden(state["is_caption_hidden"])
        self._begin(scene, start)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        title = "Autoregressive"
        return (
            Command("autoregressive.order_fill", N_("Fill the blanks"), self.tools.fill, ("Ctrl+Return",), title),
            Command("autoregressive.order_again", N_("Fill them with other dice"), self.tools.again, ("R",), title),
            Command("autoregressive.order_example", N_("Another example"), self.tools.take_example, ("E",), title),
            Command("autoregressive.order_passage", N_("Lines from a play"), self.tools.take_passage, ("P",), title),
            Command("autoregressive.order_compare", N_("Compare orders"), self.tools.compare, (), title),
        )


def first_params(card: Mapping[str, Any]) -> InfillParams:
    """What a model opens with: its first example, in its own settings."""
    examples = card.get("examples", ())
    return saved_params(InfillParams, {"prompt": examples[0] if examples else "", **card.get("defaults", {})})
