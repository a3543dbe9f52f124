"""One step at a time: what is delivered for yields, results, failures and cancelled work."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from studio.compute.job import Delivery, Job
from studio.compute.worker import Stepper


class Desk:
    """A stepper whose deliveries are kept."""

    def __init__(self) -> None:
        self.news: list[Delivery] = []
        self.stepper = Stepper(self.news.append)

    def advance(self, job: Job) -> bool:
        return self.stepper.advance(job)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def count_to_two() -> Generator[int, None, str]:
    yield 1
    yield 2
    return "end"


def make_job(work: Any) -> Job:
    return Job((1, "key"), work)


def test_a_plain_function_ends_with_its_result(desk):
    assert desk.advance(make_job(lambda: 5))
    (news,) = desk.news
    assert (news.is_finished, news.result, news.error, news.n_events) == (True, 5, None, 0)


def test_a_generator_delivers_every_yield_and_then_its_result(desk):
    job = make_job(count_to_two)
    assert [desk.advance(job) for _ in range(3)] == [False, False, True]
    assert [(news.n_events, news.latest, news.result) for news in desk.news] == [
        (1, 1, None),
        (2, 2, None),
        (2, 2, "end"),
    ]


def test_a_list_is_a_result_and_not_a_sequence_of_steps(desk):
    assert desk.advance(make_job(lambda: [1, 2]))
    assert desk.news[-1].result == [1, 2]


def test_a_failure_is_delivered_as_such(desk):
    failure = ValueError("wrong")

    def work() -> Iterator[int]:
        yield 1
        raise failure

    job = make_job(work)
    assert [desk.advance(job), desk.advance(job)] == [False, True]
    assert desk.news[-1].error is failure
    assert desk.news[-1].result is None


def test_cancelled_work_is_closed_at_its_next_step_and_computes_nothing_more(desk):
    closed = []

    def work() -> Iterator[int]:
        try:
            yield 1
            pytest.fail("it went on after it had been cancelled")
        finally:
            closed.append(True)

    job = make_job(work)
    desk.advance(job)
    job.cancel()
    assert desk.advance(job)
    assert closed == [True]
    assert desk.news[-1].is_finished


def test_work_cancelled_before_its_first_step_is_never_called(desk):
    job = make_job(lambda: pytest.fail("called"))
    job.cancel()
    assert desk.advance(job)
    assert desk.news[-1].result is None


def test_compute_time_counts_the_steps_only(desk, monkeypatch):
    ticks = iter([10.0, 10.5, 20.0, 20.25, 30.0, 30.125])
    monkeypatch.setattr("studio.compute.worker.time.perf_counter", lambda: next(ticks))
    job = make_job(count_to_two)
    while not desk.advance(job):
        pass
    assert job.compute_s == pytest.approx(0.875)
