"""What a search for words shows alike of any source, part by part, and what a hand does to its lanes."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from PySide6.QtCore import QObject

from studio.api.panel import Caption, ParamForm, PartByPart
from studio.api.text_editor import TextEditor
from studio.core.frame import Frame
from studio.core.text.token import named
from studio.core.translation import translate
from studio.core.view import State

from ..state import LanesInfo, TranslationTrace
from .lanes import LaneRow, LanesView
from .runs import FollowedRuns
from .sections import CandidatesSection

FOLLOW_MS: Final = 33
MOST_TITLE: Final = 24
InfoT = TypeVar("InfoT", bound=LanesInfo)
TraceT = TypeVar("TraceT", bound=TranslationTrace)
ViewT = TypeVar("ViewT")


@dataclass(frozen=True, eq=False)
class LanesViews:
    """Where a search is shown."""

    lanes: LanesView
    caption: Caption
    candidates: CandidatesSection
    choosing: ParamForm


class LanesPresenter(QObject, Generic[InfoT, TraceT, ViewT]):
    """Lanes, candidates and words; each kind adds the parts that show its source and its text.

    What it says by class attributes:
        key: the name that only states of this kind have. term: its term of the field.

    Attributes:
        info: the open model. trace, view: what is on screen; None before. chosen: the token that a person chose, -1 for
            the newest.
    """

    key: ClassVar[str]
    term: ClassVar[str]

    def __init__(
        self, views: LanesViews, editor: TextEditor[Any], runs: FollowedRuns, *parts: Callable[[], None]
    ) -> None:
        super().__init__(runs)
        self._views, self._editor, self._runs = views, editor, runs
        self.info: InfoT | None = None
        self.trace: TraceT | None = None
        self.view: ViewT | None = None
        self.chosen = -1
        self._frame: Frame | None = None
        parts = (self._look, *parts, self._show_lanes, self._show_candidates, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, parts, self)
        self.request = self._follow.request
        runs.changed.connect(self.request)
        views.lanes.chosen.connect(self.keep_lane)
        views.candidates.forced.connect(self.force)

    @abstractmethod
    def read(self, state: State, info: InfoT) -> tuple[TraceT, ViewT]:
        """What a frame says, and how it is read."""

    @abstractmethod
    def told(self, info: InfoT, trace: TraceT, view: ViewT) -> tuple[str, str]:
        """What the caption says: in bold, and behind it."""

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def place(self) -> int:
        """The place whose candidates are shown: the chosen one, else the newest; -1 where nothing is on screen."""
        if self.trace is None:
            return -1
        return self.chosen if 0 <= self.chosen < len(self.trace.ids) else self.trace.newest

    @property
    def _known(self) -> tuple[InfoT, TraceT, ViewT] | None:
        """What is on screen, once the model is open."""
        if self.info is None or self.trace is None or self.view is None:
            return None
        return self.info, self.trace, self.view

    def show_frame(self, frame: Frame, scene: object) -> None:
        """Show the lanes of a frame."""
        self._frame = frame
        self.request()

    def let_go(self) -> None:
        """Nothing is chosen of a scene that goes."""
        self.chosen = -1

    # What a hand does

    def force(self, token: int) -> None:
        """Let every lane have a token at the place that is looked at."""
        if (known := self._known) is not None:
            info, trace, _ = known
            self._branch([*trace.ids[: self.place], token], trace, named(info.vocabulary.name(token)))

    def keep_lane(self, lane: int) -> None:
        """Search on from what a lane says so far."""
        if (known := self._known) is not None and lane < len(known[1].lanes):
            info, trace, _ = known
            self._branch(trace.lanes[lane], trace, trace.text(lane, info.vocabulary)[-MOST_TITLE:])

    def _branch(self, forced: list[int], trace: TraceT, title: str) -> None:
        self.let_go()
        self._runs.branch(self._editor.scene.params, trace.start(forced), len(forced) - 1, title)

    # Parts

    def _look(self) -> None:
        state = None if self._frame is None else self._frame.state
        self.trace = self.view = None
        if self.info is not None and state is not None and self.key in state:
            self.trace, self.view = self.read(state, self.info)

    def _show_lanes(self) -> None:
        if (known := self._known) is not None:
            info, trace, _ = known
            facts = enumerate(zip(trace.scores, trace.are_over, trace.parents, strict=True))
            rows = [LaneRow(trace.text(lane, info.vocabulary), *told) for lane, told in facts]
            self._views.lanes.show_lanes(rows, max(len(rows), self._editor.scene.params.lanes))

    def _show_candidates(self) -> None:
        if (known := self._known) is not None:
            self._views.candidates.show_rows(known[1].candidates(self.place, known[0].vocabulary))

    def _show_words(self) -> None:
        if (known := self._known) is not None:
            lead, words = self.told(*known)
            self._views.caption.set_lead(lead)
            self._views.caption.set_text(words, translate(self.term))
