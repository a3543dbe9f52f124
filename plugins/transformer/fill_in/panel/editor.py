"""Every change that a person can make to a text with gaps and its settings, as steps of undo."""

from dataclasses import replace

from studio.api.text_editor import TextEditor
from studio.core.translation import N_

from ..passage import GappedText
from ..scene import FillInScene


class FillInEditor(TextEditor[FillInScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def set_gaps(self, title: str, text: GappedText) -> None:
        """Other gaps, or something in one of them."""
        self.apply(title, self.scene.at(text))

    def set_text(self, title: str, prompt: str, text: GappedText, merge_key: str | None = None) -> None:
        """Another text."""
        self.apply(title, self.scene.with_params(prompt=prompt).at(text), merge_key)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show surprise as lines or colours."""
        self.apply(N_("View of the text"), replace(self.scene, is_underlined=is_underlined))
