"""Lets a run on the timeline be played: a picture after each tick, by the key that is down; none while it is paused."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from studio.api.engine import Engine
from studio.api.panel import EngineTasks
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import SteeredRuns
from studio.api.timeline.run_source import GeneratedSource, PlacelessSource
from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.view import State

from ..games.drawing import SIDE_PX
from ..games.game import Game
from ..params import ArcadeParams
from ..scene import ArcadeScene
from ..state import SEEN, KeyOrder, PlayedGame, is_moment

TICK_MS: Final = 40
IDLE_PICTURES: Final = 250
"""Pictures without a key after which a game rests."""
MAX_FRAMES: Final = 4000
"""A frame weighs about 50 kB."""
WORK: Final = "play "
"""What the key of the work begins with that makes a run's next picture; the run's id follows."""


class Player(Protocol):
    """Lets played runs grow."""

    def begin(self, recording: Recording, source: "PlayedSource") -> None:
        """A run is on the timeline."""


@dataclass(frozen=True, eq=False)
class PlayedSource(PlacelessSource):
    """A run from `start` on, whose pictures a person asks for key by key; see studio.api.timeline.run_source."""

    params: ArcadeParams
    start: State
    player: Player

    @property
    def n_frames(self) -> int:
        """Not known: it goes on as long as a person plays."""
        return 0

    def begin(self, recording: Recording) -> None:
        """Let the player have it."""
        self.player.begin(recording, self)

    def frames(self, engine: Engine) -> Iterator[Frame | None]:
        """The same run where nobody plays: it ends by itself."""
        return engine.generate(self.params, self.start)

    def branched(self, index: int, frame: Frame) -> "PlayedSource":
        """Go on from the frame's state."""
        return replace(self, start=frame.state or self.start)


@dataclass(frozen=True, eq=False)
class ComputerSource(GeneratedSource):
    """A run in which the computer plays; a person goes on from any of its pictures."""

    player: Player | None = None

    def branched(self, index: int, frame: Frame) -> PlayedSource | GeneratedSource:  # type: ignore[override]
        """Go on from the frame's state, by a person's keys."""
        if self.player is None or frame.state is None:
            return super().branched(index, frame)
        return PlayedSource(self.params, frame.state, self.player)


@dataclass(frozen=True, eq=False)
class PlayedRun:
    """A run that can grow: its frames, and where it stands on the Worker."""

    recording: Recording
    game: PlayedGame


class ArcadeRuns(SteeredRuns[PlayedRun]):
    """Signals: see SteeredRuns; playing has begun or stopped, or a run is at its end.

    Attributes:
        game: what is played; None before the model is open.
    """

    def __init__(self, timeline: TimelineController, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(timeline, tasks, parent)
        self.game: Game | None = None
        self._asked: set[str] = set()  # the tracks whose next pictures are under way
        self._key, self._n_idle = "none", 0
        self._aim: float | None = None
        self._steps = ArcadeParams().steps
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)
        timeline.playback.changed.connect(self._follow)
        timeline.playback.moved.connect(self._follow)
        timeline.source_changed.connect(self._follow)

    # What stands on the timeline

    @property
    def is_at_head(self) -> bool:
        """Whether the newest picture of a run that can grow is shown, or the first one is still to come."""
        playback = self._timeline.playback
        return self.current is not None and playback.index >= playback.n_frames - 1

    @property
    def is_played(self) -> bool:
        """Whether a run that a person plays is on the timeline."""
        return isinstance(self.source, PlayedSource)

    @property
    def is_training(self) -> bool:
        """Whether a training is on the timeline."""
        track = self._timeline.track
        return track is not None and track.recording.info.kind == "training"

    @property
    def is_playing(self) -> bool:
        """Whether the run on the timeline grows by itself."""
        return self.current is not None and self._timeline.playback.is_following

    @property
    def is_busy(self) -> bool:
        """Whether a picture is under way, or the computer plays."""
        return bool(self._asked) or (self.current is None and self.is_growing)

    # What a person asks for

    def renew(self, scene: ArcadeScene, is_instant: bool, start: State | None = None) -> None:
        """Let the computer play as the scene says; from a saved state a person's run begins at rest."""
        self.adopt(scene)
        params = scene.params
        if start is not None:
            self._put(PlayedSource(params, start, self))
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

    def begin(self, recording: Recording, source: PlayedSource) -> None:
        """A run is on the timeline: make its first frame."""
        run = PlayedRun(recording, PlayedGame(source.params.seed, source.start))
        self._watched[recording.info.id] = run
        self._ask(run, None)

    def _ask(self, run: PlayedRun, order: KeyOrder | None) -> None:
        """Ask for the next picture; None for the first one."""
        recording, game = run.recording, run.game
        work = self._tasks.handle.recorded(lambda engine: engine.play_on(game, order), recording, is_whole=False)
        self._asked.add(recording.info.id)
        self._tasks.run(WORK + recording.info.id, work, failed=self._on_failed, ended=self._on_work_ended)

    def _on_tick(self) -> None:
        run = self.current
        if run is None or self.game is None or not self.is_playing or run.recording.info.id in self._asked:
            return
        key = self._pressed(run, self.game)
        self._n_idle = 0 if key or self._aim is not None else self._n_idle + 1
        if len(run.recording) >= MAX_FRAMES:
            self._timeline.recorder.stop(run.recording.info.id)
        elif self._n_idle > IDLE_PICTURES:
            self._timeline.playback.pause()
        else:
            self._ask(run, KeyOrder(key, self._steps))

    def _pressed(self, run: PlayedRun, game: Game) -> int:
        """The number of the key that is down, or that leads to where the mouse is."""
        if self._aim is None:
            return game.keys.index(self._key) if self._key in game.keys else 0
        state = run.recording[-1].state if len(run.recording) else None
        if not is_moment(state):
            return 0
        return game.key_towards(game.read(np.asarray((state or {})[SEEN])[-1:])[0], self._aim)

    def _on_work_timed(self, key: str, ms: float) -> None:
        run = self._watched.get(key.removeprefix(WORK))
        if run is not None and run.game.moment is not None:
            self.timed.emit(ms)

    def _on_work_ended(self, key: str) -> None:
        track_id = key.removeprefix(WORK)
        if track_id in self._asked:
            self._asked.remove(track_id)
            self._timeline.recorder.grow(track_id)

    def _on_failed(self, error: BaseException) -> None:
        self._timeline.stop_current()
        self.failed.emit(error)

    def _on_ended(self, track_id: str) -> None:
        run = self._watched.pop(track_id, None)
        if run is not None:
            run.recording.finish()
            self._follow()

    def _follow(self, _: object = None) -> None:
        """Tick while the run on the timeline plays at its head."""
        if self.is_playing != self._tick.isActive():
            if self.is_playing:
                self._tick.start()
            else:
                self._tick.stop()
            self.changed.emit()
