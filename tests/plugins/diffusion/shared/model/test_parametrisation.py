"""Noise, clean x and v are three names of one thing."""

from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.shared.model.denoiser import Target
from plugins.diffusion.shared.model.noise_schedule import Kind, NoiseSchedule
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.prediction import (
    eps_of,
    noised,
    prediction_from_x0,
    target_of,
    x0_of,
)

TARGETS = get_args(Target)
SHAPE = (3, 5, 4)


@settings(max_examples=60, deadline=None)
@given(
    target=st.sampled_from(TARGETS),
    kind=st.sampled_from(get_args(Kind)),
    time=st.floats(1, 990),
    seed=st.integers(0, 99),
)
def test_round_trip(target: Target, kind: Kind, time: float, seed: int) -> None:
    """What a network should say of x gives back the clean x and the noise that x was made of."""
    x0, eps = noise_of((seed, seed + 1), 1, SHAPE).double(), noise_of((seed, seed + 1), 2, SHAPE).double()
    alpha, sigma = NoiseSchedule(kind).alpha_sigma(time)
    x, said = noised(x0, eps, alpha, sigma), target_of(target, x0, eps, alpha, sigma)
    found = x0_of(said, target, x, alpha, sigma), eps_of(said, target, x, alpha, sigma)
    torch.testing.assert_close(found[0], x0, rtol=0, atol=1e-9 / alpha)
    torch.testing.assert_close(found[1], eps, rtol=0, atol=1e-9 / sigma)
    torch.testing.assert_close(alpha * found[0] + sigma * found[1], x, rtol=0, atol=1e-9)


@pytest.mark.parametrize("target", TARGETS)
def test_a_level_for_each_item(target: Target) -> None:
    """A training asks for all items of a batch at times of their own."""
    x0, eps = noise_of((1, 2), 1, SHAPE), noise_of((1, 2), 2, SHAPE)
    levels = np.array([NoiseSchedule().alpha_sigma(time) for time in (40, 700)])
    alpha, sigma = torch.from_numpy(levels.astype(np.float32)).T.reshape(2, 2, 1, 1, 1)
    said = target_of(target, x0, eps, alpha, sigma)
    for item in range(2):
        a, s = levels[item]
        alone = target_of(target, x0[item], eps[item], float(a), float(s))
        torch.testing.assert_close(said[item], alone)
    x = noised(x0, eps, alpha, sigma)
    torch.testing.assert_close(x0_of(said, target, x, alpha, sigma), x0, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(eps_of(said, target, x, alpha, sigma), eps, rtol=1e-4, atol=1e-4)


def test_changed_clean_picture_keeps_x() -> None:
    x, x0 = noise_of((1,), 1, SHAPE), noise_of((1,), 2, SHAPE).clamp(-1, 1)
    prediction = prediction_from_x0(x, x0, 0.8, 0.6)
    torch.testing.assert_close(0.8 * prediction.x0 + 0.6 * prediction.eps, x)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_forward_marginals(kind: Kind) -> None:
    """Noise put on step by step, as the betas say, has the mean and spread of the closed form."""
    schedule = NoiseSchedule(kind, n_times=100)
    if kind == "linear":
        schedule = NoiseSchedule(kind, n_times=100, beta_start=1e-3, beta_end=0.2)
    curve = schedule.alphas_cumprod
    betas = 1 - curve / np.concatenate([[1.0], curve[:-1]])
    n_items, mean = 20_000, 0.7
    x = np.full(n_items, mean)
    for k, beta in enumerate(betas):
        x = np.sqrt(1 - beta) * x + np.sqrt(beta) * noise_of((5,), k, (n_items,))[0].numpy()
        if k % 20 == 10:
            alpha, sigma = schedule.alpha_sigma(k)
            error = sigma / np.sqrt(n_items)
            assert x.mean() == pytest.approx(alpha * mean, abs=5 * error)
            assert x.std() == pytest.approx(sigma, abs=5 * error)
