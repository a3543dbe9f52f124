"""The folders of trainings: written whole, read with suspicion, never lost by a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.registry.training_store import (
    RECORD_NAME,
    TrainingStore,
    folder_bytes,
    is_interrupted,
)

NO_PROCESS = 2**22 - 3  # a number that this system gives to nobody for a test's length


@pytest.fixture
def store(tmp_path: Path) -> TrainingStore:
    return TrainingStore(tmp_path / "trainings of äöü")


def made(store: TrainingStore, title: str = "My faces"):
    return store.planned("good/waves", title, {"data": "/tmp/a b", "size": "16"}).changed()


def test_what_is_written_is_read_again(store):
    training = made(store).changed(step=12, n_steps=50, figures={"loss": 0.5})
    again = store.read(training.record.id)
    assert again == training
    assert again.record.family_id == "good"
    assert (again.record.title, dict(again.record.settings)) == ("My faces", {"data": "/tmp/a b", "size": "16"})


def test_a_new_store_over_the_same_folder_lists_the_same_trainings(store):
    ids = {made(store, f"Number {n}").record.id for n in range(3)}
    found, failures = TrainingStore(store.folder).trainings()
    assert ({one.record.id for one in found}, failures) == (ids, [])


def test_an_empty_computer_has_no_trainings(store):
    assert store.trainings() == ([], [])
    assert store.interrupted() == []


def test_a_training_of_a_process_that_is_gone_is_interrupted(store):
    training = made(store).claimed()
    assert not is_interrupted(training)
    left = training.changed(pid=NO_PROCESS, born_s=1.0)
    assert is_interrupted(left)
    assert [one.record.id for one in store.interrupted()] == [training.record.id]


def test_a_training_that_another_process_runs_is_left_alone(store):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        import psutil

        born_s = psutil.Process(other.pid).create_time()
        training = made(store).changed(state="running", pid=other.pid, born_s=born_s)
        assert training.is_elsewhere
        assert store.interrupted() == []
        with pytest.raises(UserError, match="another window"):
            store.discard(training)
        assert not training.changed(born_s=born_s - 60).is_elsewhere  # the number was given to a new process
        other.communicate(b"\n")


def test_a_finished_training_is_found_by_its_model(store):
    training = made(store).changed(state="done", model_id="good/my-faces")
    assert store.of_model("good/my-faces") == training
    assert store.of_model("good/others") is None
    assert store.interrupted() == []


def test_discarding_takes_everything_away(store):
    training = made(store)
    training.checkpoint_path.write_bytes(b"1234")
    assert training.can_go_on()
    assert training.size_bytes == 4 + (training.folder / RECORD_NAME).stat().st_size
    store.discard(training)
    assert not training.folder.exists()
    with pytest.raises(UserError):
        store.read(training.record.id)


@pytest.mark.parametrize("name", ["..", "../../etc", "", "a/b", "0123456789ag", "0123456789ab/x"])
def test_a_name_that_no_training_has_is_refused(store, name):
    with pytest.raises(UserError, match="no such training"):
        store.read(name)


def damaged_records(good):
    yield b""
    yield b"{"
    yield b"[]"
    yield b"null"
    yield b"\xff\xfe"
    yield b"[" * 5_000
    yield b'{"a":' * 3_000
    yield b" " * (300 << 10)
    for name, value in [
        ("version", 2),
        ("id", "000000000000"),
        ("recipe_id", "../x"),
        ("recipe_id", "vae"),
        ("title", 3),
        ("title", "x" * 2_000),
        ("settings", []),
        ("settings", {"a": 1}),
        ("settings", {str(n): "" for n in range(500)}),
        ("state", "lost"),
        ("state", []),
        ("step", -1),
        ("step", 1.5),
        ("step", True),
        ("n_steps", "9"),
        ("figures", {"loss": "low"}),
        ("pid", -4),
        ("born_s", "long ago"),
        ("born_s", None),
        ("model_id", None),
    ]:
        yield json.dumps({**good, name: value}).encode()
    for name in good:
        yield json.dumps({key: value for key, value in good.items() if key != name}).encode()


def test_damaged_folders_are_a_sentence_each_and_hide_no_other(store):
    fine = made(store)
    good = json.loads((made(store).folder / RECORD_NAME).read_text())
    damaged = store.folder / good["id"]
    for text in damaged_records(good):
        (damaged / RECORD_NAME).write_bytes(text)
        found, failures = store.trainings()
        assert [one.record.id for one in found] == [fine.record.id], text[:200]
        assert [good["id"] in failure.title for failure in failures] == [True], text[:200]


def test_what_is_no_folder_of_a_training_is_passed_over(store, tmp_path):
    fine = made(store)
    (store.folder / "notes.txt").write_text("x")
    (store.folder / "old trainings").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (store.folder / "aaaaaaaaaaaa").symlink_to(tmp_path / "elsewhere")
    assert [one.record.id for one in store.trainings()[0]] == [fine.record.id]
    assert store.trainings()[1] == []


def test_a_record_that_is_a_pipe_does_not_make_anybody_wait(store):
    training = made(store)
    (training.folder / RECORD_NAME).unlink()
    os.mkfifo(training.folder / RECORD_NAME)
    assert store.trainings()[0] == []


def test_a_link_in_a_discarded_folder_is_not_followed(store, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    training = made(store)
    (training.folder / "pictures").symlink_to(tmp_path)
    store.discard(training)
    assert kept.read_text() == "mine"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ),
    st.sampled_from(["id", "recipe_id", "title", "settings", "state", "step", "figures", "pid", "born_s"]),
)
def test_no_json_of_a_stranger_is_more_than_a_sentence(store, value, name):
    training = made(store)
    good = json.loads((training.folder / RECORD_NAME).read_text())
    (training.folder / RECORD_NAME).write_text(json.dumps({**good, name: value}))
    try:
        record = store.read(training.record.id).record
        assert record.state in ("running", "stopped", "failed", "done")
        assert isinstance(record.born_s, float)
    except UserError:
        pass
    shutil.rmtree(training.folder)


def test_no_room_is_a_sentence(store, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be saved"):
        TrainingStore(tmp_path / "file" / "trainings").planned("good/waves", "x", {}).claimed()


def test_the_size_of_a_folder_counts_every_file(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"12")
    (tmp_path / "a" / "b" / "two").write_bytes(b"345")
    assert folder_bytes(tmp_path) == 5


WRITER = """
import sys
from pathlib import Path
from studio.registry.training_store import TrainingStore
store = TrainingStore(Path(sys.argv[1]))
training = store.read(sys.argv[2])
for step in range(1, 1_000_000):
    if step == 3:
        print("ready", flush=True)
    training = training.changed(step=step, n_steps=1_000_000, figures={"loss": 1 / (step + 1)}, problem="x" * 900)
"""


@pytest.mark.long("starts processes of its own")
def test_a_writer_killed_at_any_moment_leaves_a_whole_record(store):
    training = made(store)
    root = Path(__file__).parents[2]
    steps = []
    for n in range(20):
        command = [sys.executable, "-c", WRITER, str(store.folder), training.record.id]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            _spin(200_000 + 37_001 * n)
            writer.send_signal(signal.SIGKILL)
        record = store.read(training.record.id).record
        assert record.title == "My faces"
        steps.append(record.step)
    assert min(steps) >= 2
    training.claimed()
    assert [path.name for path in training.folder.iterdir()] == [RECORD_NAME]


def _spin(n: int) -> None:
    """Let a moment pass whose length differs from call to call."""
    for _ in range(n):
        pass
