"""Decides which job goes on next: plain logic without threads, so that every rule can be tested by hand."""

from collections.abc import Iterable
from typing import Final

from studio.compute.job import Job, Policy

HAND, LOOKED_AT, LINE = "hand", "looked at", "line"
WEIGHTS: Final = {HAND: 9.0, LOOKED_AT: 3.0, LINE: 1.0}
"""How the time is shared where all three are wanted at once; each goes before the next where there is enough of it."""
LAG_S: Final = 0.03
"""How far the most urgent may be ahead of its share before another one has a turn."""

_GROUPS = {Policy.LATEST: HAND, Policy.RESTART: LOOKED_AT, Policy.QUEUE: LINE, Policy.BACKGROUND: LINE}
_IN_LINE = (Policy.QUEUE, Policy.BACKGROUND)


class Schedule:
    """The jobs of one Worker, of which one goes on at every yield.

    What a hand asks for (LATEST) comes first, then runs that are looked at (RESTART), then the line: QUEUE before
    BACKGROUND. But none ever stands still: each of the three has its share of the time, and those of the line share
    theirs, one QUEUE job of each panel at a time (stride scheduling: Waldspurger and Weihl 1995). What nobody sees at
    the moment stands in the line, whatever asked for it. Only while a hand moves something, BACKGROUND waits: a step of
    a training takes longer than a hand may wait for a picture.

    Attributes:
        is_hand_moving: whether it does; it rests soon, or what waits for that would stand still.
    """

    is_hand_moving = False

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._used_s: dict[str, float] = {}  # of the groups that have jobs: computed seconds by their weight
        self._ahead_s: dict[int, float] = {}  # by ticket: what a job that came later is taken to have had already
        self._last: tuple[Job, float] | None = None  # the job that went on, and its computed seconds before that

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, job: Job) -> list[Job]:
        """Take in a job by the rule of its policy; returns the waiting jobs that it replaced."""
        replaced: list[Job] = []
        if job.policy not in _IN_LINE:
            same = [other for other in self._jobs if other.key == job.key]
            replaced = [other for other in same if not other.is_started]
            if job.policy is Policy.RESTART:
                for other in same:
                    other.cancel()
        self._jobs = [other for other in self._jobs if other not in replaced]
        others = self._group(_group_of(job))
        self._ahead_s[job.ticket] = min((self._share_s(other) for other in others), default=0.0)
        self._jobs.append(job)
        return replaced

    def next(self) -> Job | None:
        """Take up the job that goes on."""
        self._account()
        if not self.has_work():
            return None
        chosen = self._ending() or self._due(self._group(self._due_group()))
        chosen.is_started = True
        self._last = chosen, chosen.compute_s
        return chosen

    def remove(self, job: Job) -> None:
        """Forget a job that has ended."""
        self._account()
        self._jobs.remove(job)
        self._ahead_s.pop(job.ticket, None)

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return list(self._jobs)

    def has_work(self) -> bool:
        """Whether a job could go on."""
        return any(map(self._can_go_on, self._jobs))

    def _ending(self) -> Job | None:
        """One that was cancelled only gives back what it holds; what comes after it may need that."""
        return next((job for job in self._jobs if job.is_cancelled and job.is_started), None)

    def _account(self) -> None:
        """Charge the job that went on last, and let groups that were empty begin where the others are."""
        if self._last is not None:
            job, before_s = self._last
            group, self._last = _group_of(job), None
            self._used_s[group] = self._used_s.get(group, 0.0) + (job.compute_s - before_s) / WEIGHTS[group]
        wanted = {_group_of(job) for job in self._jobs if self._can_go_on(job)}
        floor = min((used for group, used in self._used_s.items() if group in wanted), default=0.0)
        self._used_s = {group: max(self._used_s.get(group, floor), floor) for group in wanted}

    def _can_go_on(self, job: Job) -> bool:
        gives_way = self.is_hand_moving and job.policy is Policy.BACKGROUND
        return job.is_cancelled or not (job.is_paused or gives_way)

    def _due_group(self) -> str:
        groups = [group for group in WEIGHTS if group in self._used_s]
        least = min(groups, key=lambda group: self._used_s[group])
        return least if self._used_s[groups[0]] - self._used_s[least] > LAG_S else groups[0]

    def _group(self, group: str) -> list[Job]:
        return [job for job in self._jobs if _group_of(job) == group and self._can_go_on(job)]

    def _share_s(self, job: Job) -> float:
        return self._ahead_s.get(job.ticket, 0.0) + job.compute_s

    def _due(self, jobs: Iterable[Job]) -> Job:
        """The most urgent of a group, or the one that has had least where that is too far behind."""
        waiting = _first_of_each_queue(jobs)
        urgent = min(waiting, key=lambda job: (job.policy is Policy.BACKGROUND, not job.is_started, job.ticket))
        least = min(waiting, key=self._share_s)
        is_behind = _group_of(urgent) != HAND and self._share_s(urgent) - self._share_s(least) > LAG_S
        return least if is_behind else urgent


def _group_of(job: Job) -> str:
    return _GROUPS[job.policy] if job.attention.is_seen else LINE


def _first_of_each_queue(jobs: Iterable[Job]) -> list[Job]:
    """All jobs but those that wait for an older one of the same panel."""
    first: dict[object, Job] = {}
    for job in jobs:
        first.setdefault(("queue", job.key[0]) if job.policy is Policy.QUEUE else job.ticket, job)
    return list(first.values())
