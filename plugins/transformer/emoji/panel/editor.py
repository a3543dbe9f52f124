"""Every change that a person can make to what is drawn, as steps of undo."""

from studio.api.text_editor import TextEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

from ..scene import EmojiScene


class EmojiEditor(TextEditor[EmojiScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    def take_another(self) -> None:
        """Draw the same sentence from the next seed."""
        self.set_params(N_("Another picture"), seed=(self.scene.params.seed + 1) % (MAX_SEED + 1))
