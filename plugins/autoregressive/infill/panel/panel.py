"""The panel of texts in any order: leave words out, say in which order they come, and see each one being told."""

from functools import partial
from operator import attrgetter
from typing import ClassVar, Final

from PySide6.QtCore import Signal

from studio.api.engine import EngineHandle
from studio.api.gapped_text.gestures import GapGestures, OwnGapsSection
from studio.api.gapped_text.panel import GapPanel
from studio.api.panel import Command, Host, ParamForm
from studio.core.error import UserError
from studio.core.param import first_params
from studio.core.scene_codec import Stored
from studio.core.text.gaps import CutText
from studio.core.text.token import named
from studio.core.translation import N_, _, plural

from ...text.panel.sections import CHOOSING, NextTokenSection
from ..passage import MAX_BLANKS, Passage, carried
from ..scene import CODEC, InfillParams, InfillScene, filling_from_json, filling_to_json, own_filling
from ..state import Filling
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


class InfillPanel(GapPanel[InfillScene, InfillEditor]):
    """One XLNet: what is left out is filled in, in the order that a person lays down. A branch stays as it was."""

    codec, hint, ask, step_text = CODEC, HINT, model_info, STEP_TEXT
    asked = attrgetter("passage", "params")
    extras: ClassVar = {"filling": Stored(filling_to_json, filling_from_json)}
    settle_ms = 250
    runs: InfillRuns
    gestures: InfillGestures

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, stage = handle.source.card, InfillStage()
        super().__init__(handle, host, partial(InfillEditor, InfillScene(first_params(InfillParams, card))), stage)
        self.stage = stage
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
        self.gestures = InfillGestures(self.editor, self.presenter, self.runs, self.queries, self.examples)
        self.connect_gaps(self.queries, self.fill_section, self.choosing, self.text)
        self.keep("filling", self._own_filling)
        self._connect_stage()
        self._connect_gestures()
        title = "Autoregressive"
        self.own_commands = (
            Command("autoregressive.order_fill", N_("Fill the blanks"), self.fill, ("Ctrl+Return",), title),
            *self.gap_commands("autoregressive.order", title),
            Command("autoregressive.order_compare", N_("Compare orders"), self.gestures.compare, (), title),
        )
        self.open()

    def _connect_stage(self) -> None:
        editor, strip = self.editor, self.stage.strip
        self.stage.looks.chosen.connect(lambda name, is_on: editor.set_view(**{name: is_on}))
        self.masking.axes_chosen.connect(lambda axes: editor.set_view(axes=axes))
        strip.drag_started.connect(editor.begin_gesture)
        strip.drag_finished.connect(editor.end_gesture)
        strip.chosen.connect(self.runs.go_to)

    def _connect_gestures(self) -> None:
        gestures = self.gestures
        self.stage.page.words_chosen.connect(gestures.toggle)
        self.stage.strip.moved.connect(gestures.move)
        self.bars.forced.connect(gestures.force)
        self.order.chosen.connect(gestures.arrange)
        self.comparing.compare_requested.connect(gestures.compare)
        gestures.refused.connect(self._on_work_failed)

    def _own_filling(self) -> Filling | None:
        source = None if self.settle.isActive() else self.runs.source
        return own_filling(source, self.editor.scene, self.shown)
