"""Decides which job is advanced next: plain logic without threads, so that every rule can be tested by hand."""

from studio.compute.job import Job, Policy

_ORDER = {Policy.LATEST: 0, Policy.RESTART: 1, Policy.QUEUE: 2, Policy.BACKGROUND: 3}
_IN_LINE = (Policy.QUEUE, Policy.BACKGROUND)


class Schedule:
    """The jobs of one Lane. Between any two yields the most urgent one goes on: LATEST before RESTART before
    QUEUE before BACKGROUND."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []

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
        chosen = min(self._jobs, key=lambda job: (_ORDER[job.policy], not job.is_started, job.ticket))
        chosen.is_started = True
        return chosen

    def remove(self, job: Job) -> None:
        """Forget a job that has ended."""
        self._jobs.remove(job)

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return list(self._jobs)
