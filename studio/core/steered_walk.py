"""Where a run stands that a person steers frame by frame."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from studio.core.view import State

MomentT = TypeVar("MomentT")


@dataclass(eq=False)
class SteeredWalk(Generic[MomentT]):
    """A run that a person watches and steers; used on the Worker, one order at a time.

    Attributes:
        start: where it begins; `moment` is where it stands, None before its first frame.
    """

    seed: int
    start: State
    moment: MomentT | None = None
