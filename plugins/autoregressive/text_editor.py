"""Every change that a person can make to the scene of a text, as steps of undo; what is typed in one go is one."""

import random
from dataclasses import replace
from typing import Any

from studio.api.gesture import GestureEditor
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .params import MAX_ENDINGS
from .text_scene import TextScene


class TextEditor(GestureEditor[TextScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def apply(self, title: str, scene: TextScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene != self.scene:
            super().apply(title, scene, merge_key)

    def type(self, prompt: str) -> None:
        """The person has written in the text: what the model wrote after that place goes."""
        self.apply(N_("Typing"), self.scene.at_prompt(prompt), "typing")

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings."""
        self.apply(title, self.scene.with_params(**changes), merge_key)

    def surprise(self) -> None:
        """Write with another seed."""
        self.set_params(N_("New seed"), seed=random.randrange(MAX_SEED - MAX_ENDINGS))

    def set_look(self, **changes: bool) -> None:
        """Show the text otherwise."""
        self.apply(N_("View of the text"), replace(self.scene, look=replace(self.scene.look, **changes)))
