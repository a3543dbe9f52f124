"""Runs on the timeline: the newest, made anew as the scene changes, watched as it appears or shown when it is whole."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

from PySide6.QtCore import QObject

from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns

FASTEST_FPS: Final = 120.0
P = TypeVar("P")
Pace: TypeAlias = Callable[[Any, int], tuple[float, float]]
"""Parameters and a speed to frames a second, and how many of the run's go by with each."""


class NewestRun(PanelRuns):
    """Signals: see PanelRuns; growing is no change."""

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._waits_for_end = False

    @property
    def is_running(self) -> bool:
        """Whether the newest run goes on."""
        return self._timeline.recorder.is_running(self._attempt)

    @property
    def is_busy(self) -> bool:
        """Whether the newest run goes on."""
        return self.is_running

    @property
    def is_shown(self) -> bool:
        """Whether the newest run is the one on the timeline."""
        track = self._timeline.track
        return track is not None and track.id == self._attempt

    def shown_params(self, otherwise: P) -> P:
        """The settings of the run that is on the timeline; others where that is none of a model."""
        source = self.source
        params = None if source is None else source.params
        return params if isinstance(params, type(otherwise)) else otherwise

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._timeline.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id == self._attempt:
            if self._waits_for_end:
                self._waits_for_end = False
                self._timeline.playback.to_end()
            self.changed.emit()


class PlayedRun(NewestRun):
    """A run that appears at a chosen speed. Signals: see NewestRun."""

    def __init__(self, timeline: TimelineController, parent: QObject, instant: int, pace: Pace) -> None:
        """From the speed `instant` on a run is shown as soon as it is whole."""
        super().__init__(timeline, parent)
        self._instant, self._pace = instant, pace

    def renew(self, scene: Any, is_instant: bool) -> None:
        """Make what a scene asks for, in place of the newest run where nothing hangs on that, and play it."""
        self._put(scene.source())
        if self.has_stayed:
            return
        self._timeline.playback.seek(0)
        self.set_speed(scene.params, scene.speed)
        self.play(is_instant or scene.speed >= self._instant)
        self.changed.emit()

    def play(self, is_instant: bool) -> None:
        """Let it appear step by step, or show it as soon as it is whole."""
        timeline = self._timeline
        self._waits_for_end = is_instant and self.is_running
        if is_instant:
            timeline.pause()
            timeline.playback.to_end()
        else:
            timeline.playback.play()

    def set_speed(self, params: Any, speed: int) -> None:
        """Let so much of a run with these parameters appear in a second from now on."""
        fps, times = self._pace(params, speed)
        self._timeline.playback.set_fps(fps)
        self._timeline.playback.set_speed(times)
