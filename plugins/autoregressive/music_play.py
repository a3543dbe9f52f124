"""What is heard: the piece from a place on, with a line that goes along, and short tones of notes that are set."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.api.panel import Player
from studio.core.error import UserError
from studio.core.view import Audio

from .music_call import sound
from .music_grid import Grid
from .music_sound import RATE_HZ, step_samples, tone

if TYPE_CHECKING:
    from .music_panel import MusicPanel

KEY = "sound"


class MusicPlay(QObject):
    """One panel's sound. Signals: moved(at): the sixteenth that is heard, None at the end."""

    moved = Signal(object)

    def __init__(self, panel: "MusicPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.player = Player(self)
        self._first: int | None = None
        self._step_s = 1.0
        self.player.level_changed.connect(self._on_level_changed)
        self.player.finished.connect(self._on_finished)
        self.player.failed.connect(self._on_failed)

    @property
    def is_playing(self) -> bool:
        """Whether the piece is heard."""
        return self._first is not None

    def toggle(self, grid: Grid, first: int, tempo_bpm: float) -> None:
        """Play a piece from a sixteenth on, or stop."""
        if self.is_playing:
            self.stop()
            return
        self.player.stop()  # a short tone that ends while the piece is computed is not the end of the piece
        self._step_s = step_samples(tempo_bpm) / RATE_HZ
        self._first = first
        work = self._panel.handle.work(partial(sound, grid=grid, tempo_bpm=tempo_bpm, first=first))
        self._panel.tasks.run(KEY, work, done=self._on_made, failed=self._on_failed)

    def stop(self) -> None:
        """End the piece, or a short tone."""
        self._panel.tasks.cancel(KEY)
        self.player.stop()
        self._on_finished()

    def hear(self, voice: int, pitch: int) -> None:
        """A short tone, where nothing is played."""
        if not self.is_playing:
            self.player.play(tone(pitch, voice), RATE_HZ)

    def _on_made(self, audio: Audio) -> None:
        if self._first is not None:
            self.player.play(audio.samples, audio.rate_hz)
            self.moved.emit(float(self._first))

    def _on_level_changed(self, _level_db: float) -> None:
        if self._first is not None and self.player.is_playing:
            self.moved.emit(self._first + self.player.position_s / self._step_s)

    def _on_finished(self) -> None:
        if self._first is not None:
            self._first = None
            self.moved.emit(None)

    def _on_failed(self, error: UserError) -> None:
        was_playing = self.is_playing
        self._on_finished()
        if was_playing:  # a tone that nobody hears is no reason to say so at every note
            self._panel.messages.show_error(error)
