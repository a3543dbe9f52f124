"""Lets a run on the timeline be played: a picture after each tick, by the key that is down; none while it is paused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject

from studio.api.panel import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource, RunSource
from studio.api.timeline.ticked_runs import Stepper, TickedRun, TickedRuns, TickedSource
from studio.core.frame import Frame
from studio.core.recording.recording import Branch
from studio.core.view import State

from ..games.brush import Brush, Point
from ..games.drawing import SIDE_PX
from ..games.game import Game
from ..params import ArcadeParams
from ..scene import ArcadeScene
from ..state import SEEN, GameMoment, KeyOrder, is_moment

TICK_MS: Final = 40
IDLE_PICTURES: Final = 250
"""Pictures without a key after which a game rests."""


@dataclass(frozen=True, eq=False)
class ComputerSource(GeneratedSource):
    """A run in which the computer plays; a person goes on from any of its pictures."""

    player: Stepper | None = None

    def branched(self, index: int, frame: Frame) -> RunSource:
        """Go on from the frame's state, by a person's keys."""
        if self.player is None or frame.state is None:
            return super().branched(index, frame)
        return TickedSource(self.params, frame.state, self.player)


class ArcadeRuns(TickedRuns[GameMoment]):
    """Signals: see TickedRuns.

    Attributes:
        game: what is played; None before the model is open.
    """

    max_frames = 4000  # a frame weighs about 50 kB

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, tasks, TICK_MS, parent)
        self.game: Game | None = None
        self._key, self._n_idle = "none", 0
        self._aim: float | None = None
        self._steps = ArcadeParams().steps

    # What stands on the timeline

    @property
    def is_played(self) -> bool:
        """Whether a run that a person plays is on the timeline."""
        return isinstance(self.source, TickedSource)

    @property
    def is_training(self) -> bool:
        """Whether a training is on the timeline."""
        track = self._timeline.track
        return track is not None and track.recording.info.kind == "training"

    @property
    def is_busy(self) -> bool:
        """Whether a picture is under way, or the computer plays."""
        return super().is_busy or (self.current is None and self.is_growing)

    # What a person asks for

    def renew(self, scene: ArcadeScene, is_instant: bool, start: State | None = None) -> None:
        """Let the computer play as the scene says; from a saved state a person's run begins at rest."""
        self.adopt(scene)
        params = scene.params
        if start is not None:
            self._put(TickedSource(params, start, self))
            self._timeline.playback.pause()
        else:
            self._put(ComputerSource(params, player=self))

    def adopt(self, scene: ArcadeScene) -> None:
        """Dream in so many steps from the next picture on; the run stays."""
        self._steps = scene.params.steps

    def hold(self, key: str) -> None:
        """A key is down from now on, or "none"; the first one takes the game over at the playhead."""
        self._key, self._aim = key, None
        if key != "none":
            self._take_over()

    def aim(self, share: float | None) -> None:
        """Go to a place across, 0..1, from now on; None to go nowhere."""
        self._key, self._aim = "none", None if share is None else share * SIDE_PX
        if share is not None:
            self._take_over()

    def paint(self, brush: Brush, way: Sequence[Point]) -> None:
        """Paint into the picture at the playhead, along points in its pixels; a branch goes on from there, at rest."""
        timeline, track, source = self._timeline, self._timeline.track, self.source
        if track is None or source is None or not timeline.branching.can_branch:
            return
        index = timeline.shown.index
        frame = track.recording[index]
        if not is_moment(frame.state):
            return
        state = dict(frame.state or {})
        state[SEEN] = brush.painted(np.asarray(state[SEEN]), way)
        info = replace(timeline.info("run", source.params), branch=Branch(track.id, index))
        painted = source.branched(index, replace(frame, state=state))
        timeline.show_track(timeline.recorder.start(painted, info, is_step=True))
        timeline.pause()

    def _take_over(self) -> None:
        """Play on at the head of a run; elsewhere a branch begins."""
        timeline, self._n_idle = self._timeline, 0
        if not self.is_at_head:
            if not timeline.branching.can_branch:
                return
            timeline.branch()
        if not timeline.playback.is_following:
            timeline.playback.play()

    # How runs grow

    def _go_on(self, run: TickedRun[GameMoment]) -> None:
        if self.game is None:
            return
        key = self._pressed(run, self.game)
        self._n_idle = 0 if key or self._aim is not None else self._n_idle + 1
        if self._n_idle > IDLE_PICTURES:
            self._timeline.playback.pause()
        else:
            self._ask(run, KeyOrder(key, self._steps))

    def _pressed(self, run: TickedRun[GameMoment], game: Game) -> int:
        """The number of the key that is down, or that leads to where the mouse is."""
        if self._aim is None:
            return game.keys.index(self._key) if self._key in game.keys else 0
        state = run.recording[-1].state if len(run.recording) else None
        if not is_moment(state):
            return 0
        return game.key_towards(game.read(np.asarray((state or {})[SEEN])[-1:])[0], self._aim)
