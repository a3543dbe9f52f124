"""The panel of a run that the playhead follows while it grows, and that can begin with what a person laid down."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import Host, UndoStack
from studio.api.scene_panel import SettlingPanel
from studio.api.text_editor import TextEditor
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import State

from .runs import FollowedRuns

SceneT = TypeVar("SceneT")
EditorT = TypeVar("EditorT", bound=TextEditor[Any])


class FollowedPanel(SettlingPanel[SceneT, EditorT]):
    """A branch stays as it was: another run cannot hold from its midst on. It is saved by what it began with.

    What it says by class attributes:
        extras: how "start" is saved.
        own_start: what a run began with, by its source, the scene and the frame on screen; None where a run of the
            scene would do the same.
    """

    own_start: ClassVar[Callable[[Any, Any, Frame | None], State | None]]
    step_text = N_("{ms:,.1f} ms per token")
    follows_controls = False
    runs: FollowedRuns

    def __init__(
        self, handle: EngineHandle, host: Host, editor: Callable[[UndoStack, QObject], EditorT], canvas: QWidget
    ) -> None:
        super().__init__(handle, host, editor, canvas)
        self.examples = tuple(str(one) for one in handle.source.card.get("examples", ()))
        self.tasks.timed.connect(self.say_run)
        self.keep("start", self._own_start)

    def write(self, text: str) -> None:
        """Take a text that a person has written; an emptied one leaves what is there."""
        if text.strip():
            self.editor.type(text)

    def take_example(self) -> None:
        """Take the next of the model's examples."""
        self.editor.take_example(self.examples)

    def _own_start(self) -> State | None:
        source = None if self.settle.isActive() else self.runs.source
        return type(self).own_start(source, self.editor.scene, self.shown)
