"""Every sampler against data whose exact way is known, and against itself when it goes on from the middle."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from plugins.diffusion.shared.model.denoiser import DiffusionStep, Prediction
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule, TimeGrid, lay_grid
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.sampler import RANDOM, SAMPLERS, SamplerInputs, fresh_sigma
from plugins.diffusion.shared.params import SamplerName, Spacing
from tests.plugins.diffusion.shared.model.gaussian import Array, Gaussian, example

SHAPE = (2, 4, 4)
NAMES = tuple(name for name in get_args(SamplerName) if name != "lcm")
"""Those that keep a distribution; consistency models have learnt their own (test_lcm.py of the foreign pipelines)."""
STRAIGHT = tuple(name for name in NAMES if name not in RANDOM)
ORDERS = {"ddim": 1, "euler": 1, "heun": 2, "dpmpp_2m": 2}
N_SAMPLES = 40_000
STEP_COUNTS = [8, 16, 32, 64, 128]
SCHEDULE = NoiseSchedule()


def last(steps: Iterator[DiffusionStep]) -> DiffusionStep:
    *_, end = steps
    return end


def gaussian_walk(data: Gaussian, grid: TimeGrid, n_items: int, eta: float = 0.0) -> SamplerInputs:
    """A walk of many items whose noise is one draw for all of them, in float64."""

    def noise(k: int) -> Tensor:
        return noise_of((7,), k, (n_items, len(data.mean)))[0].double()

    return SamplerInputs(data, grid, noise(0), noise, eta=eta)


def exact_moments(name: SamplerName, grid: TimeGrid, data: Gaussian) -> tuple[Array, Array]:
    """Mean and covariance of all that a sampler can end at, without drawing anything.

    The exact denoiser is linear, so the end is a sum of what each number of each noise makes of it.
    """
    n_noises, n_numbers = grid.n_steps + 1, len(data.mean)
    ones = torch.eye(n_noises * n_numbers, dtype=torch.float64)
    units = torch.cat([torch.zeros_like(ones[:1]), ones]).reshape(-1, n_noises, n_numbers)
    end = last(SAMPLERS[name](SamplerInputs(data, grid, units[:, 0], lambda k: units[:, k]))).x.numpy()
    ways = end[1:] - end[0]
    return end[0], ways.T @ ways


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spacing", get_args(Spacing))
@pytest.mark.parametrize("kind", ["cosine", "linear", "flow"])
def test_mean_and_covariance(name: SamplerName, spacing: Spacing, kind: str) -> None:
    data = example(kind)
    mean, covariance = exact_moments(name, lay_grid(data.schedule, 200, spacing), data)
    spread = np.sqrt(np.diag(data.covariance))
    assert np.abs((mean - data.mean) / spread).max() < 0.02
    assert np.abs((covariance - data.covariance) / np.outer(spread, spread)).max() < 0.1


@pytest.mark.parametrize("name", sorted(RANDOM & set(NAMES)))
def test_ancestral_samples(name: SamplerName) -> None:
    """What is drawn with the noise of the seeds has the moments that were worked out without it."""
    data = example()
    grid = lay_grid(data.schedule, 20)
    samples = last(SAMPLERS[name](gaussian_walk(data, grid, N_SAMPLES))).x.numpy()
    mean, covariance = exact_moments(name, grid, data)
    spread = np.sqrt(np.diag(covariance))
    assert np.abs((samples.mean(0) - mean) / spread).max() < 5 / math.sqrt(N_SAMPLES)
    assert np.abs((np.cov(samples.T) - covariance) / np.outer(spread, spread)).max() < 10 / math.sqrt(N_SAMPLES)


@pytest.mark.parametrize("name", STRAIGHT)
@pytest.mark.parametrize("spacing", ["karras", "cosine"])
def test_order(name: SamplerName, spacing: Spacing) -> None:
    """The error against the exact way falls with the sampler's power of the step."""
    data = example()
    errors = [way_error(name, lay_grid(data.schedule, n_steps, spacing), data) for n_steps in STEP_COUNTS]
    assert slope(errors) == pytest.approx(ORDERS[name], abs=0.3)


@pytest.mark.parametrize("name", sorted(RANDOM & set(NAMES)))
def test_order_of_random_ones(name: SamplerName) -> None:
    data = example()
    errors = []
    for n_steps in STEP_COUNTS:
        _, covariance = exact_moments(name, lay_grid(data.schedule, n_steps), data)
        errors.append(float(np.abs(covariance - data.covariance).max()))
    assert slope(errors[1:]) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("name", ["heun", "dpmpp_2m"])
def test_second_order_pays_on_even_steps(name: SamplerName) -> None:
    data = example()
    grid = lay_grid(data.schedule, 32)
    assert way_error(name, grid, data) < way_error("ddim", grid, data) / 5


def way_error(name: SamplerName, grid: TimeGrid, data: Gaussian) -> float:
    walk = gaussian_walk(data, grid, 64)
    end = last(SAMPLERS[name](walk)).x
    return float((end - data.flowed(walk.x, float(grid.times[0]))).pow(2).mean().sqrt())


def slope(errors: list[float]) -> float:
    """How fast errors fall with the number of steps: 1 where twice as many halve them."""
    return -float(np.polyfit(np.log(STEP_COUNTS[-len(errors) :]), np.log(errors), 1)[0])


@pytest.mark.parametrize("kind", ["cosine", "linear", "scaled_linear"])
def test_ddpm_adds_the_variance_of_the_posterior(kind: str) -> None:
    """On the training's own steps: beta (1 - alpha'²) / (1 - alpha²), from the betas alone (Ho 2020, equation 7)."""
    schedule = NoiseSchedule(kind)  # type: ignore[arg-type]
    curve = schedule.alphas_cumprod
    betas = 1 - curve[1:] / curve[:-1]
    posterior = betas * (1 - curve[:-1]) / (1 - curve[1:])
    grid = lay_grid(schedule, schedule.n_times)
    ours = [fresh_sigma(grid, k) ** 2 for k in range(schedule.n_times - 1)]
    assert ours == pytest.approx(posterior[::-1], rel=1e-6)


@pytest.mark.parametrize("spacing", get_args(Spacing))
def test_ddim_with_all_noise_fresh_is_ddpm(spacing: Spacing) -> None:
    data = example()
    walk = gaussian_walk(data, lay_grid(data.schedule, 17, spacing), 5)
    pairs = zip(SAMPLERS["ddpm"](walk), SAMPLERS["ddim"](replace(walk, eta=1.0)), strict=True)
    assert all(torch.allclose(a.x, b.x, rtol=1e-9, atol=1e-9) for a, b in pairs)


def test_euler_without_fresh_noise_is_ddim() -> None:
    data = example()
    walk = gaussian_walk(data, lay_grid(data.schedule, 17), 5)
    pairs = zip(SAMPLERS["euler"](walk), SAMPLERS["ddim"](walk), strict=True)
    assert all(torch.allclose(a.x, b.x, rtol=1e-9, atol=1e-9) for a, b in pairs)


@pytest.mark.parametrize("name", NAMES)
def test_known_picture_is_hit_exactly(name: SamplerName) -> None:
    """Where a network knows the clean x from the start, every sampler ends there, in one step and in many."""
    schedule, x0 = NoiseSchedule(), torch.tensor([[0.3, -0.8]])

    def denoise(x: Tensor, time: float) -> Prediction:
        alpha, sigma = schedule.alpha_sigma(time)
        return Prediction(x0, (x - alpha * x0) / sigma)

    for n_steps in (1, 2, 9):
        walk = SamplerInputs(
            denoise, lay_grid(schedule, n_steps), torch.ones(1, 2), lambda k: torch.full((1, 2), float(k))
        )
        assert last(SAMPLERS[name](walk)).x.numpy() == pytest.approx(x0.numpy(), abs=1e-5)


def bent(x: Tensor, time: float) -> Prediction:
    """A network that is not linear, in float32."""
    x0 = torch.tanh(1.3 * x + 0.2 * x.roll(1, -1) + 0.001 * time)
    alpha, sigma = SCHEDULE.alpha_sigma(time)
    return Prediction(x0, (x - alpha * x0) / sigma)


def bent_walk(seeds: tuple[int, ...], spacing: Spacing = "even") -> SamplerInputs:
    def noise(k: int) -> Tensor:
        return noise_of(seeds, k, SHAPE)

    return SamplerInputs(bent, lay_grid(SCHEDULE, 7, spacing), noise(0), noise, eta=0.6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spacing", get_args(Spacing))
def test_goes_on_from_any_step(name: SamplerName, spacing: Spacing) -> None:
    """A walk that starts at a step of another one repeats the rest of it to the last bit."""
    walk = bent_walk((3,), spacing)
    steps = list(SAMPLERS[name](walk))
    for step in steps:
        again = SAMPLERS[name](replace(walk, x=step.x, k=step.k, before=step.before))
        for ours, theirs in zip(again, steps[step.k :], strict=True):
            assert ours.k == theirs.k
            assert torch.equal(ours.x, theirs.x)


@pytest.mark.parametrize("name", NAMES)
def test_steps_tell_where_they_are(name: SamplerName) -> None:
    walk = bent_walk((3, 4))
    steps = list(SAMPLERS[name](walk))
    assert [step.k for step in steps] == list(range(8))
    assert [step.time for step in steps] == [*walk.grid.times[:-1], 0.0]
    assert all(step.n_steps == 7 and step.x.shape == (2, *SHAPE) for step in steps)
    for before, step in pairwise(steps):
        assert before.prediction is not None
        assert step.before is before.prediction.x0
    assert steps[0].before is None
    assert steps[-1].prediction is None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_stays(name: SamplerName) -> None:
    """The hook sees every level after the start once, and what it returns is what the walk goes on with."""
    seen = []

    def keep(x: Tensor, time: float, k: int) -> Tensor:
        seen.append((k, time))
        return torch.where(torch.arange(4) < 2, torch.full_like(x, k), x)

    walk = replace(bent_walk((3,)), keep=keep)
    for step in SAMPLERS[name](walk):
        assert step.k == 0 or (step.x[..., :2] == step.k).all()
    assert seen == [(k, walk.grid.times[k]) for k in range(1, 8)]
