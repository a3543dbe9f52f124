"""A model stays open as long as work with it goes on, though it was unloaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from studio.api.engine import Device, Engine, EngineHandle, ModelSource
from studio.compute.job import Work
from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import State


class CountingEngine(Engine):
    """Counts, as long as it is open."""

    def __init__(self) -> None:
        self.is_closed = False

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        return cls()

    def generate(self, params: Any, start: State | None = None) -> Iterator[Frame]:
        for step in range(3):
            assert not self.is_closed
            yield Frame(step, 3)

    def close(self) -> None:
        assert not self.is_closed
        self.is_closed = True


@pytest.fixture
def opened() -> list[CountingEngine]:
    return []


@pytest.fixture
def handle(opened: list[CountingEngine], tmp_path: Path) -> EngineHandle:
    def open_one(source: ModelSource) -> CountingEngine:
        opened.append(CountingEngine())
        return opened[-1]

    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"weights")
    return EngineHandle(ModelSource("tests/counting", weights), open_one)


def run(work: Work) -> None:
    for _ in work():
        pass


@pytest.mark.parametrize("is_recorded", [False, True])
def test_an_engine_that_is_unloaded_closes_when_the_last_work_with_it_has_ended(handle, opened, is_recorded) -> None:
    recording = Recording(RunInfo("tests/counting", {}, 0))
    first = handle.recorded(lambda engine: engine.generate(None), recording) if is_recorded else None
    steps = (first or handle.work(lambda engine: engine.generate(None)))()
    other = handle.work(lambda engine: engine.generate(None))()
    assert isinstance(next(steps), Frame)
    assert isinstance(next(other), Frame)
    run(handle.unload())
    assert not handle.is_open
    assert len(list(steps)) == 2
    assert not opened[0].is_closed
    other.close()
    assert opened[0].is_closed


def test_work_after_that_has_an_engine_of_its_own(handle, opened) -> None:
    steps = handle.work(lambda engine: engine.generate(None))()
    next(steps)
    run(handle.unload())
    run(handle.work(lambda engine: engine.generate(None)))
    list(steps)
    assert [one.is_closed for one in opened] == [True, False]
    run(handle.unload())
    assert [one.is_closed for one in opened] == [True, True]


def test_an_engine_that_rests_is_closed_at_once(handle, opened) -> None:
    run(handle.work(lambda engine: engine.generate(None)))
    run(handle.unload())
    run(handle.unload())
    assert [one.is_closed for one in opened] == [True]
