"""The panel of descriptions: choose a face, ask about it, see where each word looked, force another word."""

import random
from functools import partial
from typing import ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, ParamForm, PictureIntake
from studio.core.param import first_params
from studio.core.picture import is_picture
from studio.core.translation import N_

from ...translate.panel.followed_panel import FollowedPanel
from ...translate.panel.runs import FollowedRuns
from ...translate.panel.sections import CandidatesSection
from ..params import DescribeParams
from ..scene import CODEC, START, DescribeScene, own_start
from ..state import read_own
from .editor import DescribeEditor
from .presenter import DescribePresenter, DescribeViews
from .sections import CHOOSING, DescribeStage, FaceSection, TellSection

HINT: Final = N_("Point at a word to see where it looked, click it to see what else could stand there")


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
        self.own.read.connect(self.editor.take_picture)
        self.own.failed.connect(self._on_work_failed)
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
