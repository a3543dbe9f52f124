"""What the editors of all families share: a scene, the steps of undo that lead to it, and drags that are one step."""

from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from PySide6.QtCore import QObject, QTimer, Signal

from studio.commands.undo import Step, UndoStack

BURST_MS: Final = 600

SceneT = TypeVar("SceneT")


class GestureEditor(QObject, Generic[SceneT]):
    """Holds the scene; opens a gesture while a hand drags, and for notches and keys that follow each other quickly.

    Signals:
        changed(before): after every change, undone ones too, with the scene that was there.
        steered(): before a person changes the scene, so that what plays can stop.

    Attributes:
        scene: the present one, a frozen dataclass.
        views: names of its fields that undo leaves as they are, since no step led to them.
    """

    changed = Signal(object)
    steered = Signal()
    views: ClassVar[tuple[str, ...]] = ()

    def __init__(self, scene: SceneT, undo: UndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self.scene = scene
        self._undo = undo
        self._is_gesture_open = False
        self._burst = QTimer(self, singleShot=True, interval=BURST_MS)
        self._burst.timeout.connect(self.end_gesture)

    def show(self, scene: SceneT) -> None:
        """Make `scene` the present one, without an undo step."""
        before, self.scene = self.scene, scene
        self.changed.emit(before)

    def adopt(self, scene: SceneT) -> None:
        """Take over the scene of what is on screen already: nobody is told."""
        self.scene = scene

    def apply(self, title: str, scene: SceneT, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        self.steered.emit()
        self.go_on(merge_key)
        self._push(title, self.scene, scene, merge_key)  # first: what comes of the change joins its step
        self.show(scene)

    def set_params(self, title: str, **params: Any) -> None:
        """Set parameters of the run, where they are others; the same ones in a row are one step."""
        scene = cast(Any, self.scene)
        if any(getattr(scene.params, name) != value for name, value in params.items()):
            self.apply(title, scene.with_params(**params), " ".join(params))

    def set_field(self, title: str, name: str, value: Any) -> None:
        """Set what is no parameter of the run, where it is another; a drag is one step."""
        if getattr(self.scene, name) != value:
            self.apply(title, replace(cast(Any, self.scene), **{name: value}), name)

    def set_view(self, **fields: Any) -> None:
        """Look at something else, or take another tool: nothing that would have to be undone."""
        if any(getattr(self.scene, name) != value for name, value in fields.items()):
            self.show(replace(cast(Any, self.scene), **fields))

    def _push(self, title: str, before: SceneT, after: SceneT, merge_key: str | None = None) -> None:
        """Make a step of a change that has been made."""
        self._undo.push(Step(title, partial(self._return, before), partial(self._return, after), merge_key))

    def _return(self, scene: SceneT) -> None:
        """Undo or redo."""
        kept = {name: getattr(self.scene, name) for name in self.views}
        self.show(replace(cast(Any, scene), **kept) if kept else scene)

    @property
    def is_in_gesture(self) -> bool:
        """Whether a hand drags, so that more changes follow at once."""
        return self._is_gesture_open

    def go_on(self, merge_key: str | None) -> None:
        """Called before each change: one that may go on, which has a key, joins those just before it."""
        if merge_key is None or self._is_gesture_open:
            return
        if not self._burst.isActive():
            self._undo.begin_gesture()
        self._burst.start()

    def begin_gesture(self) -> None:
        """From here on changes of one kind become one step."""
        self._burst.stop()
        self._is_gesture_open = True
        self._undo.begin_gesture()

    def end_gesture(self) -> None:
        """The next change is a step of its own."""
        self._burst.stop()
        self._is_gesture_open = False
        self._undo.end_gesture()
