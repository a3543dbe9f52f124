"""Every change that a person can make to a translation, as steps of undo."""

from studio.api.text_editor import TextEditor
from studio.core.translation import N_

from ..scene import TranslateScene


class TranslateEditor(TextEditor[TranslateScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take_example(self, texts: tuple[str, ...]) -> None:
        """Translate the next of some texts."""
        present = self.scene.params.prompt
        at = texts.index(present) + 1 if present in texts else 0
        if texts:
            self.apply(N_("Example"), self.scene.at_prompt(texts[at % len(texts)]))
