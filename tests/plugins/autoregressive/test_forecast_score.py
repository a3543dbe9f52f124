"""MASE and CRPS against values by hand, brute force and closed forms; where forecasts begin."""

import math

import numpy as np
import pytest

from plugins.autoregressive.forecast_score import (
    ForecastScore,
    crps,
    mase,
    mean_score,
    rolling_origins,
    scored,
    seasonal_scale,
)


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
