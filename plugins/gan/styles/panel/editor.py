"""Every change that a person can make to the scene of the styles panel, as steps of undo."""

import random
from dataclasses import replace

from PySide6.QtCore import QObject

from studio.api.gesture import GestureEditor
from studio.api.panel import UndoStack
from studio.core.translation import N_
from studio.core.view import ByteArray

from ..scene import StylesExamples, StylesScene


class StylesEditor(GestureEditor[StylesScene]):
    """Holds the scene and the undo steps that lead to it."""

    def __init__(self, undo: UndoStack, parent: QObject) -> None:
        super().__init__(StylesScene(), undo, parent)
        self._n_examples = 0

    def opened(self, examples: StylesExamples) -> None:
        """The model is open: now it is known how many examples there are."""
        self._n_examples = len(examples.names)

    def set_seed(self, seed: int, title: str = N_("Example")) -> None:
        """Go to an example."""
        self.apply(title, replace(self.scene, seed=seed, own=None))

    def surprise(self) -> None:
        """Go to another example, by chance."""
        n = self._n_examples
        if n > 1:
            present = (self.scene.seed - 1) % n
            self.set_seed(1 + (present + random.randrange(1, n)) % n, N_("Surprise"))

    def set_way(self, is_back: bool) -> None:
        """Translate the other way."""
        if is_back != self.scene.is_back:
            self.apply(N_("Direction"), replace(self.scene, is_back=is_back))

    def set_own(self, picture: ByteArray) -> None:
        """Translate an own picture (64, 64, 3)."""
        self.apply(N_("My picture"), replace(self.scene, own=picture))

    def set_shown(self, shown: str) -> None:
        """Look at it another way."""
        if shown != self.scene.shown:
            self.apply(N_("View"), replace(self.scene, shown=shown))
