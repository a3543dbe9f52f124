"""The policies on a worker without a thread and on the real one; its thread, its cancelling and its closing."""

import platform
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from psutil import Process

from studio.compute.job import Delivery, Job, Policy
from studio.compute.worker import GIVE_WAY_NICENESS, Worker, give_memory_back
from studio.core.error import UserError
from studio.core.pausing import beside, wait_beside
from tests.sync_worker import SteppedWorker, SyncWorker

WAIT_S = 20.0


class Post:
    """Deliveries of a worker, to be waited for."""

    def __init__(self) -> None:
        self._news: queue.Queue[Delivery] = queue.Queue()
        self.deliver: Callable[[Delivery], None] = self._news.put

    def next_end(self) -> Delivery:
        while not (news := self._news.get(timeout=WAIT_S)).is_finished:
            pass
        return news

    def next(self) -> Delivery:
        return self._news.get(timeout=WAIT_S)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def worker(post: Post) -> Iterator[Worker]:
    worker = Worker(post.deliver, "test worker")
    yield worker
    assert worker.close()


def make_job(work: Callable[[], Any], policy: Policy = Policy.LATEST, key: str = "key") -> Job:
    return Job((1, key), work, policy)


class Gate:
    """Work that runs until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.released.wait(WAIT_S)
        return "gate"


# --- without a thread


def test_the_synchronous_worker_has_finished_when_submit_returns():
    news: list[Delivery] = []
    SyncWorker(news.append).submit(make_job(lambda: 3))
    assert news[-1].result == 3


def test_the_synchronous_worker_serves_a_preview_inside_a_training():
    order: list[str] = []
    worker: SyncWorker

    def heard(news: Delivery) -> None:
        if news.latest == 1 and not news.is_finished:
            worker.submit(make_job(lambda: order.append("preview"), key="preview"))

    def training() -> Iterator[int]:
        for step in (1, 2):
            order.append(f"step {step}")
            yield step

    worker = SyncWorker(heard)
    worker.submit(make_job(training, Policy.QUEUE, "train"))
    assert order == ["step 1", "preview", "step 2"]


def test_latest_finishes_the_running_job_and_skips_to_the_newest():
    news: list[Delivery] = []
    worker = SteppedWorker(news.append)

    def two_steps(name: str) -> Callable[[], Iterator[str]]:
        return lambda: iter([name, name])

    worker.submit(make_job(two_steps("first")))
    worker.step()
    for name in ("second", "third", "fourth"):
        worker.submit(make_job(two_steps(name)))
    worker.run_all()
    seen = [delivery.latest for delivery in news if not delivery.is_finished]
    assert seen == ["first", "first", "fourth", "fourth"]


def test_restart_stops_the_running_job_at_its_next_yield():
    news: list[Delivery] = []
    worker = SteppedWorker(news.append)
    worker.submit(make_job(lambda: iter("aaaa"), Policy.RESTART))
    worker.step()
    worker.submit(make_job(lambda: iter("bb"), Policy.RESTART))
    worker.run_all()
    assert [delivery.latest for delivery in news if not delivery.is_finished] == ["a", "b", "b"]


def test_queue_runs_everything_in_order():
    news: list[Delivery] = []
    worker = SteppedWorker(news.append)
    for name in "abc":
        worker.submit(make_job(partial(str, name), Policy.QUEUE))
    worker.run_all()
    assert [delivery.result for delivery in news] == ["a", "b", "c"]


# --- with the thread


def test_work_runs_on_the_workers_thread(worker, post):
    worker.submit(make_job(lambda: threading.current_thread().name))
    assert post.next_end().result == "test worker"


@pytest.mark.skipif(sys.platform != "linux", reason="threads have their own priority on Linux only")
def test_the_worker_gives_way_to_the_window(worker, post):
    import os

    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    worker.submit(make_job(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
    assert post.next_end().result >= min(own + 1, GIVE_WAY_NICENESS)


def test_latest_on_the_real_worker_finishes_the_running_function_and_drops_the_waiting_one(worker, post):
    gate = Gate()
    running = make_job(gate)
    worker.submit(running)
    assert gate.entered.wait(WAIT_S)
    dropped, newest = make_job(lambda: "dropped"), make_job(lambda: "newest")
    worker.submit(dropped)
    worker.submit(newest)
    assert post.next_end().job is dropped
    gate.released.set()
    assert post.next_end().result == "gate"
    assert post.next_end().result == "newest"
    assert not running.is_cancelled
    assert dropped.is_cancelled


def test_restart_on_the_real_worker_cancels_the_running_generator(worker, post):
    stop = threading.Event()

    def endless() -> Iterator[int]:
        step = 0
        while not stop.is_set():
            step += 1
            yield step

    first = make_job(endless, Policy.RESTART)
    worker.submit(first)
    assert post.next().job is first
    worker.submit(make_job(lambda: "second", Policy.RESTART))
    try:
        ended = post.next_end()
        assert ended.job is first
        assert ended.result is None
        assert post.next_end().result == "second"
    finally:
        stop.set()


def test_queue_on_the_real_worker_keeps_the_order(worker, post):
    for number in range(20):
        worker.submit(make_job(partial(int, number), Policy.QUEUE))
    assert [post.next_end().result for _ in range(20)] == list(range(20))


def test_a_preview_is_served_between_two_steps_of_a_training(worker, post):
    go_on = threading.Semaphore(1)
    order: list[str] = []

    def training() -> Iterator[str]:
        for step in range(3):
            assert go_on.acquire(timeout=WAIT_S)
            order.append(f"step {step}")
            yield "trained"

    worker.submit(make_job(training, Policy.QUEUE, "train"))
    assert post.next().latest == "trained"
    worker.submit(make_job(lambda: order.append("preview"), Policy.LATEST, "preview"))
    go_on.release()
    go_on.release()
    for _ in range(2):
        post.next_end()
    assert order.index("preview") < order.index("step 2")


def test_a_failure_does_not_stop_the_worker(worker, post):
    worker.submit(make_job(lambda: 1 / 0))
    assert isinstance(post.next_end().error, ZeroDivisionError)
    worker.submit(make_job(lambda: "alive"))
    assert post.next_end().result == "alive"


def test_cancel_chooses_by_key(worker, post):
    gate = Gate()
    worker.submit(make_job(gate, Policy.QUEUE, "gate"))
    assert gate.entered.wait(WAIT_S)
    worker.submit(make_job(lambda: "a", Policy.QUEUE, "a"))
    worker.submit(make_job(lambda: "b", Policy.QUEUE, "b"))
    worker.cancel(lambda job: job.key == (1, "a"))
    gate.released.set()
    assert [post.next_end().result for _ in range(3)] == ["gate", None, "b"]


def test_jobs_are_those_that_have_not_ended(worker, post):
    gate = Gate()
    job = make_job(gate)
    worker.submit(job)
    assert gate.entered.wait(WAIT_S)
    assert worker.jobs() == [job]
    gate.released.set()
    post.next_end()
    worker.submit(make_job(lambda: "after", Policy.QUEUE, "after"))
    post.next_end()
    assert job not in worker.jobs()


def test_close_cancels_what_runs_and_ends_the_thread(post):
    worker = Worker(post.deliver, "closing worker")

    def endless() -> Iterator[int]:
        while True:
            yield 1

    worker.submit(make_job(endless, Policy.QUEUE))
    post.next()
    assert worker.close()
    assert "closing worker" not in [thread.name for thread in threading.enumerate()]


def test_close_says_when_the_thread_is_stuck(post, monkeypatch):
    monkeypatch.setattr("studio.compute.worker.CLOSE_WAIT_S", 0.01)
    worker, gate = Worker(post.deliver, "stuck worker"), Gate()
    worker.submit(make_job(gate))
    assert gate.entered.wait(WAIT_S)
    assert not worker.close()
    gate.released.set()
    post.next_end()


def test_close_says_when_something_still_runs_beside_it(post, monkeypatch):
    monkeypatch.setattr("studio.compute.worker.CLOSE_WAIT_S", 0.01)
    worker, gate = Worker(post.deliver, "accompanied worker"), Gate()
    worker.submit(make_job(lambda: beside(gate), Policy.QUEUE))
    assert gate.entered.wait(WAIT_S)
    assert not worker.close()
    gate.released.set()
    assert wait_beside(WAIT_S)


def test_a_worker_at_rest_gives_memory_back_once_and_works_on(post, monkeypatch):
    given: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr("studio.compute.worker.REST_S", 0.0)
    monkeypatch.setattr("studio.compute.worker.give_memory_back", lambda: given.put(threading.current_thread().name))
    worker = Worker(post.deliver, "resting worker")
    assert given.get(timeout=WAIT_S) == "resting worker"
    worker.submit(make_job(lambda: 3))
    assert post.next_end().result == 3
    assert given.get(timeout=WAIT_S) == "resting worker"
    assert worker.close()
    assert given.empty()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give memory back by themselves")
def test_freed_memory_between_what_is_kept_goes_back():
    pieces = [bytes([1]) * 60_000 for _ in range(4000)]
    kept = pieces[::40]
    pieces.clear()
    before = Process().memory_info().rss
    give_memory_back()
    assert before - Process().memory_info().rss > 100e6
    assert len(kept) == 100


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no heaps of this kind")
def test_threads_share_two_heaps():
    child = """if True:
        import ctypes, threading
        from studio.compute.worker import share_heaps
        share_heaps()
        meeting = threading.Barrier(6)
        def allocate():
            held = [bytearray(50_000) for _ in range(20)]
            meeting.wait()
        threads = [threading.Thread(target=allocate) for _ in range(6)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        libc = ctypes.CDLL(None)
        libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
        libc.fflush(None)
    """
    said = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout
    assert 1 <= said.count("<heap nr=") <= 2


def test_a_training_goes_on_by_itself_once_the_hand_rests(worker, post):
    worker.give_way(True)
    training = make_job(lambda: iter([1, 2]), Policy.BACKGROUND, "train")
    worker.submit(training)
    worker.submit(make_job(lambda: "picture"))
    assert post.next_end().result == "picture"
    assert not training.is_started
    worker.give_way(False)
    assert post.next_end().job is training


# --- what breaks


class Panic(BaseException):
    """As a library written in Rust raises it: no Exception."""


@pytest.mark.parametrize(
    "error", [Panic("a panic"), SystemExit(3), KeyboardInterrupt(), MemoryError(), GeneratorExit()]
)
def test_whatever_a_job_raises_is_its_failure_and_later_jobs_are_done(worker, post, error):
    def fail():
        raise error

    def fail_later():
        yield 1
        raise error

    worker.submit(make_job(fail, Policy.QUEUE))
    assert post.next_end().error is error
    worker.submit(make_job(fail_later, Policy.QUEUE))
    assert post.next_end().error is error
    worker.submit(make_job(lambda: "after it", Policy.QUEUE))
    assert post.next_end().result == "after it"


def test_a_generator_that_fails_as_it_is_closed_ends_its_own_job_only(worker, post):
    def stubborn():
        try:
            while True:
                yield 1
        finally:
            raise Panic("not today")

    job = make_job(stubborn, Policy.QUEUE)
    worker.submit(job)
    post.next()
    job.cancel()
    assert isinstance(post.next_end().error, Panic)
    worker.submit(make_job(lambda: "after it"))
    assert post.next_end().result == "after it"


def test_a_library_that_panics_ends_its_own_job_only(worker, post):
    tokenizers = pytest.importorskip("tokenizers")

    def encode():
        tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE({"a": 0, "b": 1}, []))
        pattern = tokenizers.Regex("(a+)+$")
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(pattern, "isolated")
        return tokenizer.encode("a" * 46 + "b")

    worker.submit(make_job(encode))
    assert "panic" in type(post.next_end().error).__name__.lower()
    worker.submit(make_job(lambda: "after it"))
    assert post.next_end().result == "after it"


def test_a_worker_that_dies_between_two_jobs_is_replaced(worker, post, monkeypatch, caplog):
    choose, calls = worker._schedule.next, []

    def die_once():
        calls.append(1)
        if len(calls) == 1:
            raise Panic("the schedule broke")
        return choose()

    monkeypatch.setattr(worker._schedule, "next", die_once)
    worker.submit(make_job(lambda: "done all the same"))
    assert post.next_end().result == "done all the same"
    assert "another one takes over" in caplog.text
    caplog.clear()


def test_a_job_that_does_not_yield_is_named_and_can_be_given_up(worker, post, caplog):
    gate, stuck = Gate(), None
    stuck = make_job(gate)
    worker.submit(stuck)
    assert gate.entered.wait(WAIT_S)
    named, seconds = worker.held()
    assert (named, seconds > 0) == (stuck, True)
    worker.give_up(stuck)
    assert isinstance(post.next_end().error, UserError)
    worker.submit(make_job(lambda: "the next one", Policy.QUEUE))
    assert post.next_end().result == "the next one"
    gate.released.set()
    worker.submit(make_job(lambda: "and nothing of the old one", Policy.QUEUE))
    assert post.next().result == "and nothing of the old one"
    caplog.clear()


def test_a_job_that_yielded_meanwhile_is_not_given_up(worker, post):
    gate = Gate()
    other = make_job(lambda: 1, Policy.QUEUE, "other")
    worker.submit(make_job(gate, Policy.QUEUE))
    assert gate.entered.wait(WAIT_S)
    worker.submit(other)
    worker.give_up(other)
    gate.released.set()
    assert post.next_end().result == "gate"
    assert post.next_end().job is other  # cancelled, by the thread that is still the worker
    assert worker.held() is None or worker.held()[0] is not other
