"""The recipe of the forecaster from data to card, and what it is held to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.series.baselines import ForecastScore
from plugins.autoregressive.series.model.config import ForecastConfig
from plugins.autoregressive.series.model.forecaster import load_forecaster
from plugins.autoregressive.series.training import recipe
from plugins.autoregressive.series.training.evaluation import learnt, true_series
from plugins.autoregressive.series.training.recipe import FORECAST, checks_of
from studio.api.engine import TrainOptions
from studio.api.training import Split
from studio.compute.device import Device
from studio.core.card import Check, read_card
from studio.core.view import Image

CPU = Device("cpu", "float32", 1)
SMALL = replace(
    FORECAST,
    config=ForecastConfig(8, 2, 26, 60),
    n_true=2,
    n_made_up=1,
    n_origins=1,
    settings=replace(FORECAST.settings, n_steps=3, n_warmup=1, n_decay=1),
)


@pytest.fixture
def few(monkeypatch):
    """Few origins and paths to measure by; ETS is left to where it is installed."""
    monkeypatch.setattr(recipe, "N_VALIDATION_ORIGINS", 1)
    monkeypatch.setattr(recipe, "N_VALIDATION_PATHS", 8)
    monkeypatch.setattr(recipe, "has_ets", lambda: False)


def test_no_test_value_and_no_new_series_is_learnt_from():
    series = true_series()
    assert [one.name for one in learnt(series)] == ["taylor", "co2", "seattle-temps", "sunspots"]
    for one in learnt(series):
        first, end = one.bounds(Split.TEST)
        assert len(one.known().values) < first
        assert end == len(one.values)
        assert end - first == round(0.2 * end)


@pytest.mark.long("trains a network")
def test_a_training_writes_weights_and_a_card(few, tmp_path):
    out = tmp_path / "forecast.safetensors"
    frames = list(SMALL.train(TrainOptions(out, CPU)))
    assert {frame.n_steps for frame in frames} == {3}
    assert any(isinstance(frame.main_view, Image) for frame in frames)
    assert any("held-out CRPS" in frame.scalars for frame in frames)
    assert load_forecaster(out).config == SMALL.config
    card = read_card(out.with_suffix(".json"))
    assert card.id == "autoregressive/forecast"
    assert card.more["kind"] == "series"
    assert card.trained["n_steps"] == 3
    assert set(card.more["scores"]["ours"]) == {one.name for one in true_series()}
    assert all(np.isfinite(value) for value in card.figures.values())
    assert "Keeling" in card.more["credits"]["co2"]


@pytest.mark.long("trains a network")
def test_a_training_that_was_stopped_goes_on_to_the_same_weights(few, tmp_path):
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    list(SMALL.train(TrainOptions(whole, CPU)))
    first: Any = SMALL.train(TrainOptions(parts, CPU))
    while next(first).step < 1:
        pass
    first.close()
    list(SMALL.train(TrainOptions(parts, CPU, is_resumed=True)))
    weights = [load_forecaster(path).state_dict() for path in (whole, parts)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_floors_are_those_of_the_season_before_and_of_exponential_smoothing():
    ours = {"a": ForecastScore(1, 2), "new": ForecastScore(9, 9)}
    naive, smooth = {"a": ForecastScore(3, 4), "new": ForecastScore(5, 5)}, {"a": ForecastScore(0.5, 2.5)}
    checks = checks_of(ours, naive, smooth, ["a"])
    found = [(check.value, check.floor, check.is_reached) for check in checks]
    assert found == [(1, 3, True), (2, 4, True), (9, None, True), (9, None, True), (1, 0.5, False), (2, 2.5, True)]
    assert all(isinstance(check, Check) for check in checks)
    assert checks_of(ours, naive, {}, ["a"])[-1].floor is None


def test_the_shipped_forecaster_reached_its_floors():
    card = read_card(Path(recipe.__file__).parents[2] / "models" / "forecast.json")
    checks = [Check(**check) for check in card.more["checks"]]
    assert len([check for check in checks if check.floor is not None]) == 10
    assert all(check.is_reached for check in checks)
    assert card.n_params < 100_000
