"""The formulas of the VAE against numerical integration, finite differences and a marginal known in closed form."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch.utils.flop_counter import FlopCounterMode

from plugins.vae.shared.model.vae import (
    DigitsConfig,
    DigitsVAE,
    LetterformsConfig,
    LetterformsVAE,
    bernoulli_log_likelihood,
    importance_weighted_bound,
    kl_divergence,
    negative_elbo,
    reparametrise,
)


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (0.7, 0.3), (-2.0, 1.8), (0.1, 0.02)])
def test_kl_is_the_integral(mean, deviation):
    def integrand(z):
        return norm.pdf(z, mean, deviation) * (norm.logpdf(z, mean, deviation) - norm.logpdf(z))

    expected, _ = quad(integrand, mean - 12 * deviation, mean + 12 * deviation, limit=200)
    got = kl_divergence(torch.tensor([[mean]]), torch.tensor([[2 * math.log(deviation)]]))
    assert float(got) == pytest.approx(expected, abs=1e-5)


def test_kl_adds_up_over_the_numbers_of_a_place():
    mean, log_variance = torch.randn(5, 3), torch.randn(5, 3)
    parts = [kl_divergence(mean[:, [index]], log_variance[:, [index]]) for index in range(3)]
    torch.testing.assert_close(kl_divergence(mean, log_variance), torch.stack(parts).sum(0))


def test_the_reparametrised_gradient_is_the_finite_difference():
    random = torch.Generator().manual_seed(3)
    noise = torch.randn(4, 2, generator=random, dtype=torch.float64)
    weight = torch.randn(2, generator=random, dtype=torch.float64)

    def expectation(values):
        z = reparametrise(values[:2].expand(4, 2), values[2:].expand(4, 2), noise)
        return (torch.sin(z @ weight) + z.square().sum(1)).mean()

    values = torch.tensor([0.3, -0.8, 0.2, -1.1], dtype=torch.float64, requires_grad=True)
    expectation(values).backward()
    for index in range(4):
        step = torch.zeros(4, dtype=torch.float64)
        step[index] = 1e-6
        with torch.no_grad():
            slope = (expectation(values + step) - expectation(values - step)) / 2e-6
        assert values.grad is not None
        assert float(values.grad[index]) == pytest.approx(float(slope), rel=1e-6)


def test_the_reparametrised_sample_has_the_asked_mean_and_deviation():
    noise = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(1))
    sample = reparametrise(torch.tensor([[2.0]]), torch.tensor([[math.log(0.25)]]), noise)
    assert float(sample.mean()) == pytest.approx(2.0, abs=0.01)
    assert float(sample.std()) == pytest.approx(0.5, abs=0.01)


def test_elbo_is_below_iwae_is_below_the_true_marginal():
    """x = W z + e with z ~ N(0, I) and e ~ N(0, s²): log p(x) is that of N(0, W Wᵀ + s² I)."""
    random = np.random.default_rng(5)
    loading, deviation = random.normal(size=(4, 2)), 0.6
    x = random.normal(size=4)
    covariance = loading @ loading.T + deviation**2 * np.eye(4)
    marginal = -0.5 * (x @ np.linalg.solve(covariance, x) + np.linalg.slogdet(2 * np.pi * covariance)[1])

    def log_likelihood(z):
        rest = torch.tensor(x) - z @ torch.tensor(loading).T
        return (-0.5 * (rest / deviation).square() - math.log(deviation * math.sqrt(2 * math.pi))).sum(-1)

    mean = torch.tensor([[0.2, -0.1]], dtype=torch.float64)
    log_variance = torch.tensor([[-0.7, -0.4]], dtype=torch.float64)
    noise = torch.randn(64, 3000, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    wide = (mean.expand(3000, 2), log_variance.expand(3000, 2))
    one = -negative_elbo(-log_likelihood(reparametrise(*wide, noise)), *wide).mean()
    many = importance_weighted_bound(log_likelihood, *wide, noise).mean()
    assert float(one) < float(many) - 0.1
    assert float(many) < marginal
    assert float(many) == pytest.approx(marginal, abs=0.05)


def test_one_importance_sample_is_the_elbo_on_average():
    mean, log_variance = torch.tensor([[0.4]]), torch.tensor([[-0.5]])
    noise = torch.randn(1, 100_000, 1, generator=torch.Generator().manual_seed(4))
    wide = (mean.expand(100_000, 1), log_variance.expand(100_000, 1))

    def log_likelihood(z):
        return -z.square().sum(-1)

    bound = importance_weighted_bound(log_likelihood, *wide, noise).mean()
    elbo = -negative_elbo(-log_likelihood(reparametrise(*wide, noise)[0]), *wide).mean()
    assert float(bound) == pytest.approx(float(elbo), abs=0.01)


def test_the_posterior_itself_makes_the_elbo_exact():
    """With q = p(z | x) the bound is log p(x): z ~ N(0, 1), x | z ~ N(z, 1), so z | x ~ N(x / 2, 1 / 2)."""
    x = 1.3
    mean, log_variance = torch.full((50_000, 1), x / 2), torch.full((50_000, 1), math.log(0.5))
    noise = torch.randn(50_000, 1, generator=torch.Generator().manual_seed(6))
    z = reparametrise(mean, log_variance, noise)
    likelihood = -0.5 * (x - z[:, 0]).square() - 0.5 * math.log(2 * math.pi)
    elbo = -negative_elbo(-likelihood, mean, log_variance).mean()
    assert float(elbo) == pytest.approx(norm.logpdf(x, 0, math.sqrt(2)), abs=0.01)


def test_beta_weighs_the_divergence_only():
    mean, log_variance, cost = torch.ones(2, 3), torch.zeros(2, 3), torch.tensor([1.0, 2.0])
    torch.testing.assert_close(negative_elbo(cost, mean, log_variance, 4.0), cost + 4 * 1.5)


def test_the_bernoulli_likelihood_of_grey_values():
    logits, picture = torch.tensor([[[0.0, 2.0]]]), torch.tensor([[[0.25, 1.0]]])
    expected = math.log(0.5) + math.log(1 / (1 + math.exp(-2)))
    assert float(bernoulli_log_likelihood(logits, picture)) == pytest.approx(expected, rel=1e-5)


def giga_macs(run):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() / 2e9


def test_a_digit_costs_no_more_than_promised():
    model = DigitsVAE(DigitsConfig())
    assert 0.001 < giga_macs(lambda: model.decode(torch.zeros(1, 2))) <= 0.05


def test_a_letter_costs_no_more_than_promised():
    model = LetterformsVAE(LetterformsConfig())
    letter = torch.zeros(1, dtype=torch.long)
    assert 0.02 < giga_macs(lambda: model.decode(torch.zeros(1, 32), letter)) <= 0.1


@torch.no_grad()
def test_shapes_and_ranges():
    digits, letters = DigitsVAE(DigitsConfig()), LetterformsVAE(LetterformsConfig())
    mean, log_variance = digits.encode(torch.rand(3, 28, 28))
    assert mean.shape == log_variance.shape == (3, 2)
    drawn = digits.decode(mean)
    assert drawn.shape == (3, 28, 28)
    assert 0 <= float(drawn.min()) <= float(drawn.max()) <= 1
    index = torch.tensor([0, 30, 61])
    mean, log_variance = letters.encode(torch.randn(3, 64, 64), index)
    assert mean.shape == log_variance.shape == (3, 32)
    assert letters.decode(mean, index).shape == (3, 64, 64)


def test_a_letter_is_drawn_the_same_alone_and_among_others():
    torch.manual_seed(0)
    model = LetterformsVAE(LetterformsConfig()).eval()
    z, index = torch.randn(5, 32), torch.tensor([3, 9, 27, 40, 61])
    with torch.no_grad():
        torch.testing.assert_close(model.decode(z, index)[2:3], model.decode(z[2:3], index[2:3]), atol=1e-4, rtol=1e-4)


def test_settling_the_prior_makes_styles_standard_normal_and_draws_the_same():
    torch.manual_seed(1)
    model = LetterformsVAE(LetterformsConfig()).eval()
    fields, index = torch.randn(200, 64, 64), torch.randint(0, 62, (200,))
    with torch.no_grad():
        before, variance = model.encode(fields, index)
        drawn = model.decode(before[:3], index[:3])
        weights = torch.rand(200)
        model.settle_prior(before, weights)
        after, log_variance = model.encode(fields, index)
        torch.testing.assert_close(model.decode(after[:3], index[:3]), drawn, atol=2e-3, rtol=1e-3)
    share = weights / weights.sum()
    torch.testing.assert_close(share @ after, torch.zeros(32), atol=1e-3, rtol=0)
    torch.testing.assert_close((after * share[:, None]).T @ after, torch.eye(32), atol=2e-2, rtol=0)
    # a linear map turns variances by the squares of its weights
    torch.testing.assert_close(log_variance.exp(), variance.exp() @ model.gather.square().T, rtol=1e-4, atol=1e-6)
