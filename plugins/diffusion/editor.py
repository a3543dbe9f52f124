"""Every change that a person can make to what is asked for, as steps of undo; those of one drag are one step."""

import random
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.api.gesture import GestureEditor
from studio.api.panel import Step, UndoStack
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .scene import Scene


class SceneEditor(GestureEditor):
    """Holds the scene and the undo steps that lead to it.

    Signals: changed() after every change, undone ones too.
    """

    changed = Signal()

    def __init__(self, scene: Scene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(undo, parent)
        self.scene = scene

    def show(self, scene: Scene) -> None:
        """Make `scene` the present one, without an undo step."""
        self.scene = scene
        self.changed.emit()

    def apply(self, title: str, scene: Scene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        self.go_on(merge_key)
        before = self.scene
        self.scene = scene
        self.changed.emit()
        self._undo.push(Step(title, partial(self.show, before), partial(self.show, scene), merge_key))

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
