"""What the panel and its engine say to each other about a watched run."""

from dataclasses import dataclass

from studio.core.view import State

from .playground_run import Moment
from .playground_settings import Settings
from .playground_target import Target


@dataclass(frozen=True)
class Order:
    """What the next frame of a watched run shall do; `stride` steps of learning."""

    settings: Settings
    target: Target
    stride: int


@dataclass(eq=False)
class Walk:
    """A run that a person watches and steers; used on the Lane, one order at a time.

    Attributes:
        start: where it begins; `moment` is where it stands, None before its first frame.
    """

    seed: int
    start: State
    moment: Moment | None = None
