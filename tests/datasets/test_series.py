"""The series to forecast: what comes along, what is held out, and what is read out of wheels."""

import zipfile

import numpy as np
import pytest

from studio.core.error import UserError
from studio.core.place import asset
from studio.datasets import series
from studio.datasets.series import (
    FILE_NAME,
    SERIES,
    SMALL_NAME,
    bridged,
    build_series,
    load_series,
    read_values,
    save_series,
)
from studio.datasets.split import Split

N_VALUES = {"taylor": 4032, "co2": 2284, "seattle-temps": 8759, "sunspots": 309, "sf-temps": 8759, "airline": 144}
FILES = {
    "pmdarima": ("pmdarima/datasets/taylor.py", "def load():\n    return np.array([\n 1, 2,\n 3, 4])\n    x = [5]\n"),
    "statsmodels": ("statsmodels/datasets/co2/co2.csv", "date,co2\n1,\n2,316.5\n3,\n4,317.5\n"),
    "vega_datasets": ("vega_datasets/_data/sf-temps.csv", "temp,date\n47.8,2010/01/01 00:00\n47.4,2010/01/01 01:00\n"),
}


@pytest.fixture
def wheels(tmp_path):
    """Wheels with one series each."""
    found = {}
    for name, (member, text) in FILES.items():
        found[name] = tmp_path / f"{name}-1.whl"
        with zipfile.ZipFile(found[name], "w") as wheel:
            wheel.writestr(member, text)
    return found


def test_all_series_come_along():
    found = load_series()
    assert {one.facts.name: len(one.values) for one in found} == N_VALUES
    assert [one.facts.name for one in found if not one.facts.is_learnt] == ["sf-temps", "airline"]
    assert {one.facts.name: (one.facts.period, one.facts.horizon) for one in found[:4]} == {
        "taylor": (48, 48),
        "co2": (52, 26),
        "seattle-temps": (24, 48),
        "sunspots": (11, 22),
    }
    assert all(one.values.dtype == np.float32 and np.isfinite(one.values).all() for one in found)
    assert found[0].values[:3].tolist() == [22262, 21756, 22247]


def test_the_last_fifth_is_held_out_and_parts_meet():
    for one in load_series():
        (first, train), (validation, test), (last, end) = (one.bounds(split) for split in Split)
        assert (first, end) == (0, len(one.values))
        assert (train, test) == (validation, last)
        assert end - last == round(0.2 * end)


def test_a_file_of_python_is_read_and_not_run(wheels):
    assert read_values(wheels, "taylor").tolist() == [1, 2, 3, 4]


def test_gaps_are_bridged_and_those_at_the_ends_left_out(wheels):
    assert read_values(wheels, "co2").tolist() == [316.5, 317.0, 317.5]
    assert bridged(np.array([np.nan, 1, np.nan, np.nan, 4], np.float32)).tolist() == [1, 2, 3, 4]
    assert read_values(wheels, "sf-temps").tolist() == pytest.approx([47.8, 47.4])


@pytest.mark.parametrize("text", ["", "no,such\n1,2\n", "date,co2\n1,word\n", "date,co2\n1,\n", b"\xff\xfe\x00"])
def test_a_wheel_that_has_changed_gives_a_sentence(tmp_path, text):
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("statsmodels/datasets/co2/co2.csv", text)
    with pytest.raises(UserError, match="statsmodels"):
        read_values({"statsmodels": tmp_path / "a.whl"}, "co2")


def test_what_is_no_wheel_gives_a_sentence(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"no zip")
    with pytest.raises(UserError, match="pmdarima"):
        read_values({"pmdarima": tmp_path / "a.whl"}, "taylor")


def test_what_is_built_is_read_before_what_came_along(tmp_path, monkeypatch):
    values = {facts.name: np.arange(20, dtype=np.float32) for facts in SERIES}
    monkeypatch.setattr(series, "fetch_wheels", lambda hashes, folder, platform: [])
    monkeypatch.setattr(series, "read_values", lambda wheels, name: values[name])
    progress = list(build_series(tmp_path))
    assert progress[-1].fraction == 1
    assert [one.values.tolist() for one in load_series(tmp_path)] == [list(range(20))] * 6
    assert (tmp_path / FILE_NAME).is_file()


@pytest.mark.parametrize("values", [np.zeros((2, 2), np.float32), np.zeros(1, np.float32), np.array([1, np.nan])])
def test_a_damaged_file_gives_a_sentence(tmp_path, values):
    save_series(tmp_path / FILE_NAME, {facts.name: values for facts in SERIES})
    with pytest.raises(UserError, match="damaged"):
        load_series(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"PK no zip")
    with pytest.raises(UserError, match="damaged"):
        load_series(tmp_path)


def test_the_set_is_small():
    assert asset(SMALL_NAME).stat().st_size < 60_000
