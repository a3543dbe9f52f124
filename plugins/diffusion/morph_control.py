"""Puts a morph on the timeline: a path from the place of one prompt to that of another, on the noise of one seed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.keyframe import MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.position import Position
from studio.core.text import N_

from .study_call import places_of

if TYPE_CHECKING:
    from .panel import DiffusionPanel

KEY: Final = "morph"


class MorphControl(QObject):
    """Asks the engine for both places, then makes them the two keyframes of the path: one step of undo."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section = panel.controls.morph
        self._section.morph_requested.connect(self._begin)
        panel.tasks.ended.connect(self._on_ended)

    def _begin(self, a: str, b: str, n_pictures: int) -> None:
        panel = self._panel
        params = replace(panel.editor.scene.params, batch=1)
        work = panel.handle.work(partial(places_of, of=[replace(params, prompt=prompt) for prompt in (a, b)]))
        self._section.set_busy(True)
        panel.tasks.run(KEY, work, Policy.RESTART, done=partial(self._on_places, n_pictures=n_pictures))

    def _on_places(self, places: Sequence[Position], n_pictures: int) -> None:
        deck = self._panel.deck
        path = morph_path(places, deck.paths.path, n_pictures, deck.playback.fps)
        deck.pause()
        deck.paths.edit(N_("Morph"), path)
        deck.show_path()
        deck.playback.seek(0)

    def _on_ended(self, key: str) -> None:
        if key == KEY:
            self._section.set_busy(False)


def morph_path(places: Sequence[Position], before: KeyframePath, n_pictures: int, fps: float) -> KeyframePath:
    """A straight way through the places that takes `n_pictures` at `fps`, by the rules of the path before."""
    duration_s = max((n_pictures - 1) / fps / (len(places) - 1), MIN_DURATION_S)
    return KeyframePath(tuple(Keyframe(place, duration_s) for place in places), before.rules, "linear")
