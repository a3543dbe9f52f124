"""Decides which job is advanced next: plain logic without threads, so that every rule can be tested by hand."""

from studio.compute.job import Job, Policy

_ORDER = {Policy.LATEST: 0, Policy.RESTART: 1, Policy.QUEUE: 2, Policy.BACKGROUND: 3}
_IN_LINE = (Policy.QUEUE, Policy.BACKGROUND)
LATEST_IN_A_ROW = 24
"""After so many turns of what a hand or a path asks for, other work has one: a slow machine would never get to it."""


class Schedule:
    """The jobs of one Worker. Between any two yields the most urgent one goes on: LATEST before RESTART before
    QUEUE before BACKGROUND; but never LATEST for ever."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._n_latest = 0  # turns since other work had one

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
        self._jobs.append(job)
        return replaced

    def next(self) -> Job | None:
        """Take up the job to advance: the most urgent policy, then one already started, then the oldest."""
        if not self._jobs:
            return None
        others = [job for job in self._jobs if job.policy is not Policy.LATEST]
        is_turn_of_others = others and self._n_latest >= LATEST_IN_A_ROW
        rivals = others if is_turn_of_others else self._jobs
        chosen = min(rivals, key=lambda job: (_ORDER[job.policy], not job.is_started, job.ticket))
        self._n_latest = self._n_latest + 1 if others and chosen.policy is Policy.LATEST else 0
        chosen.is_started = True
        return chosen

    def remove(self, job: Job) -> None:
        """Forget a job that has ended."""
        self._jobs.remove(job)

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return list(self._jobs)
