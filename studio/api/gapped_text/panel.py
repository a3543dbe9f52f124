"""The panel of a text with gaps, which are filled once the hand rests."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.gapped_text.gestures import GapGestures, OwnGapsSection
from studio.api.gapped_text.queries import GapQueries, is_text
from studio.api.gapped_text.runs import GapRuns
from studio.api.panel import Command, Host, UndoStack
from studio.api.scene_panel import SettlingPanel
from studio.api.text_editor import TextEditor
from studio.core.translation import N_

SceneT = TypeVar("SceneT")
EditorT = TypeVar("EditorT", bound=TextEditor[Any])


class GapPanel(SettlingPanel[SceneT, EditorT]):
    """A branch stays as it was. A kind makes `runs`, `presenter` and `gestures` and calls `connect_gaps` in `__init__`.

    What it says by class attributes:
        asked: what of its scene is filled: for any other, another run begins.
    """

    asked: ClassVar["attrgetter[Any]"]
    follows_controls = False
    runs: GapRuns
    presenter: Any
    gestures: GapGestures

    def __init__(
        self, handle: EngineHandle, host: Host, editor: Callable[[UndoStack, QObject], EditorT], canvas: QWidget
    ) -> None:
        super().__init__(handle, host, editor, canvas)
        self.examples = tuple(str(one) for one in handle.source.card.get("examples", ()))
        self.tasks.timed.connect(self.say_run)

    def connect_gaps(self, queries: GapQueries, buttons: Any, choosing: Any, text: OwnGapsSection) -> None:
        """Let buttons (fill, again, example, passage), settings and the field of one's own do what they say."""
        gestures = self.gestures
        self.hand_over(self.presenter, self.runs, queries)
        self.accept(is_text, queries.open)
        self.bind(choosing, title=N_("Settings"))
        queries.failed.connect(self._on_work_failed)
        text.edited.connect(gestures.type)
        buttons.fill.clicked.connect(self.fill)
        buttons.again.clicked.connect(gestures.again)
        buttons.example.clicked.connect(gestures.take_example)
        buttons.passage.clicked.connect(gestures.take_passage)
        gestures.taken.connect(lambda: self.messages.dismiss("error"))

    def gap_commands(self, prefix: str, menu: str, *more: Command) -> tuple[Command, ...]:
        """What every text with gaps offers beside filling it, and `more` after what concerns the same text."""
        does = self.gestures
        return (
            Command(f"{prefix}_again", N_("Fill them in again"), does.again, ("R",), menu),
            *more,
            Command(f"{prefix}_example", N_("Another example"), does.take_example, ("E",), menu),
            Command(f"{prefix}_passage", N_("Lines from a play"), does.take_passage, ("P",), menu),
        )

    def fill(self) -> None:
        """Let the gaps fill one by one."""
        if self.settle.isActive():
            self.runs.plays_next = True
            self.renew()
        else:
            self.runs.play()

    def follow(self, before: SceneT) -> None:
        """Fill another text once the hand rests."""
        asked = type(self).asked
        if asked(self.editor.scene) != asked(before):
            self.timeline.pause()
            self.settle.start()
        self.presenter.request()
