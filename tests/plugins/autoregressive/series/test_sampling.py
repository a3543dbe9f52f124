"""Paths: their own seeds, their steps against the whole pass, their beginnings, and how pinned values steer them."""

import numpy as np
import pytest
import torch

from plugins.autoregressive.series.model.config import Season
from plugins.autoregressive.series.model.forecaster import KnownSeries, features_at, laid_out
from plugins.autoregressive.series.model.sampling import (
    LookAhead,
    PathRequest,
    PathSampler,
    draws_of,
    forecast,
    resampled,
    settled_step,
)
from tests.plugins.autoregressive.series.forecast_made import CONFIG, made_forecaster, made_values

SEASON = Season(7, 14)


def drawn(sampler, n):
    for _ in range(n):
        sampler.settle(sampler.draw(sampler.look()))
    return sampler


def sampler_of(n_paths, horizon=6, seed=3, values=None):
    wish = PathRequest(n_paths, horizon, seed)
    return PathSampler(made_forecaster(), made_values() if values is None else values, SEASON, wish)


def test_a_path_hangs_on_its_own_seed_alone():
    few, many = (drawn(sampler_of(n), 6).paths for n in (5, 40))
    assert np.allclose(few, many[:5], atol=1e-5)
    assert len(np.unique(many[:, 0])) == 40
    assert (draws_of(1, 2, 5) == draws_of(1, 2, 9)[:5]).all()


def test_steps_are_those_of_the_whole_pass():
    """What the kept state says of each step is what the network says of the same values read at once."""
    sampler, network, said = sampler_of(3), made_forecaster(), []
    for _ in range(6):
        look = sampler.look()
        said.append(look)
        sampler.settle(sampler.draw(look))
    truth = sampler.units.back(sampler.paths)
    for path in range(3):
        whole = np.append(made_values(), truth[path])
        batch = laid_out([KnownSeries(whole, SEASON)], CONFIG, 6)
        steps = torch.arange(CONFIG.n_back, batch.values.shape[1])
        at_once, _ = network(features_at(batch.values, batch.n_unknown, batch.lags, steps, batch.spread))
        for step, look in enumerate(said):
            assert torch.allclose(look.means[path, 0], at_once.means[0, CONFIG.n_context + step], atol=1e-4)
            assert torch.allclose(look.log_weights[path, 0], at_once.log_weights[0, CONFIG.n_context + step], atol=1e-4)


def test_going_on_from_the_middle_is_the_same_to_the_bit():
    whole = drawn(sampler_of(8), 6)
    half = drawn(sampler_of(8), 3)
    other = sampler_of(8)
    other.resume(half.paths, half.state[0].numpy())
    assert (drawn(other, 3).paths == whole.paths).all()


def test_a_forecast_shifts_and_stretches_with_its_series():
    values, wish, network = made_values(), PathRequest(6, 5, 1), made_forecaster()
    plain = forecast(network, values, SEASON, wish)
    other = forecast(network, 7 * values - 1000, SEASON, wish)
    assert other == pytest.approx(7 * plain - 1000, rel=1e-3)


def test_amounts_do_not_fall_below_nothing():
    values = np.abs(np.random.default_rng(1).normal(size=60)) * 3
    values[10] = 0.0
    assert forecast(made_forecaster(), values, Season(7), PathRequest(50, 10, 1)).min() >= -1e-5


@pytest.mark.parametrize("n", [2, 3, 9, 60])
def test_short_and_flat_series_have_forecasts(n):
    for values in (np.arange(n, dtype=float), np.full(n, 4.0)):
        for season in (Season(1), Season(7), Season(300, 1000)):
            paths = forecast(made_forecaster(), values, season, PathRequest(4, 5, 1))
            assert paths.shape == (4, 5)
            assert np.isfinite(paths).all()


def test_a_wish_reaches_further_than_the_network_looks_back():
    assert forecast(made_forecaster(), made_values(), Season(7), PathRequest(3, 90, 1)).shape == (3, 90)


# Pins


def test_resampling_is_even_and_true_to_the_weights():
    weights = np.array([0.1, 0.4, 0.2, 0.3])
    counts = np.zeros(4)
    for draw in np.linspace(0, 1, 500, endpoint=False):
        chosen = resampled(np.log(weights), draw)
        times = np.bincount(chosen, minlength=4)
        assert (np.abs(times - 4 * weights) < 1).all()
        counts += times
    assert counts / counts.sum() == pytest.approx(weights, abs=2e-3)
    assert (resampled(np.zeros(6), 0.5) == np.arange(6)).all()


def pinned_paths(n, pins, seed=3, horizon=6):
    """Paths through pinned values, in units."""
    free = drawn(sampler_of(n, horizon, seed), horizon).paths
    sampler, ahead = sampler_of(n, horizon, seed), LookAhead(free, pins)
    for _ in range(horizon):
        settled_step(sampler, ahead, seed)
    return sampler.paths


def test_all_paths_go_through_the_pinned_values():
    free = drawn(sampler_of(200), 6).paths
    pins = {1: float(np.quantile(free[:, 1], 0.8)), 4: float(np.quantile(free[:, 4], 0.3))}
    paths = pinned_paths(200, pins)
    assert np.allclose(paths[:, 1], pins[1])
    assert np.allclose(paths[:, 4], pins[4])
    assert len(np.unique(paths[:, 5])) > 20


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("share", [0.2, 0.9])
def test_pinned_paths_are_drawn_from_the_distribution_given_the_pin(share):
    """Against free paths by the tens of thousands, each weighted by how likely the pinned value is after it."""
    n, pin = 30_000, 3
    sampler = drawn(sampler_of(n), pin)
    before = sampler.paths
    said = sampler.look()
    value = float(np.quantile(said.drawn(torch.rand(n, 1, 2, generator=torch.Generator().manual_seed(1))), share))
    weights = said.log_density(torch.full((n, 1), value))[:, 0].double().exp().numpy()
    wanted = (weights[:, None] * before).sum(0) / weights.sum()
    spread = np.sqrt((weights[:, None] * (before - wanted) ** 2).sum(0) / weights.sum())
    paths = pinned_paths(4000, {pin: value})[:, :pin]
    assert paths.mean(0) == pytest.approx(wanted, abs=0.12 * float(spread.max()))
    assert paths.std(0) == pytest.approx(spread, rel=0.15)


def test_a_pin_far_off_is_reached_too():
    paths = pinned_paths(100, {3: 500.0})
    assert np.allclose(paths[:, 3], 500)
    assert np.isfinite(paths).all()


def test_guesses_are_those_of_a_straight_line():
    random = np.random.default_rng(1)
    here = random.normal(size=4000)
    free = np.stack([here, 2 * here + random.normal(size=4000)], 1).astype(np.float32)
    ahead = LookAhead(free, {1: 1.0})
    chances = ahead.log_chance(0, np.array([0.5, 0.5 + 1.0]))
    assert chances[0] - chances[1] == pytest.approx(0.5 * 4 / 1.5, rel=0.1)
    assert (ahead.log_chance(1, np.zeros(2)) == 0).all()
    assert ahead.next_pin(0) == 1
    assert ahead.next_pin(1) is None
