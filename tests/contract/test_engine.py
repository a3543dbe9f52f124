"""What every engine must do: open, yield, stop, repeat, branch."""

import dataclasses
from itertools import islice

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.param import make_params, params_to_json
from studio.core.recording.file import load_recording, save_recording
from studio.core.recording.recording import Recording, RunInfo
from tests.core.recording.frame_strategy import bits


def arrays_of(frame):
    """Return every array of a frame, by name."""
    arrays = {f"state.{name}": value for name, value in (frame.state or {}).items()}
    for name, view in frame.views.items():
        for field in dataclasses.fields(view):
            value = getattr(view, field.name)
            arrays |= {f"{name}.{field.name}": value} if isinstance(value, np.ndarray) else {}
    return arrays


def are_equal(one, other):
    mine, theirs = arrays_of(one), arrays_of(other)
    return mine.keys() == theirs.keys() and all(
        mine[name].dtype == theirs[name].dtype and np.array_equal(mine[name], theirs[name]) for name in mine
    )


def last_frame(engine, params):
    """The frame that a run ends with, whole."""
    return list(whole_frames(engine.generate(params)))[-1]


@pytest.fixture(scope="module")
def frames(engine, params_class):
    return list(whole_frames(engine.generate(params_class(seed=7))))


def test_frames_are_counted_and_show_something(frames):
    assert frames
    assert [frame.step for frame in frames] == list(range(len(frames)))
    assert {frame.n_steps for frame in frames} == {len(frames)}
    assert all(frame.main_view is not None for frame in frames)


def test_arrays_are_contiguous_and_finite(frames):
    for frame in frames:
        arrays = arrays_of(frame)
        assert arrays
        for name, array in arrays.items():
            assert array.flags.c_contiguous, name
            assert array.dtype == np.uint8 or np.isfinite(array).all(), name


def test_the_same_seed_gives_the_same_bits(engine, params_class, frames):
    again = list(whole_frames(engine.generate(params_class(seed=7))))
    assert len(again) == len(frames)
    assert all(map(are_equal, frames, again))


def test_an_engine_that_is_opened_again_gives_the_same_bits(catalog, found, device, params_class, frames):
    engine = catalog.open_engine(catalog.find_model(found.manifest.default_model).source, device)
    assert all(map(are_equal, frames, whole_frames(engine.generate(params_class(seed=7)))))
    engine.close()


def test_another_seed_gives_another_picture(engine, params_class, frames):
    assert not are_equal(frames[-1], last_frame(engine, params_class(seed=8)))


def test_what_was_yielded_does_not_change_afterwards(engine, params_class, frames):
    copies = [{name: array.copy() for name, array in arrays_of(frame).items()} for frame in frames]
    list(engine.generate(params_class(seed=9)))
    for copy, frame in zip(copies, frames, strict=True):
        assert all(np.array_equal(copy[name], array) for name, array in arrays_of(frame).items())


def test_a_run_stops_at_the_first_cancel_and_leaves_the_engine_usable(engine, params_class, frames):
    run = engine.generate(params_class(seed=7))
    next(run)
    run.close()
    with pytest.raises(StopIteration):
        next(run)
    assert are_equal(last_frame(engine, params_class(seed=7)), frames[-1])


def test_a_branch_without_changes_repeats_its_parent_from_that_frame_on(engine, params_class, frames):
    """Wholly from the first frame and from the middle; from others up to the next one, whose state is the same."""
    branched = [index for index, frame in enumerate(frames) if frame.state is not None]
    assert branched
    middle = branched[len(branched) // 2]
    for index in {*branched[:: 1 + len(branched) // 8], middle, branched[-1]}:
        length = None if index in {branched[0], middle} else 2
        run = whole_frames(engine.generate(params_class(seed=7), frames[index].state))
        branch, parent = list(islice(run, length)), frames[index:][:length]
        assert [one.step for one in branch] == [one.step for one in parent]
        assert [one.n_steps for one in branch] == [one.n_steps for one in parent]
        assert all(map(are_equal, branch, parent))


def test_a_run_that_was_saved_is_the_run_and_branches_like_it(engine, params_class, frames, found, tmp_path):
    params = params_class(seed=7)
    info = RunInfo(found.manifest.default_model, params_to_json(params), 7)
    recording = Recording(info)
    for frame in engine.generate(params):
        recording.append(frame)
    save_recording(recording, tmp_path / "run.frames")
    loaded = load_recording(tmp_path / "run.frames")
    assert loaded.info == info
    assert make_params(params_class, loaded.info.params) == params
    assert len(loaded) == len(recording) == len(frames)
    for loaded_frame, frame in zip(loaded, frames, strict=True):
        assert are_equal(loaded_frame, frame)
        assert bits(loaded_frame) == bits(frame)
    middle = len(frames) // 2
    state = loaded[middle].state
    if state is not None:
        assert all(map(are_equal, whole_frames(engine.generate(params, state)), frames[middle:]))


@pytest.fixture
def source(catalog, found):
    """The family's default model, which has a file that may be damaged."""
    source = catalog.find_model(found.manifest.default_model).source
    if not found.manifest.kind_of(source.card).needs_weights:
        pytest.skip("its models are cards alone")
    return source


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"\xff" * 5000])
def test_a_file_that_is_no_model_gives_a_sentence(catalog, source, device, tmp_path, content):
    path = tmp_path / source.path.name
    path.write_bytes(content)
    with pytest.raises(UserError):
        catalog.open_engine(dataclasses.replace(source, path=path), device)


def test_a_file_cut_short_gives_a_sentence(catalog, source, device, tmp_path):
    path = tmp_path / source.path.name
    path.write_bytes(source.path.read_bytes()[:-100])
    with pytest.raises(UserError):
        catalog.open_engine(dataclasses.replace(source, path=path), device)
