"""Shows what is said of a picture part by part: the face and where a word looked, chips, lanes, candidates, words."""

from dataclasses import dataclass

from studio.core.view import State

from ...translate.panel.lanes_presenter import LanesPresenter, LanesViews
from ...translate.panel.runs import FollowedRuns
from ..caption import TERM, describe
from ..scene import DescribeScene
from ..state import DescriberInfo, DescriptionTrace
from ..view_model import DescriptionView, view_of
from .editor import DescribeEditor
from .sections import DescribeStage, FaceSection


@dataclass(frozen=True, eq=False)
class DescribeViews(LanesViews):
    """Where a description is shown."""

    stage: DescribeStage
    faces: FaceSection


class DescribePresenter(LanesPresenter[DescriberInfo, DescriptionTrace, DescriptionView]):
    """Attributes: see LanesPresenter."""

    key, term = "odd", TERM
    _views: DescribeViews

    def __init__(self, views: DescribeViews, editor: DescribeEditor, runs: FollowedRuns) -> None:
        super().__init__(views, editor, runs, self._show_face, self._show_text)
        views.stage.said.token_pressed.connect(self.choose)
        views.stage.said.token_pointed.connect(self._show_face)
        views.stage.face.pointed.connect(self.glow_at)

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

    def choose(self, token: int) -> None:
        """Show what could stand in the place of a token, and what it looked at; nothing for the same one again."""
        self.chosen = -1 if token == self.chosen else token
        self._show_face()
        self.request()

    def glow_at(self, down: float, along: float) -> None:
        """Let the words glow that looked at a place of the face; none where it is outside."""
        view = self.view
        n = 0 if view is None else view.heats.shape[1]
        outside = view is None or down < 0
        self._views.stage.said.set_glow([] if outside or view is None else view.glow(int(down * n), int(along * n)))

    # Parts

    def read(self, state: State, info: DescriberInfo) -> tuple[DescriptionTrace, DescriptionView]:
        """What a frame says, and which words of the question are known."""
        trace = DescriptionTrace(state)
        return trace, view_of(trace, info, self._editor.scene.params.prompt)

    def told(self, info: DescriberInfo, trace: DescriptionTrace, view: DescriptionView) -> tuple[str, str]:
        """What is answered, and how surely."""
        return describe(trace, view, info.vocabulary)

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
