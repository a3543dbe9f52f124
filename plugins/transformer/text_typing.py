"""Turns what is typed into texts: the prompt is read again once the keys rest a moment, and nothing is written then."""

from typing import Final

from PySide6.QtCore import QObject, QTimer

from studio.core.view import State

from .text_editor import TextEditor
from .text_scene import TextScene
from .text_writing import TextWriting

SETTLE_MS: Final = 250


class TextTyping(QObject):
    """Holds every text back until `release`: the model is not ready before that."""

    def __init__(self, editor: TextEditor, writing: TextWriting, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self._writing = writing
        self._wanted: float = 0
        self._is_held = True
        self._start: State | None = None  # that of the text that is held back
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.begin)

    @property
    def is_due(self) -> bool:
        """Whether something was typed that is not read yet."""
        return self._settle.isActive()

    def release(self) -> None:
        """The model is ready: begin what was held back."""
        self._is_held = False
        self.begin(self._start)

    def begin(self, start: State | None = None) -> None:
        """Read the scene's prompt, and write what it wants without being asked; or go on from a saved text."""
        self._settle.stop()
        self._start = start
        if self._is_held:
            return
        scene, wanted = self._editor.scene, self._wanted
        self._wanted = 0
        n_first = 0 if start is not None else scene.n_first
        self._writing.begin_text(scene.params, n_first, start)
        if wanted:
            self._writing.write(wanted)

    def follow(self, before: TextScene) -> None:
        """The scene has changed: another prompt, seed or length begins another text."""
        now, was = self._editor.scene, before
        if now.params.prompt != was.params.prompt or now.is_typed != was.is_typed:
            self._settle.start()  # before the writing ends, which shows what is on the timeline
            self._writing.stop()
        elif now.params.seed != was.params.seed and not now.is_typed:
            self._settle.start()

    def write(self, n_tokens: float) -> None:
        """Write on, as soon as the model is ready and what was typed is read."""
        if self.is_due or self._is_held:
            self._wanted = n_tokens
            self.begin()
        else:
            self._writing.write(n_tokens)
