"""Shows what is on the timeline of a text in any order, and asks the engine for cuts, orders and comparisons."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.gapped_text.gestures import OwnGapsSection
from studio.api.gapped_text.queries import GapQueries
from studio.api.gapped_text.runs import GapRuns
from studio.api.panel import Caption, EngineTasks, ParamForm, PartByPart
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource
from studio.core.frame import Frame
from studio.core.recording.recording import Branch
from studio.core.text.token import TextToken, named, percent
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_, _, translate

from ...text.panel.sections import NextTokenSection
from ..passage import InfillModelInfo, Passage
from ..scene import InfillParams, InfillScene
from ..state import Compared, choice_at, with_token
from .editor import InfillEditor
from .page import InfillStage
from .sections import AttentionMaskSection, FillSection, OrderComparisonSection, OrderSection, read_words
from .strip import OrderChip
from .view_model import TERM, InfillViewModel, describe, view_model_of

if TYPE_CHECKING:
    from ..engine import InfillEngine

_ORDER: Final = "surest"
_COMPARE: Final = "compare"
FOLLOW_MS: Final = 33
WAITING: Final = N_("Turn {n}: not filled in yet.")
FILLED: Final = N_("Turn {n}: “{word}”, {share}.")
BLANKS_PER_S: Final = 3.0


class InfillRuns(GapRuns):
    """Signals: see GapRuns."""

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent, BLANKS_PER_S, plays_next=True)

    def force(self, params: InfillParams, turn: int, token: int, title: str) -> None:
        """Fill a blank with another token at its turn, and what comes after it anew; what was there stays beside it."""
        track = self._timeline.track
        state = None if track is None or not len(track.recording) else track.recording[-1].state
        if track is None or state is None or int(state["told"][turn]) == token:
            return
        index = max(turn + 1 - track.recording.stored(0).step, 0)
        branch = Branch(track.id, min(index, len(track.recording) - 1))
        info = replace(self._timeline.info("run", params), branch=branch, title=title)
        made = self._timeline.recorder.start(
            GeneratedSource(params, with_token(state, turn, token)), info, is_step=True
        )
        self._timeline.show_track(made)
        self.play()
        self.changed.emit()

    def go_to(self, turn: int) -> None:
        """Put the playhead where a blank is filled: where the run does not have that, in the one that it left."""
        track = self._timeline.track
        self._timeline.pause()
        while track is not None and len(track.recording):
            first, branch = track.recording.stored(0).step, track.recording.info.branch
            if turn + 1 >= first or branch is None:
                self._timeline.show_track(track)
                self._timeline.playback.seek(max(turn + 1 - first, 0))
                self._timeline.show_present()
                return
            track = self._timeline.tracks.find(branch.parent_id)


def model_info(engine: "InfillEngine") -> InfillModelInfo:
    """What there is to know of the open model."""
    return engine.about()


def surest(engine: "InfillEngine", passage: Passage) -> Generator[None, None, tuple[Passage, tuple[int, ...]]]:
    """The order in which the network is surest, with the text that it was asked for."""
    return passage, (yield from engine.surest(passage))


def compare(
    engine: "InfillEngine", passage: Passage, told: tuple[int, ...], key: Any
) -> Generator[None, None, Compared]:
    """What some words cost in several orders."""
    return (yield from engine.compare(passage, told, key))


class InfillQueries(GapQueries):
    """Signals, beside those of GapQueries:
    order_found(passage, order): the surest order of its blanks.
    compared(): the words on screen were held together in several orders.
    """

    order_found = Signal(object, object)
    compared = Signal()
    keys = (_ORDER, _COMPARE)

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(tasks, parent)
        self._found: Compared | None = None

    @property
    def is_comparing(self) -> bool:
        """Whether orders are being held together."""
        return self._tasks.is_running(_COMPARE)

    def compared_of(self, key: Any) -> Compared | None:
        """What was found for these very words in this order."""
        return self._found if self._found is not None and self._found.key == key else None

    def surest(self, passage: Passage) -> None:
        """Ask in which order the model is surest."""
        self._run(_ORDER, partial(surest, passage=passage), self._on_surest)

    def compare(self, passage: Passage, told: tuple[int, ...], key: Any) -> None:
        """Hold the words together in several orders."""
        self._run(_COMPARE, partial(compare, passage=passage, told=told, key=key), self._on_compared)
        self.changed.emit()

    def _on_surest(self, news: tuple[Passage, tuple[int, ...]]) -> None:
        self.order_found.emit(*news)
        self.changed.emit()

    def _on_compared(self, news: Compared) -> None:
        self._found = news
        self.compared.emit()
        self.changed.emit()


@dataclass(frozen=True, eq=False)
class InfillViews:
    """Where a text is shown: on the stage and in its caption, and in sections of the inspector."""

    stage: InfillStage
    caption: Caption
    fill: FillSection
    bars: NextTokenSection
    order: OrderSection
    masking: AttentionMaskSection
    comparing: OrderComparisonSection
    choosing: ParamForm
    text: OwnGapsSection


class InfillPresenter(QObject):
    """Attributes:
    about: what the open model is, None before it is open.
    seen: what is on screen, None where there is nothing. tokens: the text as chips.
    """

    def __init__(
        self,
        views: InfillViews,
        editor: InfillEditor,
        runs: InfillRuns,
        queries: InfillQueries,
        timeline: TimelineController,
        settle: QTimer,
    ) -> None:
        """`settle` runs from a change of the text until it is filled anew."""
        super().__init__(runs)
        self._views, self._editor, self._queries = views, editor, queries
        self._timeline, self._settle = timeline, settle
        self.about: InfillModelInfo | None = None
        self._shown: Frame | None = None
        self.seen: InfillViewModel | None = None
        self.tokens: tuple[TextToken, ...] = ()
        parts = (self._show_text, self._show_strip, self._show_bars, self._show_masks, self._show_rest)
        self._follow = PartByPart(FOLLOW_MS, (self.look, *parts), self)
        self.request = self._follow.request
        for changed in (queries.changed, runs.changed, timeline.source_changed):
            changed.connect(self.request)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def key(self) -> Any:
        """The words on screen and their order, None where there are none."""
        return None if self.seen is None else (self.seen.passage, self.seen.told)

    def opened(self, found: InfillModelInfo) -> None:
        """The model is open."""
        self.about = found
        self.request()

    def show_frame(self, frame: Frame, scene: InfillScene) -> None:
        """Show the text with as many blanks filled as in this frame."""
        self._shown = frame
        self.request()

    def show_scene(self, scene: InfillScene) -> None:
        """Let the controls stand where the scene is."""
        views, seen, is_open = self._views, self.seen, self.about is not None
        n_blanks = 0 if seen is None else len(seen.passage.order)
        views.choosing.show_params(scene.params)
        views.stage.set_underlined(scene.is_underlined)
        views.masking.axes.set_value(scene.axes)
        views.fill.show_state(is_open, n_blanks > 0)
        views.order.show_state(is_open, n_blanks)
        found = self._queries.compared_of(self.key)
        views.comparing.show_compared(found, is_open and n_blanks > 0, self._queries.is_comparing)
        if seen is not None and self.about is not None and not views.text.is_ahead(self._queries):
            text = scene.params.prompt or seen.text(self.about.vocabulary)
            n_tokens = self._queries.n_tokens_of(text)
            views.text.show_text(text, read_words(n_tokens, len(seen.passage), self.about.n_context))

    def look(self) -> None:
        """Read what is on the timeline, or what is about to be there."""
        wanted = self._editor.scene.passage if self._settle.isActive() else None
        self.seen = view_model_of(self._shown, self._timeline, wanted)
        if self._known is not None:
            seen, vocabulary = self._known
            self.tokens = seen.tokens(vocabulary)

    @property
    def _known(self) -> tuple[InfillViewModel, TextVocabulary] | None:
        """What is seen, once the words of the open model are known."""
        return None if self.seen is None or self.about is None else (self.seen, self.about.vocabulary)

    def _show_text(self) -> None:
        if self._known is None:
            return
        seen, vocabulary = self._known
        self._views.stage.canvas.set_tokens(self.tokens, seen.place)
        self._views.stage.page.show_passage(seen.passage, seen.n_told, seen.words(vocabulary))

    def _show_strip(self) -> None:
        if self._known is not None:
            seen = self._known[0]
            self._views.stage.strip.show_chips(self._chips(seen), seen.turn)

    def _chips(self, seen: InfillViewModel) -> list[OrderChip]:
        chips = []
        for turn, place in enumerate(seen.passage.order):
            token = self.tokens[place]
            if turn < seen.n_told:
                said = translate(FILLED).format(n=turn + 1, word=token.name, share=percent(token.probability))
                chips.append(OrderChip(token.name, said))
            else:
                chips.append(OrderChip("", translate(WAITING).format(n=turn + 1)))
        return chips

    def _show_bars(self) -> None:
        if self._known is None:
            return
        seen, vocabulary = self._known
        if seen.turn < 0:
            self._views.bars.show_choice(None, _("Nothing is blanked out."))
            return
        if seen.trace is None:  # the bars before stay until these are there, so that nothing jumps under a hand
            return
        choice = choice_at(seen.trace, seen.turn, seen.n_told, vocabulary)
        text = _("Blank {n}") if choice.chosen is None else _("Blank {n}: instead of “{word}”")
        word = "" if choice.chosen is None else named(vocabulary.name(choice.chosen))
        self._views.bars.show_choice(choice, text.format(n=seen.turn + 1, word=word))

    def _show_masks(self) -> None:
        if self.seen is not None:
            section = self._views.masking
            section.matrices.show_passage(self.seen.passage, self.seen.place, self._editor.scene.axes)
            section.show_words(self.seen.turn)

    def _show_rest(self) -> None:
        self.show_scene(self._editor.scene)
        if self._known is None:
            return
        seen, vocabulary = self._known
        if seen.trace is None:
            return
        lead, words = describe(seen.trace, seen.n_told, vocabulary)
        self._views.caption.set_lead(lead)
        self._views.caption.set_text(words, translate(TERM))
