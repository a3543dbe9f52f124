"""The run that draws the picture on screen: begun anew for another picture, drawn again for another vividness."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, Track
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.recording.recording import Recording

from ..scene import EnlargeScene

_REDRAWING: Final = "redrawing"
SETTLE_MS: Final = 350
"""So long must the slider rest before the run is made again."""


class EnlargeRun(PanelRuns):
    """Keeps one track in step with the scene; what a person has pinned, named or branched from stays.

    Signals, beside those of PanelRuns: ended() when the newest run is over; failed(error) where it could not be made
    again.
    """

    branches_at_first = True  # from the plain enlargement on
    ended = Signal()
    failed = Signal(object)

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._tasks = tasks
        self._redrawn: tuple[Track, Recording, GeneratedSource] | None = None
        self._scene = EnlargeScene()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._redraw)
        self.watch_others()

    @property
    def is_busy(self) -> bool:
        """Whether the newest run goes on, or is about to."""
        is_redrawing = self._redrawn is not None or self._settle.isActive()
        return is_redrawing or self._timeline.recorder.is_running(self._attempt)

    def renew(self, scene: EnlargeScene, is_instant: bool = False) -> None:
        """Draw a scene at once, in place of the newest run where nothing hangs on that."""
        self._forget_redrawing()
        self._scene = scene
        before, track = self._attempt, self._put(scene.source())
        if track.id != before and not self._timeline.recorder.is_running(track.id):  # over before its track was known
            self.ended.emit()

    @property
    def is_broken_off(self) -> bool:
        """Whether the newest run was stopped before its picture was whole."""
        track = self._timeline.tracks.find(self._attempt)
        return track is not None and not self.is_busy and not _is_whole(track.recording)

    def follow(self, scene: EnlargeScene) -> None:
        """Draw a scene when the hand rests, at an earlier step at once; a branch follows the controls by itself."""
        self._scene = scene
        if self.is_earlier_shown:
            self.renew(scene)
        elif not self.is_followed:
            self._settle.start()

    def _redraw(self) -> None:
        """Make the run anew with another mix: what is on the timeline stays until that is done, which is soon."""
        scene, timeline, track = self._scene, self._timeline, self._timeline.tracks.replaceable(self._attempt)
        if track is None or timeline.recorder.is_running(track.id) or not _is_whole(track.recording):
            self.renew(scene)
            return
        source = scene.source()
        recording = Recording(replace(timeline.info("run", scene.params), id=track.id))
        self._redrawn = track, recording, source
        work = self._tasks.handle.recorded(source.frames, recording)
        self._tasks.run(_REDRAWING, work, Policy.RESTART, done=self._on_redrawn, failed=self.failed.emit)

    def _on_redrawn(self, _: object) -> None:
        if self._redrawn is None:
            return
        track, recording, source = self._redrawn
        self._redrawn = None
        self._timeline.recorder.put(track, recording, source)
        self._timeline.show_track(track)
        self._timeline.playback.seek(self._timeline.n_frames - 1)
        self._timeline.show_present()
        self.ended.emit()

    def _forget_redrawing(self) -> None:
        self._settle.stop()
        self._tasks.cancel(_REDRAWING)
        self._redrawn = None

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            self.ended.emit()


def _is_whole(recording: Recording) -> bool:
    """Whether every part of a picture was drawn."""
    return len(recording) > 0 and recording[-1].step == recording[-1].n_steps - 1
