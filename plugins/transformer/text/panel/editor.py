"""Every change that a person can make to the scene of a text, as steps of undo, and what is typed turned into texts."""

import random
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer

from studio.api.text_editor import TextEditor
from studio.core.seed import MAX_SEED
from studio.core.translation import N_
from studio.core.view import State

from ..model.forms.form import form_in
from ..params import TransformerParams
from ..scene import Tab, TransformerScene
from .interactive_run import InteractiveWriting

SETTLE_MS: Final = 250


class TransformerEditor(TextEditor[TransformerScene]):
    """Holds the scene and the undo steps that lead to it; signals as GestureEditor."""

    views = ("tab",)

    def surprise(self) -> None:
        """Write with another seed."""
        self.apply(N_("New seed"), self.scene.anew(replace(self.scene.params, seed=random.randrange(MAX_SEED))))

    def set_tab(self, tab: Tab) -> None:
        """Look at something else; that is no step of undo."""
        self.show(replace(self.scene, tab=tab))


class TypedText(QObject):
    """Holds every text back until `release`: the model is not ready before that."""

    def __init__(self, editor: TransformerEditor, writing: InteractiveWriting, parent: QObject) -> None:
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

    @property
    def is_busy(self) -> bool:
        """Whether something is written, or about to be read."""
        return self._writing.is_writing or self.is_due

    def shows(self, params: TransformerParams) -> bool:
        """Whether the text on the timeline began with these settings."""
        return self._writing.shown_params == params

    def renew(self, scene: TransformerScene, is_instant: bool, start: State | None = None) -> None:
        """Begin the text that the scene asks for, or go on from a saved one."""
        self.begin(start)

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

    def follow(self, before: TransformerScene) -> None:
        """The scene has changed: another form, prompt, seed or length begins another text."""
        now, was = self._editor.scene, before
        if form_in(was.params) != form_in(now.params):
            self.begin()
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
