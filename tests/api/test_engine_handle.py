"""The handle of a model: opened once and in pieces, prepared beside the Worker, freed once its call is over."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from studio.api.engine import EngineHandle, ModelSource
from studio.core import pausing
from studio.core.pausing import pause, result_of

SOURCE = ModelSource("tests/made", Path(__file__))


@pytest.fixture(autouse=True)
def _at_every_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "LONGEST_S", 0.0)


class Opener:
    """Opens an engine with a pause in the midst, and notes what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def open(self, _: ModelSource) -> Any:
        self.done.append("begin")
        pause()
        self.done.append("open")
        return SimpleNamespace(pauses=True, close=lambda: self.done.append("close"), draw=self.draw)

    def draw(self) -> str:
        for part in ("upper half", "lower half"):
            self.done.append(part)
            pause()
        return "drawn"


def test_two_jobs_that_open_a_model_at_once_open_one():
    opener = Opener()
    handle: Any = EngineHandle(SOURCE, opener.open)
    first, second = (handle.work(id)() for _ in range(2))
    next(first)
    assert opener.done == ["begin"]
    assert result_of(second) == result_of(first)
    assert opener.done == ["begin", "open"]


def test_what_opening_needs_is_prepared_beside_the_worker():
    threads = []
    handle: Any = EngineHandle(SOURCE, Opener().open, prepare=lambda: threads.append(threading.current_thread()))
    result_of(handle.work(id)())
    result_of(handle.work(id)())
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_a_model_is_unloaded_after_the_call_that_is_under_way():
    opener = Opener()
    handle: Any = EngineHandle(SOURCE, opener.open)
    drawing = handle.work(lambda engine: engine.draw())()
    while "upper half" not in opener.done:
        next(drawing)
    result_of(handle.unload()())
    assert not handle.is_open
    assert result_of(drawing) == "drawn"
    assert opener.done[-2:] == ["lower half", "close"]


def test_an_engine_that_never_pauses_may_do_so_in_one_job():
    opener = Opener()
    quick: Any = SimpleNamespace(pauses=False, draw=opener.draw)
    handle: Any = EngineHandle(SOURCE, lambda _: quick)
    assert list(handle.work(lambda engine: engine.draw())()) == []
    assert list(handle.work(lambda engine: engine.draw(), pauses=True)()) == [None, None]
