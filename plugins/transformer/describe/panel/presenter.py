"""Shows what is said of a picture part by part: the face and where a word looked, chips, lanes, candidates, words."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject

from studio.api.panel import Caption, ParamForm, PartByPart
from studio.core.frame import Frame
from studio.core.translation import translate

from ...translate.panel.lanes import LaneRow
from ...translate.panel.sections import CandidatesSection
from ..caption import TERM, describe
from ..scene import DescribeScene
from ..state import DescriberInfo, DescriptionTrace
from ..view_model import DescriptionView, view_of
from .editor import DescribeEditor
from .runs import DescribeRuns
from .sections import DescribeStage, FaceSection

FOLLOW_MS: Final = 33


@dataclass(frozen=True, eq=False)
class DescribeViews:
    """Where a description is shown."""

    stage: DescribeStage
    caption: Caption
    faces: FaceSection
    candidates: CandidatesSection
    choosing: ParamForm


class DescribePresenter(QObject):
    """Attributes:
    info: the open model. trace, view: what is on screen; None before. chosen: the token that a person chose, -1 for
        the newest.
    """

    def __init__(self, views: DescribeViews, editor: DescribeEditor, runs: DescribeRuns) -> None:
        super().__init__(runs)
        self._views, self._editor = views, editor
        self.info: DescriberInfo | None = None
        self.trace: DescriptionTrace | None = None
        self.view: DescriptionView | None = None
        self.chosen = -1
        self._frame: Frame | None = None
        parts = (self._show_face, self._show_text, self._show_lanes, self._show_candidates, self._show_words)
        self._follow = PartByPart(FOLLOW_MS, (self._look, *parts), self)
        self.request = self._follow.request
        runs.changed.connect(self.request)
        views.stage.said.token_pointed.connect(self._show_face)
        views.stage.face.pointed.connect(self.glow_at)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be shown."""
        return self._follow.is_pending

    @property
    def place(self) -> int:
        """The place whose candidates are shown: the chosen one, else the beginning of an answer, else the newest."""
        if self.trace is None:
            return -1
        n_tokens = len(self.trace.ids)
        newest = (0 if self.trace.asked else n_tokens - 1) if self.trace.are_over[0] else n_tokens
        return self.chosen if 0 <= self.chosen < n_tokens else newest

    @property
    def _is_writing(self) -> bool:
        """Whether more words follow what is on screen."""
        if self.trace is None or self._frame is None:
            return False
        return not self.trace.are_over[0] and self._frame.step + 1 < self._frame.n_steps

    def opened(self, found: DescriberInfo) -> None:
        """The model is open."""
        self.info = found
        self._views.faces.grid.set_faces(list(found.faces))
        self.show_scene(self._editor.scene)
        self.request()

    def show_scene(self, scene: DescribeScene) -> None:
        """Let the controls stand where the scene is."""
        views, n_faces = self._views, 0 if self.info is None else len(self.info.faces)
        views.choosing.show_params(scene.params)
        views.stage.show_question(scene.params.prompt)
        views.faces.grid.set_current((scene.params.seed - 1) % n_faces if scene.picture is None and n_faces else -1)

    def show_frame(self, frame: Frame, scene: DescribeScene) -> None:
        """Show the lanes of a frame."""
        self._frame = frame
        self.request()

    def choose(self, token: int) -> None:
        """Show what could stand in the place of a token, and what it looked at; nothing for the same one again."""
        self.chosen = -1 if token == self.chosen else token
        self._show_face()
        self.request()

    def let_go(self) -> None:
        """Nothing is chosen of a scene that goes."""
        self.chosen = -1

    def glow_at(self, down: float, along: float) -> None:
        """Let the words glow that looked at a place of the face; none where it is outside."""
        view = self.view
        n = 0 if view is None else view.heats.shape[1]
        outside = view is None or down < 0
        self._views.stage.said.set_glow([] if outside or view is None else view.glow(int(down * n), int(along * n)))

    # Parts

    def _look(self) -> None:
        state = None if self._frame is None else self._frame.state
        if self.info is None or state is None or "odd" not in state:
            self.trace = self.view = None
            return
        self.trace = DescriptionTrace(state)
        self.view = view_of(self.trace, self.info, self._editor.scene.params.prompt)

    def _show_face(self, _token: int = -1) -> None:
        """Lit by the word under the pointer, else by the chosen one, else by the newest while it writes."""
        if self.trace is None or self.view is None:
            return
        pointed = self._views.stage.said.sheet.pointed
        newest = len(self.trace.ids) - 1 if self._is_writing else -1
        token = next((one for one in (pointed, self.chosen, newest) if one >= 0), -1)
        self._views.stage.face.show_face(self.trace.picture, self.view.heat_of(token))

    def _show_text(self) -> None:
        if self.view is not None:
            tokens = self.view.tokens
            self._views.stage.canvas.set_tokens(tokens, self.chosen if self.chosen < len(tokens) else -1)

    def _show_lanes(self) -> None:
        if self.trace is None or self.info is None:
            return
        trace, vocabulary = self.trace, self.info.vocabulary
        facts = enumerate(zip(trace.scores, trace.are_over, trace.parents, strict=True))
        rows = [LaneRow(trace.text(lane, vocabulary), *known) for lane, known in facts]
        self._views.stage.lanes.show_lanes(rows, max(len(rows), self._editor.scene.params.lanes))

    def _show_candidates(self) -> None:
        if self.trace is not None and self.info is not None:
            self._views.candidates.show_rows(self.trace.candidates(self.place, self.info.vocabulary))

    def _show_words(self) -> None:
        if self.trace is not None and self.view is not None and self.info is not None:
            lead, words = describe(self.trace, self.view, self.info.vocabulary)
            self._views.caption.set_lead(lead)
            self._views.caption.set_text(words, translate(TERM))
