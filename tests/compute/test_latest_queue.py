"""The latest_queue keeps the newest news of each job and wakes the reader once."""

from studio.compute.job import Delivery, Job
from studio.widgets.dispatcher import LatestQueue


def news(job: Job, n_events: int) -> Delivery:
    return Delivery(job, n_events, n_events)


def test_many_yields_become_one_delivery_and_one_wake_up():
    wakes = []
    latest_queue = LatestQueue(lambda: wakes.append(1))
    job = Job((1, "a"), lambda: None)
    for n_events in range(1, 1001):
        latest_queue.put(news(job, n_events))
    (delivery,) = latest_queue.fetch()
    assert delivery.n_events == 1000
    assert len(wakes) == 1


def test_each_job_has_its_place_and_the_oldest_comes_first():
    latest_queue = LatestQueue(lambda: None)
    first, second = Job((1, "a"), lambda: None), Job((1, "b"), lambda: None)
    latest_queue.put(news(second, 1))
    latest_queue.put(news(first, 1))
    latest_queue.put(news(second, 2))
    assert [(delivery.job, delivery.n_events) for delivery in latest_queue.fetch()] == [(first, 1), (second, 2)]


def test_a_fetch_empties_it_and_the_next_news_wakes_again():
    wakes = []
    latest_queue = LatestQueue(lambda: wakes.append(1))
    job = Job((1, "a"), lambda: None)
    latest_queue.put(news(job, 1))
    latest_queue.fetch()
    assert latest_queue.fetch() == []
    latest_queue.put(news(job, 2))
    assert len(wakes) == 2


def test_the_reader_may_fetch_from_within_the_wake_up():
    seen = []
    latest_queue = LatestQueue(lambda: seen.extend(latest_queue.fetch()))
    job = Job((1, "a"), lambda: None)
    latest_queue.put(news(job, 1))
    latest_queue.put(news(job, 2))
    assert [delivery.n_events for delivery in seen] == [1, 2]
