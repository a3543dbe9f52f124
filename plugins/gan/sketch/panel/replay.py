"""Keeps how a drawing grew: at rest it is painted once more, stroke by stroke, as a run that can be played."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource

from ..scene import DrawScene
from ..state import Drawing, to_state

SETTLE_MS: Final = 600
"""So long must the hand rest before the replay is made anew."""


class DrawReplay(QObject):
    """Attributes:
        is_quiet: whether frames that the timeline shows are not news: the replay is being made of what is on screen.

    Signals: ended() when all frames of the replay are there.
    """

    ended = Signal()

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._scene = DrawScene()
        self._recorded: Drawing = ()
        self._track_id = ""
        self._plays_next = False
        self.is_quiet = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.renew)
        timeline.recorder.ended.connect(self._on_ended)

    @property
    def is_busy(self) -> bool:
        """Whether the replay is about to be made anew, or is being made."""
        return self._settle.isActive() or self._timeline.recorder.is_running(self._track_id)

    def follow(self, scene: DrawScene) -> None:
        """The drawing is another one: what is being made is of no use any more."""
        self.stop()
        self._scene = scene
        self._settle.start()

    def stop(self) -> None:
        """Make nothing now."""
        self._settle.stop()
        if self._timeline.recorder.is_running(self._track_id):
            self._timeline.recorder.stop(self._track_id)

    def play(self, scene: DrawScene) -> None:
        """Play the drawing from its first stroke, once all frames are there."""
        if self._is_shown_whole(scene):
            self._start_playing()
            return
        self._scene, self._plays_next = scene, True
        self.renew()

    def _is_shown_whole(self, scene: DrawScene) -> bool:
        track = self._timeline.track
        is_current = track is not None and track.id == self._track_id
        return is_current and self._recorded == scene.strokes and not self.is_busy

    def renew(self) -> None:
        """Make the replay anew, in place of the last one unless a person has pinned or named that."""
        self._settle.stop()
        scene, timeline = self._scene, self._timeline
        strokes = scene.strokes
        if not strokes:
            self._plays_next = False
            return
        start = to_state(strokes, 0) if scene.is_own else None
        self.is_quiet = not self._plays_next
        source = GeneratedSource(scene.params, start)
        self._track_id = timeline.recorder.renew(self._track_id, source, timeline.info("run", scene.params)).id
        timeline.show_track(self._track_id)
        self._recorded = strokes
        if not timeline.recorder.is_running(self._track_id):  # it was made at once
            self._finish()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._track_id:
            self._finish()

    def _finish(self) -> None:
        timeline, track = self._timeline, self._timeline.track
        if track is not None and track.id == self._track_id and self.is_quiet:
            timeline.playback.pause()
            timeline.playback.to_end()
        self.is_quiet = False
        if self._plays_next:
            self._plays_next = False
            self._start_playing()
        self.ended.emit()

    def _start_playing(self) -> None:
        playback = self._timeline.playback
        playback.to_start()
        playback.play()
