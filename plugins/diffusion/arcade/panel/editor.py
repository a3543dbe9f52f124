"""Every change that a person can make to a dreamt game but the keys, as steps of undo."""

import random
from dataclasses import replace

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import ArcadeScene


class ArcadeEditor(GestureEditor[ArcadeScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("shows_true",)

    def surprise(self) -> None:
        """Begin another game with new noise."""
        self.set_params(N_("New seed"), seed=random.randrange(1, MAX_SEED))

    def set_seed(self, seed: int) -> None:
        """Begin the game of a seed."""
        self.set_params(N_("Seed"), seed=seed)

    def set_player(self, player: str) -> None:
        """Let another player begin."""
        self.set_params(N_("Who plays first"), player=player)

    def show_true(self, is_shown: bool) -> None:
        """Show the true game too: nothing that would have to be undone."""
        if is_shown != self.scene.shows_true:
            self.show(replace(self.scene, shows_true=is_shown))
