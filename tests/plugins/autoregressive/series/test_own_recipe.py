"""A folder of tables becomes a model: what is read, what is left out, and what its card says."""

import json
from dataclasses import replace

import pytest

from plugins.autoregressive.series.model.config import ForecastConfig
from plugins.autoregressive.series.model.forecaster import load_forecaster
from plugins.autoregressive.series.training import own_recipe, recipe
from plugins.autoregressive.series.training.own_recipe import SHIPPED, TABLES, as_true, series_in_tables
from studio.api.engine import FolderRecipe, TrainOptions
from studio.api.training import Split
from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from tests.datasets.table.made import table_text
from tests.plugins.autoregressive.series.series_made import made_line

CPU = Device("cpu", "float32", 1)
SMALL = replace(
    TABLES,
    config=ForecastConfig(8, 2, 26, 60),
    n_true=2,
    n_made_up=1,
    n_origins=1,
    settings=replace(TABLES.settings, n_steps=2, n_warmup=1, n_decay=1),
)


@pytest.fixture
def folder(tmp_path):
    """Two series long enough, one too short, and what is no table."""
    place = tmp_path / "My tables"
    (place / "inner").mkdir(parents=True)
    (place / "a.csv").write_text(table_text(120), "utf-8")
    (place / "inner" / "b.csv").write_text(table_text(90, ";", ","), "utf-8")
    (place / "short.csv").write_text(table_text(20), "utf-8")
    (place / "broken.csv").write_bytes(b"word\nword\n")
    (place / "notes.md").touch()
    return place


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(recipe, "N_VALIDATION_ORIGINS", 1)
    monkeypatch.setattr(recipe, "N_VALIDATION_PATHS", 8)
    monkeypatch.setattr(recipe, "has_ets", lambda: False)


def test_what_can_be_learnt_from_is_said_and_what_cannot_too(folder):
    assert isinstance(TABLES, FolderRecipe)
    assert TABLES.takes_folder(folder)
    assert TABLES.takes_folder(folder / "a.csv")
    finding = result_of(TABLES.look_into(folder))
    assert finding.sentence == "2 series with 210 values to learn from."
    assert {one.partition(":")[0] for one in finding.left_out} == {"short.csv", "broken.csv"}
    assert all(step.sentence.startswith("Reading ") for step in TABLES.look_into(folder))


def test_a_folder_without_tables_gives_a_sentence(tmp_path):
    with pytest.raises(UserError, match="no series"):
        result_of(series_in_tables(tmp_path))
    with pytest.raises(UserError, match="is not a folder"):
        result_of(series_in_tables(tmp_path / "gone"))
    with pytest.raises(UserError, match="own tables"):
        list(SMALL.train(TrainOptions(tmp_path / "a.safetensors", CPU)))


def test_what_does_not_change_is_left_out(few, folder, tmp_path):
    """Errors are measured by what a series changes by from season to season, which then is nothing."""
    (folder / "a.csv").write_text("n\n" + "7\n" * 120, "utf-8")
    rows = [f"{7 if n < 96 else 9},{n % 5 + n / 9:.2f}\n" for n in range(120)]
    (folder / "late.csv").write_text("".join(["a,b\n", *rows]), "utf-8")
    own = result_of(series_in_tables(folder))
    assert len(own.lines) == 2
    assert "a.csv: “n” does not change from season to season before its last fifth" in own.left_out
    assert "late.csv: “a” does not change from season to season before its last fifth" in own.left_out
    frames = list(SMALL.train(TrainOptions(tmp_path / "own.safetensors", CPU, settings={"data": str(folder)})))
    assert any("does not change" in frame.label for frame in frames)


def test_series_beyond_the_bound_are_told(folder, monkeypatch):
    monkeypatch.setattr(own_recipe, "MAX_SERIES", 1)
    own = result_of(series_in_tables(folder))
    assert len(own.lines) == 1
    assert "b.csv: only the first 1 series are used" in own.left_out


@pytest.mark.parametrize("begin", ["new", "forecast"])
def test_a_folder_becomes_a_model(few, folder, tmp_path, begin):
    out = tmp_path / "own.safetensors"
    frames = list(SMALL.train(TrainOptions(out, CPU, settings={"data": str(folder), "begin": begin})))
    assert any("Left out" in frame.label for frame in frames)
    wanted = SMALL.config if begin == "new" else load_forecaster(SHIPPED).config
    assert load_forecaster(out).config == wanted
    text = out.with_suffix(".json").read_text("utf-8")
    card = json.loads(text)
    assert card["kind"] == "series"
    assert card["data"].startswith("147 values from 2 series")
    assert any("mean of 2 series" in check["name"] for check in card["checks"])
    assert str(folder.parent) not in text
    assert all(check["floor"] is None or check["is_higher_better"] is False for check in card["checks"])


def test_own_series_are_held_out_like_those_of_the_data_set():
    series = as_true(made_line(100))
    assert series.horizon == 6
    assert series.bounds(Split.TEST) == (80, 100)
    assert len(series.known().values) == 70
    assert as_true(made_line(30)).horizon == 3
