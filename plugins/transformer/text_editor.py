"""Every change that a person can make to the scene of a text, as steps of undo; what is typed in one go is one."""

import random
from dataclasses import replace
from typing import Any

from studio.api.gesture import GestureEditor
from studio.api.panel import TextLook
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .text_scene import Tab, TextScene


class TextEditor(GestureEditor[TextScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("tab",)

    def apply(self, title: str, scene: TextScene, merge_key: str | None = None) -> None:
        """Make `scene` the present one, as a step with a title for the menu."""
        if scene != self.scene:
            super().apply(title, scene, merge_key)

    def type(self, prompt: str) -> None:
        """The person has written in the text: what the model wrote after that place goes."""
        self.apply(N_("Typing"), self.scene.at_prompt(prompt), "typing")

    def set_params(self, title: str, merge_key: str | None = None, **changes: Any) -> None:
        """Change settings of the sampler, the seed or the length."""
        self.apply(title, replace(self.scene, params=replace(self.scene.params, **changes)), merge_key)

    def surprise(self) -> None:
        """Write with another seed."""
        params = replace(self.scene.params, seed=random.randrange(MAX_SEED))
        self.apply(N_("New seed"), replace(self.scene, params=params, is_typed=False))

    def set_look(self, **changes: bool) -> None:
        """Show the text otherwise."""
        look: TextLook = replace(self.scene.look, **changes)
        self.apply(N_("View of the text"), replace(self.scene, look=look))

    def set_tab(self, tab: Tab) -> None:
        """Look at something else; that is no step of undo."""
        self.show(replace(self.scene, tab=tab))
