"""The panel of descriptions: choose a face, ask about it, see where each word looked, force another word."""

import random
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, ParamForm, PictureIntake
from studio.api.scene_panel import SettlingPanel
from studio.core.param import first_params
from studio.core.picture import is_picture
from studio.core.scene_codec import Stored
from studio.core.text.token import named
from studio.core.translation import N_

from ...translate.panel.sections import CandidatesSection
from ..params import DescribeParams
from ..scene import CODEC, DescribeScene, own_start, start_from_json, start_to_json
from ..state import DescriberInfo, read_own
from .editor import DescribeEditor
from .presenter import DescribePresenter, DescribeViews
from .runs import DescribeRuns
from .sections import CHOOSING, DescribeStage, FaceSection, TellSection

if TYPE_CHECKING:
    from ..engine import DescribeEngine

STEP_TEXT: Final = N_("{ms:,.1f} ms per token")
HINT: Final = N_("Point at a word to see where it looked, click it to see what else could stand there")


def model_info(engine: "DescribeEngine") -> DescriberInfo:
    """What there is to know of the open model."""
    return engine.about()


class DescribePanel(SettlingPanel[DescribeScene, DescribeEditor]):
    """One describer. A branch stays as it was: another search cannot hold from its midst on."""

    codec, hint, ask, step_text = CODEC, HINT, model_info, STEP_TEXT
    own_part = "picture"
    extras: ClassVar = {"start": Stored(start_to_json, start_from_json)}
    follows_controls, settle_ms = False, 300
    runs: DescribeRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        self.stage = DescribeStage(tuple(str(one) for one in card.get("questions", ())))
        first = DescribeScene(first_params(DescribeParams, card))
        super().__init__(handle, host, partial(DescribeEditor, first), self.stage)
        self.tasks.timed.connect(self.say_run)
        self.telling, self.faces, self.candidates = TellSection(), FaceSection(), CandidatesSection()
        self.choosing = ParamForm(DescribeParams, "describe_", only=CHOOSING)
        self.show_sections(
            self.telling,
            ("section_face", N_("Picture"), self.faces),
            ("section_next", N_("What else could stand here"), self.candidates),
            ("section_choosing", N_("How it searches"), self.choosing),
        )
        self.runs = DescribeRuns(self.timeline, self)
        views = DescribeViews(self.stage, self.frame.caption, self.faces, self.candidates, self.choosing)
        self.presenter = DescribePresenter(views, self.editor, self.runs)
        self.own = OwnPicture(self.tasks, PictureIntake(self, self), lambda _, source: read_own(source))
        self.hand_over(self.presenter, self.runs)
        self.accept(is_picture, self.own.open)
        self._connect()
        self._set_commands()
        self.open()

    def _connect(self) -> None:
        stage, faces = self.stage, self.faces
        stage.asked.connect(self._on_asked)
        stage.said.token_pressed.connect(self.presenter.choose)
        stage.lanes.chosen.connect(self.keep_lane)
        self.candidates.forced.connect(self.force)
        self.telling.tell_requested.connect(self.tell)
        self.telling.replay_requested.connect(self.replay)
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
        self.presenter.chosen = -1
        self.timeline.playback.seek(0)
        self.timeline.playback.play()

    def force(self, token: int) -> None:
        """Let every lane have a token at the place that is looked at."""
        trace, info, place = self.presenter.trace, self.presenter.info, self.presenter.place
        if trace is not None and info is not None:
            self.presenter.chosen = -1
            forced = [*trace.ids[:place], token]
            self.runs.force_words(self.editor.scene.params, trace, forced, named(info.vocabulary.name(token)))

    def keep_lane(self, lane: int) -> None:
        """Search on from what a lane says so far."""
        trace, info = self.presenter.trace, self.presenter.info
        if trace is not None and info is not None and lane < len(trace.lanes):
            self.presenter.chosen = -1
            title = trace.text(lane, info.vocabulary)[-24:]
            self.runs.force_words(self.editor.scene.params, trace, trace.lanes[lane], title)

    def follow(self, before: DescribeScene) -> None:
        """Describe another picture, or answer another question, once the hand rests."""
        if self.editor.scene != before:
            self.timeline.pause()
            self.presenter.let_go()
            self.settle.start()

    def extra_state(self) -> Mapping[str, Any]:
        """What the run began with, where the scene alone would not give it."""
        source = None if self.settle.isActive() else self.runs.source
        return {"start": own_start(source, self.editor.scene, self.shown)}

    def restore(self, scene: DescribeScene, **extras: Any) -> None:
        """Go on from a saved description."""
        self.adopt(scene)
        self.runs.renew(scene, True, extras["start"])
