"""What is saved comes back bit for bit; what is broken, hostile or too new is refused in a sentence."""

import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording import reader
from studio.core.recording.delta import Append, AppendRows
from studio.core.recording.file import load_recording, loading, save_recording, saving
from studio.core.recording.recording import Branch, Recording, RunInfo
from studio.core.view import Audio, Field, Image, Tokens
from tests.core.recording.frame_strategy import bits, frames, names, numbers
from tests.core.recording.test_delta import tell

INFO = RunInfo(
    "fixture/model",
    {"seed": 7, "text": "ä\n", "weights": [0.1, 1e300]},
    7,
    {"device": "cpu", "threads": 2},
    "ab" * 32,
    "path",
    "A path",
    Branch("1f" * 16, 12),
    "2e" * 16,
    {"camera": {"zoom": 1.5}},
    24.0,
)


def recorded(made, info=INFO):
    recording = Recording(info)
    for frame in made:
        recording.append(frame)
    return recording


def saved(path: Path, made) -> Path:
    save_recording(recorded(made), path)
    return path


def pictures(n_frames: int, size_px: int = 8) -> list[Frame]:
    random = np.random.default_rng(n_frames)
    return [
        Frame(
            step,
            n_frames,
            f"Step {step}",
            {"p": Image(random.integers(0, 256, (size_px, size_px), np.uint8))},
            {"loss": 1 / (step + 1)},
            {"z": random.standard_normal(3)},
        )
        for step in range(n_frames)
    ]


@pytest.mark.long("computes for long")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(frames(), max_size=5))
def test_every_view_comes_back_bit_for_bit(tmp_path, made):
    loaded = load_recording(saved(tmp_path / "a.frames", made))
    assert loaded.info == INFO
    assert loaded.is_finished
    assert [bits(frame) for frame in loaded] == [bits(frame) for frame in made]
    for name in {name for frame in made for name in frame.scalars}:
        assert [part.tobytes() for part in loaded.curve(name)] == [
            part.tobytes() for part in recorded(made).curve(name)
        ]


@pytest.mark.long("computes for long")
@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.integers(1, 140))
def test_a_run_told_as_changes_comes_back_and_stays_small(tmp_path, seed, n_frames):
    told, whole = tell(np.random.default_rng(seed), n_frames)
    loaded = load_recording(saved(tmp_path / "a.frames", told))
    assert [bits(dict(frame.views)) for frame in loaded] == [bits(dict(frame.views)) for frame in whole]
    assert loaded.n_bytes < 1.1 * recorded(told).n_bytes + 1000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.long("computes for long")
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        RunInfo,
        st.just("fixture/model"),
        st.dictionaries(names, json_values, max_size=4),
        st.integers(-(2**63), 2**63 - 1),
        st.dictionaries(names, json_values, max_size=4),
        st.sampled_from(["", "0123456789abcdef" * 4]),
        st.sampled_from(["run", "path", "training"]),
        st.text(max_size=200),
        st.none() | st.builds(Branch, st.just("ab"), st.integers(0, 2**62)),
        state=st.dictionaries(names, json_values, max_size=4),
        fps=st.floats(0.01, 1000),
    )
)
def test_what_made_the_run_comes_back(tmp_path, info):
    save_recording(recorded([], info), tmp_path / "a.frames")
    assert load_recording(tmp_path / "a.frames").info == info


def test_equal_recordings_give_equal_bytes_however_they_are_kept(tmp_path):
    still = np.arange(100, dtype=np.float32)
    shared = [Frame(step, 70, state={"z": still}) for step in range(70)]
    copied = [Frame(step, 70, state={"z": still.copy()}) for step in range(70)]
    paths = [saved(tmp_path / f"{number}.frames", made) for number, made in enumerate((shared, copied))]
    save_recording(load_recording(paths[0]), tmp_path / "2.frames")
    data = [path.read_bytes() for path in (*paths, tmp_path / "2.frames")]
    assert data[0] == data[1] == data[2]
    assert saved(paths[0], pictures(70)).read_bytes() == saved(paths[1], pictures(70)).read_bytes()


def test_numpy_reads_the_arrays(tmp_path):
    made = pictures(3)
    with np.load(saved(tmp_path / "a.frames", made), allow_pickle=False) as file:
        wanted = np.concatenate([np.ravel(frame.views["p"].pixels) for frame in made])  # type: ignore[union-attr]
        assert np.array_equal(file["frames/00000.uint8"], wanted)
        assert file["frames/00000.scalars"].tolist() == [1, 1 / 2, 1 / 3]


def test_what_packs_extremely_well_is_not_taken_for_a_bomb(tmp_path, monkeypatch):
    for module in ("studio.core.recording.file", "studio.core.container.zip_file"):
        monkeypatch.setattr(f"{module}.UNPACK_ALLOWANCE_BYTES", 1_000_000)
    made = [Frame(step, 130, views={"p": Image(np.full((64, 64, 3), step, np.uint8))}) for step in range(130)]
    path = saved(tmp_path / "a.frames", made)
    assert 64 * 64 * 64 * 3 < path.stat().st_size < 100 * 64 * 64 * 3  # one part as it is, the first one packed
    assert [bits(frame) for frame in load_recording(path)] == [bits(frame) for frame in made]


def test_a_growing_run_is_saved_as_far_as_it_is(tmp_path):
    recording = recorded(pictures(70))
    shares = saving(recording, tmp_path / "a.frames")
    next(shares)
    for frame in pictures(10):
        recording.append(frame)
    assert list(shares) == [1.0]
    assert len(load_recording(tmp_path / "a.frames")) == 70
    assert not recording.is_finished


def test_progress_goes_to_the_end_and_a_cancelled_one_leaves_nothing(tmp_path):
    path = saved(tmp_path / "a.frames", pictures(200))
    steps = loading(path)
    assert next(steps) == 64 / 200
    steps.close()
    before = path.read_bytes()
    saves = saving(recorded(pictures(150)), path)
    next(saves)
    saves.close()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_read_back_is_not_written(tmp_path):
    for info in (RunInfo("../../etc", {}, 0), RunInfo("a/b", {}, 0, title="x" * 2000), RunInfo("a/b", {}, 0, fps=0)):
        with pytest.raises(UserError):
            save_recording(Recording(info), tmp_path / "a.frames")
    assert list(tmp_path.iterdir()) == []


def rewritten(path: Path, change) -> Path:
    """The same file with `change(name, data)` applied to each member; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)
    return path


def with_json(path: Path, member: str, change) -> Path:
    """The same file after `change(values)` of one JSON member."""

    def edit(name: str, data: bytes) -> bytes:
        if name != member:
            return data
        values = json.loads(data)
        change(values)
        return json.dumps(values).encode()

    return rewritten(path, edit)


def _old(name: str, data: bytes) -> bytes:
    """Version 0 had frames per minute, and frames without a label."""
    if not name.endswith(".json"):
        return data
    values = json.loads(data)
    if name == "manifest.json":
        values["version"] = 0
        values["info"]["fpm"] = 60 * values["info"].pop("fps")
    else:
        values["frames"] = [[step, n, layout, arrays] for step, n, _, layout, arrays in values["frames"]]
    return json.dumps(values).encode()


def _from_old(name: str, values: Any) -> Any:
    if name == "manifest.json":
        info = {key: value for key, value in values["info"].items() if key != "fpm"}
        return {**values, "info": {**info, "fps": values["info"]["fpm"] / 60}}
    return {**values, "frames": [[step, n, "", layout, arrays] for step, n, layout, arrays in values["frames"]]}


def test_an_older_version_is_migrated(tmp_path, monkeypatch):
    made = pictures(70)
    path = rewritten(saved(tmp_path / "a.frames", made), _old)
    with pytest.raises(UserError, match="can no longer be read"):
        load_recording(path)
    monkeypatch.setitem(reader.MIGRATIONS, 0, _from_old)
    loaded = load_recording(path)
    assert loaded.info == INFO
    assert {frame.label for frame in loaded} == {""}
    assert [bits(dict(frame.views)) for frame in loaded] == [bits(dict(frame.views)) for frame in made]


def test_a_newer_version_says_so(tmp_path):
    path = with_json(saved(tmp_path / "a.frames", pictures(2)), "manifest.json", lambda v: v.update(version=2))
    with pytest.raises(UserError, match="newer version"):
        load_recording(path)


MANIFEST_LIES: list[Any] = [
    lambda v: v.update(format="other"),
    lambda v: v.update(version="1"),
    lambda v: v.update(version=-1),
    lambda v: v.update(n_frames=3),
    lambda v: v.update(n_frames=10**15),
    lambda v: v.update(n_frames=-1),
    lambda v: v.pop("info"),
    lambda v: v["info"].update(model_id="../../etc/passwd"),
    lambda v: v["info"].update(model_id="/etc/passwd"),
    lambda v: v["info"].update(id="../x"),
    lambda v: v["info"].update(branch={"parent_id": "../x", "step": 1}),
    lambda v: v["info"].update(branch={"parent_id": "x", "step": -1}),
    lambda v: v["info"].update(kind="program"),
    lambda v: v["info"].update(seed="1"),
    lambda v: v["info"].update(fps=0.0),
    lambda v: v["info"].update(params=[1]),
    lambda v: v["info"].update(title="x" * 100_000),
]
PART_LIES: list[Any] = [
    lambda v: v["frames"].pop(),
    lambda v: v["frames"].append(v["frames"][0]),
    lambda v: v["frames"][0].__setitem__(0, 10**30),
    lambda v: v["frames"][0].__setitem__(0, "0"),
    lambda v: v["frames"][0].__setitem__(2, "x" * 1_000_000),
    lambda v: v["frames"][0].__setitem__(3, 99),
    lambda v: v["frames"][0].__setitem__(3, -1),
    lambda v: v["frames"][0][4].append(0),
    lambda v: v["frames"][0][4].__setitem__(0, 99),
    lambda v: v["frames"][0][4].__setitem__(0, -1),
    lambda v: v["arrays"][0].__setitem__(1, [1 << 39, 1 << 39]),
    lambda v: v["arrays"][0].__setitem__(1, [-8, -8]),
    lambda v: v["arrays"][0].__setitem__(1, [1] * 60),
    lambda v: v["arrays"][0].__setitem__(0, "object"),
    lambda v: v["arrays"].append(["float16", [1 << 30]]),
    lambda v: v["layouts"][0].pop(),
    lambda v: v["layouts"][0][0].append(v["layouts"][0][0][0]),
    lambda v: v["layouts"][0][0][0].__setitem__(0, "x" * 500),
    lambda v: v["layouts"][0][0][0][1].__setitem__(0, "Program"),
    lambda v: v["layouts"][0][0][0][1].__setitem__(0, "Append"),
    lambda v: v["layouts"][0][0][0][1].append(1),
    lambda v: v["layouts"][0].__setitem__(4, ["other"]),
    lambda v: v["layouts"][0].__setitem__(5, ["loss", "more"]),
    lambda v: v["layouts"].clear(),
    lambda v: v.clear(),
]


@pytest.mark.parametrize("lie", MANIFEST_LIES)
def test_a_lie_in_the_manifest_is_refused(tmp_path, lie):
    with pytest.raises(UserError):
        load_recording(with_json(saved(tmp_path / "a.frames", pictures(2)), "manifest.json", lie))


@pytest.mark.parametrize("lie", PART_LIES)
def test_a_lie_about_the_frames_is_refused(tmp_path, lie):
    with pytest.raises(UserError):
        load_recording(with_json(saved(tmp_path / "a.frames", pictures(2)), "frames/00000.json", lie))


def change_rows(values: Any) -> None:
    """Frame 2 of a growing sound changes a view that frame 1 does not have."""
    values["layouts"] = json.loads(json.dumps(values["layouts"]).replace('["sound",["Append"', '["other",["Append"'))
    for layout in values["layouts"]:
        layout[4] = [name if not layout[1] else "other" for name in layout[4]]


DELTA_LIES: list[Any] = [
    change_rows,
    lambda v: v["frames"].__setitem__(0, v["frames"][1]),
    lambda v: v["layouts"][1][1][0][1][1].__setitem__(2, 8000),
    lambda v: v["layouts"][1][3][0][1].__setitem__(2, 5),
]


@pytest.mark.parametrize("lie", DELTA_LIES)
def test_changes_that_do_not_fit_are_refused(tmp_path, lie):
    more = np.zeros((2, 1), np.float32)
    sound, state = Audio(np.zeros(4, np.float32), 16_000), {"cache": np.zeros((2, 3), np.float32)}
    made = [Frame(0, 5, views={"sound": sound}, state=state)]
    made += [
        Frame(step, 5, changes={"sound": Append(sound)}, state_changes={"cache": AppendRows(more, 1)})
        for step in range(1, 5)
    ]
    path = saved(tmp_path / "a.frames", made)
    assert len(load_recording(path)) == 5
    with pytest.raises(UserError):
        load_recording(with_json(path, "frames/00000.json", lie))


def test_changes_that_add_up_to_an_absurd_size_are_refused(tmp_path, monkeypatch):
    row = np.zeros((1, 1000))
    made = [Frame(0, 60, state={"cache": row})]
    made += [Frame(step, 60, state_changes={"cache": AppendRows(row)}) for step in range(1, 60)]
    path = saved(tmp_path / "a.frames", made)
    assert path.stat().st_size < 59 * 1000 / 4  # the same array each time, and well packed
    assert len(load_recording(path)) == 60
    monkeypatch.setattr(reader, "MAX_CHAIN_BYTES", 58 * 8000)
    with pytest.raises(UserError, match="damaged"):
        load_recording(path)


@pytest.mark.parametrize("text", [b'["a","b",3]', b'["a","b"   ]', b'{"a":1,  }', b'["a","b","'])
def test_texts_that_are_none_are_refused(tmp_path, text):
    path = saved(tmp_path / "a.frames", [Frame(0, 1, views={"t": Tokens(("a", "b", "c"))})])
    rewritten(path, lambda name, data: data.replace(b'["a","b","c"]', text.ljust(13)))
    with pytest.raises(UserError):
        load_recording(path)


def test_arrays_of_another_type_or_size_than_described_are_refused(tmp_path):
    for change in (
        lambda data: data.replace(b"'|u1'", b"'|i1'"),
        lambda data: data.replace(b"(128,)", b"(129,)"),
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: None,
    ):
        path = saved(tmp_path / "a.frames", pictures(2))
        rewritten(path, lambda name, data, change=change: change(data) if name.endswith("uint8.npy") else data)
        with pytest.raises(UserError):
            load_recording(path)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_refused_or_read_never_worse(tmp_path, data):
    original = tmp_path / "original.frames"
    if not original.exists():
        saved(original, [*pictures(3), Frame(3, 4, views={"t": Tokens(("a", "b"), (1.0, 2.0))})])
    damaged = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.frames"
    path.write_bytes(damaged[: data.draw(st.sampled_from([len(damaged), len(damaged) // 2]))])
    try:
        recording = load_recording(path)
    except UserError:
        return
    for frame in recording:
        assert frame.views


def test_not_a_number_is_as_good_as_any_other_value(tmp_path):
    field = Field(np.full((2, 2), np.nan, np.float32), "loss", float("nan"), float("inf"))
    made = [Frame(0, 1, views={"f": field}, scalars={"loss": float("nan")})]
    (frame,) = load_recording(saved(tmp_path / "a.frames", made))
    assert bits(frame) == bits(made[0])


def test_abandoned_drafts_go_with_the_next_save(tmp_path):
    saves = saving(recorded(pictures(200)), tmp_path / "a.frames")
    next(saves)
    (draft,) = tmp_path.iterdir()
    abandoned = draft.with_name("." + "0" * 16 + "-999999999.manifold.tmp")  # of no process that lives
    abandoned.write_bytes(b"left by a killed process")
    long_ago = time.time() - 24 * 3600
    os.utime(abandoned, (long_ago, long_ago))
    saves.close()
    saved(tmp_path / "a.frames", pictures(2))
    assert list(tmp_path.iterdir()) == [tmp_path / "a.frames"]


def test_numbers_of_a_scalar_keep_their_bits(tmp_path):
    @settings(deadline=None, max_examples=20)
    @given(st.lists(numbers, min_size=1, max_size=5))
    def check(values):
        made = [Frame(step, 9, scalars={"a": value}) for step, value in enumerate(values)]
        loaded = load_recording(saved(tmp_path / "a.frames", made))
        assert [bits(dict(frame.scalars)) for frame in loaded] == [bits({"a": value}) for value in values]

    check()
