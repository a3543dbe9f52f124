"""The panel of texts in any order: leave words out, say in which order they come, and see each one being told."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import Signal

from studio.api.engine import EngineHandle
from studio.api.gapped_text.gestures import GapGestures, OwnGapsSection
from studio.api.gapped_text.queries import is_text
from studio.api.panel import Command, Host, ParamForm
from studio.api.scene_panel import SettlingPanel
from studio.core.error import UserError
from studio.core.param import first_params
from studio.core.scene_codec import Stored
from studio.core.text.gaps import CutText
from studio.core.text.token import named
from studio.core.translation import N_, _, plural

from ...text.panel.sections import CHOOSING, NextTokenSection
from ..passage import MAX_BLANKS, Passage, carried
from ..scene import CODEC, InfillParams, InfillScene, filling_from_json, filling_to_json, own_filling
from .editor import InfillEditor
from .page import InfillStage
from .presenter import InfillPresenter, InfillQueries, InfillRuns, InfillViews, model_info
from .sections import AttentionMaskSection, FillSection, OrderComparisonSection, OrderSection

N_LINES: Final = 5
"""Of the field of one’s own text."""
STEP_TEXT: Final = N_("{ms:,.1f} ms per blank")
HINT: Final = N_("Click a word or drag over several to blank them out, click a blank to put its word back")


class InfillGestures(GapGestures):
    """What a hand does to a text. Signals, beside those of GapGestures: refused(error)."""

    _runs: InfillRuns
    _queries: InfillQueries
    refused = Signal(object)

    def __init__(
        self,
        editor: InfillEditor,
        presenter: InfillPresenter,
        runs: InfillRuns,
        queries: InfillQueries,
        examples: tuple[str, ...],
    ) -> None:
        super().__init__(editor, runs, queries, examples, presenter)
        self._editor, self._presenter = editor, presenter
        queries.order_found.connect(self._on_order_found)

    @property
    def passage(self) -> Passage | None:
        """The text on screen with its blanks."""
        self._presenter.look()
        seen = self._presenter.seen
        return None if seen is None else seen.passage

    # Blanks and their order

    def toggle(self, places: tuple[int, ...]) -> None:
        """Leave words out, or give them back."""
        if (passage := self.passage) is None:
            return
        now = passage.toggled(places)
        if len(now.order) > MAX_BLANKS:
            one, more = N_("At most {n} token can be blanked out."), N_("At most {n} tokens can be blanked out.")
            self.refused.emit(UserError(plural(one, more, MAX_BLANKS), N_("Put some words back first.")))
            return
        is_more = len(now.order) > len(passage.order)
        self._editor.set_passage(N_("Blank out") if is_more else N_("Put back"), now)

    def move(self, turn: int, to: int) -> None:
        """Fill a blank at another turn."""
        if (passage := self.passage) is not None:
            self._editor.set_passage(N_("Order of the blanks"), passage.moved(turn, to), "order")

    def arrange(self, way: str) -> None:
        """Put the blanks in one of the orders that have a name."""
        if (passage := self.passage) is None:
            return
        if way == "surest":
            self._queries.surest(passage)
            return
        self._n_asked += 1
        ways = {"right": passage.rightwards, "left": passage.leftwards}
        now = ways[way]() if way in ways else passage.shuffled(self._n_asked)
        self._fill_in_order(N_("Order of the blanks"), passage, now)

    def _fill_in_order(self, title: str, before: Passage, now: Passage) -> None:
        """Let an order be seen: the blanks fill in it, once more where it is the present one."""
        if now == before:
            self._runs.play()
            return
        self._runs.plays_next = True
        self._editor.set_passage(title, now)

    def _on_order_found(self, passage: Passage, order: tuple[int, ...]) -> None:
        if self.passage == passage:
            self._fill_in_order(N_("Likeliest first"), passage, passage.in_order(order))

    def compare(self) -> None:
        """Hold several orders together."""
        passage, seen = self.passage, self._presenter.seen
        if passage is not None and seen is not None and passage.order:
            self._queries.compare(passage, seen.told, self._presenter.key)

    def force(self, token: int) -> None:
        """Fill the marked blank with a token, as a branch."""
        seen, about = self._presenter.seen, self._presenter.about
        if about is not None and seen is not None and seen.trace is not None:
            name = named(about.vocabulary.name(token))
            self._runs.force(self._editor.scene.params, seen.turn, token, name)

    def _on_text_cut(self, title: str, news: CutText[Passage], is_new: bool) -> None:
        before = self.passage
        if not news.gapped.ids:
            return
        self.taken.emit()
        passage = news.gapped if is_new or before is None else carried(before, news.gapped)
        self._runs.plays_next = is_new
        self._editor.set_text(title, news.text, passage, None if is_new else "typing")


class InfillPanel(SettlingPanel[InfillScene, InfillEditor]):
    """One XLNet: what is left out is filled in, in the order that a person lays down. A branch stays as it was."""

    codec, hint, ask, step_text = CODEC, HINT, model_info, STEP_TEXT
    extras: ClassVar = {"filling": Stored(filling_to_json, filling_from_json)}
    follows_controls, settle_ms = False, 250
    runs: InfillRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, stage = handle.source.card, InfillStage()
        super().__init__(handle, host, partial(InfillEditor, InfillScene(first_params(InfillParams, card))), stage)
        self.stage = stage
        self.tasks.timed.connect(self.say_run)
        self.fill_section, self.bars, self.order = FillSection(), NextTokenSection(), OrderSection()
        self.masking, self.comparing = AttentionMaskSection(), OrderComparisonSection()
        self.choosing = ParamForm(InfillParams, "text_", only=CHOOSING)
        self.text = OwnGapsSection("order_text", _("Write a text; type two underscores for a blank."), N_LINES)
        self.show_sections(
            self.fill_section,
            ("section_next", N_("What else could go here"), self.bars),
            ("section_order", N_("Order of the blanks"), self.order),
            ("section_masks", N_("Which words each word sees"), self.masking),
            ("section_compare", N_("Orders compared"), self.comparing),
            ("section_choosing", N_("How it chooses"), self.choosing),
            ("section_text", N_("Your own text"), self.text),
        )
        self.runs, self.queries = InfillRuns(self.timeline, self), InfillQueries(self.tasks, self)
        sections = self.fill_section, self.bars, self.order, self.masking, self.comparing, self.choosing, self.text
        views = InfillViews(stage, self.frame.caption, *sections)
        self.presenter = InfillPresenter(views, self.editor, self.runs, self.queries, self.timeline, self.settle)
        examples = tuple(str(one) for one in card.get("examples", ()))
        self.gestures = InfillGestures(self.editor, self.presenter, self.runs, self.queries, examples)
        self.hand_over(self.presenter, self.runs, self.queries)
        self.accept(is_text, self.queries.open)
        self._connect()
        self._connect_gestures()
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        editor, strip = self.editor, self.stage.strip
        self.stage.looks.chosen.connect(lambda name, is_on: editor.set_view(**{name: is_on}))
        self.masking.axes_chosen.connect(lambda axes: editor.set_view(axes=axes))
        self.bind(self.choosing, title=N_("Settings"))
        strip.drag_started.connect(editor.begin_gesture)
        strip.drag_finished.connect(editor.end_gesture)
        strip.chosen.connect(self.runs.go_to)
        self.queries.failed.connect(self._on_work_failed)

    def _connect_gestures(self) -> None:
        gestures, fill = self.gestures, self.fill_section
        self.stage.page.words_chosen.connect(gestures.toggle)
        self.stage.strip.moved.connect(gestures.move)
        self.bars.forced.connect(gestures.force)
        self.order.chosen.connect(gestures.arrange)
        self.comparing.compare_requested.connect(gestures.compare)
        self.text.edited.connect(gestures.type)
        fill.fill.clicked.connect(self.fill)
        fill.again.clicked.connect(gestures.again)
        fill.example.clicked.connect(gestures.take_example)
        fill.passage.clicked.connect(gestures.take_passage)
        gestures.taken.connect(lambda: self.messages.dismiss("error"))
        gestures.refused.connect(self._on_work_failed)

    def _set_commands(self) -> None:
        title, does = "Autoregressive", self.gestures
        self.own_commands = (
            Command("autoregressive.order_fill", N_("Fill the blanks"), self.fill, ("Ctrl+Return",), title),
            Command("autoregressive.order_again", N_("Fill them in again"), does.again, ("R",), title),
            Command("autoregressive.order_example", N_("Another example"), does.take_example, ("E",), title),
            Command("autoregressive.order_passage", N_("Lines from a play"), does.take_passage, ("P",), title),
            Command("autoregressive.order_compare", N_("Compare orders"), does.compare, (), title),
        )

    def fill(self) -> None:
        """Let the blanks fill one by one."""
        if self.settle.isActive():
            self.runs.plays_next = True
            self.renew()
        else:
            self.runs.play()

    def follow(self, before: InfillScene) -> None:
        """Fill another text once the hand rests."""
        now = self.editor.scene
        if now.passage != before.passage or now.params != before.params:
            self.timeline.pause()
            self.settle.start()
        self.presenter.request()

    def extra_state(self) -> Mapping[str, Any]:
        """What is filled in, where the scene alone would not give it."""
        source = None if self.settle.isActive() else self.runs.source
        return {"filling": own_filling(source, self.editor.scene, self.shown)}

    def restore(self, scene: InfillScene, **extras: Any) -> None:
        """Go on from a saved text."""
        self.adopt(scene)
        self.runs.renew(scene, True, extras["filling"])
