"""What forecasts are held against: the season before once more, and exponential smoothing where it is installed."""

import numpy as np
import pytest

from plugins.autoregressive import forecast_rivals
from plugins.autoregressive.forecast_rivals import ets, has_ets, seasonal_naive
from studio.core.error import UserError
from tests.plugins.autoregressive.forecast_made import made_values


def test_a_series_that_repeats_itself_is_forecast_exactly():
    values = np.tile([1.0, 5.0, 2.0], 6)
    assert (seasonal_naive(values, 3, 7, 4, 1) == [1, 5, 2, 1, 5, 2, 1]).all()


def test_the_middle_is_the_season_before_and_the_spread_that_of_seasonal_differences():
    random = np.random.default_rng(1)
    values = np.cumsum(random.normal(size=(200, 4)), 0).ravel()
    paths = seasonal_naive(values, 4, 8, 4000, 2)
    differences = values[4:] - values[:-4]
    assert paths[:, :4].mean(0) == pytest.approx(values[-4:], abs=0.1)
    assert paths[:, :4].std(0) == pytest.approx(np.full(4, differences.std()), rel=0.06)
    assert paths[:, 4:].std(0) == pytest.approx(np.full(4, differences.std() * np.sqrt(2)), rel=0.06)


def test_the_same_seed_gives_the_same_paths_and_a_short_series_is_survived():
    assert (seasonal_naive(made_values(), 7, 5, 3, 1) == seasonal_naive(made_values(), 7, 5, 3, 1)).all()
    assert seasonal_naive(np.array([1.0, 2.0]), 7, 3, 2, 1).shape == (2, 3)


def test_without_the_package_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(forecast_rivals, "has_ets", lambda: False)
    with pytest.raises(UserError, match="statsmodels"):
        ets(made_values(), 7, 5, 3, 1)


@pytest.mark.skipif(not has_ets(), reason="statsmodels is not installed")
def test_exponential_smoothing_follows_season_and_slope():
    places = np.arange(120)
    values = 0.5 * places + 5 * np.sin(2 * np.pi * places / 12) + np.random.default_rng(1).normal(size=120) * 0.1
    ahead = np.arange(120, 132)
    paths = ets(values, 12, 12, 200, 1)
    assert paths.shape == (200, 12)
    assert np.median(paths, 0) == pytest.approx(0.5 * ahead + 5 * np.sin(2 * np.pi * ahead / 12), abs=0.8)
    assert (paths == ets(values, 12, 12, 200, 1)).all()
