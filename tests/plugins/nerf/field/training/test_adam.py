"""Adam with its skip, against torch's own."""

import math

import numpy as np
import torch

from plugins.nerf.field.training.learner import adam_step, blend

RATE, BETA_1, BETA_2, EPSILON = 1e-2, 0.9, 0.99, 1e-15
N = 20_000  # more than one chunk


def test_steps_are_those_of_torch_apart_from_the_first_steps_bias() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=N).astype(np.float32)
    expected = torch.tensor(values.copy(), requires_grad=True)
    optimiser = torch.optim.Adam([expected], lr=RATE, betas=(BETA_1, BETA_2), eps=EPSILON)
    first, second = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, 20):
        gradient = random.normal(size=N).astype(np.float32)
        expected.grad = torch.from_numpy(gradient.copy())
        optimiser.step()
        rate = RATE * math.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
        adam_step(values, gradient, first, second, np.array([rate, BETA_1, BETA_2, EPSILON], np.float32))
        assert not gradient.any()
    np.testing.assert_allclose(values, expected.detach().numpy(), atol=1e-5)


def test_what_was_not_touched_stays_with_its_moments() -> None:
    values, first, second = (np.full(N, value, np.float32) for value in (1, 0.5, 0.25))
    gradient = np.zeros(N, np.float32)
    gradient[::3] = 1
    adam_step(values, gradient, first, second, np.array([RATE, BETA_1, BETA_2, EPSILON], np.float32))
    untouched = np.arange(N) % 3 != 0
    assert (values[untouched] == 1).all()
    assert (first[untouched] == 0.5).all()
    assert (second[untouched] == 0.25).all()
    assert (values[~untouched] < 1).all()


def test_an_average_moves_its_share_of_the_way() -> None:
    average, values = np.zeros(N, np.float32), np.arange(N, dtype=np.float32)
    blend(average, values, np.float32(0.25))
    np.testing.assert_allclose(average, values / 4)
