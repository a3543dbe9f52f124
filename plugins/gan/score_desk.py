"""Keeps the detective's scores in the inspector in step with the picture."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject

from studio.api.panel import Throttle
from studio.core.frame import Frame

from .verdict_desk import awaits_verdict

if TYPE_CHECKING:
    from .people_panel import PeoplePanel

FOLLOW_MS: Final = 60


class ScoreDesk(QObject):
    """The plot follows a hand a few times a second, and only where it is in sight, so that the picture stays quick."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._section, self._box = panel.controls.scores, panel.controls.score_box
        self._score: float | None = None
        self._follow = Throttle(FOLLOW_MS, self._show, self)
        self._box.setVisible(False)
        panel.opened.connect(self._on_opened)
        panel.drawn.connect(self._on_drawn)
        panel.rested.connect(self._follow.request)

    def _on_opened(self, about: Any) -> None:
        self._box.setVisible(about.has_verdict and self._section.scores is not None)

    def _on_drawn(self, frame: Frame) -> None:
        if awaits_verdict(frame):
            return
        self._score = frame.scalars.get("score")
        self._follow.request()

    def _show(self) -> None:
        is_seen = not self._section.visibleRegion().isEmpty()
        if is_seen or not self._panel.editor.is_in_gesture:
            self._section.show_score(self._score)
