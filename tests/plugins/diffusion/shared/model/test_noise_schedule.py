"""Grids: falling, from noise to the clean end, however many steps."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.shared.model.noise_schedule import (
    CLEAN_TIME,
    MAX_RATIO,
    RHO,
    ForeignSpacing,
    Kind,
    NoiseSchedule,
    StepLayout,
    foreign_times,
    grid_of_times,
    lay_grid,
    relaid,
    started_at,
    times_of_ratios,
)
from plugins.diffusion.shared.params import MAX_STEPS, Spacing

schedules = st.builds(NoiseSchedule, st.sampled_from(get_args(Kind)), st.sampled_from([50, 1000]))
spacings = st.sampled_from(get_args(Spacing))
counts = st.integers(1, 200)


@given(schedules, st.integers(1, MAX_STEPS), spacings)
def test_falls_from_noise_to_the_clean_end(schedule: NoiseSchedule, n_steps: int, spacing: Spacing) -> None:
    grid = lay_grid(schedule, n_steps, spacing)
    assert grid.n_steps == n_steps
    assert grid.times[-1] == CLEAN_TIME
    assert (np.diff(grid.times) < 0).all()
    assert (grid.times[:-1] >= 0).all()
    assert grid.times[0] <= schedule.n_times - 1
    assert grid.levels[-1] == (1.0, 0.0)
    assert grid.log_ratio(n_steps) == math.inf
    ratios = [sigma / alpha for alpha, sigma in grid.levels]
    assert (np.diff(ratios) < 0).all()
    assert all(alpha**2 + sigma**2 == pytest.approx(1) for alpha, sigma in grid.levels)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_starts_in_noise(kind: Kind) -> None:
    for spacing in get_args(Spacing):
        alpha, sigma = lay_grid(NoiseSchedule(kind), 25, spacing).levels[0]
        assert sigma / alpha > 14 if spacing == "karras" else alpha < 0.07


def test_spacings() -> None:
    schedule = NoiseSchedule()
    assert lay_grid(schedule, 4).times.tolist() == [999, 749, 499, 249, CLEAN_TIME]
    steps = -np.diff(lay_grid(schedule, 20, "cosine").times[:-1])
    assert steps[0] < steps[9] / 5
    assert steps[-1] < steps[9] / 3
    roots = [(sigma / alpha) ** (1 / RHO) for alpha, sigma in lay_grid(schedule, 20, "karras").levels[:-1]]
    assert np.diff(roots) == pytest.approx(np.full(19, np.diff(roots)[0]), rel=1e-6)
    assert roots[0] ** RHO == pytest.approx(MAX_RATIO)


@given(schedules, st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_times_of_ratios(schedule: NoiseSchedule, places: list[float]) -> None:
    times = np.array(places) * (schedule.n_times - 1)
    ratios = np.array([sigma / alpha for alpha, sigma in (schedule.alpha_sigma(time) for time in times)])
    assert times_of_ratios(schedule, ratios) == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize(
    ("spacing", "offset", "times"),
    [
        ("leading", 0, [800, 600, 400, 200, 0]),
        ("leading", 1, [801, 601, 401, 201, 1]),
        ("trailing", 0, [999, 799, 599, 399, 199]),
        ("linspace", 0, [999, 749, 500, 250, 0]),
    ],
)
def test_times_of_foreign_schedulers(spacing: ForeignSpacing, offset: int, times: list[int]) -> None:
    """As `set_timesteps(5)` of diffusers' DDIMScheduler lays 1000 training steps."""
    assert foreign_times(1000, 5, StepLayout(spacing, offset), is_whole=True).tolist() == times


def test_grid_may_end_above_the_clean_end() -> None:
    layout = StepLayout("leading", 1, ends_noisy=True)
    schedule = NoiseSchedule("scaled_linear", beta_start=0.00085, beta_end=0.012, layout=layout)
    grid = lay_grid(schedule, 5)
    assert grid.times.tolist() == [801, 601, 401, 201, 1, 0]
    assert grid.levels[-1] == schedule.alpha_sigma(0)
    assert grid.times.tolist() == grid_of_times(schedule, [801, 601, 401, 201, 1], end=0.0).times.tolist()


@given(schedules, counts, spacings, counts, spacings, st.floats(0, 1))
def test_levels_laid_anew(
    schedule: NoiseSchedule, n_steps: int, spacing: Spacing, n_new: int, new_spacing: Spacing, place: float
) -> None:
    grid, fresh = lay_grid(schedule, n_steps, spacing), lay_grid(schedule, n_new, new_spacing)
    k = min(int(place * n_steps), n_steps - 1)
    changed = relaid(grid, k, fresh)
    assert changed.times[: k + 1].tolist() == grid.times[: k + 1].tolist()
    assert (np.diff(changed.times) < 0).all()
    assert changed.times[-1] == CLEAN_TIME
    assert k < changed.n_steps <= k + 1 + n_new
    assert set(changed.times[k + 1 :]) <= set(fresh.times)


@given(schedules, counts, spacings, st.floats(-0.5, 1.5))
def test_start_by_strength(schedule: NoiseSchedule, n_steps: int, spacing: Spacing, strength: float) -> None:
    whole = lay_grid(schedule, n_steps, spacing)
    grid, k = started_at(whole, strength)
    assert grid.n_steps == n_steps
    assert (np.diff(grid.times) < 0).all()
    assert grid.times[k + 1 :].tolist() == whole.times[k + 1 :].tolist()
    assert abs((n_steps - k) - np.clip(strength, 0, 1) * n_steps) < 1.01


def test_ends_of_strength() -> None:
    grid = lay_grid(NoiseSchedule(), 10)
    assert started_at(grid, 1.0)[1] == 0
    assert started_at(grid, 1.0)[0].times.tolist() == grid.times.tolist()
    assert started_at(grid, 0.0)[1] == 10
    half, k = started_at(grid, 0.55)
    assert k == 4
    assert half.times[4] == pytest.approx((grid.times[4] + grid.times[5]) / 2)
    noises = [started_at(grid, strength)[0].levels[started_at(grid, strength)[1]][1] for strength in (0.3, 0.31, 0.32)]
    assert noises == sorted(set(noises))
