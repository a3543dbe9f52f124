"""One piece of background work: a function whose yields are progress, preview and cancel point at once."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

Work: TypeAlias = Callable[[], Any]
"""Called on the Worker; a generator is advanced yield by yield, anything else is the result at once.

None stands for a pause: others get a turn, and nothing is told."""

_tickets = itertools.count(1)


class Policy(Enum):
    """What a new job does to older jobs of the same key."""

    LATEST = "finish the running one, drop the waiting one"
    RESTART = "cancel the running one, drop the waiting one"
    QUEUE = "wait in line"
    BACKGROUND = "wait in line, and give way to all other work and to a moving hand at every yield"


@dataclass
class Attention:
    """Whether somebody sees what jobs are for; shared by the jobs of one panel, and changed while they run."""

    is_seen: bool = True


@dataclass(eq=False)
class Job:
    """Work with its key, policy and ticket; `cancel` may be called from any thread.

    `is_started` is set when a worker takes it up: before its first step, which may be all of its work. One that
    `is_paused` is left alone until it goes on or is cancelled.
    """

    key: tuple[Any, ...]
    work: Work
    policy: Policy = Policy.LATEST
    title: str = ""
    attention: Attention = field(default_factory=Attention)
    ticket: int = field(default_factory=lambda: next(_tickets))
    is_cancelled: bool = False
    is_started: bool = False
    is_paused: bool = False
    steps: Iterator[Any] | None = None
    n_events: int = 0
    latest: Any = None
    compute_s: float = 0.0

    def cancel(self) -> None:
        """Ask it to stop at its next yield."""
        self.is_cancelled = True


@dataclass(frozen=True)
class Delivery:
    """News of a job: how many yields there were, the newest one, and how it ended."""

    job: Job
    n_events: int
    latest: Any
    is_finished: bool = False
    result: Any = None
    error: BaseException | None = None
