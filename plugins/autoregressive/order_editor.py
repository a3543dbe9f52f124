"""Every change that a person can make to a text with blanks, as steps of undo; what is typed in one go is one."""

import random
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.api.gesture import GestureEditor
from studio.api.panel import Step, UndoStack
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .order_passage import Passage
from .order_scene import OrderScene
from .params import MAX_ENDINGS


class OrderEditor(GestureEditor):
    """Holds the scene. Signals: changed(before) after every change, undone ones too, with the scene before it."""

    changed = Signal(object)

    def __init__(self, scene: OrderScene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(undo, parent)
        self.scene = scene

    def show(self, scene: OrderScene) -> None:
        """Make `scene` the present one, without an undo step."""
        before, self.scene = self.scene, scene
        self.changed.emit(before)

    def adopt(self, scene: OrderScene) -> None:
        """Take over the scene of a run that is shown already."""
        self.scene = scene

    def apply(self, title: str, scene: OrderScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene == self.scene:
            return
        self.go_on(merge_key)
        before = self.scene
        self.show(scene)
        self._undo.push(Step(title, partial(self.show, before), partial(self.show, scene), merge_key))

    def set_passage(self, title: str, passage: Passage, merge_key: str | None = None) -> None:
        """Other blanks, or another order."""
        self.apply(title, self.scene.at(passage), merge_key)

    def set_text(self, title: str, text: str, passage: Passage, merge_key: str | None = None) -> None:
        """Another text."""
        self.apply(title, self.scene.with_params(prompt=text).at(passage), merge_key)

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings."""
        self.apply(title, self.scene.with_params(**changes), merge_key)

    def set_view(self, **changes: Any) -> None:
        """Show it otherwise."""
        self.apply(N_("View of the text"), replace(self.scene, **changes))

    def surprise(self) -> None:
        """Fill with another seed."""
        self.set_params(N_("New seed"), seed=random.randrange(MAX_SEED - MAX_ENDINGS))
