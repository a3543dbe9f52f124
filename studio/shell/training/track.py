"""The pictures of a training on the timeline of one panel: a copy that grows with it, since the tracks own theirs."""

import uuid
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.commands.track import Track
from studio.core.recording.recording import Recording
from studio.shell.training.desk import LiveTraining

if TYPE_CHECKING:
    from studio.api.panel import Panel


class TrainingTrack(QObject):
    """Signals: step_shown(step) while one of its pictures is on the canvas, and None when another run is."""

    step_shown = Signal(object)

    def __init__(self, live: LiveTraining, panel: "Panel", parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._timeline = panel.timeline
        self._recording: Recording | None = None
        self._source: Recording | None = None
        self._n_taken = 0
        self._steps: list[int] = []
        self._timeline.playback.moved.connect(self._on_moved)
        self._timeline.source_changed.connect(self._on_moved)

    def show(self) -> None:
        """Put the pictures on the timeline, and stay at the newest."""
        if self._track is None:
            self._recording = Recording(replace(self._live.learning.recording.info, id=uuid.uuid4().hex))
            self._source, self._n_taken, self._steps = None, 0, []
            self._take()
            self._timeline.recorder.follow(self._recording, self._live.title, self._live.pause)
        self._put_on()
        self._timeline.playback.to_end()

    def follow(self) -> None:
        """Take in the pictures that are new."""
        if self._recording is None or self._recording.is_finished:
            return
        if self._track is None:  # the person deleted it, or the panel goes: no more is added
            self._recording = None
        else:
            if self._take():
                self._timeline.recorder.grow(self._recording.info.id)
            self._tell(self._recording.info.id)

    def _tell(self, track_id: str) -> None:
        """Let the timeline offer to stop what goes on, and only that."""
        recorder = self._timeline.recorder
        if self._live.is_running:
            recorder.resume(track_id, self._live.pause)
        else:
            recorder.end(track_id)

    def finish(self) -> None:
        """Take in the last pictures: no more will come."""
        self.follow()
        if self._recording is not None and not self._recording.is_finished:
            self._recording.finish()
            self._timeline.recorder.end(self._recording.info.id)

    def seek(self, step: int) -> None:
        """Go to the picture that was made last before this step."""
        if self._track is None:
            self.show()
        if self._steps:
            self._put_on()
            self._timeline.playback.seek(max(bisect_right(self._steps, step) - 1, 0))

    @property
    def _track(self) -> Track | None:
        """The pictures among the tracks of the panel; None where they are not, or not any more."""
        return None if self._recording is None else self._timeline.tracks.find(self._recording.info.id)

    def _put_on(self) -> None:
        track = self._track
        if track is not None and self._timeline.track is not track:
            self._timeline.show_track(track)

    def _take(self) -> bool:
        """Append what is new; returns whether there was something."""
        source, recording = self._live.learning.recording, self._recording
        if recording is None:
            return False
        if source is not self._source:  # it was continued: the pictures of before come again
            self._source, self._n_taken = source, 0
        n_before = len(recording)
        for index in range(self._n_taken, len(source)):
            frame = source[index]
            if not self._steps or frame.step > self._steps[-1]:
                recording.append(frame)
                self._steps.append(frame.step)
        self._n_taken = len(source)
        return len(recording) > n_before

    def _on_moved(self) -> None:
        index, track = self._timeline.playback.index, self._track
        is_known = track is not None and self._timeline.track is track and 0 <= index < len(self._steps)
        self.step_shown.emit(self._steps[index] if is_known else None)
