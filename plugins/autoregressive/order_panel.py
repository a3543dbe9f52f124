"""The panel of texts in any order: leave words out, say in which order they come, and see each one being told."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, ModelPicker, Panel, PanelFrame, Snapshot, Timing
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.text import N_, translate
from studio.core.view import State

from .order_about import OrderAbout
from .order_asking import OrderAsking
from .order_call import about
from .order_editor import OrderEditor
from .order_params import InfillParams
from .order_runs import OrderRuns
from .order_saved import own_filling
from .order_scene import OrderScene, filling_from_json, filling_to_json, scene_from_json, scene_to_json
from .order_sections import CompareSection, FillSection, MaskSection, OrderSection, TextSection
from .order_show import OrderShow
from .order_stage import OrderStage
from .order_tools import OrderTools
from .text_sections import CHOOSING, BarsSection, ParamSection

SETTLE_MS: Final = 250
STEP_TEXT: Final = N_("{ms:,.1f} ms a blank")
HINT: Final = N_("Click a word or drag over several to leave them out, click a blank to give its word back")
OPENING: Final = N_("The model is being opened.")
FAILED: Final = N_("The model could not be opened, so there is nothing to see.")


class OrderPanel(Panel):
    """One XLNet: what is left out is filled in, in the order that a person lays down."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.params_changed.disconnect(self.deck.on_panel_changed)  # a branch stays as it was filled
        card = handle.source.card
        self.about: OrderAbout | None = None
        self.shown: Frame | None = None
        self.plays_next = False  # the blanks fill one by one once the newest change is run
        self.settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.editor = OrderEditor(OrderScene(first_params(card)), host.undo, self)
        self.stage = OrderStage()
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.fill_section, self.bars, self.order = FillSection(), BarsSection(), OrderSection()
        self.masking, self.comparing = MaskSection(), CompareSection()
        self.choosing, self.text = ParamSection(InfillParams, CHOOSING), TextSection()
        self.runs, self.asking = OrderRuns(self.deck, self), OrderAsking(self.tasks, handle, self)
        self.show_desk, self.tools = OrderShow(self), OrderTools(self)
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
        self.tasks.run("about", self.handle.work(about), done=self._on_opened, failed=self._on_open_failed)
        self.begin()

    def _on_opened(self, news: OrderAbout) -> None:
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

    def _on_scene_changed(self, before: OrderScene) -> None:
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

    def _begin(self, scene: OrderScene, start: State | None = None) -> None:
        self._adopt(scene)
        self.runs.renew(scene.params, scene.start() if start is None else start)
        self.runs.to_end()

    def _adopt(self, scene: OrderScene) -> None:
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


