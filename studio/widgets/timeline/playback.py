"""Where the playhead stands and how it moves by itself: play, loop, shuttle, and follow a run that still grows."""

import math
import time
from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, QTimer, Signal

Loop = Literal["once", "loop", "ping_pong"]
LOOPS: Final[tuple[Loop, ...]] = ("once", "loop", "ping_pong")
FPS_RANGE: Final = (1.0, 120.0)
SPEED_RANGE: Final = (0.1, 8.0)
_FASTEST_SHUTTLE: Final = 8
_SHORTEST_TICK_MS: Final = 4
_LONGEST_TICK_MS: Final = 500
_ROUNDING: Final = 1e-9  # of a frame: a clock that is just short of a whole frame counts as there


def index_once(start: int, way: int, n_frames: int) -> int:
    """The frame `way` frames after `start`, at most the first or the last one."""
    return min(max(start + way, 0), max(n_frames - 1, 0))


def index_looped(start: int, way: int, n_frames: int) -> int:
    """The frame `way` frames after `start`, where the first follows the last."""
    return (start + way) % n_frames if n_frames > 0 else 0


def index_ping_pong(start: int, way: int, n_frames: int) -> tuple[int, int]:
    """The frame `way` frames after `start` where both ends are mirrors, and the direction there, 1 or -1.

    The direction is the one in which the next frame lies for a playhead that set out with the sign of `way`.
    """
    if n_frames < 2:
        return 0, 1 if way >= 0 else -1
    last = n_frames - 1
    going = 1 if way >= 0 else -1
    unfolded = (start if going > 0 else 2 * last - start) + abs(way)
    phase = unfolded % (2 * last)
    return (phase, 1) if phase < last else (2 * last - phase, -1)


def whole_frames(elapsed_s: float, frames_per_s: float) -> tuple[int, float]:
    """How many whole frames have passed, and what part of the next one, 0 to 1."""
    passed = max(0.0, elapsed_s) * frames_per_s
    whole = math.floor(passed + _ROUNDING)
    return whole, max(0.0, passed - whole)


class Playback(QObject):
    """The playhead over `n_frames` frames.

    The frame on show follows from the clock alone: a late tick skips frames, and no rounding adds up. While a run
    grows, a playhead at its head stays at the head; it lets go when it is moved back or paused. Where it is known how
    long the run will be, what plays forwards waits at the last frame that is ready, as films do that still load.

    Signals:
        moved(index): another frame is on show.
        changed(): anything else: length, speed, loop, playing or not.
    """

    moved = Signal(int)
    changed = Signal()

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._n_frames = 0
        self._first_number = 1
        self._n_ready: int | None = None  # of frames that come one after another, those that are there
        self._index = 0
        self._fps = 30.0
        self._speed = 1.0
        self._loop: Loop = "once"
        self._direction = 1
        self._shuttle = 1
        self._is_running = False
        self._is_growing = False
        self._is_held = False  # paused at the head of a growing run: does not follow
        self._anchor_s = 0.0  # when the playhead stood exactly at the beginning of the frame _anchor_index
        self._anchor_index = 0
        self._anchor_direction = 1
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)

    @property
    def n_frames(self) -> int:
        """How many frames there are now."""
        return self._n_frames

    @property
    def index(self) -> int:
        """The frame on show, 0 to n_frames - 1; 0 while there is none."""
        return self._index

    @property
    def first_number(self) -> int:
        """What the first frame is called: 1, 0 where the steps begin from it, or more in a branch."""
        return self._first_number

    @property
    def number(self) -> int:
        """What the frame on show is called."""
        return self._first_number + self._index

    @property
    def fps(self) -> float:
        """Frames a second at speed 1, 1 to 120."""
        return self._fps

    @property
    def speed(self) -> float:
        """How much faster than `fps`, 0.1 to 8."""
        return self._speed

    @property
    def shuttle(self) -> int:
        """How many times faster than `speed` the keys J and L made it: 1, 2, 4 or 8."""
        return self._shuttle

    @property
    def loop(self) -> Loop:
        """What happens at the end."""
        return self._loop

    @property
    def direction(self) -> int:
        """1 forwards, -1 backwards."""
        return self._direction

    @property
    def is_growing(self) -> bool:
        """Whether more frames will come."""
        return self._is_growing

    @property
    def is_following(self) -> bool:
        """Whether the playhead stays at the head of a growing run."""
        goes_back = self._is_running and self._direction < 0
        return self._is_growing and not self._is_held and not goes_back and self._index >= self._n_frames - 1

    @property
    def is_playing(self) -> bool:
        """Whether the playhead moves by itself."""
        return self._is_running or self.is_following

    def set_length(self, n_frames: int, is_growing: bool = False, n_ready: int | None = None) -> None:
        """There are `n_frames` frames now; `is_growing` says that more will come.

        Of a run whose length is known `n_ready` are made so far; None where all are, or any is when it is asked for.
        """
        if (n_frames, is_growing) == (self._n_frames, self._is_growing):
            self._n_ready = n_ready
            return
        part = self._settle()
        self._n_ready = n_ready
        if is_growing and not self._is_growing:
            self._is_held = False
        follows = is_growing and (self.is_following or (not self._is_growing and self._index >= self._n_frames - 1))
        is_first = self._n_frames == 0 and n_frames > 0
        self._n_frames, self._is_growing = n_frames, is_growing
        self._show(n_frames - 1 if follows else self._index, is_new=is_first)
        self._anchor(part)
        if self._has_ended():
            self._is_running = False
        self.changed.emit()

    def set_first_number(self, number: int) -> None:
        """Call the first frame by this number."""
        if number != self._first_number:
            self._first_number = number
            self.changed.emit()

    def set_fps(self, fps: float) -> None:
        """Play `fps` frames a second, kept inside 1 to 120."""
        part = self._settle()
        self._fps = min(max(fps, FPS_RANGE[0]), FPS_RANGE[1])
        self._anchor(part)
        self.changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play `speed` times as fast, kept inside 0.1 to 8."""
        part = self._settle()
        self._speed = min(max(speed, SPEED_RANGE[0]), SPEED_RANGE[1])
        self._anchor(part)
        self.changed.emit()

    def set_loop(self, loop: Loop) -> None:
        """Stop at the end, begin again, or turn round."""
        part = self._settle()
        self._loop = loop
        self._anchor(part)
        self.changed.emit()

    def cycle_loop(self) -> None:
        """Take the next of once, loop and ping-pong."""
        self.set_loop(LOOPS[(LOOPS.index(self._loop) + 1) % len(LOOPS)])

    def play(self) -> None:
        """Play on from here; from the start where the end has been reached. Turned round, it stays so."""
        self._is_held = False
        self._shuttle = 1
        if self._loop != "ping_pong":
            self._direction = 1
        if self._loop == "once" and not self._is_growing and self._index >= self._n_frames - 1:
            self._show(0)
        self._run()

    def pause(self) -> None:
        """Stay at the frame on show, even at the head of a growing run."""
        self._settle()
        self._is_running = False
        self._is_held = self._is_growing
        self._shuttle = 1
        self._timer.stop()
        self.changed.emit()

    def toggle(self) -> None:
        """Pause what plays, play what does not."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def seek(self, index: int) -> None:
        """Go to a frame, the nearest that there is; what plays goes on from there."""
        was_following = self.is_following
        self._is_held = False
        self._show(index)
        self._anchor(0.0)
        if self.is_following != was_following:
            self.changed.emit()

    def step(self, n_frames: int) -> None:
        """Stop playing and go `n_frames` on, or back where it is negative."""
        was_running = self._is_running
        if was_running:
            self._settle()
            self._is_running = False
            self._timer.stop()
        self.seek(self._index + n_frames)
        if was_running:
            self.changed.emit()

    def to_start(self) -> None:
        """Go to the first frame."""
        self.seek(0)

    def to_end(self) -> None:
        """Go to the last frame there is."""
        self.seek(self._n_frames - 1)

    def shuttle_back(self) -> None:
        """Play backwards; twice as fast each time, up to 8."""
        self._shuttle_towards(-1)

    def shuttle_stop(self) -> None:
        """Pause."""
        self.pause()

    def shuttle_forward(self) -> None:
        """Play forwards; twice as fast each time, up to 8."""
        self._shuttle_towards(1)

    def advance(self) -> None:
        """Show the frame that is due now; the timer calls this."""
        if not self._is_running:
            return
        part = self._settle()
        if self._is_running and self._has_ended():
            self._is_running = False
            self.changed.emit()
        elif self._is_running:
            self._schedule(part)

    def _shuttle_towards(self, direction: int) -> None:
        part = self._settle()
        is_faster = self._is_running and self._direction == direction
        self._shuttle = min(self._shuttle * 2, _FASTEST_SHUTTLE) if is_faster else 1
        self._direction = direction
        self._is_held = False
        self._run(part if is_faster else 0.0)

    def _run(self, part: float = 0.0) -> None:
        self._is_running = self._n_frames > 0 and not self._has_ended()
        self._anchor(part)
        self.changed.emit()

    @property
    def _frames_per_s(self) -> float:
        return self._fps * self._speed * self._shuttle

    def _has_ended(self) -> bool:
        if self._direction < 0 and self._is_growing:
            return self._index == 0
        if self._is_growing:
            return False
        if self._n_frames < 2:
            return True
        return self._loop == "once" and self._index == (self._n_frames - 1 if self._direction > 0 else 0)

    def _settle(self) -> float:
        """Show the frame that is due now; return how much of it has passed, 0 to 1."""
        if not self._is_running:
            return 0.0
        whole, part = whole_frames(self._clock() - self._anchor_s, self._frames_per_s)
        way = whole * self._anchor_direction
        if self._loop == "once" or self._is_growing:
            index = index_once(self._anchor_index, way, self._n_frames)
        elif self._loop == "loop":
            index = index_looped(self._anchor_index, way, self._n_frames)
        else:
            index, self._direction = index_ping_pong(self._anchor_index, way, self._n_frames)
        if self._n_ready is not None and self._direction > 0 and index >= self._n_ready:
            return self._wait()
        self._show(index)
        return part

    def _wait(self) -> float:
        """Stay at the last frame that is ready, from which time counts once there are more."""
        self._show(max(self._index, (self._n_ready or 0) - 1))
        self._anchor_s, self._anchor_index = self._clock(), self._index
        return 0.0

    def _anchor(self, part: float) -> None:
        """Count time from here on, where `part` of the frame on show has passed already."""
        self._anchor_s = self._clock() - part / self._frames_per_s
        self._anchor_index, self._anchor_direction = self._index, self._direction
        self._schedule(part)

    def _schedule(self, part: float) -> None:
        if not self._is_running or self.is_following:  # a growing run calls set_length
            self._timer.stop()
            return
        left_ms = math.ceil((1.0 - part) / self._frames_per_s * 1000)
        self._timer.start(min(max(left_ms, _SHORTEST_TICK_MS), _LONGEST_TICK_MS))

    def _show(self, index: int, is_new: bool = False) -> None:
        index = index_once(index, 0, self._n_frames)
        if index != self._index or is_new:
            self._index = index
            self.moved.emit(index)
