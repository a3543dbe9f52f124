"""What is heard: a sound while it is still made, as soon as the rest will be there in time, else once it is whole."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.panel import Player
from studio.api.timeline.controller import TimelineController
from studio.core.view import Audio

from ..signal import RATE_HZ
from ..view_model import SoundViewModel, view_model_of
from .editor import SoundEditor
from .runs import SoundRuns

LEAST_S: Final = 0.1
"""So much of a sound is there before it is played: its device asks for more than is needed at first."""
MARGIN: Final = 0.8


class SoundPlayback(QObject):
    """The sound of what is on the timeline. Signals: changed(): it began or ended. failed(error)."""

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        editor: SoundEditor,
        timeline: TimelineController,
        runs: SoundRuns,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(runs)
        self._editor, self._timeline, self._runs, self._clock = editor, timeline, runs, clock
        self.player = Player(self)
        self._is_armed = False  # the sound that is being made is to be heard
        self._is_leading = False  # the playhead goes along with what is heard
        self._began: tuple[float, int] | None = None  # when the first samples were there, and how many
        runs.grown.connect(self._on_grown)
        timeline.playback.changed.connect(self._on_playback_changed)
        self.player.level_changed.connect(self._on_level_changed)
        self.player.finished.connect(self._on_finished)
        self.player.failed.connect(self._on_failed)

    @property
    def is_playing(self) -> bool:
        """Whether something is heard."""
        return self.player.is_playing

    @property
    def is_busy(self) -> bool:
        """Whether something is heard."""
        return self.is_playing

    @property
    def is_waiting(self) -> bool:
        """Whether the playhead waits for a sound that will be heard while it grows."""
        return self._is_armed and self._editor.scene.speed == "heard"

    def arm(self) -> None:
        """The sound that is made next is heard."""
        self._is_leading = False
        if self.player.is_playing:
            self.player.stop()
        self._is_armed, self._began = True, None

    def disarm(self) -> None:
        """Nothing is heard by itself."""
        self._is_armed = self._is_leading = False
        self.player.stop()

    def let_go(self) -> None:
        """Nothing is heard of a scene that goes."""
        self.disarm()

    def toggle(self, seen: SoundViewModel) -> None:
        """Play what is on screen, or stop."""
        if self.player.is_playing:
            self.disarm()
            return
        self._timeline.pause()
        self._start(seen, seen.place, seen.is_whole)

    def again(self, seen: SoundViewModel) -> None:
        """Play what is on screen from its beginning, also where it is being played."""
        self.disarm()
        self.toggle(seen)

    def sound(self, audio: Audio) -> None:
        """Play a sound that is no run's, or stop."""
        if self.player.is_playing:
            self.disarm()
            return
        self._is_armed = self._is_leading = False
        self.player.play(audio.samples, audio.rate_hz)
        self.changed.emit()

    def hear(self, seen: SoundViewModel) -> None:
        """A frame is on screen: a sound that was watched slowly, or made at once, is heard when it is whole."""
        if self._is_armed and seen.is_whole and not self.is_waiting and self._runs.is_shown:
            self._start(seen, seen.place, False)

    def _start(self, seen: SoundViewModel, n_expected: int, is_leading: bool) -> None:
        self._is_armed, self._is_leading = False, is_leading
        self.player.play(seen.sound.samples, RATE_HZ, n_expected)
        self.changed.emit()

    def _on_grown(self) -> None:
        frame = self._runs.newest
        seen = None if frame is None else view_model_of(frame)
        if seen is None:
            return
        if self._is_leading and self.player.is_playing:
            self.player.grow(seen.sound.samples)
        elif self.is_waiting and self._is_in_time(seen):
            self._start(seen, seen.n_samples, True)

    def _is_in_time(self, seen: SoundViewModel) -> bool:
        """Whether the rest will be made before it is to be heard, at the pace so far."""
        if seen.is_whole:
            return True
        now = self._clock()
        if self._began is None:
            self._began = (now, seen.place)
            return False
        n_made, passed_s = seen.place - self._began[1], now - self._began[0]
        if seen.place < LEAST_S * RATE_HZ or n_made <= 0:
            return False
        left_s = (seen.n_samples - seen.place) * passed_s / n_made
        return left_s < MARGIN * seen.n_samples / RATE_HZ

    def _on_level_changed(self, _level_db: float) -> None:
        if self._is_leading and self.player.is_playing and self._runs.is_shown:
            self._timeline.playback.seek(self._editor.scene.index_of(self.player.position_s * RATE_HZ))

    def _on_playback_changed(self) -> None:
        if self._is_leading and self._timeline.playback.is_playing:  # the person plays it: at another pace
            self.disarm()

    def _on_finished(self) -> None:
        if self._is_leading:
            self._is_leading = False
            if self._runs.is_shown:
                self._timeline.playback.to_end()
        self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        was_leading, self._is_leading = self._is_leading, False
        if was_leading and self._runs.is_shown:
            self._runs.play(self._editor.scene.speed)
        self.failed.emit(error)
        self.changed.emit()
