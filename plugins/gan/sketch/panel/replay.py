"""Keeps how a drawing grew: at rest it is painted once more, stroke by stroke, as a run that can be played."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.panel import Track
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource

from ..scene import DrawScene
from ..state import from_state, to_state

SETTLE_MS: Final = 600
"""So long must the hand rest before the replay is made anew."""


class DrawReplay(PanelRuns):
    """Attributes:
        is_quiet: whether frames that the timeline shows are not news: the replay is being made of what is on screen.

    Signals: ended() when all frames of the replay are there.
    """

    branches, branches_at_first = False, True  # who draws on from an earlier stroke has another drawing
    ended = Signal()

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._scene = DrawScene()
        self._plays_next = False
        self.is_quiet = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.renew)

    @property
    def is_busy(self) -> bool:
        """Whether the replay is about to be made anew, or is being made."""
        return self._settle.isActive() or self._timeline.recorder.is_running(self._attempt)

    def follow(self, scene: DrawScene) -> None:
        """The drawing is another one: what is being made is of no use any more.

        Where an earlier stroke is shown, the replay stays, and another one begins at once.
        """
        self.stop()
        self._scene = scene
        if self._is_shown(scene):
            return
        if self.is_earlier_shown:
            self.renew()
        else:
            self._settle.start()

    def stop(self) -> None:
        """Make nothing now."""
        self._settle.stop()
        if self._timeline.recorder.is_running(self._attempt):
            self._timeline.recorder.stop(self._attempt)

    def play(self, scene: DrawScene) -> None:
        """Play the drawing from its first stroke, once all frames are there."""
        if self._is_shown(scene) and not self.is_busy:
            self._start_playing()
            return
        self._scene, self._plays_next = scene, True
        self.renew()

    def _is_shown(self, scene: DrawScene) -> bool:
        """Whether the frame at the playhead has this drawing."""
        frame = self._timeline.frame_at(self._timeline.shown.index)
        if frame is None or "strokes" not in (frame.state or {}):
            return False
        drawing, n_drawn = from_state(frame.state or {})
        return drawing[:n_drawn] == scene.strokes

    def renew(self) -> None:
        """Make the replay anew, in place of the last one unless a person has pinned or named that."""
        self._settle.stop()
        scene = self._scene
        if not scene.strokes:
            self._plays_next = False
            return
        self.is_quiet = not self._plays_next
        track = self._put(GeneratedSource(scene.params, to_state(scene.strokes, 0) if scene.is_own else None))
        if not self._timeline.recorder.is_running(track.id):  # it was made at once
            self._finish()

    def _show_step(self, track: Track, index: int) -> None:
        self.is_quiet = False
        super()._show_step(track, index)

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            self._finish()

    def _finish(self) -> None:
        timeline, track = self._timeline, self._timeline.track
        if track is not None and track.id == self._attempt and self.is_quiet:
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
