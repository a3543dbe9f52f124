"""Every change that a person can make to what is drawn, as steps of undo."""

from studio.api.text_editor import TextEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import EmojiScene


class EmojiEditor(TextEditor[EmojiScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take_example(self, texts: tuple[str, ...]) -> None:
        """Draw the next of some sentences."""
        present = self.scene.params.prompt
        at = texts.index(present) + 1 if present in texts else 0
        if texts:
            self.apply(N_("Example"), self.scene.at_prompt(texts[at % len(texts)]))

    def take_another(self) -> None:
        """Draw the same sentence from the next seed."""
        self.set_params(N_("Another picture"), seed=(self.scene.params.seed + 1) % (MAX_SEED + 1))
