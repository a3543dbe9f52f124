"""Modulated convolutions against their definition, and layers that start with unit variance."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from plugins.gan.people.model.equalised import (
    EqualConv,
    EqualLinear,
    StyledConv,
    ToColours,
    leaky,
    modulated_conv,
    settle,
)


def explicit(x, weight, style, is_demodulated):
    """Weights of its own for each picture, one after the other, as the paper defines it."""
    pictures = []
    for picture, scale in zip(x, style, strict=True):
        own = weight * scale[None, :, None, None]
        if is_demodulated:
            own = own / (own.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        pictures.append(F.conv2d(picture[None], own, padding=weight.shape[-1] // 2)[0])
    return torch.stack(pictures)


@pytest.mark.parametrize("is_demodulated", [True, False])
@pytest.mark.parametrize("kernel_px", [1, 3])
def test_shared_weights_give_what_weights_of_each_picture_give(is_demodulated, kernel_px):
    random = torch.Generator().manual_seed(3)
    x = torch.randn(3, 5, 6, 6, generator=random)
    weight = torch.randn(4, 5, kernel_px, kernel_px, generator=random)
    style = torch.randn(3, 5, generator=random) + 1
    found = modulated_conv(x, weight, style, is_demodulated)
    assert torch.allclose(found, explicit(x, weight, style, is_demodulated), atol=1e-5)


def test_a_demodulated_output_has_the_variance_of_its_input():
    random = torch.Generator().manual_seed(4)
    x = torch.randn(8, 32, 24, 24, generator=random)
    weight = 7 * torch.randn(16, 32, 3, 3, generator=random)
    style = 5 * torch.rand(8, 32, generator=random) + 0.1
    inner = modulated_conv(x, weight, style)[:, :, 1:-1, 1:-1]
    assert float(inner.var()) == pytest.approx(1, abs=0.06)


def test_equalised_layers_keep_unit_variance_whatever_their_width():
    torch.manual_seed(0)
    for layer, shape in ((EqualLinear(300, 200), (500, 300)), (EqualConv(40, 64), (4, 40, 20, 20))):
        y = layer(torch.randn(shape))
        y = y[:, :, 1:-1, 1:-1] if y.dim() == 4 else y
        assert float(y.detach().var()) == pytest.approx(1, abs=0.1)


def test_the_pace_of_a_layer_scales_its_steps_and_not_its_start():
    torch.manual_seed(0)
    slow, fast = EqualLinear(200, 100, pace=0.1, start=1.0), EqualLinear(200, 100, start=1.0)
    x = torch.randn(400, 200)
    assert float(slow(x).detach().var()) == pytest.approx(float(fast(x).detach().var()), rel=0.1)
    assert float(slow(x).detach().mean()) == pytest.approx(1, abs=0.1)
    before = slow(x), fast(x)
    with torch.no_grad():  # a step of Adam is as long whatever the gradient
        for layer in (slow, fast):
            layer.bias.add_(0.01)
    moved = [float((layer(x) - old).detach().mean()) for layer, old in zip((slow, fast), before, strict=True)]
    assert moved[0] == pytest.approx(0.1 * moved[1], rel=1e-3)


def test_leaky_keeps_the_mean_square_of_normal_input():
    x = torch.randn(200_000, generator=torch.Generator().manual_seed(1))
    assert float(leaky(x).square().mean()) == pytest.approx(1, abs=0.02)


def test_noise_is_added_with_its_strength():
    torch.manual_seed(0)
    conv = StyledConv(4, 6, 5)
    x, w, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 5), torch.randn(1, 1, 8, 8)
    silent = conv(x, w, noise)
    assert torch.equal(silent, conv(x, w, torch.zeros(1, 1, 8, 8)))
    with torch.no_grad():
        conv.strength.fill_(0.5)
    style = conv.style(w)
    plain = modulated_conv(x, conv.weight / math.sqrt(4 * 9), style)
    assert torch.allclose(conv(x, w, noise), leaky(plain + 0.5 * noise), atol=1e-5)


def test_a_settled_network_draws_the_same_to_the_bit():
    torch.manual_seed(0)
    x, w, noise = torch.randn(2, 4, 8, 8), torch.randn(2, 5), torch.randn(1, 1, 8, 8)
    conv, colours = StyledConv(4, 6, 5), ToColours(4, 3, 5)
    plain, linear = EqualConv(4, 6, stride=2), EqualLinear(5, 7, pace=0.1, start=1.0)
    layers = nn.ModuleList([conv, colours, plain, linear])
    before = conv(x, w, noise), colours(x, w), plain(x), linear(w)
    settle(layers)
    after = conv(x, w, noise), colours(x, w), plain(x), linear(w)
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    assert (
        layers.state_dict().keys()
        == nn.ModuleList([StyledConv(4, 6, 5), ToColours(4, 3, 5), EqualConv(4, 6), EqualLinear(5, 7)])
        .state_dict()
        .keys()
    )
    settle(layers)
    assert torch.equal(conv(x, w, noise), before[0])
