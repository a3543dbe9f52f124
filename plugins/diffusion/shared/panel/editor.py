"""Every change that a person can make to what is asked for, as steps of undo; those of one drag are one step."""

import random
from dataclasses import replace
from typing import Any

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import DiffusionScene


class DiffusionEditor(GestureEditor[DiffusionScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def ask(self, prompt: str) -> None:
        """Ask for something else."""
        self.set_params(N_("Prompt"), prompt=prompt)

    def change(self, title: str, merge_key: str | None = None, **fields: Any) -> None:
        """Set other fields of the scene."""
        self.apply(title, replace(self.scene, **fields), merge_key)

    def surprise(self) -> None:
        """Take a new seed."""
        self.set_params(N_("New seed"), seed=random.randrange(1, MAX_SEED))
