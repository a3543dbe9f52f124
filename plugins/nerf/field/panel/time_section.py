"""The time of a scene that moves: a slider, and a button that lets it go by while one walks around."""

import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.panel import Command, SettingsSection, named_button, put_in_a_column, show_playing
from studio.core.translation import N_

from ...shared.panel.commands import MENU
from ...shared.panel.editor import ViewEditor
from ..params import FieldParams

TICK_MS: Final = 16
DURATION_S: Final = 6.0
"""From time 0 to time 1, and from there it begins again."""
LONGEST_STEP_S: Final = 0.2
"""A machine that was held up does not jump on in the scene."""


class TimeSection(SettingsSection):
    """Signals, beside those of settings: play_asked()."""

    play_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        hint = N_("Let time go by in the scene, or stop it (T); you can walk around meanwhile")
        self.play = named_button("scene_play", N_("Play"), hint, "play", pressed=self.play_asked)
        put_in_a_column(self, (*self.sliders(FieldParams(), "", "time"), self.play), 4)


class TimePresenter(QObject):
    """Lets time go by. It is no step of undo; a hand at the slider stops it.

    Attributes:
        is_playing: whether time goes by.
    """

    def __init__(self, section: TimeSection, editor: ViewEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._editor = section, editor
        self._last_s = 0.0
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        section.play_asked.connect(self.toggle)
        section.edit_started.connect(self.pause)

    @property
    def is_playing(self) -> bool:
        """Whether time goes by."""
        return self._tick.isActive()

    def commands(self) -> tuple[Command, ...]:
        """The same from the menu."""
        return (Command("nerf.play_time", N_("Let time go by, or stop it"), self.toggle, ("T",), MENU),)

    def toggle(self) -> None:
        """Begin, or stop."""
        if self.is_playing:
            self.pause()
            return
        self._last_s = time.perf_counter()
        self._tick.start()
        show_playing(self._section.play, True)

    def pause(self) -> None:
        """Stop here."""
        self._tick.stop()
        show_playing(self._section.play, False)

    def go_to(self, moment: float) -> None:
        """Stop at a moment, 0..1, as part of the way to a camera."""
        self.pause()
        self._editor.apply(N_("Move the camera"), self._editor.scene.with_params(time=moment), "camera")

    def _on_tick(self) -> None:
        now = time.perf_counter()
        passed, self._last_s = min(now - self._last_s, LONGEST_STEP_S), now
        moment = (self._editor.scene.params.time + passed / DURATION_S) % 1.0
        self._editor.show(self._editor.scene.with_params(time=moment))
