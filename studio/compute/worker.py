"""The one thread on which a device computes: it advances generators and gives way to what a person waits for."""

import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

from studio.compute.job import Delivery, Job
from studio.compute.schedule import Schedule
from studio.core.error import UserError
from studio.core.pausing import wait_beside
from studio.core.translation import N_

log = logging.getLogger(__name__)

GIVE_WAY_NICENESS = 5
CLOSE_WAIT_S = 2.0
M_ARENA_MAX = -8
N_HEAPS = 2
REST_S = 2.0
"""A worker without work for so long gives freed memory back."""


class WorkerLike(Protocol):
    """What a TaskScope needs of a worker; the synchronous worker of the tests has it too."""

    def submit(self, job: Job) -> None:
        """Take in a job."""

    def cancel(self, chosen: Callable[[Job], bool]) -> None:
        """Cancel every job for which `chosen` is true."""

    def pause(self, job: Job, is_paused: bool) -> None:
        """Leave a job alone from its next yield on, or let it go on."""

    def give_way(self, is_hand_moving: bool) -> None:
        """Leave what computes in the background alone from its next yield on, or let it go on."""

    def jobs(self) -> list[Job]:
        """All jobs that have not ended, oldest first."""

    def held(self) -> tuple[Job, float] | None:
        """The job that is being advanced, and for how many seconds it has not yielded."""

    def give_up(self, job: Job) -> None:
        """End a job that does not yield."""


class Stepper:
    """Advances jobs by one yield at a time and reports each step; knows nothing of threads."""

    def __init__(self, deliver: Callable[[Delivery], None]) -> None:
        self._deliver = deliver

    def advance(self, job: Job) -> bool:
        """Run `job` to its next yield; returns whether it has ended. Errors become its delivery."""
        if job.is_cancelled:
            return self._end(job)
        started = time.perf_counter()
        try:
            if job.steps is None:
                job.steps = _as_steps(job.work())
            latest = next(job.steps)
        except StopIteration as stop:
            job.compute_s += time.perf_counter() - started
            return self._end(job, result=stop.value)
        except BaseException as error:  # a panic of a library and SystemExit too: whatever work raises is its failure
            return self._end(job, error=error)
        job.compute_s += time.perf_counter() - started
        if latest is not None:  # a pause is no news
            job.latest, job.n_events = latest, job.n_events + 1
        self._deliver(Delivery(job, job.n_events, job.latest))
        return False

    def _end(self, job: Job, result: Any = None, error: BaseException | None = None) -> bool:
        try:
            getattr(job.steps, "close", lambda: None)()
        except BaseException as failure:
            error = error or failure
        self._deliver(Delivery(job, job.n_events, job.latest, is_finished=True, result=result, error=error))
        return True


def _as_steps(outcome: Any) -> Iterator[Any]:
    return outcome if isinstance(outcome, Iterator) else _result_only(outcome)


def _result_only(outcome: Any) -> Generator[None, None, Any]:
    yield from ()
    return outcome


class Worker:
    """Runs jobs on one background thread in the order of the schedule; another thread takes over where one is lost."""

    def __init__(self, deliver: Callable[[Delivery], None], name: str = "worker") -> None:
        self._stepper = Stepper(self._tell)
        self._deliver = deliver
        self._name = name
        self._schedule = Schedule()
        self._wanted = threading.Condition()
        self._is_closing = False
        self._held: tuple[Job, float] | None = None  # what is being advanced, and since when
        self._begin()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _tell(self, delivery: Delivery) -> None:
        if self._thread is threading.current_thread():  # what was given up has nothing to say any more
            self._deliver(delivery)

    def submit(self, job: Job) -> None:
        """Take in a job; jobs that it replaces are reported as cancelled."""
        with self._wanted:
            replaced = self._schedule.add(job)
            self._wanted.notify()
        for old in replaced:
            old.cancel()
            self._deliver(Delivery(old, 0, None, is_finished=True))

    def cancel(self, chosen: Callable[[Job], bool]) -> None:
        """Cancel every job for which `chosen` is true, at its next yield."""
        with self._wanted:
            for job in self._schedule.jobs():
                if chosen(job):
                    job.cancel()
            self._wanted.notify()

    def pause(self, job: Job, is_paused: bool) -> None:
        """Leave a job alone from its next yield on, or let it go on."""
        with self._wanted:
            job.is_paused = is_paused
            self._wanted.notify()

    def give_way(self, is_hand_moving: bool) -> None:
        """Leave what computes in the background alone from its next yield on, or let it go on."""
        with self._wanted:
            self._schedule.is_hand_moving = is_hand_moving
            self._wanted.notify()

    def jobs(self) -> list[Job]:
        """The jobs that have not ended."""
        with self._wanted:
            return self._schedule.jobs()

    def held(self) -> tuple[Job, float] | None:
        """The job that is being advanced, and for how many seconds it has not yielded."""
        held = self._held
        return None if held is None else (held[0], time.perf_counter() - held[1])

    def give_up(self, job: Job) -> None:
        """End a job that does not yield: its thread is left to itself, and another one takes over."""
        job.cancel()
        with self._wanted:
            if self._held is None or self._held[0] is not job:
                return  # it yielded after all
            log.warning("the job “%s” did not yield and was given up", job.title or job.key)
            self._schedule.remove(job)
            self._held = None
            self._begin()
        text = N_("It did not respond for a long time and was stopped.")
        self._deliver(Delivery(job, job.n_events, job.latest, is_finished=True, error=UserError(text)))

    def close(self) -> bool:
        """Cancel everything and wait up to two seconds; returns whether its thread and those beside it have ended."""
        with self._wanted:
            self._is_closing = True
            for job in self._schedule.jobs():
                job.cancel()
            self._wanted.notify()
        end_s = time.monotonic() + CLOSE_WAIT_S
        self._thread.join(CLOSE_WAIT_S)
        is_alone = wait_beside(end_s - time.monotonic())
        return is_alone and not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException:  # between two jobs: nothing of the others may be lost
            log.exception("the worker ended, another one takes over")
            self._begin()

    def _work(self) -> None:
        _give_way()
        while True:
            if not self._wait(REST_S):
                give_memory_back()
                self._wait()
            with self._wanted:
                job = self._schedule.next()
                self._held = None if job is None else (job, time.perf_counter())
            if job is None:
                return
            has_ended = self._stepper.advance(job)
            with self._wanted:
                if self._thread is not threading.current_thread():
                    return  # it was given up
                self._held = None
                if has_ended:
                    self._schedule.remove(job)
            del job  # the thread may now wait for long: keep nothing alive

    def _wait(self, seconds: float | None = None) -> bool:
        """Until there is a job or the end has come, or so many seconds; returns whether it has."""
        with self._wanted:
            return bool(self._wanted.wait_for(lambda: self._schedule.has_work() or self._is_closing, seconds))


def give_memory_back() -> None:
    """Hand freed memory to the system, where the C library would keep it (glibc): 10 MB once a model stands."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def share_heaps() -> None:
    """Let all threads share two heaps (glibc): in one of its own, what a thread freed is of no use to the others.

    After the same 3,000 actions the program rests at 1.15 GB with two, and at 1.30 GB with as many as glibc likes.
    """
    if sys.platform == "linux" and (set_option := getattr(ctypes.CDLL(None), "mallopt", None)):
        set_option(M_ARENA_MAX, N_HEAPS)


def _give_way() -> None:
    """Let the window's thread go first; threads started by this one inherit the priority (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVE_WAY_NICENESS)
