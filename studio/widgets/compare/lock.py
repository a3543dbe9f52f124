"""Which frames of two recordings belong together: those of the same step, or of the same part of their length."""

from dataclasses import dataclass
from typing import Final, Literal

Lock = Literal["step", "share"]
LOCKS: Final[tuple[Lock, ...]] = ("step", "share")


@dataclass(frozen=True)
class Span:
    """Where a recording lies on the common axis of steps: its first step and how many frames it has."""

    offset: int
    n_frames: int

    @property
    def end(self) -> int:
        """The step behind the last frame."""
        return self.offset + self.n_frames


@dataclass(frozen=True)
class Place:
    """A frame of a recording, the nearest one where the asked step lies before its first or behind its last one."""

    index: int
    is_before: bool = False
    is_behind: bool = False


def locked_length(lock: Lock, a: Span, b: Span) -> int:
    """How many places a playhead over both has; 0 where one of them has no frame yet."""
    if not (a.n_frames and b.n_frames):
        return 0
    if lock == "share":
        return max(a.n_frames, b.n_frames)
    return max(a.end, b.end) - min(a.offset, b.offset)


def locked_places(lock: Lock, a: Span, b: Span, index: int, n: int) -> tuple[Place, Place] | None:
    """Return the two frames at place `index` of `n`; None where one of the recordings has no frame yet.

    With "step" the first place is the earlier one of both first steps, and a recording that has no frame at a step
    shows the nearest one.
    """
    if not (a.n_frames and b.n_frames):
        return None
    if lock == "share":
        share = index / (n - 1) if n > 1 else 0.0
        return _at_share(a, share), _at_share(b, share)
    step = min(a.offset, b.offset) + index
    return _at_step(a, step), _at_step(b, step)


def _at_share(span: Span, share: float) -> Place:
    last = span.n_frames - 1
    return Place(min(max(round(share * last), 0), last))


def _at_step(span: Span, step: int) -> Place:
    index = min(max(step - span.offset, 0), span.n_frames - 1)
    return Place(index, is_before=step < span.offset, is_behind=step >= span.end)
