"""Figures of forecasts against numbers worked out by hand, and baselines against their own definitions."""

import math

import numpy as np
import pytest

from plugins.autoregressive.series import baselines
from plugins.autoregressive.series.baselines import (
    ForecastScore,
    crps,
    ets,
    has_ets,
    mase,
    mean_score,
    rolling_origins,
    scored,
    seasonal_naive,
    seasonal_scale,
)
from studio.core.error import UserError
from tests.plugins.autoregressive.series.forecast_made import made_values


def test_the_seasonal_scale_is_the_mean_seasonal_difference():
    assert seasonal_scale(np.array([1.0, 4.0, 3.0, 5.0, 9.0]), 2) == pytest.approx((2 + 1 + 6) / 3)
    assert seasonal_scale(np.array([1.0, 2.0]), 2) == 0.0


def test_mase_is_the_mean_error_in_that_unit():
    history = np.array([1.0, 4.0, 3.0, 5.0, 9.0])
    assert mase(np.array([1.0, 2.0]), np.array([4.0, 1.0]), seasonal_scale(history, 2)) == pytest.approx(2 / 3)


def test_crps_of_two_paths_by_hand():
    """Both lie 1 from the truth, and 2 from each other in half of all pairs: 1 - 1/2."""
    assert crps(np.array([[0.0], [2.0]]), np.array([1.0])) == pytest.approx([0.5])


def test_crps_of_one_path_is_its_error():
    assert crps(np.array([[3.0, -1.0]]), np.array([1.0, 1.0])) == pytest.approx([2.0, 2.0])


def test_crps_is_that_of_all_pairs_and_of_the_integral():
    random = np.random.default_rng(1)
    paths, truth = random.normal(size=(9, 4)), random.normal(size=4)
    pairs = np.abs(paths - truth).mean(0) - np.abs(paths[:, None] - paths[None]).mean((0, 1)) / 2
    assert crps(paths, truth) == pytest.approx(pairs)
    grid = np.linspace(-8, 8, 160_001)
    for column in range(4):
        below = (paths[:, column, None] <= grid).mean(0)
        integral = np.trapezoid((below - (grid >= truth[column])) ** 2, grid)
        assert crps(paths, truth)[column] == pytest.approx(integral, abs=1e-3)


def test_crps_of_many_normal_paths_is_the_closed_form():
    """Of the standard normal distribution at its middle: (sqrt 2 - 1) / sqrt pi (Gneiting and Raftery 2007)."""
    paths = np.random.default_rng(2).normal(size=(40_000, 1))
    assert crps(paths, np.zeros(1)) == pytest.approx([(math.sqrt(2) - 1) / math.sqrt(math.pi)], abs=4e-3)


def test_both_figures_are_in_units_of_the_scale():
    paths, truth = np.array([[0.0], [2.0]]), np.array([5.0])
    assert scored(paths, truth, 2.0) == ForecastScore(2.0, 1.75)


def test_the_mean_of_scores():
    assert mean_score([ForecastScore(1, 2), ForecastScore(3, 6)]) == ForecastScore(2, 4)
    assert math.isnan(mean_score([]).mase)


@pytest.mark.parametrize(("first", "end", "horizon"), [(10, 30, 5), (3, 8, 5), (0, 500, 48)])
def test_origins_are_spread_over_the_stretch_and_stay_within(first, end, horizon):
    origins = list(rolling_origins(first, end, horizon, 24))
    assert origins[0] == first
    assert origins[-1] == end - horizon
    assert len(origins) == min(24, end - horizon - first + 1) == len(set(origins))
    assert origins == sorted(origins)


def test_there_is_no_origin_where_nothing_fits():
    assert list(rolling_origins(10, 12, 5)) == []


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
    monkeypatch.setattr(baselines, "has_ets", lambda: False)
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
