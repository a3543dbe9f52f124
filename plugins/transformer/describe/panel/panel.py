"""The panel of descriptions: choose a face, ask about it, see where each word looked, force another word."""

import random
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, ParamForm, PictureIntake
from studio.api.text_editor import TextEditor
from studio.core.param import first_params
from studio.core.picture import is_picture
from studio.core.translation import N_
from studio.core.view import ByteArray, State

from ...translate.panel.followed_panel import FollowedPanel
from ...translate.panel.lanes_presenter import LanesPresenter, LanesViews
from ...translate.panel.runs import FollowedRuns
from ...translate.panel.sections import CandidatesSection
from ..caption import TERM, describe
from ..params import DescribeParams
from ..scene import CODEC, START, DescribeScene, own_start
from ..state import DescriberInfo, DescriptionTrace, read_own
from ..view_model import DescriptionView, view_of
from .sections import CHOOSING, DescribeStage, FaceSection, TellSection

HINT: Final = N_("Point at a word to see where it looked, click it to see what else could stand there")


class DescribeEditor(TextEditor[DescribeScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take_face(self, index: int) -> None:
        """Look at a face of the model, counted from 0; the question stays."""
        params = replace(self.scene.params, seed=index + 1)
        self.apply(N_("Face"), replace(self.scene, params=params, picture=None, name=""))

    def take_picture(self, own: tuple[ByteArray, str]) -> None:
        """Look at a person's own picture; the question stays."""
        self.apply(N_("My picture"), replace(self.scene, picture=own[0], name=own[1]))

    def ask(self, question: str) -> None:
        """Ask something; nothing for a description."""
        self.apply(N_("Question"), self.scene.at_prompt(question))


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


class DescribePanel(FollowedPanel[DescribeScene, DescribeEditor]):
    """One describer."""

    codec, hint, own_start = CODEC, HINT, own_start
    own_part = "picture"
    extras: ClassVar = {"start": START}
    settle_ms = 300

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        self.stage = DescribeStage(tuple(str(one) for one in card.get("questions", ())))
        first = DescribeScene(first_params(DescribeParams, card))
        super().__init__(handle, host, partial(DescribeEditor, first), self.stage)
        self.telling, self.faces, self.candidates = TellSection(), FaceSection(), CandidatesSection()
        self.choosing = ParamForm(DescribeParams, "describe_", only=CHOOSING)
        self.show_sections(
            self.telling,
            ("section_face", N_("Picture"), self.faces),
            ("section_next", N_("What else could stand here"), self.candidates),
            ("section_choosing", N_("How it searches"), self.choosing),
        )
        self.runs = FollowedRuns(self.timeline, self)
        shared = self.stage.lanes, self.frame.caption, self.candidates, self.choosing
        views = DescribeViews(*shared, self.stage, self.faces)
        self.presenter = DescribePresenter(views, self.editor, self.runs)
        self.own = OwnPicture(self.tasks, PictureIntake(self, self), lambda _, source: read_own(source))
        self.hand_over(self.presenter, self.runs)
        self.accept(is_picture, self.own.open)
        self.take_own(self.own, self.editor.take_picture)
        self._connect()
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        faces = self.faces
        self.stage.asked.connect(self._on_asked)
        self.telling.tell.clicked.connect(self.tell)
        self.telling.replay.clicked.connect(self.replay)
        faces.face_chosen.connect(self.editor.take_face)
        faces.another.clicked.connect(self.take_another)
        faces.file.clicked.connect(self.own.choose)
        faces.paste.clicked.connect(self.own.paste)
        self.bind(self.choosing, title=N_("Settings"))

    def _set_commands(self) -> None:
        title = "Transformer"
        self.own_commands = (
            Command("transformer.describe_tell", N_("Describe the face"), self.tell, ("D",), title),
            Command("transformer.describe_another", N_("Another face"), self.take_another, ("E",), title),
            Command("transformer.describe_replay", N_("Watch it look"), self.replay, ("Ctrl+Return",), title),
            Command(
                "transformer.describe_paste", N_("Describe the copied picture"), self.own.paste, ("Ctrl+V",), title
            ),
        )

    # What a person asks for

    def _on_asked(self, question: str) -> None:
        if question in (self.editor.scene.params.prompt, ""):
            self.editor.ask(question)
        else:
            self.editor.type(question)

    def tell(self) -> None:
        """Put the question away."""
        self.stage.question.set_text("")
        self.editor.ask("")

    def take_another(self) -> None:
        """Look at another of the model's faces."""
        info, scene = self.presenter.info, self.editor.scene
        if info is not None and len(info.faces) > 1:
            now = (scene.params.seed - 1) % len(info.faces) if scene.picture is None else -1
            self.editor.take_face(random.choice([one for one in range(len(info.faces)) if one != now]))

    def replay(self) -> None:
        """Show what was written from its first word on."""
        self.presenter.let_go()
        self.runs.replay()
