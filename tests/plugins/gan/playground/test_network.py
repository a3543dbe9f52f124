"""The playground's gradients against finite differences and against torch."""

import numpy as np
import pytest
import torch

from plugins.gan.playground.model import network as net
from plugins.gan.playground.model.network import Perceptron, first_weights, n_weights
from plugins.gan.playground.model.pair import gradient_penalty, pair_of
from plugins.gan.playground.model.weights import network_of, pair_in
from plugins.gan.shared.adversarial import gradient_penalty as torch_penalty

SMALL = (2, 5, 4, 1)
N = 7


def made(widths, seed=0):
    rng = np.random.default_rng(seed)
    weights = first_weights(widths, rng).astype(np.float64)
    return weights + 0.1 * rng.standard_normal(len(weights)), rng


def slopes_by_hand(loss, weights, step=1e-6):
    """The gradient of loss(weights) by central differences."""
    gradient = np.zeros_like(weights)
    for place in range(len(weights)):
        way = np.zeros_like(weights)
        way[place] = step
        gradient[place] = (loss(weights + way) - loss(weights - way)) / (2 * step)
    return gradient


def test_the_gradient_by_the_weights_is_that_of_finite_differences():
    weights, rng = made(SMALL)
    x, slope = rng.standard_normal((N, 2)), rng.standard_normal((N, 1))
    network = Perceptron(SMALL, weights)
    ours = network.backward(network.forward(x)[1], slope)
    expected = slopes_by_hand(lambda w: float((Perceptron(SMALL, w)(x) * slope).sum()), weights)
    np.testing.assert_allclose(ours, expected, atol=1e-8)


def test_the_gradient_by_the_inputs_is_that_of_finite_differences():
    weights, rng = made(SMALL)
    x, slope = rng.standard_normal((N, 2)), rng.standard_normal((N, 1))
    network = Perceptron(SMALL, weights)
    ours = network.input_slope(network.forward(x)[1], slope)
    expected = slopes_by_hand(lambda at: float((network(at.reshape(N, 2)) * slope).sum()), x.ravel()).reshape(N, 2)
    np.testing.assert_allclose(ours, expected, atol=1e-8)


def test_the_gradient_of_a_slope_is_that_of_finite_differences():
    weights, rng = made(SMALL)
    x, way = rng.standard_normal((N, 2)), rng.standard_normal((N, 2))

    def slope_along(values):
        network = Perceptron(SMALL, values)
        return float((network.input_slope(network.forward(x)[1], np.ones((N, 1))) * way).sum())

    network = Perceptron(SMALL, weights)
    ours = network.directional_backward(network.forward(x)[1], way)
    np.testing.assert_allclose(ours, slopes_by_hand(slope_along, weights), atol=1e-8)


def test_the_gradient_penalty_and_its_gradient_are_those_of_torch():
    rng = np.random.default_rng(3)
    pair = pair_of(first_weights(net.GENERATOR, rng), first_weights(net.DISCRIMINATOR, rng))
    real, fake = (rng.standard_normal((32, 2)).astype(np.float32) for _ in range(2))
    share = rng.random(32).astype(np.float32)
    discriminator = network_of(pair).discriminator
    expected = torch_penalty(discriminator, torch.tensor(real), torch.tensor(fake), torch.tensor(share))
    expected.backward()
    value, gradient = gradient_penalty(pair.judge, share[:, None] * real + (1 - share[:, None]) * fake)
    assert value == pytest.approx(float(expected.detach()), rel=1e-5)
    linears = [layer for layer in discriminator if isinstance(layer, torch.nn.Linear)]
    parts = []
    for layer in linears:
        by_weight, by_bias = layer.weight.grad, layer.bias.grad
        assert by_weight is not None
        parts += [by_weight.T.reshape(-1), torch.zeros_like(layer.bias) if by_bias is None else by_bias]
    np.testing.assert_allclose(gradient, torch.cat(parts).numpy(), atol=2e-6)


@pytest.mark.parametrize("slope", [(0.6, 0.8), (3.0, 4.0), (0.0, 0.0)])
def test_the_penalty_of_a_linear_critic_is_its_distance_from_slope_one(slope):
    widths = (2, 1)
    critic = Perceptron(widths, np.array([*slope, 0.3]))
    points = np.random.default_rng(0).standard_normal((11, 2))
    value, gradient = gradient_penalty(critic, points)
    length = np.hypot(*slope)
    assert value == pytest.approx((length - 1) ** 2, abs=1e-5)
    if length:
        np.testing.assert_allclose(gradient, [*(2 * (length - 1) / length * np.array(slope)), 0.0], atol=1e-9)


def test_torch_and_numpy_agree_on_what_a_pair_says():
    rng = np.random.default_rng(5)
    pair = pair_of(first_weights(net.GENERATOR, rng), first_weights(net.DISCRIMINATOR, rng))
    noise = rng.standard_normal((9, 2)).astype(np.float32)
    network = network_of(pair)
    with torch.no_grad():
        expected = network(torch.tensor(noise)).numpy()
    np.testing.assert_allclose(pair.judge(pair.forge(noise)), expected, atol=1e-5)
    again = pair_in(network)
    assert np.array_equal(again.generator.weights, pair.generator.weights)
    assert np.array_equal(again.discriminator.weights, pair.discriminator.weights)


def test_weights_of_another_number_are_refused():
    with pytest.raises(ValueError, match="weights"):
        Perceptron(SMALL, np.zeros(n_weights(SMALL) + 1))
