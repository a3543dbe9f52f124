"""Workers without a thread: one that works at once, and one that a test advances yield by yield."""

from collections.abc import Callable

from studio.compute.job import Delivery, Job
from studio.compute.schedule import Schedule
from studio.compute.worker import Stepper


class SteppedWorker:
    """Keeps jobs until the test says `step()`; each step goes to the job that the real worker would choose."""

    def __init__(self, deliver: Callable[[Delivery], None]) -> None:
        self._deliver = deliver
        self._stepper = Stepper(deliver)
        self._schedule = Schedule()

    def submit(self, job: Job) -> None:
        for old in self._schedule.add(job):
            old.cancel()
            self._deliver(Delivery(old, 0, None, is_finished=True))

    def cancel(self, chosen: Callable[[Job], bool]) -> None:
        for job in self._schedule.jobs():
            if chosen(job):
                job.cancel()

    def jobs(self) -> list[Job]:
        return self._schedule.jobs()

    def pause(self, job: Job, is_paused: bool) -> None:
        job.is_paused = is_paused

    def give_way(self, is_hand_moving: bool) -> None:
        self._schedule.is_hand_moving = is_hand_moving

    def held(self) -> None:
        return None

    def give_up(self, job: Job) -> None:
        job.cancel()

    def step(self) -> bool:
        """Advance one job by one yield; returns whether there was one."""
        job = self._schedule.next()
        if job is None:
            return False
        if self._stepper.advance(job):
            self._schedule.remove(job)
        return True

    def run_all(self) -> None:
        while self.step():
            pass


class SyncWorker(SteppedWorker):
    """Has finished everything when `submit` returns; what callbacks submit meanwhile is done then too."""

    def __init__(self, deliver: Callable[[Delivery], None]) -> None:
        super().__init__(deliver)
        self._is_running = False

    def give_way(self, is_hand_moving: bool) -> None:
        """Nothing waits here."""

    def submit(self, job: Job) -> None:
        super().submit(job)
        if self._is_running:
            return
        self._is_running = True
        try:
            self.run_all()
        finally:
            self._is_running = False
