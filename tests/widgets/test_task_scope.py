"""A task scope delivers what is current, drops what is outdated, and takes its work with it when it goes."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from studio.compute.job import Policy
from studio.compute.worker import Worker
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.task_scope import TaskScope
from tests.sync_worker import SteppedWorker, SyncWorker


class Listener(QObject):
    """Owns a scope and keeps what it hears, with the thread on which it heard it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, Any]] = []
        self.threads: set[threading.Thread] = set()

    def on_event(self, value: Any) -> None:
        self._note("event", value)

    def on_done(self, value: Any) -> None:
        self._note("done", value)

    def on_failed(self, value: Any) -> None:
        self._note("failed", value)

    def _note(self, what: str, value: Any) -> None:
        self.heard.append((what, value))
        self.threads.add(threading.current_thread())


@pytest.fixture
def owner(qapp) -> Iterator[Listener]:
    owner = Listener()
    yield owner
    owner.deleteLater()


def start(scope: TaskScope, owner: Listener, work, policy=Policy.LATEST, key: str = "key", **more) -> int:
    calls = {"event": owner.on_event, "done": owner.on_done, "failed": owner.on_failed}
    return scope.run(key, work, policy, **{**calls, **more})


def test_yields_and_result_arrive_in_order(owner, dispatcher, sync_worker):
    def work():
        yield 1
        yield 2
        return 3

    start(TaskScope(owner, sync_worker, dispatcher), owner, work)
    assert owner.heard == [("event", 1), ("event", 2), ("done", 3)]


def test_a_failure_goes_to_its_callback_or_to_the_signal(owner, dispatcher, sync_worker):
    scope = TaskScope(owner, sync_worker, dispatcher)
    failures: list[BaseException] = []
    scope.failed.connect(failures.append)
    start(scope, owner, lambda: 1 / 0)
    assert [what for what, _ in owner.heard] == ["failed"]
    assert failures == []
    start(scope, owner, lambda: 1 / 0, failed=None)
    assert isinstance(failures[0], ZeroDivisionError)


def test_compute_time_is_told_for_finished_work_only(owner, dispatcher, sync_worker):
    scope = TaskScope(owner, sync_worker, dispatcher)
    times: list[float] = []
    scope.timed.connect(lambda key, ms: times.append(ms))
    start(scope, owner, lambda: 1 / 0)
    assert times == []
    start(scope, owner, lambda: None)
    assert len(times) == 1
    assert times[0] >= 0


def test_it_is_running_until_it_has_ended(owner, dispatcher, stepped_worker: SteppedWorker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    assert not scope.is_running("key")
    start(scope, owner, lambda: iter([1]))
    assert scope.is_running("key")
    stepped_worker.run_all()
    assert not scope.is_running("key")


@pytest.mark.parametrize("work", [lambda: iter([1]), lambda: 1 / 0], ids=["whole", "failed"])
def test_the_last_work_of_a_key_tells_its_end(owner, dispatcher, stepped_worker: SteppedWorker, work):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    ended: list[str] = []
    for name in ("one", "other", "one"):
        scope.run(name, work, Policy.QUEUE, ended=ended.append)
    stepped_worker.run_all()
    assert ended == ["other", "one"]


def test_cancelled_work_tells_no_end(owner, dispatcher, stepped_worker: SteppedWorker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    ended: list[str] = []
    scope.run("key", lambda: iter([1]), ended=ended.append)
    scope.cancel("key")
    stepped_worker.run_all()
    assert ended == []


def test_latest_tells_of_the_finished_and_of_the_newest(owner, dispatcher, stepped_worker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    start(scope, owner, lambda: iter(["running"]))
    stepped_worker.step()
    start(scope, owner, lambda: "dropped")
    start(scope, owner, lambda: "newest")
    stepped_worker.run_all()
    assert owner.heard == [("event", "running"), ("done", None), ("done", "newest")]
    assert not scope.is_running("key")


def test_restart_tells_nothing_more_of_the_older_one(owner, dispatcher, stepped_worker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    start(scope, owner, lambda: iter("abc"), Policy.RESTART)
    stepped_worker.step()
    start(scope, owner, lambda: "new", Policy.RESTART)
    stepped_worker.run_all()
    assert owner.heard == [("event", "a"), ("done", "new")]


def test_queued_work_is_told_of_one_by_one(owner, dispatcher, stepped_worker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    for name in "abc":
        start(scope, owner, lambda name=name: name, Policy.QUEUE)
    stepped_worker.run_all()
    assert owner.heard == [("done", "a"), ("done", "b"), ("done", "c")]


def test_cancel_silences_its_key_only(owner, dispatcher, stepped_worker):
    scope = TaskScope(owner, stepped_worker, dispatcher)
    start(scope, owner, lambda: iter([1, 2]), Policy.QUEUE)
    start(scope, owner, lambda: "other", Policy.QUEUE, "other")
    stepped_worker.step()
    scope.cancel("key")
    stepped_worker.run_all()
    assert owner.heard == [("event", 1), ("done", "other")]
    assert stepped_worker.jobs() == []


def test_two_scopes_with_the_same_key_do_not_disturb_each_other(owner, dispatcher, stepped_worker):
    first, second = (TaskScope(owner, stepped_worker, dispatcher) for _ in range(2))
    start(first, owner, lambda: "first")
    start(second, owner, lambda: "second")
    second.close()
    stepped_worker.run_all()
    assert owner.heard == [("done", "first")]


def test_a_callback_may_start_the_next_work(owner, dispatcher, sync_worker: SyncWorker):
    scope = TaskScope(owner, sync_worker, dispatcher)

    def again(value: Any) -> None:
        owner.on_done(value)
        if value < 3:
            start(scope, owner, lambda: value + 1, done=again)

    start(scope, owner, lambda: 1, done=again)
    assert owner.heard == [("done", 1), ("done", 2), ("done", 3)]


def test_the_work_ends_with_the_owner(dispatcher, stepped_worker, qapp):
    owner = Listener()
    scope = TaskScope(owner, stepped_worker, dispatcher)
    start(scope, owner, lambda: iter([1, 2]), Policy.QUEUE)
    stepped_worker.step()
    (job,) = stepped_worker.jobs()
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert job.is_cancelled
    stepped_worker.run_all()
    assert owner.heard == [("event", 1)]


def test_from_the_real_worker_everything_is_heard_on_the_main_thread(
    owner, real_worker: Worker, dispatcher: Dispatcher, qtbot
):
    scope = TaskScope(owner, real_worker, dispatcher)

    def work():
        yield from range(20_000)
        return "end"

    with qtbot.waitSignal(scope.timed, timeout=60_000):
        start(scope, owner, work)
    assert owner.threads == {threading.main_thread()}
    assert owner.heard[-2:] == [("event", 19_999), ("done", "end")]
    steps = [value for what, value in owner.heard if what == "event"]
    assert steps == sorted(set(steps))
    assert len(steps) < 20_000


def test_a_slider_dragged_on_the_real_worker_shows_the_newest_value_last(owner, real_worker, dispatcher, qtbot):
    scope = TaskScope(owner, real_worker, dispatcher)
    for value in range(200):
        start(scope, owner, lambda value=value: value)
    qtbot.waitUntil(lambda: not scope.is_running("key"))
    values = [value for _, value in owner.heard]
    assert values == sorted(values)
    assert values[-1] == 199
