"""The run that learns the table on screen, made anew where another table or other settings are asked for."""

from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource

from ..scene import TableScene

FPS: Final = 8.0


class TableRuns(PanelRuns):
    """Signals, beside that of PanelRuns: other_shown(source) when another run is on the timeline."""

    branches_at_first = True
    other_shown = Signal(object)

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._shown_id, self._waits_for_end = "", False
        timeline.playback.set_fps(FPS)
        timeline.source_changed.connect(self._on_source_changed)

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

    def _on_source_changed(self) -> None:
        track = self._timeline.track
        if track is None or track.id == self._shown_id:
            return
        self._shown_id = track.id
        source = self._timeline.recorder.source_of(track)
        if track.id != self._attempt and isinstance(source, GeneratedSource):
            self.other_shown.emit(source)
