"""Runs that fill a text, on the timeline: made anew as the text or its gaps change."""

from typing import Any, Protocol

from PySide6.QtCore import QObject

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.view import State


class GappedScene(Protocol):
    """A scene of a text with gaps."""

    @property
    def params(self) -> Any:
        """How they are filled."""

    def start(self) -> State | None:
        """What a run begins with; None for what the model makes of the prompt."""


class GapRuns(PanelRuns):
    """Signals: see PanelRuns; growing is a change.

    Attributes:
        plays_next: whether the gaps fill one by one once the next run is there.
    """

    branches = False  # what is filled already was filled by other settings

    def __init__(self, timeline: TimelineController, parent: QObject, steps_per_s: float, plays_next: bool) -> None:
        super().__init__(timeline, parent)
        self._waits_for_end = False
        self.plays_next = plays_next
        timeline.playback.set_fps(steps_per_s)

    def renew(self, scene: GappedScene, is_instant: bool, start: State | None = None) -> None:
        """Fill a text, in place of the newest run where nothing hangs on that; the playhead rests at its gaps.

        It shows the filled text where it `is_instant`, and plays where that was asked for.
        """
        timeline, is_played = self._timeline, self.plays_next and not is_instant
        self._waits_for_end = self.plays_next = False
        self._put(GeneratedSource(scene.params, scene.start() if start is None else start))
        if self.has_stayed:
            return
        timeline.playback.seek(0)
        timeline.playback.pause()
        timeline.show_present()
        self.changed.emit()
        if is_instant:
            self.to_end()
        elif is_played:
            self.play()

    def let_go(self) -> None:
        """Nothing is to be played of a scene that goes."""
        self.plays_next = False

    def play(self) -> None:
        """Let the gaps fill, from the first step."""
        self._timeline.playback.seek(0)
        self._timeline.playback.play()

    def to_end(self) -> None:
        """Show the filled text as soon as it is made."""
        self._waits_for_end = self.is_growing
        self._timeline.playback.to_end()
        self._timeline.show_present()

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._waits_for_end = self.is_growing
            self._timeline.playback.to_end()
        self.changed.emit()

    def _on_ended(self, track_id: str) -> None:
        self._on_grown(track_id)
