"""Every change that a person can make to a translation, as steps of undo."""

from studio.api.text_editor import TextEditor

from ..scene import TranslateScene


class TranslateEditor(TextEditor[TranslateScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""
