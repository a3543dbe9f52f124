"""What time does to a presentation: when it returns to its start, goes on, or is left by a long press."""

from typing import Final, Literal

Due = Literal["", "return", "move", "next", "leave"]

DWELL_S: Final = 20.0
"""How long one state of a playlist is seen while nobody touches."""
MOVE_S: Final = 10.0
"""How long nobody touches until something new begins to move."""
HOLD_S: Final = 2.0
"""How long a corner is pressed to leave."""


class Pace:
    """Keeps the time of one presentation, in seconds of whatever clock its caller reads.

    Attributes:
        is_attracting: whether nobody has touched for so long that something moves by itself.
    """

    def __init__(self, idle_s: float, now_s: float) -> None:
        """After `idle_s` without a touch everything returns to its start."""
        self._idle_s = idle_s
        self._touched_s = self._shown_s = self._moved_s = now_s
        self._held_s: float | None = None
        self.is_attracting = False

    def touch(self, now_s: float) -> None:
        """Somebody is there."""
        self._touched_s = now_s
        self.is_attracting = False

    def hold(self, now_s: float) -> None:
        """A finger went down in a corner."""
        self._held_s = now_s

    def let_go(self) -> None:
        """It was taken up, or moved away."""
        self._held_s = None

    def show(self, now_s: float) -> None:
        """Another state is shown."""
        self._shown_s = self._moved_s = now_s

    def left_s(self, now_s: float) -> float:
        """How long it still takes until everything returns to its start; 0 once it has."""
        return 0.0 if self.is_attracting else max(0.0, self._touched_s + self._idle_s - now_s)

    def due(self, now_s: float, n_shows: int) -> Due:
        """What has to be done now, once; `n_shows` states are shown in turns."""
        if self._held_s is not None and now_s - self._held_s >= HOLD_S:
            self._held_s = None
            return "leave"
        if not self.is_attracting:
            return self._return(now_s)
        if n_shows > 1 and now_s - self._shown_s >= DWELL_S:
            return "next"
        if now_s - self._moved_s >= MOVE_S:
            self._moved_s = now_s
            return "move"
        return ""

    def _return(self, now_s: float) -> Due:
        if self.left_s(now_s) > 0:
            return ""
        self.is_attracting = True
        self._shown_s = now_s
        self._moved_s = now_s - MOVE_S + 1.0  # a moment after the start is seen
        return "return"
