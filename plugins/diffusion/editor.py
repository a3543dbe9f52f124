"""Every change that a person can make to what is asked for, as steps of undo; those of one drag are one step."""

import random
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.panel import Step, UndoStack
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .scene import Scene

BURST_MS: Final = 600


class SceneEditor(QObject):
    """Holds the scene and the undo steps that lead to it.

    Signals: changed() after every change, undone ones too.
    """

    changed = Signal()

    def __init__(self, scene: Scene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo = undo
        self.scene = scene
        self._is_gesture_open = False
        self._burst = QTimer(self, singleShot=True, interval=BURST_MS)
        self._burst.timeout.connect(self.end_gesture)

    @property
    def is_in_gesture(self) -> bool:
        """Whether more changes of one kind follow at once."""
        return self._is_gesture_open or self._burst.isActive()

    def show(self, scene: Scene) -> None:
        """Make `scene` the present one, without an undo step."""
        self.scene = scene
        self.changed.emit()

    def apply(self, title: str, scene: Scene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if merge_key is not None and not self._is_gesture_open:
            self._go_on_with_burst()
        before = self.scene
        self.scene = scene
        self.changed.emit()
        self._undo.push(Step(title, partial(self.show, before), partial(self.show, scene), merge_key))

    def _go_on_with_burst(self) -> None:
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

    def change_params(self, title: str, **params: Any) -> None:
        """Set parameters of the run; the same ones in a row are one step."""
        if any(getattr(self.scene.params, name) != value for name, value in params.items()):
            self.apply(title, self.scene.with_params(**params), " ".join(params))

    def change(self, title: str, merge_key: str | None = None, **fields: Any) -> None:
        """Set other fields of the scene."""
        self.apply(title, replace(self.scene, **fields), merge_key)

    def adopt(self, scene: Scene) -> None:
        """Take over what is on screen already: nobody is told."""
        self.scene = scene

    def surprise(self) -> None:
        """Take a new seed."""
        self.change_params(N_("New seed"), seed=random.randrange(1, MAX_SEED))
