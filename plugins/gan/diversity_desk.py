"""Joins the diversity meter to the people's panel: draws the samples, and leads to a collapsed forger."""

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.seed import MAX_SEED

from .diversity_call import sample
from .grid_call import LARGE_PX
from .people_scene import PeopleScene, scene_to_json

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

DIVERSITY_KEY: Final = "diversity"
COLLAPSED: Final = "gan/avatars-collapsed"
N_SAMPLES, N_LARGE = 200, 24
FACES_PX: Final = 64


class DiversityDesk(QObject):
    """What was seen belongs to the words, truncation and directions that it was drawn with; others take it away."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._has_kinds = panel.handle.source.card.get("data_set", {}).get("name") == "avatars"
        self._n_wanted = N_SAMPLES
        self._made_of: Any = None
        section = panel.controls.diversity
        section.set_about(self._has_kinds, self._n_wanted)
        section.look_requested.connect(self.look)
        section.collapsed_requested.connect(lambda: panel.host.open_model(COLLAPSED))
        known = {card.id for card in panel.host.cards()}
        section.collapsed.setVisible(COLLAPSED in known and panel.handle.source.id != COLLAPSED)
        panel.opened.connect(self._on_opened)
        panel.editor.changed.connect(self._on_scene_changed)
        panel.tasks.ended.connect(self._on_ended)

    def _on_opened(self, about: Any) -> None:
        self._has_kinds = self._has_kinds and about.size_px == FACES_PX
        self._n_wanted = N_SAMPLES if about.size_px <= LARGE_PX else N_LARGE
        self._panel.controls.diversity.set_about(self._has_kinds, self._n_wanted)

    def look(self) -> None:
        """Draw the samples, or stop."""
        panel = self._panel
        if panel.tasks.is_running(DIVERSITY_KEY):
            panel.tasks.cancel(DIVERSITY_KEY)
            panel.controls.diversity.set_running(False)
            return
        panel.deck.pause()  # a walk would take the time that the samples need
        scene = panel.editor.scene
        self._made_of = made_of(scene)
        seeds = [random.randrange(MAX_SEED) for _ in range(self._n_wanted)]
        call = partial(sample, scene=scene, seeds=seeds, has_kinds=self._has_kinds)
        panel.controls.diversity.set_running(True)
        panel.tasks.run(DIVERSITY_KEY, panel.handle.work(call), Policy.RESTART, event=self._on_seen)

    def _on_seen(self, seen: Any) -> None:
        if seen is not None:
            self._panel.controls.diversity.show_sampled(seen)

    def _on_ended(self, key: str) -> None:
        if key == DIVERSITY_KEY:
            self._panel.controls.diversity.set_running(False)

    def _on_scene_changed(self) -> None:
        if self._made_of is not None and made_of(self._panel.editor.scene) != self._made_of:
            self._made_of = None
            self._panel.tasks.cancel(DIVERSITY_KEY)
            self._panel.controls.diversity.set_running(False)
            self._panel.controls.diversity.show_sampled(None)


def made_of(scene: PeopleScene) -> dict[str, Any]:
    """What decides how faces by chance look."""
    return scene_to_json(scene.at_seed(0))
