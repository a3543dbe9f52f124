"""Melts a person's pictures into each other: each is read in turn, and a path goes through their places."""

from collections.abc import Callable, Sequence
from pathlib import Path

from studio.api.timeline.controller import TimelineController
from studio.core.path.keyframe import Keyframe, KeyframePath
from studio.core.path.position import Position
from studio.core.translation import N_


class Melting:
    """Reads several pictures with what reads one; `open_one(path)` begins that."""

    def __init__(self, timeline: TimelineController, open_one: Callable[[Path], object]) -> None:
        self._timeline, self._open_one = timeline, open_one
        self._left: list[Path] = []
        self._places: list[Position] = []

    def start(self, paths: Sequence[Path]) -> None:
        """Read these pictures; their path takes the place of the one on the timeline once all are read."""
        self._left, self._places = list(paths), []
        self._open_one(self._left[0])

    def stop(self) -> None:
        """No picture is waited for any more: the reading was stopped, failed, or is another one's."""
        self._left = []

    def note(self, place: Position) -> None:
        """A picture was read and lies there."""
        if not self._left:
            return
        del self._left[0]
        self._places.append(place)
        if self._left:
            self._open_one(self._left[0])
        else:
            self._play()

    def _play(self) -> None:
        timeline = self._timeline
        path = KeyframePath(tuple(Keyframe(place) for place in self._places), timeline.paths.path.rules)
        timeline.paths.edit(N_("Melt my pictures"), path)
        timeline.go_to_keyframe(0)
        timeline.playback.set_loop("ping_pong")
        timeline.playback.play()
