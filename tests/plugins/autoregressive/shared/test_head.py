"""The discretised logistic mixture against integrals, sums and finite differences."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import logistic

from plugins.autoregressive.shared.model.head import log_probabilities, nats, scaled
from tests.plugins.autoregressive.pixels.pixel_made import LOGISTIC, SOFTMAX, tiny_config


def parameters(n, seed=0, width=1.0):
    """Outputs (n, 9) of a head of three logistics, float64."""
    torch.manual_seed(seed)
    return torch.cat([torch.randn(n, 3), torch.randn(n, 3), width * torch.randn(n, 3) - 1.5], 1).double()


def density_of(row):
    weights, means, log_scales = np.split(row.numpy(), 3)
    shares = np.exp(weights) / np.exp(weights).sum()

    def density(x):
        return float((shares * logistic.pdf(x, means, np.exp(log_scales))).sum())

    return density


@pytest.mark.parametrize("n_levels", [2, 16, 256])
def test_all_levels_together_make_one(n_levels):
    config = tiny_config(n_levels=n_levels, head=LOGISTIC)
    total = log_probabilities(parameters(50, width=3.0), config).exp().sum(-1)
    np.testing.assert_allclose(total, 1, atol=1e-9)


def test_each_level_has_the_integral_over_its_part_of_the_line():
    config = tiny_config(n_levels=16, head=LOGISTIC)
    outputs = parameters(4)
    said = log_probabilities(outputs, config).exp().numpy()
    edges = [-np.inf, *((np.arange(15) + 0.5) * 2 / 15 - 1), np.inf]
    for row, probabilities in zip(outputs, said, strict=True):
        whole = [quad(density_of(row), low, high, limit=200)[0] for low, high in pairwise(edges)]
        np.testing.assert_allclose(probabilities, whole, atol=1e-7)


def test_values_are_as_surprising_as_the_table_of_all_levels_says():
    for head in (LOGISTIC, SOFTMAX):
        config = tiny_config(n_levels=9, head=head)
        outputs, values = parameters(20), torch.randint(0, 9, (20,))
        table = log_probabilities(outputs, config).gather(1, values[:, None])[:, 0]
        np.testing.assert_allclose(nats(outputs, values, config), -table, atol=1e-12)


@pytest.mark.parametrize("head", [LOGISTIC, SOFTMAX], ids=["logistic", "softmax"])
def test_gradients_are_finite_differences(head):
    config = tiny_config(n_levels=9, head=head)
    outputs, values = parameters(9).requires_grad_(True), torch.arange(9)
    assert torch.autograd.gradcheck(lambda out: nats(out, values, config), (outputs,))


def test_what_lies_far_off_is_still_told_apart():
    """Where both ends of a level have the same float32 share below them, a difference of shares would be zero."""
    config = tiny_config(n_levels=256, head=LOGISTIC)
    outputs = torch.tensor([[0.0, 0, 0, 0.9, 0.9, 0.9, -3, -3, -3]])
    said = log_probabilities(outputs, config)[0]
    assert torch.isfinite(said).all()
    steps = said[:150].diff()  # on a tail the logarithm rises by the step over the scale
    np.testing.assert_allclose(steps[1:], 2 / 255 / np.exp(-3), rtol=2e-3)


def test_levels_stand_evenly_from_minus_one_to_one():
    assert scaled(torch.arange(5), 5).tolist() == [-1, -0.5, 0, 0.5, 1]
