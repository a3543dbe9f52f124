"""Shows the search on the timeline part by part: both texts, the lanes, candidates, the board, and words about it."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer

from studio.api.panel import Caption, ParamForm, PartByPart
from studio.core.frame import Frame
from studio.core.text.token import TextToken
from studio.core.translation import translate

from ..caption import TERM, describe
from ..scene import TranslateScene
from ..state import TranslationTrace, TranslatorInfo
from ..view_model import TranslationView, view_of
from .board import AlignmentBoard
from .editor import TranslateEditor
from .lanes import LaneRow
from .runs import TranslateRuns
from .sections import AskSection, CandidatesSection, TranslateStage

FOLLOW_MS: Final = 33


@dataclass(frozen=True, eq=False)
class TranslateViews:
    """Where a translation is shown."""

    stage: TranslateStage
    caption: Caption
    ask: AskSection
    candidates: CandidatesSection
    board: AlignmentBoard
    choosing: ParamForm


class TranslatePresenter(QObject):
    """Attributes:
    info: the open model. trace, view: what is on screen; None before. chosen: the token that a person chose, -1 for
        the newest.
    """

    def __init__(self, views: TranslateViews, editor: TranslateEditor, runs: TranslateRuns, settle: QTimer) -> None:
        """`settle` runs while a person types, until the text is translated anew."""
        super().__init__(runs)
        self._views, self._editor, self._runs, self._settle = views, editor, runs, settle
        self.info: TranslatorInfo | None = None
        self.trace: TranslationTrace | None = None
        self.view: TranslationView | None = None
        self.chosen = -1
        self._frame: Frame | None = None
        parts = (self._show_texts, self._show_lanes, self._show_board, self._show_candidates, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *parts), self)
        self.request = self._follow.request
        runs.changed.connect(self.request)
        stage, board = views.stage, views.board
        stage.target.token_pointed.connect(self.glow_for_target)
        stage.source.token_pointed.connect(self.glow_for_source)
        board.pointed.connect(self._on_board_pointed)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def place(self) -> int:
        """The place of the translation whose candidates are shown: the chosen one, else the newest."""
        if self.trace is None:
            return -1
        n_tokens = len(self.trace.ids)
        newest = n_tokens - 1 if self.trace.are_over[0] else n_tokens
        return self.chosen if 0 <= self.chosen < n_tokens else newest

    def opened(self, found: TranslatorInfo) -> None:
        """The model is open."""
        self.info = found
        self._views.ask.show_state(True)
        self.request()

    def show_scene(self, scene: TranslateScene) -> None:
        """Let the controls stand where the scene is."""
        self._views.choosing.show_params(scene.params)
        self._views.stage.show_task(scene.params.task)
        self._views.ask.show_task(scene.params.task)
        prompt, page = scene.params.prompt, self._views.stage.source
        if page.text != prompt and not page.hasFocus() and self.trace is None:
            self._views.stage.source_canvas.set_tokens((TextToken(prompt),), -1)

    def show_frame(self, frame: Frame, scene: TranslateScene) -> None:
        """Show the lanes of a frame."""
        self._frame = frame
        self.request()

    def choose(self, token: int) -> None:
        """Show what could stand in the place of a token, and what it looked at."""
        self.chosen = token
        self.glow_for_target(token)
        self.request()

    def let_go(self) -> None:
        """Nothing is chosen of a scene that goes."""
        self.chosen = -1

    # The glow

    def glow_for_target(self, token: int) -> None:
        """Let the source words glow that the word of a target token looked at; without one, the chosen word's."""
        at = token if token >= 0 else self.place
        stage = self._views.stage
        stage.source.set_glow([] if self.view is None else self.view.glow_of_source(at))
        stage.target.set_glow([])

    def glow_for_source(self, chip: int) -> None:
        """Let the target tokens glow that looked at a source word."""
        if chip < 0:
            self.glow_for_target(-1)
            return
        self._views.stage.target.set_glow([] if self.view is None else self.view.glow_of_target(chip))

    def _on_board_pointed(self, word: int, _chip: int) -> None:
        known = self.view is not None and 0 <= word < len(self.view.words)
        self.glow_for_target(self.view.words[word][0] if known and self.view is not None else -1)

    # Parts

    def _look(self) -> None:
        state = None if self._frame is None else self._frame.state
        if self.info is None or state is None or "lanes" not in state:
            self.trace = self.view = None
            return
        self.trace = TranslationTrace(state)
        params = self._editor.scene.params
        self.view = view_of(self.trace, self.info, params.prompt, params.task)

    def _show_texts(self) -> None:
        if self.view is None:
            return
        stage = self._views.stage
        if not self._settle.isActive():  # what is being typed stays as it is
            stage.source_canvas.set_tokens([TextToken(chip) for chip in self.view.chips], -1)
            stage.source.set_marked(self.view.unseen)
        stage.target_canvas.set_tokens(self.view.tokens, min(self.place, len(self.view.tokens) - 1))
        self.glow_for_target(stage.target.sheet.pointed)

    def _show_lanes(self) -> None:
        if self.trace is None or self.info is None:
            return
        trace, vocabulary = self.trace, self.info.vocabulary
        facts = enumerate(zip(trace.scores, trace.are_over, trace.parents, strict=True))
        rows = [LaneRow(trace.text(lane, vocabulary), *known) for lane, known in facts]
        self._views.stage.lanes.show_lanes(rows, max(len(rows), self._editor.scene.params.lanes))

    def _show_board(self) -> None:
        self._views.board.show_view(self.view)

    def _show_candidates(self) -> None:
        if self.trace is not None and self.info is not None:
            self._views.candidates.show_rows(self.trace.candidates(self.place, self.info.vocabulary))

    def _show_words(self) -> None:
        if self.trace is not None and self.view is not None and self.info is not None:
            lead, words = describe(self.trace, self.view, self.info)
            self._views.caption.set_lead(lead)
            self._views.caption.set_text(words, translate(TERM))
