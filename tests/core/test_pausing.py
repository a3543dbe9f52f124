"""Calls that pause in their midst: whose turn it is, what they give back, how they end, what stays as it was."""

import subprocess
import sys
import threading
from collections.abc import Generator
from typing import Any

import pytest
import torch

from studio.compute.job import Delivery, Job, Policy
from studio.core import pausing
from studio.core.pausing import Turns, beside, pause, result_of, silently
from tests.sync_worker import SteppedWorker


@pytest.fixture(autouse=True)
def _at_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause gives the turn back, however short it was before."""
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)


class Walker:
    """Notes where it is, with a pause after each place."""

    def __init__(self) -> None:
        self.places: list[Any] = []

    def walk(self, *places: Any) -> int:
        try:
            for place in places:
                self.places.append(place)
                pause()
        finally:
            self.places.append("home")
        return len(places)

    def steps(self, n_steps: int) -> Generator[int, None, str]:
        for step in range(n_steps):
            self.walk(step)
            yield step
        return "end"


def test_without_turns_a_pause_does_nothing():
    walker = Walker()
    assert walker.walk(1, 2) == 2
    assert walker.places == [1, 2, "home"]


def test_a_call_yields_at_each_pause_and_returns_what_the_function_does():
    walker, here = Walker(), []
    steps = Turns().call(lambda: walker.walk(1, 2) + (threading.current_thread() in here))
    here.append(threading.current_thread())
    assert next(steps) is None
    assert walker.places == [1]
    next(steps)
    assert walker.places == [1, 2]
    assert result_of(steps) == 2


def test_a_short_call_does_not_pause(monkeypatch):
    monkeypatch.setattr(pausing, "LONGEST_S", 3600.0)
    assert list(Turns().call(lambda: Walker().walk(1, 2))) == []


def test_what_a_call_raises_is_raised():
    def fail() -> None:
        pause()
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        result_of(Turns().call(fail))


def test_the_yields_of_work_stand_between_its_pauses():
    steps = Turns().work(lambda: Walker().steps(2))
    found, is_over = [], False
    while not is_over:
        try:
            found.append(next(steps))
        except StopIteration as end:
            is_over = end.value == "end"
    assert found == [None, 0, None, 1]


def test_a_call_that_is_closed_unwinds_and_goes_no_further():
    walker = Walker()
    steps = Turns().call(lambda: walker.walk(1, 2, 3))
    next(steps)
    steps.close()
    assert walker.places == [1, "home"]


def test_a_program_that_ends_in_the_midst_of_a_call_does_not_wait_for_it() -> None:
    program = (
        "from studio.core import pausing; pausing.LONGEST_S = 0.0\n"
        "def work():\n    pausing.pause()\n    pausing.pause()\n"
        "begun = pausing.Turns().call(work); next(begun)\n"
        "ring = [begun]; ring.append(ring); del begun, ring  # only the end of the program breaks it\n"
    )
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)


def test_what_unwinds_may_pause_once_more():
    walker = Walker()

    def walk_back() -> None:
        try:
            pause()
        finally:
            walker.walk("back")

    steps = Turns().call(walk_back)
    next(steps)
    steps.close()
    assert walker.places == ["back", "home"]


def test_a_second_call_of_a_model_brings_the_first_one_to_its_end():
    walker, turns = Walker(), Turns()
    first = turns.call(lambda: walker.walk("a", "b"))
    next(first)
    assert result_of(turns.call(lambda: walker.walk("c"))) == 1
    assert walker.places == ["a", "b", "home", "c", "home"]
    assert result_of(first) == 2


def test_a_call_within_a_call_is_part_of_it():
    walker, turns = Walker(), Turns()
    steps = turns.call(lambda: result_of(turns.call(lambda: walker.walk(1, 2))))
    next(steps)
    assert walker.places == [1]
    assert result_of(steps) == 2


def test_torch_has_the_threads_of_whose_turn_it_is():
    counts = []
    n_outside = torch.get_num_threads()

    def work() -> None:
        torch.set_num_threads(n_outside + 1)
        pause()
        counts.append(torch.get_num_threads())
        torch.set_num_threads(n_outside)

    steps = Turns().call(work)
    next(steps)
    assert torch.get_num_threads() == n_outside
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))  # what a new thread begins with
    thread.start()
    thread.join()
    assert seen == [n_outside]
    assert list(steps) == []
    assert counts == [n_outside + 1]


def test_another_job_is_served_in_the_midst_of_a_call_and_a_pause_is_no_news():
    news: list[Delivery] = []
    worker, walker = SteppedWorker(news.append), Walker()
    worker.submit(Job((1, "long"), lambda: Turns().work(lambda: walker.steps(2)), Policy.RESTART))
    worker.step()
    worker.submit(Job((1, "hand"), lambda: walker.places.append("hand")))
    worker.run_all()
    assert walker.places == [0, "hand", "home", 1, "home"]
    assert [one.latest for one in news if one.job.key == (1, "long") and one.n_events == 0] == [None]
    assert news[-1].result == "end"
    assert news[-1].n_events == 2


def test_a_cancelled_job_ends_at_the_next_pause():
    news: list[Delivery] = []
    worker, walker = SteppedWorker(news.append), Walker()
    worker.submit(Job((1, "long"), lambda: Turns().work(lambda: walker.steps(3))))
    worker.step()
    worker.cancel(lambda job: True)
    worker.run_all()
    assert walker.places == [0, "home"]
    assert news[-1].is_finished


def test_work_beside_the_worker_yields_until_it_is_done():
    is_wanted = threading.Event()
    steps = beside(lambda: is_wanted.wait() and "done")
    assert next(steps) is None
    is_wanted.set()
    assert result_of(steps) == "done"


def test_what_fails_beside_the_worker_fails():
    with pytest.raises(ZeroDivisionError):
        result_of(beside(lambda: 1 / 0))


def test_a_generator_that_is_run_to_its_end_pauses_at_each_yield():
    assert len(list(Turns().call(lambda: result_of(Walker().steps(3))))) >= 3


def test_the_thread_of_the_worker_serves_a_hand_in_the_midst_of_a_call(qtbot, real_worker):
    is_served = threading.Event()
    n_left = [20_000]

    def long() -> None:
        while not is_served.is_set() and n_left[0]:
            n_left[0] -= 1
            pause()

    real_worker.submit(Job((1, "long"), lambda: Turns().work(long), Policy.RESTART))
    qtbot.waitUntil(lambda: any(job.is_started for job in real_worker.jobs()))
    real_worker.submit(Job((1, "hand"), is_served.set))
    qtbot.waitUntil(lambda: not real_worker.jobs())
    assert n_left[0] > 0


def test_what_works_silently_yields_nothing_but_turns_and_returns_its_result() -> None:
    def counted() -> Generator[int, None, str]:
        yield 1
        yield 2
        return "done"

    steps = silently(counted())
    assert [next(steps), next(steps)] == [None, None]
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == "done"
