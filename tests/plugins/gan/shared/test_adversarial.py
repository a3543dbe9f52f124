"""The losses and penalties of both players against closed forms and finite differences."""

import math

import pytest
import torch
from torch import nn

from plugins.gan.shared.adversarial import (
    frozen,
    gradient_penalty,
    hinge_discriminator,
    least_squares_discriminator,
    least_squares_generator,
    non_saturating_discriminator,
    non_saturating_generator,
    r1_penalty,
    squared_slope,
    wasserstein_discriminator,
    wasserstein_generator,
)


def test_a_discriminator_who_cannot_tell_pays_two_bits():
    zeros = torch.zeros(5)
    assert float(non_saturating_discriminator(zeros, zeros)) == pytest.approx(2 * math.log(2))
    assert float(non_saturating_generator(zeros)) == pytest.approx(math.log(2))


def test_losses_by_hand():
    real, fake = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 3.0])
    assert float(least_squares_discriminator(real, fake)) == pytest.approx(0.5 * ((1 + 1) / 2 + (1 + 9) / 2))
    assert float(least_squares_generator(fake)) == pytest.approx(0.5 * (4 + 4) / 2)
    assert float(wasserstein_discriminator(real, fake)) == pytest.approx(1 - 1)
    assert float(wasserstein_generator(fake)) == pytest.approx(-1)
    assert float(hinge_discriminator(real, fake)) == pytest.approx((0 + 1) / 2 + (0 + 4) / 2)
    by_hand = (math.log1p(math.exp(-2)) + math.log(2)) / 2 + (math.log1p(math.exp(-1)) + math.log1p(math.exp(3))) / 2
    assert float(non_saturating_discriminator(real, fake)) == pytest.approx(by_hand)


@pytest.mark.parametrize("norm", [0.0, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_is_known(norm):
    weight = torch.zeros(12)
    weight[4] = norm
    real, fake = torch.randn(6, 3, 2, 2), torch.randn(6, 3, 2, 2)
    found = gradient_penalty(lambda x: x.flatten(1) @ weight, real, fake, torch.rand(6))
    assert float(found) == pytest.approx((norm - 1) ** 2, abs=1e-5)


def test_r1_of_a_quadratic_is_known():
    # D(x) = |x|² / 2 has the gradient x.
    x = torch.randn(7, 2, 3, 3, requires_grad=True)
    found = r1_penalty(0.5 * x.square().flatten(1).sum(1), x)
    assert float(found.detach()) == pytest.approx(0.5 * float(x.detach().square().sum()) / 7, rel=1e-5)


def test_slopes_and_their_gradients_match_finite_differences():
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 1)).double()
    real, fake, mix = torch.randn(4, 2, 2, 2).double(), torch.randn(4, 2, 2, 2).double(), torch.rand(4).double()

    def penalty():
        return gradient_penalty(lambda x: critic(x)[:, 0], real, fake, mix)

    share = mix.view(-1, 1, 1, 1)
    between = share * real + (1 - share) * fake
    slopes = []
    for item in between:
        steps = torch.zeros(8).double()
        for k in range(8):
            step = torch.zeros(8).double()
            step[k] = 1e-5
            up, down = (critic((item.flatten() + sign * step).view(1, 2, 2, 2))[0, 0] for sign in (1, -1))
            steps[k] = (up - down).detach() / 2e-5
        slopes.append(steps.norm())
    by_hand = (torch.stack(slopes) - 1).square().mean()
    assert float(penalty().detach()) == pytest.approx(float(by_hand), rel=1e-4)
    penalty().backward()
    weight = critic[1].weight
    assert isinstance(weight, nn.Parameter)
    assert weight.grad is not None
    gradient = float(weight.grad[2, 3])
    with torch.no_grad():
        values = []
        for sign in (1, -1):
            weight[2, 3] += sign * 1e-5
            with torch.enable_grad():
                values.append(float(penalty().detach()))
            weight[2, 3] -= sign * 1e-5
    assert gradient == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-3)


def test_slopes_are_those_of_each_item_alone():
    x = torch.randn(3, 4, requires_grad=True)
    found = squared_slope((x.square() * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum(1), x)
    by_hand = (2 * x * torch.tensor([1.0, 2.0, 3.0, 4.0])).square().sum(1)
    assert torch.allclose(found, by_hand)


def test_a_frozen_network_gets_no_gradient_and_lets_one_through():
    discriminator, x = nn.Linear(3, 1), torch.randn(2, 3, requires_grad=True)
    discriminator.bias.requires_grad_(False)
    with frozen(discriminator):
        discriminator(x).sum().backward()
    assert discriminator.weight.grad is None
    assert x.grad is not None
    assert discriminator.weight.requires_grad
    assert not discriminator.bias.requires_grad  # as it was before
