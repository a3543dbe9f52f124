"""Trainings from start to model: stopped anywhere, continued, killed, out of room."""

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.file import load_recording
from studio.core.view import Image
from studio.registry import training_run
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from studio.registry.training_run import TrainingRun, delete_model, own_sizes
from studio.registry.training_store import TrainingStore
from tests.registry.conftest import FAMILIES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(FAMILIES, tmp_path / "models")
    catalog.families = find_families([p for p in folder_places(FAMILIES, "tests") if p.name == "good"])
    return catalog


@pytest.fixture
def store(tmp_path: Path) -> TrainingStore:
    return TrainingStore(tmp_path / "trainings")


@pytest.fixture
def make_run(catalog, store):
    def make(training=None, keeps_best=False, **changes):
        planned = training or store.planned("good/learnt", "My waves", {"rate": "0.2"})
        return TrainingRun(catalog, planned, lambda: Device("cpu", "float32", 1), keeps_best, **changes)

    return make


def finished(run):
    work = run.work()
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def stopped_after(run, n_frames):
    work = run.work()
    frames = list(itertools.islice(work, n_frames))
    work.close()
    return frames


def sample_of(frame: Frame) -> NDArray[np.uint8]:
    """The pixels of the picture "sample"."""
    view = frame.views["sample"]
    assert isinstance(view, Image)
    return view.pixels


def waves_of(path):
    with path.open("rb") as file, np.load(file) as arrays:
        return arrays["waves"]


def test_a_whole_training_makes_an_own_model(make_run, catalog, store):
    run = make_run()
    model = finished(run)
    catalog.refresh()
    assert catalog.find_model("good/my-waves") == model
    assert (model.title, model.is_own) == ("My waves", True)
    record = store.read(run.training.record.id).record
    assert (record.state, record.model_id, record.step, record.n_steps) == ("done", "good/my-waves", 40, 40)
    assert record.figures["loss"] < 1e-3
    assert [frame.step for frame in load_recording(run.training.learning_path)] == [0, 1, 3, 7, 15, 31]
    assert not run.training.weights_path.exists()


def test_stopped_and_continued_it_makes_the_same_model_and_the_same_pictures(make_run, store):
    whole = make_run()
    model = finished(whole)
    parts = make_run()
    stopped_after(parts, 11)
    record = store.read(parts.training.record.id).record
    assert (record.state, record.step, record.n_steps) == ("stopped", 11, 40)
    again = make_run(store.read(record.id))
    other = finished(again)
    assert other.id == "good/my-waves-2"
    assert np.array_equal(waves_of(model.path), waves_of(other.path))
    assert again.learning.curve("loss")[0].tolist() == [0, 1, 3, 7, *range(11, 40)]
    for first, second in zip(load_recording(whole.training.learning_path), again.learning.recording, strict=True):
        assert first.step == second.step
        assert np.array_equal(sample_of(first), sample_of(second))


def test_it_can_be_ended_early_and_keeps_the_best(make_run, catalog, store):
    run = make_run()
    stopped_after(run, 12)
    early = make_run(run.training, keeps_best=True, wanted_steps=12)
    model = finished(early)
    assert model.source.card["trained"]["n_steps"] == 12
    assert early._settings(catalog.find_recipe("good/learnt"))["keep_best"] == "true"
    assert store.read(run.training.record.id).record.state == "done"


def test_a_made_model_can_be_trained_further_in_its_place(make_run, catalog, store):
    first = make_run()
    model = finished(first)
    before = waves_of(model.path)
    further = make_run(store.of_model(model.id), wanted_steps=60)
    again = finished(further)
    assert again.id == model.id
    assert again.source.card["trained"]["n_steps"] == 60
    assert not np.array_equal(before, waves_of(again.path))
    catalog.refresh()
    assert len([one for one in catalog.list_models("good") if one.is_own]) == 1


def test_a_failure_keeps_what_was_learnt_and_says_why(make_run, store):
    run = make_run(store.planned("good/learnt", "Wild", {"rate": "9"}))
    with pytest.raises(UserError, match="diverged"):
        finished(run)
    record = store.read(run.training.record.id).record
    assert record.state == "failed"
    assert "smaller learning rate" in record.problem
    assert run.training.can_go_on()


def test_a_mistake_of_the_recipe_is_written_down_too(make_run, store, catalog, monkeypatch):
    recipe = type(catalog.find_recipe("good/learnt"))
    monkeypatch.setattr(recipe, "train", lambda self, options: iter([1 / 0]))
    run = make_run()
    with pytest.raises(ZeroDivisionError):
        finished(run)
    record = store.read(run.training.record.id).record
    assert (record.state, record.problem) == ("failed", "The recipe made a mistake.")


def test_an_unknown_recipe_and_setting_are_sentences(make_run, store):
    with pytest.raises(UserError, match="no recipe"):
        finished(make_run(store.planned("good/none", "x", {})))
    with pytest.raises(UserError, match="no setting"):
        finished(make_run(store.planned("good/learnt", "x", {"colour": "red"})))


def test_damaged_pictures_are_left_out_and_the_training_goes_on(make_run):
    run = make_run()
    stopped_after(run, 11)
    run.training.learning_path.write_bytes(b"no recording")
    again = make_run(run.training)
    assert finished(again).title == "My waves"
    assert [frame.step for frame in again.learning.recording] == [15, 31]


def test_a_damaged_checkpoint_is_a_sentence(make_run):
    run = make_run()
    stopped_after(run, 3)
    run.training.checkpoint_path.write_bytes(b"x")
    with pytest.raises(UserError, match="cannot be read"):
        finished(make_run(run.training))


def test_it_is_kept_now_and_then_while_it_runs(make_run, store, monkeypatch):
    monkeypatch.setattr(training_run, "KEEP_INTERVAL_S", 0.0)
    run = make_run()
    work = run.work()
    for _ in range(30):
        next(work)
    record = store.read(run.training.record.id).record
    assert record.state == "running"
    assert record.step > 5
    assert len(load_recording(run.training.learning_path)) >= 3
    work.close()


def test_no_room_for_the_pictures_costs_the_pictures_only(make_run, monkeypatch):
    def full(recording, path):
        yield 0.0
        raise UserError("The disk is full.")

    monkeypatch.setattr(training_run, "saving", full)
    run = make_run()
    assert finished(run).title == "My waves"


def test_deleting_a_model_takes_its_training_along(make_run, catalog, store):
    run = make_run()
    model = finished(run)
    catalog.refresh()
    sizes = own_sizes(catalog.list_models(), store)
    assert sizes == {model.id: model.size_bytes + run.training.size_bytes}
    assert sizes[model.id] > model.size_bytes
    delete_model(model, store)
    catalog.refresh()
    assert store.trainings() == ([], [])
    assert own_sizes(catalog.list_models(), store) == {}


KILLED = """
import sys
from pathlib import Path
from studio.compute.device import Device
from studio.registry import training_run
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from studio.registry.training_run import TrainingRun
from studio.registry.training_store import TrainingStore
families, folder, training_id = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
training_run.KEEP_INTERVAL_S = 0.0
catalog = Catalog(families, folder / "models")
catalog.families = find_families([p for p in folder_places(families, "tests") if p.name == "good"])
training = TrainingStore(folder / "trainings").read(training_id)
run = TrainingRun(catalog, training, lambda: Device("cpu", "float32", 1), wanted_steps=10**7)
for frame in run.work():
    if frame.step == 5:
        print("learning", flush=True)
"""


@pytest.mark.long("starts processes of its own")
def test_a_training_killed_while_it_saves_is_there_and_can_be_thrown_away(store, tmp_path, make_run):
    for n in range(6):
        training = store.planned("good/learnt", f"Number {n}", {}).changed()
        command = [sys.executable, "-c", KILLED, str(FAMILIES), str(tmp_path), training.record.id]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"learning\n"
            for _ in range(500_000 * n):
                pass
            process.send_signal(signal.SIGKILL)
        (left,) = [one for one in store.interrupted() if one.record.id == training.record.id]
        assert left.record.state == "running"
        assert len(load_recording(left.learning_path)) >= 1
        stopped_after(make_run(left), 2)  # without a checkpoint it begins anew; with one it goes on
        store.discard(store.read(left.record.id))
    assert store.trainings() == ([], [])
