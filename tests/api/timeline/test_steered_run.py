"""A run whose frames a panel asks for one by one: it grows without a job, and branches like any other."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle, ModelSource
from studio.api.timeline.recorder import Recorder
from studio.api.timeline.run_source import GeneratedSource, SteeredSource
from studio.commands.track import TrackList
from studio.commands.undo import UndoStack
from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.widgets.task_scope import TaskScope

INFO = RunInfo("tests/steered", {}, 0)


def no_engine(source: ModelSource) -> Any:
    """Stands for the engine of a model that nobody asks for anything."""
    return SimpleNamespace(pauses=False)


class Steered(GeneratedSource):
    """Keeps the recordings that it was given."""

    begun: ClassVar[list[Recording]] = []

    def begin(self, recording):
        self.begun.append(recording)

    def frames(self, engine):
        raise AssertionError("nobody runs it by itself")


def test_only_a_source_that_begins_is_steered():
    assert isinstance(Steered(None), SteeredSource)
    assert not isinstance(GeneratedSource(None), SteeredSource)


def test_a_steered_run_grows_as_it_is_told_until_it_is_stopped(qapp, sync_worker, dispatcher, tmp_path):
    owner = QObject()
    tasks = TaskScope(owner, sync_worker, dispatcher)
    handle = EngineHandle(ModelSource("tests/steered", tmp_path), no_engine)
    recorder = Recorder(tasks, handle, TrackList(UndoStack()), owner)
    grown: list[str] = []
    ended: list[str] = []
    recorder.grown.connect(grown.append)
    recorder.ended.connect(ended.append)
    source = Steered(None)
    track = recorder.start(source, INFO)
    assert source.begun[-1] is track.recording
    assert recorder.is_running(track.id)
    assert recorder.n_expected(track.id) == 0
    assert recorder.source_of(track) is source
    track.recording.append(Frame(0, 1))
    recorder.grow(track.id)
    assert grown == [track.id]
    recorder.restart(track, source, replace(INFO, id=track.id))
    assert source.begun[-1] is not track.recording
    recorder.stop(track.id)
    assert ended == [track.id]
    assert not recorder.is_running(track.id)


def test_work_that_makes_a_part_of_a_run_leaves_it_open(tmp_path: Path):
    weights = tmp_path / "weights"
    weights.write_bytes(b"x")
    handle = EngineHandle(ModelSource("tests/steered", weights), no_engine, lambda _: {"device": "cpu"})
    recording = Recording(INFO)
    for is_whole in (False, True):
        assert len(list(handle.recorded(lambda engine: iter([Frame(0, 2)]), recording, is_whole)())) == 1
        assert recording.is_finished == is_whole
    assert len(recording) == 2
    assert recording.info.backend == {"device": "cpu"}
