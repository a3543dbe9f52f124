"""A recording grows on one thread while another one reads it; what comes back is the same bit for bit."""

import gc
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.place import cache_dir
from studio.core.recording.clip import clip_of_recording
from studio.core.recording.delta import Append, AppendRows
from studio.core.recording.recording import Recording, RunInfo
from studio.core.recording.store import FrameStore
from studio.core.recording.view_codec import MAX_ITEMS, MAX_TEXTS_BYTES
from studio.core.view import Bars, Field, Image, Tokens
from tests.core.recording.frame_strategy import bits, frames

INFO = RunInfo("vae/digits", {"seed": 1}, 1)


def picture_of(number: int, size_px: int = 8) -> Image:
    """A picture that only this number has."""
    return Image(np.random.default_rng(number).integers(0, 256, (size_px, size_px, 3), np.uint8))


def recorded(made, memory_bytes=10**9):
    recording = Recording(INFO, memory_bytes)
    for frame in made:
        recording.append(frame)
    return recording


@pytest.mark.long("computes for long")
@settings(deadline=None, max_examples=60)
@given(st.lists(frames(), max_size=6), st.sampled_from([0, 300, 10**9]))
def test_every_frame_comes_back_bit_for_bit(made, memory_bytes):
    recording = recorded(made, memory_bytes)
    assert len(recording) == len(made)
    assert [bits(frame) for frame in recording] == [bits(frame) for frame in made]
    for index in range(-len(made), len(made)):
        assert bits(recording[index]) == bits(made[index])
    recording.close()


def test_there_is_no_frame_outside():
    recording = recorded([Frame(0, 1)])
    for index in (1, -2):
        with pytest.raises(IndexError):
            recording[index]


def test_the_head_of_a_run_is_read_again_without_the_frames_before_it(monkeypatch):
    recording = Recording(INFO)
    recording.append(Frame(0, 9, views={"text": Tokens(("a",), (1.0,))}, state={"ids": np.arange(1)}))
    for step in range(1, 9):
        more, ids = {"text": Append(Tokens(("b",), (2.0,)))}, {"ids": AppendRows(np.array([step]))}
        recording.append(Frame(step, 9, state={}, changes=more, state_changes=ids))
    first, reads = recording[-1], []
    read = recording.stored

    def noted(index):
        reads.append(index)
        return read(index)

    monkeypatch.setattr(recording, "stored", noted)
    second = recording[8]
    assert not reads
    assert bits(first) == bits(second)
    assert second.state is not None
    second.state["ids"][:] = 0
    third = recording[-1].state
    assert third is not None
    assert third["ids"].tolist() == list(range(9))
    text = recording[7].views["text"]
    assert isinstance(text, Tokens)
    assert len(text.pieces) == 8


def test_a_reader_never_sees_a_gap_even_while_frames_go_to_the_disk():
    recording = Recording(INFO, 2_000_000)
    pictures = [picture_of(number, 100) for number in range(7)]
    wrong: list[int] = []

    def read() -> None:
        random = np.random.default_rng(1)
        while len(recording) < 400:
            n_known = len(recording)
            for index in random.integers(0, n_known, 4) if n_known else ():
                frame = recording[int(index)]
                if frame.step != index or bits(frame.views["p"]) != bits(pictures[index % 7]):
                    wrong.append(int(index))
                steps, values = recording.curve("loss")
                if len(steps) < n_known or not np.array_equal(values, 2 * steps):
                    wrong.append(-1)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for step in range(400):
        fresh = Image(pictures[step % 7].pixels.copy())
        recording.append(Frame(step, 400, views={"p": fresh}, scalars={"loss": 2.0 * step}))
    for reader in readers:
        reader.join()
    assert wrong == []
    assert recording.n_bytes_on_disk > 5_000_000
    recording.close()


def test_past_its_memory_it_goes_to_a_file_that_nobody_sees_and_nothing_is_lost():
    made = [Frame(step, 300, views={"p": picture_of(step, 60)}) for step in range(300)]
    recording = recorded(made, 1_500_000)
    assert 300 * 60 * 60 * 3 < recording.n_bytes < 1.02 * 300 * 60 * 60 * 3
    assert recording.n_bytes_on_disk > recording.n_bytes - 1_500_000
    assert all(bits(frame) == bits(made[index]) for index, frame in enumerate(recording))
    n_open = psutil.Process().num_fds()
    recording.close()
    assert psutil.Process().num_fds() == n_open - 1
    assert list(cache_dir().iterdir()) == []


def test_the_file_goes_when_the_recording_is_forgotten():
    n_open = psutil.Process().num_fds()
    recording = recorded([Frame(0, 9, views={"p": picture_of(step, 600)}) for step in range(9)], 1000)
    assert psutil.Process().num_fds() == n_open + 1
    del recording
    gc.collect()
    assert psutil.Process().num_fds() == n_open


def test_a_full_disk_is_a_sentence_and_what_was_made_stays(monkeypatch):
    def fail(*words, **more):
        raise OSError(28, "no space")

    recording = Recording(INFO, 1_500_000)
    monkeypatch.setattr("tempfile.TemporaryFile", fail)

    def fill() -> None:
        for step in range(20):
            recording.append(Frame(step, 20, views={"p": picture_of(step, 300)}))

    with pytest.raises(UserError, match="disk is full"):
        fill()
    assert 4 < len(recording) < 20
    assert all(bits(frame.views["p"]) == bits(picture_of(step, 300)) for step, frame in enumerate(recording))


def test_the_same_array_is_kept_once():
    still = Field(np.zeros((100, 100), np.float32), "depth", 0.0, 1.0)
    recording = recorded([Frame(step, 50, views={"f": still}, state={"z": still.values}) for step in range(50)])
    assert 40_000 < recording.n_bytes < 50_000
    assert all(bits(frame.views["f"]) == bits(still) for frame in recording)


@pytest.mark.long("computes for long")
def test_a_tiny_frame_costs_little_memory():
    labels = tuple(map(str, range(10)))
    n_frames = 20_000
    tracemalloc.start()
    recording = Recording(INFO)
    for step in range(n_frames):
        bars = Bars(labels, tuple(float(step) for _ in labels))
        recording.append(Frame(step, n_frames, f"Step {step}", {"b": bars}, {"loss": 1.0, "time": 2.0}))
    used_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(recording) == n_frames
    assert used_bytes / n_frames < 300


def test_frames_of_other_words_are_laid_out_alike():
    words = ["a", "word", "’tis", "\n"]
    recording = recorded([Frame(number, 4, views={"text": Tokens((word,))}) for number, word in enumerate(words)])
    assert len({recording.stored(number).layout.spec for number in range(4)}) == 1
    assert [frame.views["text"] for frame in recording] == [Tokens((word,)) for word in words]


def test_what_an_engine_changes_afterwards_changes_nothing():
    z = np.ones(3, np.float32)
    recording = recorded([Frame(0, 1, state={"z": z})])
    z[:] = 2
    assert recording[0].state is not None
    assert recording[0].state["z"].tolist() == [1, 1, 1]


def test_odd_arrays_come_back_in_the_usual_order():
    base = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    odd = {"turned": base.T, "steps": base[:, ::2], "far": base.astype(">f4"), "one": np.array(5.0)}
    state = recorded([Frame(0, 1, state=odd)])[0].state
    assert state is not None
    for name, array in odd.items():
        assert np.array_equal(state[name], array)
        assert state[name].flags.c_contiguous
        assert state[name].dtype.isnative
        assert state[name].shape == array.shape


WRONG: list[dict[str, Any]] = [
    {"views": {"p": Image(np.zeros((2, 2), np.float32))}},
    {"views": {"p": Image(np.zeros((2, 2, 4), np.uint8))}},
    {"views": {"p": Field(np.zeros((2, 2), np.float16), "depth", 0, 1)}},
    {"views": {"p": Bars(("a", "b"), (1.0,))}},
    {"views": {"p": "text"}},
    {"views": {"p": Tokens(("a",) * (MAX_ITEMS + 1))}},
    {"views": {"p": Tokens(("a" * MAX_TEXTS_BYTES,))}},
    {"views": {"x" * 500: picture_of(1)}},
    {"state": {"z": np.array([{}], object)}},
    {"state": {"z": np.array(["text"])}},
]


@pytest.mark.parametrize("parts", WRONG)
def test_a_view_that_is_not_what_its_class_says_is_refused(parts):
    recording = recorded([Frame(0, 3)])
    with pytest.raises((ValueError, TypeError)):
        recording.append(Frame(1, 3, **parts))
    recording.append(Frame(1, 3))
    assert len(recording) == 2


def test_curves_hold_what_was_told_at_the_steps_that_told_it():
    recording = recorded(Frame(10 * step, 50, scalars={"loss": 1 / (1 + step)}) for step in range(3))
    recording.append(Frame(30, 50, scalars={"kid": 0.5, "loss": float("nan")}))
    steps, values = recording.curve("loss")
    assert steps.dtype == values.dtype == np.float64
    assert steps.tolist() == [0, 10, 20, 30]
    assert np.array_equal(values, [1, 1 / 2, 1 / 3, np.nan], equal_nan=True)
    assert [part.tolist() for part in recording.curve("kid")] == [[30], [0.5]]
    assert [part.tolist() for part in recording.curve("nothing")] == [[], []]
    assert recording.scalar_names == ("loss", "kid")


def test_a_finished_recording_does_not_grow():
    recording = recorded([Frame(0, 1)])
    assert not recording.is_finished
    recording.finish()
    assert recording.is_finished
    with pytest.raises(ValueError, match="finished"):
        recording.append(Frame(1, 2))
    assert len(recording) == 1


def test_a_run_whose_recording_was_closed_may_come_to_its_end():
    recording = Recording(INFO, 1_000_000)
    n_appended = 0

    def run() -> None:
        nonlocal n_appended
        for step in range(300):
            recording.append(Frame(step, 300, views={"p": picture_of(step, 100)}))
            n_appended += 1

    runner = threading.Thread(target=run)
    runner.start()
    while len(recording) < 50 and runner.is_alive():
        pass
    recording.close()
    runner.join()
    assert n_appended == 300
    assert len(recording) == recording.n_bytes_on_disk == 0
    assert recording.is_finished
    with pytest.raises(IndexError):
        recording[0]


def test_nobody_closes_a_recording_in_the_midst_of_a_frame(monkeypatch):
    recording, append, taken = Recording(INFO), FrameStore.append, list[bool]()

    def keep(store: FrameStore, data: bytes) -> int:
        other = threading.Thread(target=lambda: taken.append(recording._lock.acquire(blocking=False)))
        other.start()
        other.join()
        return append(store, data)

    monkeypatch.setattr(FrameStore, "append", keep)
    recording.append(Frame(0, 1, views={"p": picture_of(0)}))
    assert taken
    assert not any(taken)


def test_the_main_view_is_the_first_one():
    picture = Image(np.zeros((2, 2), np.uint8))
    assert Frame(0, 1, views={"decoded": picture, "error": picture}).main_view is picture
    assert Frame(0, 1).main_view is None


def test_two_runs_are_told_apart():
    assert RunInfo("vae/digits", {}, 1).id != RunInfo("vae/digits", {}, 1).id


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANIFOLD_STUDIO_HOME", str(tmp_path / "home"))


def test_a_clip_keeps_the_frames_of_a_recording_that_is_closed():
    recording = recorded([Frame(step, 3, views={"p": picture_of(step)}) for step in range(3)], memory_bytes=0)
    clip = clip_of_recording(recording)
    recording.close()
    assert [bits(frame) for frame in clip.frames(0, 3)] == [
        bits(Frame(step, 3, views={"p": picture_of(step)})) for step in range(3)
    ]
    del clip
    gc.collect()
    assert len(recording) == 0


def test_what_is_closed_twice_and_held_twice_is_freed_once():
    recording = recorded([Frame(0, 1, views={"p": picture_of(0)})])
    clips = [clip_of_recording(recording), clip_of_recording(recording)]
    recording.close()
    recording.close()
    clips.pop()
    gc.collect()
    assert len(recording) == 1
    clips.clear()
    gc.collect()
    assert len(recording) == 0
