"""Every change that a person can make to a table that is filled in, as steps of undo."""

import random
from dataclasses import replace
from typing import Final

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import TableScene
from ..table_bytes import Bytes

TRIED_SHARE: Final = 0.2


class TableEditor(GestureEditor[TableScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take(self, data: Bytes, name: str) -> None:
        """Fill in a table of one's own, of which nothing is hidden."""
        self.apply(N_("My table"), TableScene(replace(self.scene.params, hidden=0.0), data, name[:200]))

    def take_example(self) -> None:
        """Return to the example."""
        if self.scene.own is not None:
            self.apply(N_("Example"), TableScene(self.scene.params))

    def hide_some(self) -> None:
        """Hide some known cells, or none any more."""
        hidden = 0.0 if self.scene.params.hidden else TRIED_SHARE
        self.set_params(N_("Hide some cells"), hidden=hidden)

    def learn_again(self) -> None:
        """Take a new seed."""
        self.set_params(N_("New seed"), seed=random.randrange(1, MAX_SEED))
