"""One step of learning: the losses against torch, Adam against torch's own, and who learns in which order."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from plugins.gan.playground.frames import preset
from plugins.gan.playground.model.network import BETAS, EPSILON, AdamMoments, adam, sgd
from plugins.gan.playground.model.pair import (
    FAKE_LOSSES,
    GENERATOR_LOSSES,
    REAL_LOSSES,
    discriminator_step,
    generator_step,
    noise_points,
    step,
    untrained,
)
from plugins.gan.playground.model.target import Target
from plugins.gan.playground.model.weights import network_of, pair_in
from plugins.gan.playground.params import LOSSES, PlaygroundSettings
from plugins.gan.shared import adversarial
from studio.core.seed import generator

SEED = 4
RING = preset("ring")
DETECTIVE = {
    "non_saturating": adversarial.non_saturating_discriminator,
    "minimax": adversarial.non_saturating_discriminator,
    "wasserstein": adversarial.wasserstein_discriminator,
}
FORGERS = {
    "non_saturating": adversarial.non_saturating_generator,
    "minimax": lambda fake: -torch.nn.functional.softplus(fake).mean(),
    "wasserstein": adversarial.wasserstein_generator,
}


def slope_of(scores: torch.Tensor) -> Any:
    assert scores.grad is not None
    return scores.grad.numpy()


def are_alike(one, other):
    return np.array_equal(one.weights, other.weights) and np.array_equal(one.moments.mean, other.moments.mean)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_their_slopes_are_those_of_the_family(loss):
    rng = np.random.default_rng(0)
    real, fake = (torch.tensor(3 * rng.standard_normal((8, 1)), requires_grad=True) for _ in range(2))
    ours = [REAL_LOSSES[loss](real.detach().numpy()), FAKE_LOSSES[loss](fake.detach().numpy())]
    expected = DETECTIVE[loss](real, fake)
    expected.backward()
    assert ours[0][0] + ours[1][0] == pytest.approx(float(expected.detach()), rel=1e-6)
    for (_, slope), scores in zip(ours, (real, fake), strict=True):
        np.testing.assert_allclose(np.asarray(slope), slope_of(scores), atol=1e-7)
    fake.grad = None
    FORGERS[loss](fake).backward()
    value, slope = GENERATOR_LOSSES[loss](fake.detach().numpy())
    assert value == pytest.approx(float(FORGERS[loss](fake).detach()), rel=1e-6)
    np.testing.assert_allclose(np.asarray(slope), slope_of(fake), atol=1e-7)


def test_scores_far_out_do_not_overflow():
    scores = np.array([[-1e4], [1e4]])
    for losses in (REAL_LOSSES, FAKE_LOSSES, GENERATOR_LOSSES):
        for loss in losses.values():
            value, slope = loss(scores)
            assert np.isfinite(value)
            assert np.isfinite(slope).all()


def test_adam_is_torchs():
    rng = np.random.default_rng(1)
    weights: Any = rng.standard_normal(50)
    moments = AdamMoments(np.zeros(50), np.zeros(50))
    expected = torch.tensor(weights.copy(), requires_grad=True)
    optimiser = torch.optim.Adam([expected], lr=0.01, betas=BETAS, eps=EPSILON)
    for _ in range(20):
        gradient = rng.standard_normal(50)
        weights, moments = adam(weights, gradient, moments, 0.01)
        expected.grad = torch.tensor(gradient)
        optimiser.step()
    np.testing.assert_allclose(weights, expected.detach().numpy(), atol=1e-12)
    assert moments.n_steps == 20


def test_plain_descent_goes_straight_down():
    moments = AdamMoments(np.zeros(2), np.zeros(2))
    weights, after = sgd(np.array([1.0, 2.0]), np.array([10.0, -10.0]), moments, 0.1)
    assert weights.tolist() == [0.0, 3.0]
    assert after is moments


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_detective", [1, 3])
def test_a_step_is_one_of_the_discriminator_and_then_one_of_the_generator(loss, n_detective):
    settings = PlaygroundSettings(loss=loss, n_detective=n_detective, batch=32)
    pair = apart = untrained(SEED)
    for _ in range(3):
        pair, lost = step(pair, settings, RING, SEED)
        for _ in range(n_detective):
            apart, discriminator_loss = discriminator_step(apart, settings, RING, SEED)
        apart, generator_loss = generator_step(apart, settings, SEED)
    assert are_alike(pair.generator, apart.generator)
    assert are_alike(pair.discriminator, apart.discriminator)
    assert (lost.discriminator, lost.generator) == (discriminator_loss, generator_loss)
    assert (pair.n_generator, pair.n_discriminator) == (3, 3 * n_detective)


def test_a_discriminator_step_follows_torchs_gradient():
    settings = PlaygroundSettings(optimiser="sgd", detective_rate=0.05, batch=64)
    pair = untrained(SEED)
    network, rng = network_of(pair), generator(SEED, "detective", 0)
    real = torch.tensor(RING.sample(64, rng))
    fake = network.generator(torch.tensor(noise_points(settings, 64, rng))).detach()
    loss = adversarial.non_saturating_discriminator(network.discriminator(real), network.discriminator(fake))
    loss.backward()
    with torch.no_grad():
        for weight in network.discriminator.parameters():
            weight.sub_(0.05 * torch.from_numpy(slope_of(weight)))
    after, ours = discriminator_step(pair, settings, RING, SEED)
    assert ours == pytest.approx(float(loss.detach()), rel=1e-5)
    np.testing.assert_allclose(after.discriminator.weights, pair_in(network).discriminator.weights, atol=1e-6)
    assert are_alike(after.generator, pair.generator)


def test_a_generator_step_follows_torchs_gradient():
    settings = PlaygroundSettings(optimiser="sgd", forger_rate=0.05, batch=64)
    pair = untrained(SEED)
    network, rng = network_of(pair), generator(SEED, "forger", 0)
    loss = adversarial.non_saturating_generator(network(torch.tensor(noise_points(settings, 64, rng))))
    loss.backward()
    with torch.no_grad():
        for weight in network.generator.parameters():
            weight.sub_(0.05 * torch.from_numpy(slope_of(weight)))
    after, ours = generator_step(pair, settings, SEED)
    assert ours == pytest.approx(float(loss.detach()), rel=1e-5)
    np.testing.assert_allclose(after.generator.weights, pair_in(network).generator.weights, atol=1e-6)
    assert are_alike(after.discriminator, pair.discriminator)


@pytest.mark.parametrize(
    ("setting", "learner", "other"),
    [("forger", "generator", "discriminator"), ("detective", "discriminator", "generator")],
)
def test_who_does_not_learn_stays_as_it_is(setting, learner, other):
    pair = untrained(SEED)
    after, lost = step(pair, PlaygroundSettings(learner=setting), RING, SEED)
    assert are_alike(getattr(after, other), getattr(pair, other))
    assert not are_alike(getattr(after, learner), getattr(pair, learner))
    assert np.isnan(getattr(lost, other))


def test_without_real_points_nobody_learns():
    pair = untrained(SEED)
    after, lost = step(pair, PlaygroundSettings(), Target("own"), SEED)
    assert after is pair
    assert np.isnan(lost.discriminator)
    assert np.isnan(lost.generator)


def test_another_seed_is_another_step():
    pair = untrained(SEED)
    one, other = (step(pair, PlaygroundSettings(), RING, seed)[0] for seed in (1, 2))
    assert not are_alike(one.discriminator, other.discriminator)


@pytest.mark.parametrize("noise", ["gaussian", "uniform"])
def test_both_noises_have_mean_zero_and_variance_one(noise):
    points = noise_points(replace(PlaygroundSettings(), noise=noise), 20_000, np.random.default_rng(0))
    np.testing.assert_allclose(points.mean(0), 0, atol=0.03)
    np.testing.assert_allclose(points.var(0), 1, atol=0.03)
