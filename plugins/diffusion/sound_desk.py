"""Sound in the panel: the canvas of waves and spectrograms, the keyboard that asks for notes, and what is heard."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.api.panel import Player
from studio.core.error import UserError
from studio.core.frame import Frame

from .sound_canvas import SoundCanvas
from .view_name import WAVEFORM

if TYPE_CHECKING:
    from .panel import DiffusionPanel


class SoundDesk(QObject):
    """Attributes:
    canvas: what stands in the place of the pictures.
    """

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._is_struck = False
        self._playing: str | None = None
        self.canvas = SoundCanvas()
        self.player = Player(self)
        self.canvas.play_requested.connect(self._on_play_requested)
        self.player.level_changed.connect(self.canvas.set_level)
        self.player.finished.connect(self._on_finished)
        self.player.failed.connect(self._on_failed)

    def connect_keyboard(self) -> None:
        """Let keys ask for notes; called once the controls are there."""
        keyboard = self._panel.controls.keyboard
        if keyboard is not None:
            keyboard.note_chosen.connect(self._on_note_chosen)

    def _on_note_chosen(self, prompt: str) -> None:
        """A key asks for its note, which is heard as soon as it is finished; the same key plays it again."""
        is_there = prompt == self._panel.editor.scene.params.prompt and not self._panel.runs.is_running
        self._is_struck = not is_there
        if is_there:
            self.play(WAVEFORM)
        else:
            self._panel.ask(prompt)

    def hear(self, frame: Frame) -> None:
        """A frame of the run is on the canvas: the note that was asked for by its key is played once it is finished."""
        if self._is_struck and frame.step == frame.n_steps - 1:
            self._is_struck = False
            self.play(WAVEFORM)

    def play(self, name: str) -> None:
        """Play a sound of the frame on the canvas."""
        sound = self.canvas.sound(name)
        if sound is not None:
            self._playing = name
            self.canvas.set_playing(name)
            self.player.play(sound.samples, sound.rate_hz)

    def _on_play_requested(self, name: str) -> None:
        if self._playing == name and self.player.is_playing:
            self.player.stop()
        else:
            self.play(name)

    def _on_finished(self) -> None:
        self._playing = None
        self.canvas.set_playing(None)

    def _on_failed(self, error: UserError) -> None:
        self._on_finished()
        self._panel.messages.show_error(error)
