"""Every change that a person can make to a sound and its settings, as steps of undo."""

import random
from dataclasses import replace
from typing import Any

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.params import MAX_ENDINGS
from ..conditioning import ConditioningOffer
from ..scene import SoundBeginning, SoundScene


class SoundEditor(GestureEditor[SoundScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def set_speed(self, speed: str) -> None:
        """Watch it at another speed."""
        if speed != self.scene.speed:
            self.apply(N_("Speed"), self.scene.at_speed(speed), "speed")

    def begin_with(self, title: str, beginning: SoundBeginning | None, **params: Any) -> None:
        """Go on from another beginning; where no seed is named, in a way of its own."""
        scene = self.scene.with_params(**{"seed": self._new_seed(), **params})
        self.apply(title, replace(scene, beginning=beginning, mark=None))

    def again(self) -> None:
        """The same in another way."""
        self.set_params(N_("New seed"), seed=self._new_seed())

    def surprise(self, offer: ConditioningOffer) -> None:
        """Ask for another sound, from silence."""
        self.begin_with(N_("Another sound"), None, **offer.another(self.scene.params))

    def _new_seed(self) -> int:
        return random.randrange(1, MAX_SEED - MAX_ENDINGS)
