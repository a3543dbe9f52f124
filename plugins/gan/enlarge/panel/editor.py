"""Every change that a person can make to what is enlarged, as steps of undo; those of one drag are one step."""

import random
from dataclasses import replace

from PySide6.QtCore import QObject

from studio.api.gesture import GestureEditor
from studio.api.panel import UndoStack
from studio.core.translation import N_

from ..scene import EnlargeScene
from ..state import EnlargeSource


class EnlargeEditor(GestureEditor[EnlargeScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def __init__(self, scene: EnlargeScene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(scene, undo, parent)
        self.n_examples = 1

    def opened(self, found: list[EnlargeSource]) -> None:
        """The model is open: know how many examples there are."""
        self.n_examples = len(found)

    def compare_with(self, name: str) -> None:
        """Put something else left of the divider."""
        self.apply(N_("Compare with"), replace(self.scene, compared=name))

    def take_example(self, number: int) -> None:
        """Enlarge an example, counted from 0."""
        scene = self.scene.anew(replace(self.scene.params, seed=number + 1))
        if not scene.is_same_picture(self.scene):
            self.apply(N_("Example"), scene)

    def take_picture(self, opened: EnlargeSource) -> None:
        """Enlarge a person's own picture."""
        compared = "bicubic" if self.scene.compared == "original" else self.scene.compared
        self.apply(N_("My picture"), replace(self.scene, picture=opened.small, name=opened.name, compared=compared))

    def surprise(self) -> None:
        """Enlarge another example."""
        now = (self.scene.params.seed - 1) % self.n_examples if self.scene.picture is None else -1
        others = [number for number in range(self.n_examples) if number != now]
        if others:
            self.take_example(random.choice(others))
