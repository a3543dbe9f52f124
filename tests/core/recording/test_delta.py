"""A run told as changes is the same run, at every frame, as the one told whole."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.frame import Frame, whole_frames
from studio.core.recording.delta import Append, AppendRows, Delta, Patch, applied
from studio.core.recording.recording import KEY_FRAME_DISTANCE, Recording, RunInfo
from studio.core.view import Audio, Bars, Field, Image, Notes, Points, Series, Tokens, View
from tests.core.recording.frame_strategy import bits

Random = np.random.Generator
INFO = RunInfo("fixture/model", {}, 1)


def floats(random: Random, *shape: Any) -> Any:
    return random.standard_normal(shape, np.float32)


def first_views(random: Random) -> dict[str, View]:
    return {
        "picture": Image(random.integers(0, 256, (6, 7, 3), np.uint8)),
        "plane": Field(floats(random, 5, 4), "depth", 0.0, 1.0),
        "sound": Audio(floats(random, 3), 16_000),
        "text": Tokens(("a", "b"), (0.5, np.inf)),
        "plain": Tokens(("x",)),
        "loss": Series({"train": floats(random, 2), "held out": floats(random, 2)}, floats(random, 2), "step"),
        "cloud": Points(floats(random, 2, 3), ("p", "q")),
        "music": Notes(((0.0, 1.0, 60, 0),)),
    }


# Each returns a change of a view, and what the view is afterwards, worked out without the code under test.


def paint(view: Image, random: Random) -> tuple[Delta, View]:
    y, x = random.integers(0, 4), random.integers(0, 5)
    block = random.integers(0, 256, (random.integers(0, 3), 2, 3), np.uint8)
    pixels = view.pixels.copy()
    for row in range(block.shape[0]):
        for column in range(2):
            pixels[y + row, x + column] = block[row, column]
    return Patch(block, (int(y), int(x), 0)), Image(pixels)


def widen(view: Field, random: Random) -> tuple[Delta, View]:
    more = floats(random, 5, random.integers(0, 3))
    return AppendRows(more, 1), Field(np.hstack([view.values, more]), view.meaning, view.low, view.high)


def play(view: Audio, random: Random) -> tuple[Delta, View]:
    more = floats(random, random.integers(0, 4))
    return Append(Audio(more, view.rate_hz)), Audio(np.append(view.samples, more), view.rate_hz)


def write(view: Tokens, random: Random) -> tuple[Delta, View]:
    pieces = tuple(map(str, random.integers(0, 9, random.integers(0, 3))))
    weights = tuple(float(value) for value in random.random(len(pieces))) if view.weights else ()
    return Append(Tokens(pieces, weights)), Tokens(view.pieces + pieces, view.weights + weights)


def go_on(view: Series, random: Random) -> tuple[Delta, View]:
    more = {name: floats(random, 1) for name in view.curves}
    x = floats(random, 1)
    curves = {name: np.append(curve, more[name]) for name, curve in view.curves.items()}
    return Append(Series(more, x)), Series(curves, np.append(view.x, x), view.x_label)


def scatter(view: Points, random: Random) -> tuple[Delta, View]:
    more = floats(random, 1, 3)
    return Append(Points(more, ("n",))), Points(np.vstack([view.positions, more]), (*view.labels, "n"))


def compose(view: Notes, random: Random) -> tuple[Delta, View]:
    note = (random.random(), 1.0, int(random.integers(128)), 1)
    return Append(Notes((note,))), Notes((*view.notes, note))


CHANGES: dict[str, Callable[[Any, Random], tuple[Delta, View]]] = {
    "picture": paint,
    "plane": widen,
    "sound": play,
    "text": write,
    "plain": write,
    "loss": go_on,
    "cloud": scatter,
    "music": compose,
}


def tell(random: Random, n_frames: int) -> tuple[list[Frame], list[Frame]]:
    """Return a run told with changes wherever chance wants it, and the same run told whole."""
    views, state = first_views(random), {"cache": floats(random, 2, 3), "z": floats(random, 2)}
    told, whole = [Frame(0, n_frames, views=views, state=state)], [Frame(0, n_frames, views=views, state=state)]
    for step in range(1, n_frames):
        changes: dict[str, Delta] = {}
        for name in list(views):
            if random.random() < 0.7:
                changes[name], views = (made := CHANGES[name](views[name], random))[0], {**views, name: made[1]}
        more = floats(random, 2, 1)
        state = {"cache": np.hstack([state["cache"], more]), "z": state["z"]}
        kept = {name: view for name, view in views.items() if name not in changes}
        is_told = random.random() < 0.9
        told.append(
            Frame(
                step,
                n_frames,
                views=kept,
                changes=changes,
                state={"z": state["z"]},
                state_changes={"cache": AppendRows(more, 1)},
            )
            if is_told
            else Frame(step, n_frames, views=views, state=state)
        )
        whole.append(Frame(step, n_frames, views=views, state=state))
    return told, whole


def sorted_state(frame: Frame) -> Any:
    """The bits of a frame; the arrays of a state have no order."""
    return bits(dict(frame.views)), bits(dict(sorted((frame.state or {}).items())))


@pytest.mark.long("computes for long")
@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2 * KEY_FRAME_DISTANCE + 5), st.sampled_from([2000, 10**9]))
def test_each_frame_of_a_run_told_as_changes_is_the_whole_one(seed, n_frames, memory_bytes):
    random = np.random.default_rng(seed)
    told, whole = tell(random, n_frames)
    recording = Recording(INFO, memory_bytes)
    for frame in told:
        recording.append(frame)
    wanted = [sorted_state(frame) for frame in whole]
    for index in random.integers(0, n_frames, 20):
        assert sorted_state(recording[int(index)]) == wanted[index]
    assert [sorted_state(frame) for frame in recording] == wanted
    assert [sorted_state(frame) for frame in whole_frames(told)] == wanted
    recording.close()


@pytest.mark.long("computes for long")
def test_readers_on_other_threads_see_whole_frames_while_the_run_grows():
    told, whole = tell(np.random.default_rng(5), 300)
    wanted = [sorted_state(frame) for frame in whole]
    recording = Recording(INFO, 20_000)
    wrong: list[int] = []

    def read(seed: int) -> None:
        random = np.random.default_rng(seed)
        while (n_known := len(recording)) < 300:
            first = int(random.integers(0, n_known)) if n_known else 0
            wrong.extend(i for i in range(first, min(first + 5, n_known)) if sorted_state(recording[i]) != wanted[i])

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    for frame in told:
        recording.append(frame)
    for reader in readers:
        reader.join()
    assert wrong == []
    recording.close()


def test_a_run_told_as_changes_takes_far_less_room():
    more = np.zeros(160, np.float32)
    recording = Recording(INFO)
    recording.append(Frame(0, 640, views={"sound": Audio(more, 16_000)}))
    for step in range(1, 640):
        recording.append(Frame(step, 640, changes={"sound": Append(Audio(more, 16_000))}))
    whole_bytes = sum(4 * 160 * (step + 1) for step in range(640))
    assert recording.n_bytes < whole_bytes / 20
    sound = recording[639].views["sound"]
    assert isinstance(sound, Audio)
    assert len(sound.samples) == 160 * 640


def test_what_was_there_stays_as_it_was():
    before = Image(np.zeros((4, 4), np.uint8))
    after = applied(before, [Patch(np.ones((2, 2), np.uint8), (1, 1))])
    assert before.pixels.sum() == 0
    assert after.pixels.sum() == 4


MISFITS: list[tuple[Any, Delta]] = [
    (Image(np.zeros((4, 4), np.uint8)), Patch(np.ones((2, 2), np.uint8), (3, 3))),
    (Image(np.zeros((4, 4), np.uint8)), Patch(np.ones((2, 2), np.uint8), (-1, 0))),
    (Image(np.zeros((4, 4), np.uint8)), Patch(np.ones((2, 2), np.float32), (0, 0))),
    (Image(np.zeros((4, 4), np.uint8)), Patch(np.ones(2, np.uint8), (0,))),
    (np.zeros((4, 4)), Patch(np.ones((2, 2)), (0,))),
    (np.zeros((4, 4)), AppendRows(np.ones((1, 3)))),
    (np.zeros((4, 4)), AppendRows(np.ones((1, 4)), 2)),
    (Audio(np.zeros(4, np.float32), 8000), Append(Audio(np.zeros(4, np.float32), 16_000))),
    (Audio(np.zeros(4, np.float32), 8000), Append(Tokens(("a",)))),
    (Bars(("a",), (1.0,)), AppendRows(np.ones(1))),
    (Series({"a": np.zeros(1, np.float32)}, np.zeros(1, np.float32)), Append(Series({}, np.zeros(1, np.float32)))),
]


@pytest.mark.parametrize(("whole", "delta"), MISFITS)
def test_a_change_that_does_not_fit_is_refused(whole, delta):
    with pytest.raises(ValueError, match=r".+"):
        applied(whole, [delta])


@pytest.mark.parametrize("n_before", [0, 1, KEY_FRAME_DISTANCE])
def test_nothing_changes_that_was_not_there(n_before):
    recording = Recording(INFO)
    for step in range(n_before):
        recording.append(Frame(step, 100, views={"text": Tokens(("a",))}))
    for frame in (
        Frame(n_before, 100, changes={"other": Append(Tokens(("b",)))}),
        Frame(n_before, 100, state_changes={"z": AppendRows(np.zeros(1))}),
    ):
        with pytest.raises(ValueError, match="nothing in the frame before"):
            recording.append(frame)
    assert len(recording) == n_before
