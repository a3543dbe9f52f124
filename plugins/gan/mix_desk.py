"""Joins the mixing controls and the strip of both faces to the people's panel."""

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer

from studio.core.seed import MAX_SEED

from .people_call import parents
from .people_scene import PeopleScene, scene_to_json

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

PARENTS_MS: Final = 120
PARENTS_KEY: Final = "parents"


class MixDesk(QObject):
    """Draws both faces when what they are made of has changed, and a moment after the hand rests."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._drawn: dict[str, Any] = {}
        self._due = QTimer(self, singleShot=True, interval=PARENTS_MS)
        self._due.timeout.connect(self._draw)
        section, editor = panel.controls.mix, panel.editor
        section.from_b_chosen.connect(editor.set_from_b)
        section.seed_b_changed.connect(editor.set_seed_b)
        section.other_requested.connect(lambda: editor.set_seed_b(random.randrange(MAX_SEED)))
        section.crossfade_changed.connect(editor.set_crossfade)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show the strip while anything comes from another face."""
        strip = self._panel.stage.strip
        is_mixed = any(scene.from_b) or scene.expression > 0
        strip.setVisible(is_mixed)
        if is_mixed:
            strip.show_scene(scene)
            is_driven = scene.expression > 0 and not any(scene.from_b)  # then B is the driving face
            made_of = {**scene_to_json(scene), "from_b": (), "crossfade": 0.0, "expression": is_driven}
            if made_of != self._drawn:
                self._drawn = made_of
                self._due.start()

    def _draw(self) -> None:
        panel = self._panel
        work = panel.handle.work(partial(parents, scene=panel.editor.scene))
        panel.tasks.run(PARENTS_KEY, work, done=self._on_drawn)

    def _on_drawn(self, faces: Any) -> None:
        self._panel.stage.strip.show_faces(faces.a, faces.b)
