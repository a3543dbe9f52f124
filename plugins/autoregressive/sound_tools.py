"""What a hand does with a sound: marks a sample, gives it another level, goes on from it, brings one of its own."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from studio.api.engine import Policy
from studio.core.container.sound_file import SUFFIXES
from studio.core.note import note_number
from studio.core.text import N_, translate

from .sound_call import own
from .sound_scene import Beginning
from .wave_law import RATE_HZ

if TYPE_CHECKING:
    from .sound_own import OwnSound
    from .sound_panel import SoundPanel

KEY: Final = "own sound"
MAX_OWN_SHARE: Final = 0.5
"""Of the length of a sound that one's own may fill."""
A4_HZ: Final = 440.0
A4: Final = note_number("A4") or 69


class SoundTools(QObject):
    """One panel's tools."""

    def __init__(self, panel: "SoundPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        panel.canvas.wave.marked.connect(self.mark)
        panel.next.level_chosen.connect(self.set_level)
        panel.go_on.go_on_requested.connect(self.go_on)
        panel.go_on.silence_requested.connect(self.from_silence)
        panel.go_on.own_requested.connect(self.ask_file)

    @property
    def is_reading(self) -> bool:
        """Whether a sound is being read."""
        return self._panel.tasks.is_running(KEY)

    def mark(self, place: int) -> None:
        """Look into a sample."""
        self._panel.play.disarm()
        self._panel.deck.pause_run()
        self._panel.editor.mark(place)

    def go_on(self) -> None:
        """Keep what is before the marked sample, and go on in another way."""
        seen, mark = self._panel.seen, self._panel.show_desk.mark
        if seen is not None and mark is not None and mark > 0:
            self._begin(N_("Go on from here"), Beginning(seen.levels[:mark].copy()))

    def set_level(self, level: int) -> None:
        """Give the marked sample another level; what comes behind it follows anew, by the same numbers."""
        panel, seen, mark = self._panel, self._panel.seen, self._panel.show_desk.mark
        if seen is None or panel.about is None or mark is None or not 0 <= level < panel.about.n_levels:
            return
        levels = np.append(seen.levels[:mark], np.uint8(level)).astype(np.uint8)
        panel.play.arm()
        seed = panel.editor.scene.params.seed
        panel.editor.begin_with(N_("Level of a sample"), Beginning(levels), seed=seed)

    def from_silence(self) -> None:
        """Begin with nothing."""
        self._begin(N_("From silence"), None)

    def ask_file(self) -> None:
        """Let the person choose a sound."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = translate(N_("Sounds ({patterns})")).format(patterns=patterns)
        chosen, _ = QFileDialog.getOpenFileName(self._panel, translate(N_("Open a sound")), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Begin with the sound in a file."""
        panel = self._panel
        n_samples = int(MAX_OWN_SHARE * panel.editor.scene.params.seconds * RATE_HZ)
        work = panel.handle.work(partial(own, path=path, n_samples=n_samples))
        panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_read, failed=panel.fail)

    def _on_read(self, found: "OwnSound") -> None:
        panel = self._panel
        panel.messages.dismiss("error")
        keys = None if panel.about is None else panel.about.offer.keys()
        pitch = {}
        if found.frequency_hz is not None and keys is not None:
            pitch = {keys.param: keys.nearest(A4 + 12 * float(np.log2(found.frequency_hz / A4_HZ)))}
        self._begin(N_("My sound"), Beginning(found.levels, "own", found.name[:200]), **pitch)

    def _begin(self, title: str, beginning: Beginning | None, **params: int) -> None:
        self._panel.play.arm()
        self._panel.editor.begin_with(title, beginning, **params)
