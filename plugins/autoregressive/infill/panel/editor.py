"""Every change that a person can make to a text with blanks and its settings, as steps of undo."""

from dataclasses import replace
from typing import Any

from studio.api.text_editor import TextEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ...shared.params import MAX_ENDINGS
from ..passage import Passage
from ..scene import InfillScene


class InfillEditor(TextEditor[InfillScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    n_seeds = MAX_SEED - MAX_ENDINGS

    def set_passage(self, title: str, passage: Passage, merge_key: str | None = None) -> None:
        """Other blanks, or another order."""
        self.apply(title, self.scene.at(passage), merge_key)

    def set_text(self, title: str, text: str, passage: Passage, merge_key: str | None = None) -> None:
        """Another text."""
        self.apply(title, self.scene.with_params(prompt=text).at(passage), merge_key)

    def set_view(self, **changes: Any) -> None:
        """Show it otherwise."""
        self.apply(N_("View of the text"), replace(self.scene, **changes))
