"""Lets work pause in the midst of a call, however deep: the call has a thread of its own, in turn with the Worker's.

Of the two one alone runs at any time, so that nothing has to be locked and no number comes out differently: how many
threads torch may use, and which random number of its own comes next, is for each of them as it was.
"""

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

WAIT_S: Final = 0.005
BESIDE: Final = "beside the Worker"
LONGEST_S: Final = 0.01
"""A call that has run for so long pauses where it may; the turns themselves take a few hundredths of a millisecond."""
_here = threading.local()


def pause() -> None:
    """Let others have a turn; does nothing in work that has no turns, such as that of the command line."""
    if (call := _call()) is not None:
        call.pause()


def working_s() -> float:
    """A clock that stands still while others have their turns, in seconds; it counts within one call only."""
    call = _call()
    return time.perf_counter() - (0.0 if call is None else call.paused_s)


def result_of(steps: Generator[Any, None, T]) -> T:
    """Run a generator to its end at once and return its result; where it can, it pauses at each yield."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        pause()


def silently(steps: Generator[Any, None, T]) -> Generator[None, None, T]:
    """Yield None wherever a generator yields something, and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        yield


def _call() -> "_Call[Any] | None":
    return getattr(_here, "call", None)


class _GivenUpError(BaseException):
    """Unwinds a call that was cancelled in its midst."""


class _Outcome(Generic[T]):
    """What a function returned or raised on another thread."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._returned: list[T] = []
        self._error: BaseException | None = None
        try:
            self._returned.append(function())
        except BaseException as error:  # whoever waits for the result hears of it
            self._error = error

    def result(self) -> T:
        """What it returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._returned[0]


class _Call(Generic[T]):
    """A function on a thread of its own, which runs within `go_on` alone.

    Attributes:
        outcome: once it has returned or failed.
        paused_s: how long others had their turns.
    """

    outcome: _Outcome[T] | None = None
    paused_s = 0.0

    def __init__(self, function: Callable[[], T]) -> None:
        self._its_turn, self._our_turn = threading.Semaphore(0), threading.Semaphore(0)
        self._is_given_up = self._is_unwinding = False
        self._since_s, self._others = 0.0, _TorchState()
        self._thread = threading.Thread(target=copy_context().run, args=(self._run, function), daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Run to the next pause or to the end."""
        self._others = _TorchState()
        self._its_turn.release()
        self._our_turn.acquire()
        if self.outcome is not None:
            self._thread.join()

    def end(self) -> None:
        """Unwind it from where it pauses; a program that ends has stopped its thread already."""
        self._is_given_up = True
        while self.outcome is None and not sys.is_finalizing():
            self.go_on()

    def pause(self) -> None:
        """Give the turn back, where it was long enough; on the call's own thread."""
        if time.perf_counter() - self._since_s >= LONGEST_S:
            self.give_way()

    def give_way(self) -> None:
        """Give the turn back in any case."""
        if self._is_unwinding:
            return
        own, since_s = _TorchState(), time.perf_counter()
        self._others.restore()
        self._our_turn.release()
        self._begin()
        own.restore()
        self.paused_s += time.perf_counter() - since_s
        if self._is_given_up:
            self._is_unwinding = True
            raise _GivenUpError

    def _begin(self) -> None:
        self._its_turn.acquire()
        self._since_s = time.perf_counter()

    def _run(self, function: Callable[[], T]) -> None:
        self._begin()
        _here.call = self
        self.outcome = _Outcome(function)
        self._our_turn.release()


class Turns:
    """The calls of one model, one after the other: a second one would find the first one's work half done."""

    def __init__(self) -> None:
        self._begun: _Call[Any] | None = None

    def call(self, function: Callable[[], T]) -> Generator[None, None, T]:
        """Yield at each pause of a function, then return its result; closing this unwinds it there.

        Where another call has begun, that one is brought to its end first.
        """
        if _call() is not None:
            return function()  # its pauses are those of the call that it is part of
        while self._begun is not None and self._begun.outcome is None:
            self._begun.go_on()
            yield
        call = self._begun = _Call(function)
        try:
            call.go_on()
            while call.outcome is None:
                yield
                if call.outcome is None:  # another job may have brought it to its end
                    call.go_on()
        finally:
            call.end()
            self._begun = None if self._begun is call else self._begun
        assert call.outcome is not None
        result: T = call.outcome.result()
        return result

    def work(self, work: Callable[[], Any]) -> Generator[Any, None, Any]:
        """Do a job's work so: its yields, with None at each pause between them, and its result."""
        outcome = yield from self.call(work)
        if not isinstance(outcome, Iterator):
            return outcome
        try:
            while True:
                is_over, value = yield from self.call(partial(_next, outcome))
                if is_over:
                    return value
                yield value
        finally:
            getattr(outcome, "close", lambda: None)()


def on_one_thread(work: Callable[[], Iterator[Any]]) -> Generator[Any, None, Any]:
    """Do a job's work like `Turns().work`, on one and the same thread from its first step to its last.

    For work of many short steps, each of which would have to wait for a new thread.
    """
    told: list[Any] = []

    def run() -> Any:
        steps, call = work(), _call()
        assert call is not None
        try:
            while True:
                is_over, value = _next(steps)
                if is_over:
                    return value
                told.append(value)
                call.give_way()
        finally:
            getattr(steps, "close", lambda: None)()

    pauses = Turns().call(run)
    try:
        while True:
            is_over, value = _next(pauses)
            if is_over:
                return value
            yield told.pop() if told else None
    finally:
        pauses.close()


def _next(steps: Iterator[Any]) -> tuple[bool, Any]:
    """Whether steps are over, with their result or the next of them."""
    try:
        return False, next(steps)
    except StopIteration as end:
        return True, end.value


class _TorchState:
    """How many threads torch may use on this thread, and where its own random numbers are."""

    def __init__(self) -> None:
        self._torch: Any = sys.modules.get("torch")
        self._n_threads: int = 0 if self._torch is None else self._torch.get_num_threads()
        self._random: Any = None if self._torch is None else self._torch.get_rng_state()

    def restore(self) -> None:
        """Let it be so again."""
        if self._torch is None:
            return
        if self._torch.get_num_threads() != self._n_threads:
            self._torch.set_num_threads(self._n_threads)
        self._torch.set_rng_state(self._random)


def beside(work: Callable[[], T]) -> Generator[None, None, T]:
    """Yield until work that needs no Worker, such as an import, has returned on a thread beside it; then its result."""
    outcome: SimpleQueue[_Outcome[T]] = SimpleQueue()
    threading.Thread(target=lambda: outcome.put(_Outcome(work)), name=BESIDE, daemon=True).start()
    return (yield from received(outcome)).result()


def wait_beside(wait_s: float) -> bool:
    """Wait so long for what runs beside the Worker; returns whether nothing does any more.

    A program that ends while such a thread still runs is ended there and then: the interpreter would be taken apart
    under it.
    """
    end_s = time.monotonic() + wait_s
    threads = [thread for thread in threading.enumerate() if thread.name == BESIDE]
    for thread in threads:
        thread.join(max(end_s - time.monotonic(), 0))
    return not any(thread.is_alive() for thread in threads)


def received(queue: "SimpleQueue[T]") -> Generator[None, None, T]:
    """Yield until something comes through a queue, then return it."""
    while True:
        try:
            return queue.get(timeout=WAIT_S)
        except Empty:
            yield
