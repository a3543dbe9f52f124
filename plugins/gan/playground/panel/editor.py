"""Every change that a person can make in the playground, as steps of undo; those of one stroke or drag are one."""

import random
from dataclasses import replace
from typing import Any, Final

import numpy as np
from PySide6.QtCore import Signal

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED, generator
from studio.core.translation import N_

from ..model.network import Floats
from ..model.target import OWN, Place, dabbed, erased
from ..scene import N_DECIMALS, PlaygroundScene, collapsing

N_TAKEN_OVER: Final = 600
"""Points that stand for a preset once a hand paints on it."""


class PlaygroundEditor(GestureEditor[PlaygroundScene]):
    """Holds the scene and the undo steps that lead to it.

    Signals: beside those of GestureEditor, run_steered() before a person changes how the run on the timeline goes on.
    """

    run_steered = Signal()

    def change_settings(self, title: str, **values: Any) -> None:
        """Let the two learn otherwise from the next step on."""
        if any(getattr(self.scene.settings, name) != value for name, value in values.items()):
            self.run_steered.emit()
            settings = replace(self.scene.settings, **values)
            self.apply(title, replace(self.scene, settings=settings), " ".join(values))

    def set_speed(self, speed: str) -> None:
        """Learn faster or slower."""
        self.apply(N_("Speed"), replace(self.scene, speed=speed))

    def choose_target(self, name: str) -> None:
        """Begin anew with another shape to imitate."""
        self.apply(N_("Shape"), self.scene.anew(name=name))

    def set_seed(self, seed: int) -> None:
        """Begin anew with other chance."""
        self.apply(N_("Seed"), self.scene.anew(seed=seed))

    def surprise(self) -> None:
        """Begin anew with new chance."""
        self.apply(N_("New seed"), self.scene.anew(seed=random.randrange(1, MAX_SEED)))

    def start_anew(self) -> None:
        """Begin anew with everything as it is."""
        self.apply(N_("Start over"), self.scene.anew())

    def collapse(self) -> None:
        """Begin anew where the generator collapses."""
        self.apply(N_("Watch it collapse"), collapsing(self.scene))

    def show_learnt(self) -> None:
        """Begin with the pair that was learnt on the ring."""
        learnt = PlaygroundScene(self.scene.seed, painted=self.scene.painted, speed=self.scene.speed)
        self.apply(N_("Show the trained pair"), replace(learnt, is_learnt=True, n_run=self.scene.n_run + 1))

    # The brush

    def paint(self, start: Place, end: Place, radius: float, is_erasing: bool) -> None:
        """Add points along a way, or take them away; a preset becomes points of one's own first."""
        self.run_steered.emit()
        painted = self._own_points()
        if is_erasing:
            self._paint(N_("Erase"), erased(painted, start, end, radius), "erase")
        else:
            rng = generator(self.scene.seed, "brush", len(painted), *(round(1000 * value) for value in (*start, *end)))
            self._paint(N_("Paint"), dabbed(painted, start, end, radius, rng), "paint")

    def clear(self) -> None:
        """Take all points away."""
        self.run_steered.emit()
        self._paint(N_("Clear"), np.zeros((0, 2), np.float32), None)

    def _own_points(self) -> Floats:
        scene = self.scene
        if scene.name == OWN:
            return scene.painted
        return scene.target.sample(N_TAKEN_OVER, generator(0, "taken over"))

    def _paint(self, title: str, painted: Floats, merge_key: str | None) -> None:
        exact = np.round(painted, N_DECIMALS).astype(np.float32)  # as they are saved, so that a saved run goes on alike
        self.apply(title, replace(self.scene, name=OWN, painted=exact), merge_key)
