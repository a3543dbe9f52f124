"""The run that learns the table on screen, made anew where another table or other settings are asked for."""

from typing import Final

from PySide6.QtCore import QObject

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns

from ..scene import TableScene

FPS: Final = 8.0


class TableRuns(PanelRuns):
    """The newest one gives way to the next, and is watched from its beginning."""

    branches_at_first = True

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._waits_for_end = False
        timeline.playback.set_fps(FPS)
        self.watch_others()

    @property
    def is_busy(self) -> bool:
        """Whether the newest run goes on."""
        return self._timeline.recorder.is_running(self._attempt)

    def renew(self, scene: TableScene, is_instant: bool = False) -> None:
        """Learn a scene's table, in place of the newest run where nothing hangs on that; watched from its beginning."""
        timeline = self._timeline
        self._put(scene.source())
        if self.has_stayed:
            return
        self._waits_for_end = is_instant and self.is_busy
        if is_instant:
            timeline.pause()
            timeline.playback.to_end()
        elif not self.is_branch_shown:
            timeline.playback.seek(0)
            timeline.playback.play()

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._timeline.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id != self._attempt:
            return
        if self._waits_for_end:
            self._waits_for_end = False
            self._timeline.playback.to_end()
        self.changed.emit()
