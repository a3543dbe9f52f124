"""Joins the walk's controls to the timeline of the people's panel."""

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.core.keyframe import MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.seed import MAX_SEED
from studio.core.text import N_

from .people_call import walk_places

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

N_FACES: Final = 5
WALK_KEY: Final = "walk"


class WalkDesk(QObject):
    """Makes loops through faces by chance, and keyframes of the present one."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        section = panel.controls.walk
        section.walk_requested.connect(self.walk)
        section.keyframe_requested.connect(self._on_keyframe_requested)
        section.clear_requested.connect(self._on_clear_requested)
        panel.deck.paths.changed.connect(self._on_path_changed)
        self._on_path_changed()

    def walk(self, seconds: float) -> None:
        """Walk from the present face through others and back."""
        seeds = [random.randrange(MAX_SEED) for _ in range(N_FACES - 1)]
        panel = self._panel
        work = panel.handle.work(partial(walk_places, scene=panel.editor.scene, seeds=seeds))
        panel.tasks.run(WALK_KEY, work, done=partial(self._on_places, max(seconds / N_FACES, MIN_DURATION_S)))

    def _on_places(self, duration_s: float, places: Any) -> None:
        deck = self._panel.deck
        keyframes = tuple(Keyframe({"w": place}, duration_s) for place in places)
        deck.pause()
        deck.paths.edit(N_("Random walk"), KeyframePath(keyframes, deck.paths.path.rules, "smooth", is_loop=True))
        deck.show_path()
        deck.playback.seek(0)
        if deck.playback.loop == "once":
            deck.playback.set_loop("loop")
        deck.playback.play()

    def _on_keyframe_requested(self) -> None:
        if self._panel.position():
            self._panel.deck.add_keyframe()

    def _on_clear_requested(self) -> None:
        deck = self._panel.deck
        deck.pause()
        deck.paths.edit(N_("Clear the walk"), KeyframePath((), deck.paths.path.rules))

    def _on_path_changed(self) -> None:
        self._panel.controls.walk.show_n_keyframes(len(self._panel.deck.paths.path.keyframes))
